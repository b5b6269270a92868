/* dbcv: density-based validity of a clustering with noise, from its rows and labels alone.
 *
 *     a(i)     = (mean over the other rows j of the cluster of |x_i - x_j|^-d)^(-1/d)
 *     m(i, j)  = max(a(i), a(j), |x_i - x_j|)
 *     V(C)     = (sep - sparse) / max(sep, sparse)
 *     DBCV     = sum over clusters of size / n V(C)        -1 … 1, large is good
 *
 * sparse: the largest edge of the cluster's minimum spanning tree under m between rows of degree
 * two and more (of all its edges where there is none); sep: the least m between such rows of the
 * cluster and of another one. n counts the noise. Rows in one place are left out of each other's
 * mean. The powers are taken of ratios to the smallest distance, so that none overflows. Where rows
 * are equally far the tree takes the smaller one.
 *
 * Exact up to `rows` rows a cluster. Of larger ones as many are drawn, `samples` times; value is
 * the mean, and low … high the spread over the draws: what the drawing leaves open. With more than
 * total / rows clusters each has total / k rows, at least 50.
 *
 * Time O(k rows^2 d), memory O(rows drawn). Any number of threads gives the same bits.
 * Source: Moulavi, Jaskowiak, Campello, Zimek, Sander, "Density-based clustering validation"
 * (2014). */
#ifndef MODELS_SEGMENT_DBCV_H
#define MODELS_SEGMENT_DBCV_H

#include "base/pool.h"

typedef struct dbcv_params {
    int64_t rows, total;
    int samples;
    uint64_t seed;
} dbcv_params;

#define DBCV_DEFAULTS ((dbcv_params){2000, 20000, 4, 1})

typedef struct dbcv_data {
    const float *x;       /* [n, d] */
    int64_t n;
    int d;
    const int32_t *label; /* [n] 0 … k-1, others are noise; empty clusters are passed over */
    int k;
} dbcv_data;

typedef struct dbcv_result {
    double value, low, high; /* NaN with fewer than 2 clusters that have rows */
    int64_t rows;            /* of a cluster looked at, at most */
    bool sampled;
} dbcv_result;

/* cluster (may be NULL) [k]: V of each, mean over the draws; 0 for an empty one. */
dbcv_result dbcv_score(const dbcv_data *data, dbcv_params p, pool *threads, double *cluster,
                       arena scratch);

#endif
