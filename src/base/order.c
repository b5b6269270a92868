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

static void sort(int32_t *index, int64_t n, const double *key, bool down, arena scratch) {
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
