/* topic_number: how many topics there are: the number on which halves of the texts agree most. */
#include "models/language/topic_number.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/kmeans.h"

enum { ROWS = 8000, HALVINGS = 3, STARTS = 8, A_TOPIC = 40, MOST = 32 };

static const int listed[] = {2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28, MOST};
enum { LISTED = sizeof listed / sizeof listed[0] };

static double pairs_of(double n) { return n * (n - 1) / 2; }

double topic_rand(const int32_t *a, const int32_t *b, int64_t n, int k, arena scratch) {
    double *cell = take(&scratch, double, (int64_t)k * k);
    double *of_a = take(&scratch, double, k), *of_b = take(&scratch, double, k);
    double both = 0, in_a = 0, in_b = 0;
    for (int64_t i = 0; i < n; i++) {
        cell[a[i] * k + b[i]]++;
        of_a[a[i]]++;
        of_b[b[i]]++;
    }
    for (int i = 0; i < k * k; i++) both += pairs_of(cell[i]);
    for (int i = 0; i < k; i++) in_a += pairs_of(of_a[i]), in_b += pairs_of(of_b[i]);
    double chance = in_a * in_b / pairs_of((double)n), most = (in_a + in_b) / 2;
    return most > chance ? (both - chance) / (most - chance) : 1;
}

size_t topic_number_memory(int dims) {
    return (size_t)ROWS * (size_t)(dims + 8) * 4 + 2 * kmeans_memory(ROWS, dims, MOST) +
           ((size_t)1 << 20);
}

/* R of one halving of d's rows, which are in an order by chance. */
static bool halve(const topic_number_data *d, int k, uint64_t seed, pool *threads, double *agree,
                  arena scratch, err *e) {
    int64_t half = d->n / 2;
    int32_t *label[2];
    for (int side = 0; side < 2; side++) {
        kmeans_data some = {.x = d->y + side * half * d->dims, .n = half, .d = d->dims};
        kmeans_data all = {.x = d->y, .n = d->n, .d = d->dims};
        kmeans_params p = KMEANS_DEFAULTS;
        kmeans_model m;
        p.k = k;
        p.starts = STARTS;
        p.swaps = 0;
        p.spherical = true;
        p.seed = seed * 2 + (uint64_t)side;
        label[side] = take(&scratch, int32_t, d->n);
        arena memory = scratch, keep = arena_split(&memory, arena_left(&memory) / 2);
        if (!kmeans_fit(&m, &some, p, threads, &keep, memory, e)) return false;
        kmeans_assign(&m, &all, threads, label[side], memory);
    }
    *agree = topic_rand(label[0], label[1], d->n, k, scratch);
    return true;
}

bool topic_number(const topic_number_data *d, int least, int most, uint64_t seed, pool *threads,
                  int *k, double *agreement, arena scratch, err *e) {
    double sum[LISTED] = {0}, best = 0;
    int64_t n = d->n < ROWS ? d->n : ROWS;
    size_t row = (size_t)d->dims * sizeof *d->y;
    int32_t *order = take(&scratch, int32_t, d->n);
    float *y = take_raw(&scratch, float, n * d->dims);
    *k = least;
    *agreement = 0;
    for (int h = 0; h < HALVINGS; h++) {
        rng r = rng_open(seed, (uint64_t)h);
        for (int64_t i = 0; i < d->n; i++) order[i] = (int32_t)i;
        rng_shuffle(&r, order, d->n);
        for (int64_t i = 0; i < n; i++) memcpy(y + i * d->dims, d->y + order[i] * d->dims, row);
        topic_number_data some = {y, n, d->dims};
        for (int i = 0; i < LISTED; i++) {
            double agree = 0;
            if (listed[i] < least || listed[i] > most || listed[i] * A_TOPIC > d->n) continue;
            if (!halve(&some, listed[i], seed + (uint64_t)h, threads, &agree, scratch, e))
                return false;
            sum[i] += agree / HALVINGS;
        }
    }
    for (int i = 0; i < LISTED; i++) {
        double worth = sum[i] > 0 ? sum[i] * sum[i] * log(listed[i]) : 0;
        if (!(worth > best)) continue;
        best = worth;
        *k = listed[i];
        *agreement = sum[i];
    }
    return true;
}
