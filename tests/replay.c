/* replay: a fuzzer's corpus as a test. */
#include "replay.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "check.h"
#include "data/folder.h"

enum { FILES = 256 };

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int list(scope *s, const char *folder_of, const char **paths) {
    int n = 0;
    DIR *dir = opendir(folder_of);
    check(dir != NULL);
    for (struct dirent *at; (at = readdir(dir)) != NULL && n < FILES;)
        if (at->d_name[0] != '.')
            paths[n++] = arena_text(&s->keep, "%s/%s", folder_of, at->d_name);
    closedir(dir);
    qsort(paths, (size_t)n, sizeof *paths, by_name);
    return n;
}

/* One change: a byte, a bit, a piece taken away, doubled or put in from the other file. */
static size_t change(rng *r, unsigned char *b, size_t n, size_t room, slice other) {
    enum { PIECE = 24 };
    size_t at = (size_t)rng_below(r, (int64_t)n + 1), piece = 1 + (size_t)rng_below(r, PIECE);
    size_t left = n - at, from = other.n ? (size_t)rng_below(r, (int64_t)other.n) : 0;
    size_t there = other.n - from < piece ? other.n - from : piece;
    unsigned char copy[PIECE];
    switch (rng_below(r, 5)) {
    case 0: if (left) b[at] = (unsigned char)rng_u32(r); return n;
    case 1: if (left) b[at] ^= (unsigned char)(1 << rng_below(r, 8)); return n;
    case 2:
        if (piece > left) piece = left;
        memmove(b + at, b + at + piece, left - piece);
        return n - piece;
    case 3:
        if (piece > left) piece = left;
        if (n + piece > room) return n;
        memcpy(copy, b + at, piece);
        memmove(b + at + piece, b + at, left);
        memcpy(b + at, copy, piece);
        return n + piece;
    default:
        if (n + there > room) return n;
        memmove(b + at + there, b + at, left);
        memcpy(b + at, other.p + from, there);
        return n + there;
    }
}

void replay(const char *name, replay_one *one, int wanted, int least) {
    scope s;
    err e = {0};
    const char *paths[FILES];
    slice files[FILES];
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    int n = list(&s, arena_text(&s.keep, "tests/fuzz/%s", name), paths);
    check(n >= least);
    for (int i = 0; i < n; i++) check_ok(file_read(paths[i], &s, 1 << 19, &files[i], &e), &e);
    for (int i = 0; i < wanted; i++) {
        rng r = rng_open(1, (uint64_t)i);
        slice file = files[i % n], other = files[rng_below(&r, n)];
        size_t room = file.n + 256, bytes = file.n;
        unsigned char *copy = malloc(room);
        check(copy != NULL);
        memcpy(copy, file.p, file.n);
        for (int64_t k = i < n ? 0 : 1 + rng_below(&r, 4); k > 0; k--)
            bytes = change(&r, copy, bytes, room, other);
        check(one(copy, bytes) == 0);
        free(copy);
    }
    scope_close(&s);
}
