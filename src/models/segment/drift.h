/* drift: how far a feature's values have moved away from what they were: PSI and Wasserstein.
 *
 *     PSI = sum over bins of (now - then) ln(now / then)
 *
 * with the shares of the values in up to 10 bins of equal size then (equal values share a bin), no
 * share taken under 1e-4. Under 0.1 calm, under 0.2 moderate, from there on alarm.
 *
 *     W = integral of |F(x) - G(x)| dx
 *
 * between two samples: by how much values must be moved on average to turn one into the other.
 * NaN is no value: its share is for the caller to tell.
 * Source: Siddiqi, "Credit risk scorecards" (2006); Vallender (1974). */
#ifndef MODELS_SEGMENT_DRIFT_H
#define MODELS_SEGMENT_DRIFT_H

#include "base/arena.h"

enum { DRIFT_BINS = 10 };

typedef struct drift_bins {
    int n;                       /* bins, 1 … DRIFT_BINS */
    double edges[DRIFT_BINS + 1]; /* least, cuts, largest; bin b holds edges[b] <= x < edges[b+1] */
    double share[DRIFT_BINS];    /* of the values they were cut from */
} drift_bins;

/* Bins of x [n]; 0 bins when it has no value. */
drift_bins drift_cut(const double *x, int64_t n, arena scratch);

/* Shares of other values in the same bins (all 0 without any); beyond the ends: the end bins. */
void drift_share(const drift_bins *b, const double *x, int64_t n, double *share);

double drift_psi(const double *then, const double *now, int bins);
const char *drift_verdict(double psi); /* calm, moderate or alarm */

/* 0 when one of them has no value. */
double drift_wasserstein(const double *a, int64_t n_a, const double *b, int64_t n_b,
                         arena scratch);

#endif
