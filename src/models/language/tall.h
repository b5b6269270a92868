/* tall: products of a matrix of many rows and few columns, block by block over a pool.
 *
 * Blocks have a fixed number of rows and are added in order, in double, so any number of threads
 * gives the same bits; inside a block the kernels multiply in float. */
#ifndef MODELS_LANGUAGE_TALL_H
#define MODELS_LANGUAGE_TALL_H

#include "base/pool.h"
#include "base/sparse.h"

enum { TALL_BLOCK = 1024 }; /* rows */

/* sum[k, k] = x[n, k]' x[n, k], both triangles. */
void tall_gram(const float *x, int64_t n, int k, pool *threads, double *sum, arena scratch);

/* out[n, m] = x[n, k] w[k, m]; out must not be x. */
void tall_times(const float *x, int64_t n, int k, const float *w, int m, float *out, pool *threads);

/* out[rows, m] = x[rows, cols] w[cols, m] for sparse x: a row is added in the order of its
 * columns. */
void tall_sparse_times(const sparse *x, const float *w, int m, float *out, pool *threads);

/* The eigenvectors of a symmetric a[k, k] (destroyed) with the `most` largest eigenvalues, largest
 * first -> columns of vectors [k, most], values [most]; negative eigenvalues become 0. */
bool tall_eigen(double *a, int k, int most, float *vectors, double *values, arena scratch);

/* Rows of length 1; a row of zeros stays. */
void tall_unit(float *x, int64_t n, int k, pool *threads);

#endif
