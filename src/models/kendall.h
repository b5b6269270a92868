/* kendall: is there a trend, and how steep: Mann-Kendall's test and Theil-Sen's slope.
 *
 *     S = sum_{i<j} sign(y_j - y_i)        Var S = [n(n-1)(2n+5) - sum_ties t(t-1)(2t+5)] / 18
 *     z = (S -/+ 1) / sqrt(c Var S)        slope = median of (y_j - y_i) / (j - i), i < j
 *
 * c widens the variance for neighbours that are alike: 1 + 2 / (n(n-1)(n-2)) sum_k (n-k)(n-k-1)
 * (n-k-2) r_k over the autocorrelations of the ranks of y without its slope that differ from 0 at
 * 95 %, at least 1. Neither test nor slope minds a few wild values, nor that growth is no line.
 * Take seasons out first. Above 500 values the slope is that of every second, third, … value.
 * Sources: Mann (1945); Kendall (1975); Sen (1968); Hamed and Rao, "A modified Mann-Kendall trend
 * test for autocorrelated data" (1998). */
#ifndef MODELS_KENDALL_H
#define MODELS_KENDALL_H

#include "base/arena.h"

typedef struct kendall_result {
    int64_t s;
    double tau;            /* S / (n (n-1) / 2) */
    double widened;        /* c */
    double z, p;           /* two-sided */
    double slope;          /* per value */
    double low, high;      /* 95 % interval of the slope */
} kendall_result;

/* y[n], all finite; fewer than 3 values: all zero, p = 1. */
kendall_result kendall_test(const double *y, int n, arena scratch);

#endif
