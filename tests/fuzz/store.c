/* store: any table of arrays under a correct header and checksum: refused, or all of it readable;
 * and as a sentiment model: refused with a sentence, or a model that passes its own check.
 *
 * The first byte is the number of arrays; what follows lies behind the 64 bytes of the header. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "data/store.h"
#include "pipeline/sentiment_file.h"

enum { HEAD = 64, ARRAYS = 24, BYTES = 32, SUM = 40 };

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

/* A whole file; its memory begins at a multiple of 64. */
static char *file_of(const unsigned char *bytes, size_t n) {
    size_t rest = n ? n - 1 : 0;
    int64_t arrays = n ? bytes[0] : 0, all = HEAD + (int64_t)rest;
    char *file = aligned_alloc(64, (HEAD + rest + 63) & ~(size_t)63);
    if (!file) abort();
    memset(file, 0, HEAD);
    memcpy(file, "ATELIER1", 8);
    memcpy(file + 8, "sentiment", 9);
    memcpy(file + ARRAYS, &arrays, sizeof arrays);
    memcpy(file + BYTES, &all, sizeof all);
    if (rest) memcpy(file + HEAD, bytes + 1, rest);
    hash_text sum = hash_of((slice){file + HEAD, rest});
    memcpy(file + SUM, sum.hex, HEAD - SUM);
    return file;
}

static void read_all(const store *m, const char *name) {
    static const int64_t width[] = {1, 4, 8, 4, 8};
    volatile char seen = 0;
    for (int type = STORE_U8; type <= STORE_F64; type++) {
        int64_t rows = 0, cols = 0;
        const char *p = store_get(m, name, (store_type)type, &rows, &cols);
        for (int64_t i = 0; p && i < rows * cols * width[type]; i++) seen ^= p[i];
    }
    for (int64_t i = 0, texts = store_texts(m, name); i < texts && i < 1000; i++) {
        slice t = store_text(m, name, i);
        for (size_t k = 0; k < t.n; k++) seen ^= t.p[k];
    }
}

static void as_model(const char *file, size_t n) {
    scope s;
    err e = {0};
    sentiment_file f;
    char path[64];
    int at = memfd_create("model", MFD_CLOEXEC);
    if (at < 0 || write(at, file, n) != (ssize_t)n) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", at);
    if (!scope_open(&s, (size_t)8 << 20, (size_t)1 << 20, &e)) abort();
    if (!sentiment_file_open(&f, path, &s, &e) && !e.text[0]) abort();
    scope_close(&s);
    close(at);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    scope s;
    err e = {0};
    size_t whole = HEAD + (n ? n - 1 : 0);
    char *file = file_of(bytes, n);
    if (!scope_open(&s, (size_t)1 << 20, 0, &e)) abort();
    const store *m = store_open_bytes(&s, (slice){file, whole}, "input", "sentiment", &e);
    if (!m && !e.text[0]) abort();
    static const char *const names[] = {"a", "a.at", "a.bytes", "class", "term", "weight"};
    for (size_t i = 0; m && i < sizeof names / sizeof *names; i++) read_all(m, names[i]);
    scope_close(&s);
    if (m) as_model(file, whole);
    free(file);
    return 0;
}
