/* replay: a fuzzer's corpus as a test: each file as it is, then changed at random till enough were
 * tried; the same changes in every run. */
#ifndef TESTS_REPLAY_H
#define TESTS_REPLAY_H

#include <stddef.h>

typedef int replay_one(const unsigned char *bytes, size_t n);

/* Tries `wanted` inputs of the folder tests/fuzz/NAME, which has `least` files or more. */
void replay(const char *name, replay_one *one, int wanted, int least);

#endif
