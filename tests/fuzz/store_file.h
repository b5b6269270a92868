/* store_file: a model file around bytes of a fuzzer: its header and checksum are right. */
#ifndef TESTS_FUZZ_STORE_FILE_H
#define TESTS_FUZZ_STORE_FILE_H

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { STORE_HEAD = 64, STORE_KIND = 8, STORE_ARRAYS = 24, STORE_BYTES = 32, STORE_SUM = 40 };

/* `rest` lies behind the header; the file begins at a multiple of 64 and is freed by the caller. */
static char *store_file_of(const char *kind, int64_t arrays, slice rest) {
    int64_t all = STORE_HEAD + (int64_t)rest.n;
    char *file = aligned_alloc(64, (STORE_HEAD + rest.n + 63) & ~(size_t)63);
    if (!file) abort();
    memset(file, 0, STORE_HEAD);
    memcpy(file, "ATELIER1", 8);
    memcpy(file + STORE_KIND, kind, strlen(kind));
    memcpy(file + STORE_ARRAYS, &arrays, sizeof arrays);
    memcpy(file + STORE_BYTES, &all, sizeof all);
    if (rest.n) memcpy(file + STORE_HEAD, rest.p, rest.n);
    hash_text sum = hash_of((slice){file + STORE_HEAD, rest.n});
    memcpy(file + STORE_SUM, sum.hex, STORE_HEAD - STORE_SUM);
    return file;
}

#endif
