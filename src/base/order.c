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

/* What is sorted: numbers with their ranks, and where the next pass puts them. */
typedef struct rows {
    int64_t n;
    uint64_t *rank, *rank_to;
    int32_t *at, *at_to;
} rows;

/* By one byte of the ranks. */
static void pass(rows *r, int byte) {
    int64_t start[256] = {0}, sum = 0;
    for (int64_t i = 0; i < r->n; i++) start[r->rank[i] >> 8 * byte & 255]++;
    for (int v = 0; v < 256; v++) {
        int64_t count = start[v];
        start[v] = sum;
        sum += count;
    }
    for (int64_t i = 0; i < r->n; i++) {
        int64_t o = start[r->rank[i] >> 8 * byte & 255]++;
        r->rank_to[o] = r->rank[i];
        r->at_to[o] = r->at[i];
    }
    rows was = *r;
    *r = (rows){was.n, was.rank_to, was.rank, was.at_to, was.at};
}

/* Puts what is nearly sorted into its place; false when that is far for many. */
static bool insert(rows *r) {
    int64_t moves = 0, most = 4 * r->n;
    for (int64_t i = 1; i < r->n; i++) {
        uint64_t rank = r->rank[i];
        int32_t at = r->at[i];
        int64_t to = i;
        for (; to > 0 && r->rank[to - 1] > rank && moves <= most; to--, moves++) {
            r->rank[to] = r->rank[to - 1];
            r->at[to] = r->at[to - 1];
        }
        r->rank[to] = rank;
        r->at[to] = at;
    }
    return moves <= most;
}

/* By the three first bytes that differ, which is nearly all of the order; where it is not, by one
 * byte after the other from the last. */
static void sort_bytes(int32_t *index, int64_t n, const double *key, bool down, arena scratch) {
    rows r = {n, take_raw(&scratch, uint64_t, n), take_raw(&scratch, uint64_t, n),
              take_copy(&scratch, int32_t, index, n), take_raw(&scratch, int32_t, n)};
    uint64_t differ = 0;
    for (int64_t i = 0; i < n; i++) {
        r.rank[i] = rank_of(key[index[i]], down);
        differ |= r.rank[i] ^ r.rank[0];
    }
    int top = 0;
    while (top < 7 && differ >> 8 * (top + 1) != 0) top++;
    int first = top > 2 ? top - 2 : 0;
    for (int byte = first; byte <= top; byte++) pass(&r, byte);
    if (first > 0 && !insert(&r))
        for (int byte = 0; byte <= top; byte++) pass(&r, byte);
    memcpy(index, r.at, (size_t)n * sizeof *index);
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
