/* tall: products of a matrix of many rows and few columns, block by block over a pool. */
#include "models/language/tall.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/kernels.h"

typedef struct job {
    const float *x;
    const sparse *rows;
    const float *w;
    float *out;
    int64_t n;
    int k, m;
} job;

static int64_t blocks(int64_t n) { return (n + TALL_BLOCK - 1) / TALL_BLOCK; }

static int rows_of(const job *j, int64_t block) {
    int64_t left = j->n - block * TALL_BLOCK;
    return (int)(left < TALL_BLOCK ? left : TALL_BLOCK);
}

/* ---- x'x ---- */

static void gram_block(void *what, int64_t block, arena scratch) {
    (void)scratch;
    const job *j = what;
    kernels_blas.gram(rows_of(j, block), j->k, j->x + block * TALL_BLOCK * j->k, j->k,
                      j->out + block * j->k * j->k, j->k);
}

void tall_gram(const float *x, int64_t n, int k, pool *threads, double *sum, arena scratch) {
    enum { AT_ONCE = 32 }; /* blocks whose products wait to be added */
    memset(sum, 0, (size_t)k * (size_t)k * sizeof *sum);
    job j = {.k = k};
    j.out = take_raw(&scratch, float, (int64_t)AT_ONCE * k * k);
    for (int64_t first = 0; first < n; first += (int64_t)AT_ONCE * TALL_BLOCK) {
        int64_t rows = n - first < (int64_t)AT_ONCE * TALL_BLOCK ? n - first
                                                                 : (int64_t)AT_ONCE * TALL_BLOCK;
        j.x = x + first * k;
        j.n = rows;
        pool_for(threads, blocks(rows), gram_block, &j);
        for (int64_t b = 0; b < blocks(rows); b++)
            for (int64_t i = 0; i < (int64_t)k * k; i++) sum[i] += (double)j.out[b * k * k + i];
    }
}

/* ---- x w ---- */

static void times_block(void *what, int64_t block, arena scratch) {
    (void)scratch;
    const job *j = what;
    int64_t first = block * TALL_BLOCK;
    kernels_blas.gemm(rows_of(j, block), j->m, j->k, 1, j->x + first * j->k, j->k, j->w, j->m, 0,
                      j->out + first * j->m, j->m);
}

void tall_times(const float *x, int64_t n, int k, const float *w, int m, float *out,
                pool *threads) {
    job j = {.x = x, .w = w, .out = out, .n = n, .k = k, .m = m};
    pool_for(threads, blocks(n), times_block, &j);
}

static void sparse_block(void *what, int64_t block, arena scratch) {
    (void)scratch;
    const job *j = what;
    const sparse *x = j->rows;
    for (int64_t r = block * TALL_BLOCK; r < block * TALL_BLOCK + rows_of(j, block); r++) {
        float *out = j->out + r * j->m;
        memset(out, 0, (size_t)j->m * sizeof *out);
        for (int64_t at = x->at[r]; at < x->at[r + 1]; at++) {
            const float *w = j->w + (int64_t)x->col[at] * j->m;
            for (int c = 0; c < j->m; c++) out[c] += x->value[at] * w[c];
        }
    }
}

void tall_sparse_times(const sparse *x, const float *w, int m, float *out, pool *threads) {
    job j = {.rows = x, .w = w, .out = out, .n = x->rows, .m = m};
    pool_for(threads, blocks(x->rows), sparse_block, &j);
}

/* ---- eigenvectors, lengths ---- */

bool tall_eigen(double *a, int k, int most, float *vectors, double *values, arena scratch) {
    assert(most <= k);
    double *w = take(&scratch, double, k);
    if (!kernels_blas.eigen_d(k, a, k, w)) return false;
    for (int j = 0; j < most; j++) {
        const double *from = a + (int64_t)(k - 1 - j) * k;
        values[j] = w[k - 1 - j] > 0 ? w[k - 1 - j] : 0;
        for (int i = 0; i < k; i++) vectors[(int64_t)i * most + j] = (float)from[i];
    }
    return true;
}

static void unit_block(void *what, int64_t block, arena scratch) {
    (void)scratch;
    const job *j = what;
    for (int64_t r = block * TALL_BLOCK; r < block * TALL_BLOCK + rows_of(j, block); r++) {
        float *row = j->out + r * j->k;
        double square = 0;
        for (int c = 0; c < j->k; c++) square += (double)row[c] * (double)row[c];
        double scale = square > 0 ? 1 / sqrt(square) : 0;
        for (int c = 0; c < j->k; c++) row[c] = (float)(row[c] * scale);
    }
}

void tall_unit(float *x, int64_t n, int k, pool *threads) {
    job j = {.out = x, .n = n, .k = k};
    pool_for(threads, blocks(n), unit_block, &j);
}
