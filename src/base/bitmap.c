/* bitmap: a set of small numbers as bits, 64 to a word: filters that are combined and walked. */
#include "base/bitmap.h"

#include <assert.h>

static int64_t words(int64_t n) { return (n + 63) / 64; }

bitmap bitmap_open(int64_t n, arena *keep) {
    return (bitmap){n, take(keep, uint64_t, words(n))};
}

bitmap bitmap_of(const uint8_t *flag, int64_t n, arena *keep) {
    bitmap b = bitmap_open(n, keep);
    for (int64_t i = 0; i < n; i++) b.word[i >> 6] |= (uint64_t)(flag[i] != 0) << (i & 63);
    return b;
}

bitmap bitmap_copy(const bitmap *b, arena *keep) {
    return (bitmap){b->n, take_copy(keep, uint64_t, b->word, words(b->n))};
}

void bitmap_set_all(bitmap *b) {
    for (int64_t w = 0; w < words(b->n); w++) b->word[w] = ~(uint64_t)0;
    if (b->n & 63) b->word[b->n >> 6] = ((uint64_t)1 << (b->n & 63)) - 1;
}

void bitmap_and(bitmap *b, const bitmap *with) {
    assert(b->n == with->n);
    for (int64_t w = 0; w < words(b->n); w++) b->word[w] &= with->word[w];
}

void bitmap_or(bitmap *b, const bitmap *with) {
    assert(b->n == with->n);
    for (int64_t w = 0; w < words(b->n); w++) b->word[w] |= with->word[w];
}

void bitmap_and_not(bitmap *b, const bitmap *with) {
    assert(b->n == with->n);
    for (int64_t w = 0; w < words(b->n); w++) b->word[w] &= ~with->word[w];
}

int64_t bitmap_count(const bitmap *b) {
    int64_t n = 0;
    for (int64_t w = 0; w < words(b->n); w++) n += __builtin_popcountll(b->word[w]);
    return n;
}

int64_t bitmap_next(const bitmap *b, int64_t from) {
    if (from >= b->n) return b->n;
    int64_t w = from >> 6, end = words(b->n);
    uint64_t left = b->word[w] & (~(uint64_t)0 << (from & 63));
    while (left == 0) {
        if (++w == end) return b->n;
        left = b->word[w];
    }
    return w * 64 + __builtin_ctzll(left);
}
