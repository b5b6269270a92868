/* order: stable sorting of indexes by a key, with nothing left to chance. */
#include "base/order.h"

#include <string.h>

int32_t *order_count(int64_t n, arena *keep) {
    int32_t *index = take(keep, int32_t, n);
    for (int64_t i = 0; i < n; i++) index[i] = (int32_t)i;
    return index;
}

/* True when b must come before a; false on equal keys keeps the order they had. */
static bool before(double b, double a, bool down) {
    if (b != b) return false;
    if (a != a) return true;
    return down ? b > a : b < a;
}

static void merge(const int32_t *from, int32_t *to, int64_t left, int64_t middle, int64_t right,
                  const double *key, bool down) {
    int64_t i = left, j = middle;
    for (int64_t o = left; o < right; o++) {
        bool second = i == middle || (j < right && before(key[from[j]], key[from[i]], down));
        to[o] = second ? from[j++] : from[i++];
    }
}

/* A whole number that is ordered as the key is: NaN last, both zeros alike. */
static uint64_t rank_of(double key, bool down) {
    uint64_t bits;
    if (key != key) return UINT64_MAX;
    key += 0.0; /* -0 */
    memcpy(&bits, &key, sizeof bits);
    bits ^= bits >> 63 ? UINT64_MAX : (uint64_t)1 << 63;
    return down ? ~bits : bits;
}

/* By one byte after the other from the last. */
static void sort_bytes(int32_t *index, int64_t n, const double *key, bool down, arena scratch) {
    enum { BYTES = 8 };
    int64_t start[BYTES][256] = {{0}};
    uint64_t *rank = take(&scratch, uint64_t, n), *rank_to = take(&scratch, uint64_t, n);
    int32_t *from = index, *to = take(&scratch, int32_t, n);
    for (int64_t i = 0; i < n; i++) {
        rank[i] = rank_of(key[index[i]], down);
        for (int b = 0; b < BYTES; b++) start[b][rank[i] >> 8 * b & 255]++;
    }
    for (int b = 0; b < BYTES; b++) {
        int64_t sum = 0;
        if (start[b][rank[0] >> 8 * b & 255] == n) continue; /* the same in all */
        for (int v = 0; v < 256; v++) {
            int64_t count = start[b][v];
            start[b][v] = sum;
            sum += count;
        }
        for (int64_t i = 0; i < n; i++) {
            int64_t o = start[b][rank[i] >> 8 * b & 255]++;
            rank_to[o] = rank[i];
            to[o] = from[i];
        }
        uint64_t *other_rank = rank;
        rank = rank_to, rank_to = other_rank;
        int32_t *other = from;
        from = to, to = other;
    }
    if (from != index) memcpy(index, from, (size_t)n * sizeof *index);
}

static void sort(int32_t *index, int64_t n, const double *key, bool down, arena scratch) {
    if (n >= 512 && arena_left(&scratch) > 32 * (size_t)n)
        return sort_bytes(index, n, key, down, scratch);
    int32_t *from = index, *to = take(&scratch, int32_t, n);
    for (int64_t width = 1; width < n; width *= 2) {
        for (int64_t left = 0; left < n; left += 2 * width) {
            int64_t middle = left + width < n ? left + width : n;
            int64_t right = left + 2 * width < n ? left + 2 * width : n;
            merge(from, to, left, middle, right, key, down);
        }
        int32_t *other = from;
        from = to;
        to = other;
    }
    if (from != index && n > 0) memcpy(index, from, (size_t)n * sizeof *index);
}

void order_up(int32_t *index, int64_t n, const double *key, arena scratch) {
    sort(index, n, key, false, scratch);
}

void order_down(int32_t *index, int64_t n, const double *key, arena scratch) {
    sort(index, n, key, true, scratch);
}
