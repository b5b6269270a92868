/* scale: columns made comparable before any distance: tails cut, centred, of variance 1.
 *
 * For each column: values below the `tail` and above the 1 - `tail` quantile are drawn to it, then
 * z = (x - mean) / sd. Columns that do not vary are dropped, and so is a column whose correlation
 * with an earlier kept one is above `same` in size: it would count twice. NaN (not known) becomes
 * the mean, z = 0. The model is kept, so that other rows are put on the same scale. */
#ifndef MODELS_SEGMENT_SCALE_H
#define MODELS_SEGMENT_SCALE_H

#include "base/arena.h"

typedef struct scale_params {
    double tail; /* 0 … 0.25 */
    double same; /* 0 … 1; 1 keeps all columns that vary */
} scale_params;

#define SCALE_DEFAULTS ((scale_params){0.005, 0.95})

typedef struct scale_model {
    int cols, d;                    /* given and kept */
    int *from;                      /* [d] column of each kept one */
    double *low, *high, *mean, *sd; /* [d] */
} scale_model;

/* x [n, cols], n >= 1; the model lives in keep. d may be 0. */
scale_model scale_fit(const double *x, int64_t n, int cols, scale_params p, arena *keep,
                      arena scratch);

/* z [n, d] in keep. */
float *scale_apply(const scale_model *m, const double *x, int64_t n, arena *keep);
double *scale_apply_wide(const scale_model *m, const double *x, int64_t n, arena *keep);

#endif
