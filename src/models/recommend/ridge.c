/* ridge: linear maps from sparse features to several targets, by weighted ridge regression. */
#include "models/recommend/ridge.h"

#include <assert.h>

#include "base/kernels.h"

enum { CHUNK = 8 }; /* features of one piece of work */

bool ridge_open(ridge *r, const sparse *features, const float *weight, double l2, arena *keep,
                err *e) {
    int64_t n = features->cols;
    assert(l2 > 0);
    if (n > RIDGE_MOST)
        return refuse(e, "%lld features are too many for a linear map, at most %d",
                      (long long)n, RIDGE_MOST);
    r->inverse = take(keep, double, n * n);
    for (int64_t row = 0; row < features->rows; row++)
        for (int64_t a = features->at[row]; a < features->at[row + 1]; a++) {
            double *to = r->inverse + features->col[a] * n;
            double v = (double)features->value[a] * (weight ? weight[row] : 1);
            for (int64_t b = features->at[row]; b <= a; b++)
                to[features->col[b]] += v * features->value[b];
        }
    for (int64_t f = 0; f < n; f++) r->inverse[f * n + f] += l2;
    if (!kernels_blas.inverse_spd_d((int)n, r->inverse, (int)n))
        return fail(e, "a linear map from features: the regularisation is too small to solve for");
    r->by_feature = sparse_transpose(features, keep);
    for (int64_t at = 0; weight && at < sparse_count(&r->by_feature); at++)
        r->by_feature.value[at] *= weight[r->by_feature.col[at]];
    return true;
}

typedef struct job {
    const ridge *r;
    const float *targets;
    int ld;
    double *right; /* [features, ld] F'WT */
    float *map;
} job;

static int64_t last_of(const job *j, int64_t chunk) {
    int64_t n = j->r->by_feature.rows, end = (chunk + 1) * CHUNK;
    return end < n ? end : n;
}

static void right_side(void *what, int64_t chunk, arena scratch) {
    job *j = what;
    const sparse *by = &j->r->by_feature;
    (void)scratch;
    for (int64_t f = chunk * CHUNK; f < last_of(j, chunk); f++) {
        double *to = j->right + f * j->ld;
        for (int64_t at = by->at[f]; at < by->at[f + 1]; at++) {
            const float *t = j->targets + (int64_t)by->col[at] * j->ld;
            for (int c = 0; c < j->ld; c++) to[c] += (double)by->value[at] * t[c];
        }
    }
}

static void times_inverse(void *what, int64_t chunk, arena scratch) {
    job *j = what;
    int64_t n = j->r->by_feature.rows;
    double *sum = take(&scratch, double, j->ld);
    for (int64_t f = chunk * CHUNK; f < last_of(j, chunk); f++) {
        for (int c = 0; c < j->ld; c++) sum[c] = 0;
        for (int64_t g = 0; g < n; g++) {
            double by = j->r->inverse[f * n + g];
            const double *right = j->right + g * j->ld;
            for (int c = 0; c < j->ld; c++) sum[c] += by * right[c];
        }
        for (int c = 0; c < j->ld; c++) j->map[f * j->ld + c] = (float)sum[c];
    }
}

void ridge_fit(const ridge *r, const float *targets, int ld, float *map, pool *threads,
               arena scratch) {
    int64_t n = r->by_feature.rows, chunks = (n + CHUNK - 1) / CHUNK;
    job j = {.r = r, .targets = targets, .ld = ld, .right = take(&scratch, double, n * ld),
             .map = map};
    pool_for(threads, chunks, right_side, &j);
    pool_for(threads, chunks, times_inverse, &j);
}
