/* wordpiece: any bytes as a text: the same pieces however long the result may be, none too many. */
#include <stdlib.h>
#include <string.h>

#include "models/language/wordpiece.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static const char *const pieces[] = {"[UNK]", "[CLS]", "[SEP]", "a", "##a", "b", "##b", "ab", "e",
                                     "##e", "!", ".", "\xE8\xA1\xA3", "##\xE1\x84\x80", "##ab"};
enum { N = sizeof pieces / sizeof *pieces };

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    scope s;
    err e = {0};
    wordpiece w;
    slice piece[N];
    bool cut, cut_few;
    if (n > 8192 || !scope_open(&s, (size_t)2 << 20, 0, &e)) return 0;
    for (int i = 0; i < N; i++) piece[i] = slice_of(pieces[i]);
    if (!wordpiece_open(&w, piece, N, &s.keep, &e)) abort();
    char *copy = malloc(n + 1);
    int32_t most = 3 * (int32_t)n + 2, few = n > 0 ? 2 + bytes[0] % 16 : 2;
    int32_t *ids = malloc(sizeof *ids * (size_t)most), *some = malloc(sizeof *some * (size_t)few);
    if (!copy || !ids || !some) abort();
    memcpy(copy, bytes, n);
    int32_t all = wordpiece_encode(&w, (slice){copy, n}, most, ids, &cut);
    int32_t got = wordpiece_encode(&w, (slice){copy, n}, few, some, &cut_few);
    if (cut || all < 2 || got > few || got > all || cut_few != (all > few)) abort();
    if (memcmp(ids, some, sizeof *ids * (size_t)(got - 1)) != 0 || some[got - 1] != w.end) abort();
    free(copy);
    free(ids);
    free(some);
    scope_close(&s);
    return 0;
}
