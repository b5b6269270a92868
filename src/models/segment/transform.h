/* transform: what is done to the columns of a table before its rows are clustered, kept as a model.
 *
 *     x -> x' = sign(x) ln(1 + |x|) in the columns of `log` -> scale.h -> pca.h
 *
 * Each of the three may be absent. Rows that come later go through the same numbers, to the same
 * bits: whoever fits a transform calls transform_apply too.
 *
 *     double *z = transform_apply(&m, x, n, threads, &s.keep);   // [n, transform_width(&m)] */
#ifndef MODELS_SEGMENT_TRANSFORM_H
#define MODELS_SEGMENT_TRANSFORM_H

#include "models/segment/pca.h"
#include "models/segment/scale.h"

typedef struct transform_model {
    int cols;          /* given */
    uint8_t *log;      /* [cols] 1: by logarithm; NULL: none */
    scale_model scale; /* d = 0: numbers as they are */
    pca_model pca;     /* d = 0: not turned */
} transform_model;

/* Columns that come out. */
int transform_width(const transform_model *m);

/* The logarithms alone: x itself when no column wants them, else a copy in keep. */
const double *transform_log(const transform_model *m, const double *x, int64_t n, arena *keep);

/* z [n, transform_width] of x [n, cols], finite; x itself where nothing is done. */
const double *transform_apply(const transform_model *m, const double *x, int64_t n, pool *threads,
                              arena *keep);

#endif
