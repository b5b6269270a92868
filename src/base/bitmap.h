/* bitmap: a set of small numbers as bits, 64 to a word: filters that are combined and walked.
 *
 *     bitmap wanted = bitmap_of(in_stock, articles, &s->keep);
 *     bitmap_and(&wanted, &dresses);
 *     for (int64_t i = bitmap_next(&wanted, 0); i < wanted.n; i = bitmap_next(&wanted, i + 1)) …
 *
 * Bits past n are always 0. Words belong to the arena given as keep. */
#ifndef BASE_BITMAP_H
#define BASE_BITMAP_H

#include <stdint.h>

#include "base/arena.h"

typedef struct bitmap {
    int64_t n;      /* numbers 0 … n-1 may be in */
    uint64_t *word; /* [(n + 63) / 64], number i is bit i % 64 of word i / 64 */
} bitmap;

bitmap bitmap_open(int64_t n, arena *keep);                     /* nothing in */
bitmap bitmap_of(const uint8_t *flag, int64_t n, arena *keep);  /* i is in where flag[i] != 0 */
bitmap bitmap_copy(const bitmap *b, arena *keep);

static inline bool bitmap_has(const bitmap *b, int64_t i) {
    return b->word[i >> 6] >> (i & 63) & 1;
}
static inline void bitmap_set(bitmap *b, int64_t i) { b->word[i >> 6] |= (uint64_t)1 << (i & 63); }
static inline void bitmap_clear(bitmap *b, int64_t i) {
    b->word[i >> 6] &= ~((uint64_t)1 << (i & 63));
}

void bitmap_set_all(bitmap *b);
void bitmap_and(bitmap *b, const bitmap *with); /* both of the same n */
void bitmap_or(bitmap *b, const bitmap *with);
void bitmap_and_not(bitmap *b, const bitmap *with);
int64_t bitmap_count(const bitmap *b);
int64_t bitmap_next(const bitmap *b, int64_t from); /* the first number >= from that is in, or n */

#endif
