/* gap: the gap statistic: how much tighter clusters are than those of rows without any.
 *
 *     Gap(k) = mean_b ln W_kb - ln W_k,   s(k) = sd_b ln W_kb x sqrt(1 + 1/B)
 *
 * W_k is the inertia of K-Means with k clusters on up to `rows` rows, evenly spread; W_kb that on
 * the b-th of B reference tables, uniform in the box of the rows' principal axes. The number of
 * clusters is the smallest k whose gap is within one s of the largest: it may be 1. (The paper's
 * rule, the first k with Gap(k) >= Gap(k+1) - s(k+1), stops at 1 where clusters lie in groups or
 * are many in many columns, because two of them say little about six.)
 * Source: Tibshirani, Walther, Hastie, "Estimating the number of clusters in a data set via the gap
 * statistic" (2001), variant b. */
#ifndef MODELS_SEGMENT_GAP_H
#define MODELS_SEGMENT_GAP_H

#include "models/kmeans.h"

typedef struct gap_params {
    int references; /* B, at least 2 */
    int64_t rows;
    int starts;     /* of each K-Means */
    uint64_t seed;
} gap_params;

#define GAP_DEFAULTS ((gap_params){10, 2000, 2, 1})

/* gap [most - least + 1] and s, for k = least … most <= rows; weights are not read. False (NaN
 * everywhere) when no column varies. */
bool gap_fit(const kmeans_data *data, int least, int most, gap_params p, pool *threads, double *gap,
             double *s, arena scratch);

/* The number of clusters by the rule above from n values for k = least …; 0 when they are NaN. */
int gap_pick(const double *gap, const double *s, int least, int n);

/* The last step by hand: Gap and s of one k from ln W and the B values of ln W_b. */
double gap_of(double log_w, const double *references, int n, double *s);

#endif
