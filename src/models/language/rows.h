/* rows: a sparse matrix in compressed rows, and its transpose.
 *
 * Row r holds the entries start[r] … start[r+1]-1: column `at` (ascending within a row) and its
 * value. The struct borrows; whoever made the arrays keeps them. */
#ifndef MODELS_LANGUAGE_ROWS_H
#define MODELS_LANGUAGE_ROWS_H

#include "base/arena.h"

typedef struct rows {
    int64_t rows;
    int32_t cols;
    int64_t *start; /* [rows + 1] */
    int32_t *at;    /* [start[rows]] */
    float *value;   /* [start[rows]] */
} rows;

/* The same matrix by columns, in keep; entries of a column stand in row order. */
rows rows_transpose(const rows *m, arena *keep, arena scratch);

/* The chosen rows in the given order, in keep. */
rows rows_pick(const rows *m, const int32_t *which, int64_t n, arena *keep);

#endif
