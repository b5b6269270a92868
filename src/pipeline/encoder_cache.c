/* encoder_cache: vectors that were computed before, by the pieces of their text. */
#include "pipeline/encoder_cache.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "data/folder.h"
#include "data/store.h"

enum { MOST_FILES = 8, /* the eighth is written as one file for all */
       MOST_PARTS = 4096 };

typedef struct part {
    int64_t n;
    const encoder_key *key;
    const float *vector;     /* [n, wide], of a file */
    const float *const *row; /* or [n] pointers, of what this run added */
} part;

struct encoder_cache {
    const char *dir, *name;
    int32_t wide;
    int files; /* numbers 0 … files-1 are in use; unreadable ones too */
    int n_parts;
    part *parts; /* [MOST_PARTS] */
    int64_t n, slots;
    int32_t *slot; /* [slots] place in all parts + 1, 0 = free */
};

encoder_key encoder_key_of(const int32_t *ids, int32_t n) {
    hash_text sum = hash_of((slice){(const char *)ids, (size_t)n * sizeof *ids});
    encoder_key key = {{0, 0}};
    for (int i = 0; i < 32; i++) {
        int digit = sum.hex[i] <= '9' ? sum.hex[i] - '0' : sum.hex[i] - 'a' + 10;
        key.half[i / 16] = key.half[i / 16] << 4 | (uint64_t)digit;
    }
    return key;
}

static char *path_of(const encoder_cache *c, int file, arena *keep) {
    return arena_text(keep, "%s/%s.%d.atm", c->dir, c->name, file);
}

/* Key and vector of the at-th entry of all parts. */
static const encoder_key *entry(const encoder_cache *c, int64_t at, const float **vector) {
    int i = 0;
    while (at >= c->parts[i].n) at -= c->parts[i++].n;
    const part *p = &c->parts[i];
    if (vector) *vector = p->row ? p->row[at] : p->vector + at * c->wide;
    return &p->key[at];
}

static bool same(encoder_key a, encoder_key b) {
    return a.half[0] == b.half[0] && a.half[1] == b.half[1];
}

/* The slot where the key is, or the free one where it would go. */
static int64_t slot_of(const encoder_cache *c, encoder_key key) {
    int64_t at = (int64_t)(key.half[0] & (uint64_t)(c->slots - 1));
    while (c->slot[at] != 0 && !same(*entry(c, c->slot[at] - 1, NULL), key))
        at = (at + 1) & (c->slots - 1);
    return at;
}

static bool open_part(encoder_cache *c, const char *path, scope *s) {
    err quiet = {0};
    int64_t rows = 0, width = 0, n = 0, wide = 0;
    const store *m = store_open(s, path, "vectors", &quiet);
    const void *key = m ? store_get(m, "key", STORE_U8, &rows, &width) : NULL;
    const void *vector = m ? store_get(m, "vector", STORE_F32, &n, &wide) : NULL;
    if (!key || !vector || rows != n || width != sizeof(encoder_key) || wide != c->wide)
        return false;
    c->parts[c->n_parts++] = (part){n, key, vector, NULL};
    c->n += n;
    return true;
}

encoder_cache *encoder_cache_open(const char *dir, const char *name, int32_t wide, scope *s,
                                  int *damaged, err *e) {
    encoder_cache *c = take(&s->keep, encoder_cache, 1);
    *c = (encoder_cache){.dir = dir, .name = name, .wide = wide, .slots = 16};
    c->parts = take(&s->keep, part, MOST_PARTS);
    *damaged = 0;
    if (!file_make_folders(dir, e)) return NULL;
    for (; c->files < MOST_FILES; c->files++) {
        char *path = path_of(c, c->files, &s->keep);
        if (!file_exists(path)) break;
        *damaged += !open_part(c, path, s);
    }
    while (c->slots < 2 * c->n) c->slots *= 2;
    c->slot = take(&s->keep, int32_t, c->slots);
    for (int64_t i = 0; i < c->n; i++) c->slot[slot_of(c, *entry(c, i, NULL))] = (int32_t)i + 1;
    return c;
}

const float *encoder_cache_find(const encoder_cache *c, encoder_key key) {
    const float *vector = NULL;
    int64_t at = slot_of(c, key);
    if (c->slot[at] != 0) entry(c, c->slot[at] - 1, &vector);
    return vector;
}

/* One part, or all of them, into one file. */
static bool write_parts(const encoder_cache *c, const char *path, int64_t from, scope *s, err *e) {
    arena keep = s->keep; /* forgotten at the end */
    int64_t n = c->n - from;
    encoder_key *key = take_raw(&keep, encoder_key, n);
    float *vector = take_raw(&keep, float, n * c->wide);
    for (int64_t i = 0; i < n; i++) {
        const float *row;
        key[i] = *entry(c, from + i, &row);
        memcpy(vector + i * c->wide, row, (size_t)c->wide * sizeof *vector);
    }
    const char *half = arena_text(&keep, "%s.%d", path, (int)getpid());
    scope inner;
    if (!scope_open(&inner, 1 << 20, 0, e)) return false;
    store_writer *w = store_create(&inner, half, "vectors", e);
    bool done = w && store_put(w, "key", STORE_U8, n, sizeof *key, key, e) &&
                store_put(w, "vector", STORE_F32, n, c->wide, vector, e) && store_close(w, e);
    scope_close(&inner);
    if (done && rename(half, path) != 0) done = fail_file(e, "write", path);
    if (!done) unlink(half);
    return done;
}

bool encoder_cache_add(encoder_cache *c, const encoder_key *keys, const float *const *rows,
                       int64_t n, scope *s, err *e) {
    if (n == 0 || c->n_parts == MOST_PARTS) return true;
    bool all = c->files >= MOST_FILES - 1;
    c->parts[c->n_parts++] = (part){n, keys, NULL, rows};
    c->n += n;
    if (!write_parts(c, path_of(c, all ? 0 : c->files, &s->keep), all ? 0 : c->n - n, s, e))
        return false;
    for (int i = 1; all && i < MOST_FILES; i++) unlink(path_of(c, i, &s->keep));
    c->files = all ? 1 : c->files + 1;
    return true;
}
