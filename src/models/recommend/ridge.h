/* ridge: linear maps from sparse features to several targets, by weighted ridge regression.
 *
 *     map = argmin  sum_r w_r |t_r - sum_f v_rf map_f|^2 + l2 sum_f |map_f|^2
 *         = (F'WF + l2 I)^-1 F'W T
 *
 * F[rows, features] holds the values v, W = diag(w), T[rows, ld] the targets. The inverse depends
 * on F, w and l2 alone: it is made once, and each further T costs two products with it. Sums are
 * made in double in the order of rows and features: no result depends on the number of threads.
 * Source: Hoerl, Kennard, "Ridge regression" (1970).
 *
 *     ridge r;
 *     ridge_open(&r, &features, weight, 10, &s->keep, s->scratch, e)
 *     ridge_fit(&r, targets, ld, map, threads, s->scratch); */
#ifndef MODELS_RECOMMEND_RIDGE_H
#define MODELS_RECOMMEND_RIDGE_H

#include "base/pool.h"
#include "base/sparse.h"

enum { RIDGE_MOST = 8192 }; /* features: the inverse has their square in doubles */

typedef struct ridge {
    sparse by_feature; /* [features, rows], value times w */
    double *inverse;   /* [features, features] */
} ridge;

/* weight[rows] >= 0 (NULL = 1 each), l2 > 0. Refuses more than RIDGE_MOST features; fails when the
 * sums are too unlike in size to invert. */
bool ridge_open(ridge *r, const sparse *features, const float *weight, double l2, arena *keep,
                err *e);

/* map[features, ld] of targets[rows, ld]. scratch: 8 bytes a value of map. */
void ridge_fit(const ridge *r, const float *targets, int ld, float *map, pool *threads,
               arena scratch);

#endif
