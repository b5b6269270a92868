/* encoder_cache: vectors that were computed before, by the pieces of their text.
 *
 * A folder with one set of files NAME.0.atm, NAME.1.atm, … per encoder and precision (NAME says
 * which); each run that computes something adds one, whole or not at all, so a run that was killed
 * loses little. Eight files become one. Arrays (store.h, kind "vectors"): key U8 [n, 16], the first
 * half of the SHA-256 of the pieces' numbers; vector F32 [n, wide]. A damaged file is passed
 * over. */
#ifndef PIPELINE_ENCODER_CACHE_H
#define PIPELINE_ENCODER_CACHE_H

#include "base/text.h"

typedef struct encoder_key {
    uint64_t half[2];
} encoder_key;

encoder_key encoder_key_of(const int32_t *ids, int32_t n);

typedef struct encoder_cache encoder_cache;

/* Opens or makes the folder; `damaged` counts files that could not be used. Vectors live as long
 * as s. */
encoder_cache *encoder_cache_open(const char *dir, const char *name, int32_t wide, scope *s,
                                  int *damaged, err *e);

/* The vector [wide] of a key, or NULL. */
const float *encoder_cache_find(const encoder_cache *c, encoder_key key);

/* Writes n more vectors, which must not be in it yet; rows[i] points to the i-th. Keys and rows
 * must live as long as the cache; they are not found before it is opened again. */
bool encoder_cache_add(encoder_cache *c, const encoder_key *keys, const float *const *rows,
                       int64_t n, scope *s, err *e);

#endif
