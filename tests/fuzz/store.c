/* store: any table of arrays under a correct header and checksum: refused, or all of it readable;
 * and as a sentiment model: refused with a sentence, or a model that passes its own check.
 *
 * The first byte is the number of arrays; what follows lies behind the 64 bytes of the header. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/store.h"
#include "pipeline/sentiment_file.h"
#include "store_file.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

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
    slice rest = {(const char *)(n ? bytes + 1 : bytes), n ? n - 1 : 0};
    size_t whole = STORE_HEAD + rest.n;
    char *file = store_file_of("sentiment", n ? bytes[0] : 0, rest);
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
