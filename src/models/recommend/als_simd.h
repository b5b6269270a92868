/* als_simd: the inner loops of als over the gathered rows B[n, k] of one customer or article.
 *
 * k is a multiple of 16; arrays are 64-byte aligned. Rows are gathered for a multiple of 4 rows,
 * zeros behind the last. */
#ifndef MODELS_RECOMMEND_ALS_SIMD_H
#define MODELS_RECOMMEND_ALS_SIMD_H

#include <stdint.h>

#include "base/simd.h"

/* Where rows come from: in full, or from a mirror of 16 bits a number, row = step * mirror * unit
 * with unit folded into als_rows.scale: half the memory traffic, 5e-5 of a row's largest number
 * (measured in units) as rounding. */
typedef struct als_source {
    const float *full;     /* [., k] */
    const int16_t *mirror; /* [., k]; NULL = take the full rows */
    const float *step;     /* [.] */
} als_source;

/* mirror and step of n rows y[n, k]; inverse[k] = 1 / unit. */
SIMD_DECLARE(void, als_mirror, int n, int k, const float *y, const float *inverse,
             int16_t *mirror, float *step);

/* The rows of one system, and where they come from: b[i] = from[ids[i]] * scale * d[i]. */
typedef struct als_rows {
    int n, k;
    const int32_t *ids; /* [n] */
    const float *d;     /* [n] */
    als_source from;    /* [., k] */
    const float *scale; /* [k] */
    float *b;           /* [n up to a multiple of 4, k], gets zeros behind row n */
} als_rows;

SIMD_DECLARE(void, als_gather, const als_rows *s);

/* Gathers, and with the rows at hand r = -(r + b'(b z - want)): the first residual of als_cg for
 * (E + b'b) x = b'(want - b q), where r comes as E x and z = x + q. */
SIMD_DECLARE(void, als_gather_first, const als_rows *s, const float *want, const float *z,
             float *r);

/* scale[j] = 1 / sqrt(alpha0 eigen[j] + lambda). */
SIMD_DECLARE(void, als_scale, int k, const float *eigen, float alpha0, float lambda, float *scale);

/* x[k] += sum over i < n of d[i] b[i]. */
SIMD_DECLARE(void, als_add_rows, int n, int k, const float *b, const float *d, float *x);

/* x = b' (I + b b')^-1 d. work: als_dual_work(n) floats. */
SIMD_DECLARE(void, als_dual, int n, int k, const float *b, const float *d, float *x, float *work);

/* steps of conjugate gradients on (E + b'b) x = …, E = diag(own[k]), from x and its residual r
 * (destroyed). work: 2 k floats. */
SIMD_DECLARE(void, als_cg, const als_rows *s, const float *own, float *x, float *r, int steps,
             float *work);

/* y[j] = v[j] · x for j < rows (a multiple of 4); v[rows, k]. */
SIMD_DECLARE(void, als_products, int rows, int k, const float *v, const float *x, float *y);

static inline int64_t als_dual_work(int64_t n) {
    int64_t padded = (n + 4) & ~(int64_t)3, wide = (n + 16) & ~(int64_t)15;
    return padded * wide + 2 * wide;
}

#endif
