/* pca: rows as principal components, whitened: columns without correlation, of variance 1. */
#include "models/segment/pca.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/kernels.h"

enum {
    CHUNKS = 64,        /* chunks, at most */
    NUMBERS = 1 << 24,  /* in all chunks' matrices, at most */
    BLOCK = 512,        /* rows centred at a time */
};

typedef struct gathering {
    const double *x, *mean; /* [n, cols], [cols] */
    int64_t n, chunk;       /* rows; rows of a chunk */
    int cols;
    double *part;           /* [chunks, cols] sums, then [chunks, cols, cols] products */
} gathering;

static void mean_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const gathering *g = what;
    double *sum = g->part + chunk * g->cols;
    int64_t last = (chunk + 1) * g->chunk < g->n ? (chunk + 1) * g->chunk : g->n;
    memset(sum, 0, (size_t)g->cols * sizeof *sum);
    for (int64_t i = chunk * g->chunk; i < last; i++)
        for (int j = 0; j < g->cols; j++) sum[j] += g->x[i * g->cols + j];
}

/* Products of the centred columns of one chunk, upper triangle. */
static void product_chunk(void *what, int64_t chunk, arena scratch) {
    const gathering *g = what;
    int d = g->cols;
    double *sum = g->part + chunk * d * d, *y = take_raw(&scratch, double, (int64_t)BLOCK * d);
    int64_t last = (chunk + 1) * g->chunk < g->n ? (chunk + 1) * g->chunk : g->n;
    memset(sum, 0, (size_t)d * (size_t)d * sizeof *sum);
    for (int64_t i = chunk * g->chunk; i < last; i += BLOCK) {
        int64_t rows = last - i < BLOCK ? last - i : BLOCK;
        for (int64_t r = 0; r < rows; r++)
            for (int j = 0; j < d; j++) y[r * d + j] = g->x[(i + r) * d + j] - g->mean[j];
        kernels_blas.gram_add_d((int)rows, d, y, d, sum, d);
    }
}

/* mean [cols] and covariance [cols, cols], both triangles. */
static double *covariance(const double *x, int64_t n, int cols, double *mean, pool *threads,
                          arena *scratch) {
    int64_t square = (int64_t)cols * cols, most = NUMBERS / square;
    most = most < 1 ? 1 : most > CHUNKS ? CHUNKS : most;
    gathering g = {.x = x, .mean = mean, .n = n, .cols = cols, .chunk = (n + most - 1) / most};
    if (g.chunk < BLOCK) g.chunk = BLOCK;
    int64_t chunks = (n + g.chunk - 1) / g.chunk;
    double *total = take(scratch, double, square);
    g.part = take_raw(scratch, double, chunks * square);
    memset(mean, 0, (size_t)cols * sizeof *mean);
    pool_for(threads, chunks, mean_chunk, &g);
    for (int64_t c = 0; c < chunks; c++)
        for (int j = 0; j < cols; j++) mean[j] += g.part[c * cols + j] / (double)n;
    pool_for(threads, chunks, product_chunk, &g);
    for (int64_t c = 0; c < chunks; c++)
        for (int64_t i = 0; i < square; i++) total[i] += g.part[c * square + i];
    for (int i = 0; i < cols; i++)
        for (int j = i; j < cols; j++) {
            double v = total[(int64_t)i * cols + j] / (double)n;
            total[(int64_t)i * cols + j] = total[(int64_t)j * cols + i] = v;
        }
    return total;
}

/* Turns the vector so that its largest entry is positive. */
static double sign_of(const double *v, int n) {
    int largest = 0;
    for (int j = 1; j < n; j++) /* equal but for rounding counts as equal: the first decides */
        if (fabs(v[j]) > fabs(v[largest]) * (1 + 1e-9)) largest = j;
    return v[largest] < 0 ? -1 : 1;
}

bool pca_fit(pca_model *m, const double *x, int64_t n, int cols, pca_params p, pool *threads,
             arena *keep, arena scratch, err *e) {
    assert(arena_apart(keep, &scratch) && n >= 1 && cols >= 1 && cols <= 4096);
    assert(p.share > 0 && p.share <= 1 && p.most >= 1);
    *m = (pca_model){.cols = cols, .mean = take(keep, double, cols)};
    double *vector = covariance(x, n, cols, m->mean, threads, &scratch), all = 0, sum = 0;
    double *value = take(&scratch, double, cols);
    if (!kernels_blas.eigen_d(cols, vector, cols, value))
        return fail(e, "pca: no eigenvalues (memory is out?)");
    for (int j = 0; j < cols; j++) all += fmax(value[j], 0);
    double largest = value[cols - 1];
    if (!(largest > 0)) return refuse(e, "pca: no column varies");
    int most = p.most < cols ? p.most : cols;
    while (m->d < most && sum < p.share * all * (1 - 1e-12) &&
           value[cols - 1 - m->d] > 1e-10 * largest)
        sum += value[cols - 1 - m->d++];
    m->kept = sum / all;
    m->turn = take(keep, double, (int64_t)m->d * cols);
    m->variance = take(keep, double, m->d);
    for (int j = 0; j < m->d; j++) {
        const double *v = vector + (int64_t)(cols - 1 - j) * cols;
        m->variance[j] = value[cols - 1 - j];
        double by = sign_of(v, cols) / (p.whiten ? sqrt(m->variance[j]) : 1);
        for (int i = 0; i < cols; i++) m->turn[(int64_t)j * cols + i] = v[i] * by;
    }
    return true;
}

typedef struct turning {
    const pca_model *m;
    const double *x;
    double *z;
    int64_t n;
} turning;

static void turn_chunk(void *what, int64_t chunk, arena scratch) {
    const turning *t = what;
    const pca_model *m = t->m;
    double *y = take_raw(&scratch, double, m->cols);
    int64_t last = (chunk + 1) * BLOCK < t->n ? (chunk + 1) * BLOCK : t->n;
    for (int64_t i = chunk * BLOCK; i < last; i++) {
        for (int c = 0; c < m->cols; c++) y[c] = t->x[i * m->cols + c] - m->mean[c];
        for (int j = 0; j < m->d; j++) {
            double sum = 0;
            for (int c = 0; c < m->cols; c++) sum += m->turn[(int64_t)j * m->cols + c] * y[c];
            t->z[i * m->d + j] = sum;
        }
    }
}

double *pca_apply(const pca_model *m, const double *x, int64_t n, pool *threads, arena *keep) {
    turning t = {m, x, take_raw(keep, double, n * m->d), n};
    pool_for(threads, (n + BLOCK - 1) / BLOCK, turn_chunk, &t);
    return t.z;
}
