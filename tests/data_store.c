/* store: arrays come back as they were put, and damage is named. */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/folder.h"
#include "data/store.h"

static const char *write_sample(scope *s) {
    err e = {0};
    static char path[600];
    snprintf(path, sizeof path, "%s/m.atm", check_folder("store"));
    static const float numbers[6] = {1, 2, 3, 4, 5, 6};
    const slice names[] = {SLICE("dress"), SLICE(""), SLICE("caf\xC3\xA9")};
    store_writer *w = store_create(s, path, "test", &e);
    check_ok(w && store_put(w, "numbers", STORE_F32, 2, 3, numbers, &e) &&
                 store_put_texts(w, "names", names, 3, &e) && store_close(w, &e),
             &e);
    return path;
}

CHECK(store_gives_back_what_was_put) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    const store *m = store_open(&s, write_sample(&s), "test", &e);
    check_ok(m, &e);
    int64_t rows, cols;
    const float *x = store_get(m, "numbers", STORE_F32, &rows, &cols);
    check(x && rows == 2 && cols == 3 && x[5] == 6 && ((uintptr_t)x & 63) == 0);
    check(!store_get(m, "numbers", STORE_I32, NULL, NULL));
    check(store_texts(m, "names") == 3 && store_texts(m, "none") == -1);
    check_text(store_text(m, "names", 2), "caf\xC3\xA9");
    check(store_text(m, "names", 3).n == 0);
    scope_close(&s);
}

CHECK(store_reads_bytes_in_memory_and_names_their_damage) {
    scope s;
    err e = {0};
    static _Alignas(64) char bytes[64 << 10];
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    FILE *in = fopen(write_sample(&s), "rb");
    size_t n = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    check(n > 64 && n < sizeof bytes);
    const store *m = store_open_bytes(&s, (slice){bytes, n}, "the sample", "test", &e);
    check_ok(m, &e);
    check_text(store_text(m, "names", 2), "caf\xC3\xA9");
    check(!store_open_bytes(&s, (slice){bytes, n - 64}, "the sample", "test", &e));
    check_text(slice_of(e.text), "the sample is truncated");
    e = (err){0};
    bytes[n - 1] ^= 1;
    check(!store_open_bytes(&s, (slice){bytes, n}, "the sample", "test", &e));
    check_has(slice_of(e.text), "its checksum does not match");
    scope_close(&s);
}

CHECK(store_takes_an_array_in_pieces) {
    static const int32_t rows[] = {1, 2, 3, 4};
    static const uint8_t other[] = {7};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    const char *path = arena_text(&s.keep, "%s/p.atm", check_folder("store-pieces"));
    store_writer *w = store_create(&s, path, "test", &e);
    check_ok(w, &e);
    int array = store_reserve(w, "pieces", STORE_I32, 5, 2);
    check_ok(store_put(w, "other", STORE_U8, 1, 1, other, &e), &e);
    check_ok(store_put_rows(w, array, 3, 2, rows, &e), &e);
    check_ok(store_put_rows(w, array, 0, 1, rows + 2, &e) && store_close(w, &e), &e);
    const store *m = store_open(&s, path, "test", &e);
    check_ok(m, &e);
    static const int32_t wanted[10] = {3, 4, 0, 0, 0, 0, 1, 2, 3, 4};
    check(memcmp(store_get(m, "pieces", STORE_I32, NULL, NULL), wanted, sizeof wanted) == 0);
    check(*(const uint8_t *)store_get(m, "other", STORE_U8, NULL, NULL) == 7);
    scope_close(&s);
}

CHECK(store_names_damage_of_every_byte_region) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *path = write_sample(&s);
    slice whole;
    check_ok(file_read(path, &s, 1 << 20, &whole, &e), &e);
    for (size_t at = 0; at < whole.n; at += 61) {
        char *copy = take_copy(&s.keep, char, whole.p, whole.n);
        copy[at] = (char)(copy[at] ^ 0x55);
        check_ok(file_replace(path, (slice){copy, whole.n}, &e), &e);
        err no = {0};
        check(!store_open(&s, path, "test", &no) && no.kind == ERR_WENT_WRONG);
        s.n_closers = 0; /* failed openings leave maps; this test does not need them closed */
    }
    check(truncate(path, 100) == 0 && !store_open(&s, path, "test", &e));
    check_has(slice_of(e.text), "truncated");
    scope_close(&s);
}
