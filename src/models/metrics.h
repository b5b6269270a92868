/* metrics: means of per-unit scores with 95 % percentile bootstrap intervals.
 *
 * Units (customers, series, reviews) are resampled with replacement; the interval is the 2.5 % and
 * the 97.5 % quantile (linear between order statistics) of the resampled means. Resample r draws
 * from the random stream (seed, r) alone, so the numbers do not depend on anything else.
 *
 * Above METRICS_UNITS units, units i, i + METRICS_UNITS, … are summed into one of METRICS_UNITS
 * groups, and groups are resampled: the mean of many has the same spread, and the time is bounded.
 * Source: Efron, Tibshirani, "An introduction to the bootstrap" (1993), chapter 13. */
#ifndef MODELS_METRICS_H
#define MODELS_METRICS_H

#include <stdint.h>

#include "base/arena.h"

enum { METRICS_RESAMPLES = 1000, METRICS_UNITS = 16384 };

typedef struct metrics_interval {
    double mean, low, high; /* NaN each when n = 0; low <= high */
    int64_t n;              /* units */
} metrics_interval;

/* Mean of unit_values[n], none of which may be NaN. resamples >= 1. */
metrics_interval metrics_bootstrap(const double *unit_values, int64_t n, uint64_t seed,
                                   int resamples, arena scratch);

/* Mean of a[i] - b[i] over the same n units. */
metrics_interval metrics_bootstrap_paired(const double *a, const double *b, int64_t n,
                                          uint64_t seed, int resamples, arena scratch);

/* sum(numerator) / sum(denominator) over units (rates, WAPE); denominators >= 0. A resample whose
 * denominators are all 0 counts as 0. */
metrics_interval metrics_bootstrap_ratio(const double *numerator, const double *denominator,
                                         int64_t n, uint64_t seed, int resamples, arena scratch);

/* q-quantile (0..1) of sorted[n], linear between order statistics; n >= 1. */
double metrics_quantile(const double *sorted, int64_t n, double q);

#endif
