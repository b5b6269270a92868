/* cohort: customers by the period of their first purchase, and who of them came back when. */
#include "models/segment/cohort.h"

#include <assert.h>
#include <math.h>

/* Marks the (customer, period) pairs that exist, in bits. */
static uint64_t *mark(const int32_t *customer, const int32_t *period, int64_t rows,
                      int64_t customers, int words, arena *scratch) {
    uint64_t *bits = take(scratch, uint64_t, customers * words);
    for (int64_t i = 0; i < rows; i++)
        bits[(int64_t)customer[i] * words + period[i] / 64] |= (uint64_t)1 << period[i] % 64;
    return bits;
}

static bool has(const uint64_t *bits, int period) {
    return bits[period / 64] >> period % 64 & 1;
}

static void add_customer(cohort_table *t, const uint64_t *bits) {
    int first = 0, last = t->n - 1, n = t->n;
    while (first < n && !has(bits, first)) first++;
    if (first == n) return; /* never bought */
    while (!has(bits, last)) last--;
    t->size[first]++;
    for (int k = first; k <= last; k++) {
        t->on[first * n + k - first] += has(bits, k);
        t->onward[first * n + k - first]++;
    }
}

/* Shares by age over the finished cells. */
static void average(const cohort_table *t, const int64_t *cells, double *mean, double *plain) {
    for (int age = 0; age < t->n; age++) {
        double came = 0, all = 0, shares = 0, cohorts = 0;
        for (int c = 0; c + age < t->finished; c++) {
            if (t->size[c] == 0) continue;
            double n = (double)cells[c * t->n + age];
            came += n;
            all += (double)t->size[c];
            shares += n / (double)t->size[c];
            cohorts++;
        }
        mean[age] = all > 0 ? came / all : NAN;
        plain[age] = cohorts > 0 ? shares / cohorts : NAN;
    }
}

cohort_table cohort_of(const int32_t *customer, const int32_t *period, int64_t rows,
                       int64_t customers, int n, bool over, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && n >= 1);
    int64_t cells = (int64_t)n * n;
    int words = (n + 63) / 64;
    cohort_table t = {.n = n, .finished = over ? n : n - 1};
    t.size = take(keep, int64_t, n);
    t.on = take(keep, int64_t, cells);
    t.onward = take(keep, int64_t, cells);
    double **means[] = {&t.on_mean, &t.onward_mean, &t.on_plain, &t.onward_plain};
    for (int i = 0; i < 4; i++) *means[i] = take(keep, double, n);
    uint64_t *bits = mark(customer, period, rows, customers, words, &scratch);
    for (int64_t i = 0; i < customers; i++) add_customer(&t, &bits[i * words]);
    for (int c = 0; c < n; c++)
        for (int age = n - c; age < n; age++) t.on[c * n + age] = t.onward[c * n + age] = -1;
    average(&t, t.on, t.on_mean, t.on_plain);
    average(&t, t.onward, t.onward_mean, t.onward_plain);
    return t;
}

void cohort_alive(const cohort_table *t, int ages, double *to) {
    for (int age = 0; age <= ages; age++) {
        to[age] = 0;
        for (int c = 0; c + ages < t->finished; c++) to[age] += (double)t->onward[c * t->n + age];
    }
}
