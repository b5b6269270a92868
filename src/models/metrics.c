/* metrics: means of per-unit scores with 95 % percentile bootstrap intervals. */
#include "models/metrics.h"

#include <assert.h>
#include <math.h>

#include "base/random.h"

double metrics_quantile(const double *sorted, int64_t n, double q) {
    assert(n >= 1 && q >= 0 && q <= 1);
    double place = q * (double)(n - 1);
    int64_t low = (int64_t)place;
    if (low >= n - 1) return sorted[n - 1];
    return sorted[low] + (place - (double)low) * (sorted[low + 1] - sorted[low]);
}

/* Heap sort: no worst case, no recursion, no memory. */
static void sink(double *x, int64_t at, int64_t n) {
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && x[child + 1] > x[child]) child++;
        if (x[at] >= x[child]) return;
        double swap = x[at];
        x[at] = x[child];
        x[child] = swap;
    }
}

static void sort(double *x, int64_t n) {
    for (int64_t i = n / 2 - 1; i >= 0; i--) sink(x, i, n);
    for (int64_t end = n - 1; end > 0; end--) {
        double swap = x[0];
        x[0] = x[end];
        x[end] = swap;
        sink(x, 0, end);
    }
}

metrics_interval metrics_bootstrap_ratio(const double *numerator, const double *denominator,
                                         int64_t n, uint64_t seed, int resamples, arena scratch) {
    assert(resamples >= 1 && n >= 0);
    if (n == 0) return (metrics_interval){NAN, NAN, NAN, 0};
    int64_t groups = n < METRICS_UNITS ? n : METRICS_UNITS;
    double *top = take(&scratch, double, groups), *bottom = take(&scratch, double, groups);
    double *means = take(&scratch, double, resamples);
    double all_top = 0, all_bottom = 0;
    for (int64_t i = 0; i < n; i++) {
        double below = denominator ? denominator[i] : 1;
        assert(below >= 0 && !isnan(numerator[i]));
        top[i % groups] += numerator[i];
        bottom[i % groups] += below;
        all_top += numerator[i];
        all_bottom += below;
    }
    for (int r = 0; r < resamples; r++) {
        rng draw = rng_open(seed_for(seed, "bootstrap"), (uint64_t)r);
        double t = 0, b = 0;
        for (int64_t i = 0; i < groups; i++) {
            /* 32 bits times groups, the high half: bias below 2^-18 for 2^14 groups. */
            int64_t g = (int64_t)((uint64_t)rng_u32(&draw) * (uint64_t)groups >> 32);
            t += top[g];
            b += bottom[g];
        }
        means[r] = b > 0 ? t / b : 0;
    }
    sort(means, resamples);
    return (metrics_interval){.mean = all_bottom > 0 ? all_top / all_bottom : 0,
                              .low = metrics_quantile(means, resamples, 0.025),
                              .high = metrics_quantile(means, resamples, 0.975),
                              .n = n};
}

metrics_interval metrics_bootstrap(const double *unit_values, int64_t n, uint64_t seed,
                                   int resamples, arena scratch) {
    return metrics_bootstrap_ratio(unit_values, NULL, n, seed, resamples, scratch);
}

metrics_interval metrics_bootstrap_paired(const double *a, const double *b, int64_t n,
                                          uint64_t seed, int resamples, arena scratch) {
    double *difference = take(&scratch, double, n);
    for (int64_t i = 0; i < n; i++) difference[i] = a[i] - b[i];
    return metrics_bootstrap_ratio(difference, NULL, n, seed, resamples, scratch);
}
