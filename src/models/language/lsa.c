/* lsa: latent semantic analysis: the truncated singular value decomposition of tf-idf rows. */
#include "models/language/lsa.h"

#include <assert.h>
#include <math.h>

#include "base/random.h"
#include "models/language/tall.h"

const char *lsa_check(lsa_params p) {
    if (p.wide < 1 || p.wide > 1024) return "wide must be 1 to 1024";
    if (p.extra < 0 || p.extra > 1024) return "extra must be 0 to 1024";
    if (p.passes < 1 || p.passes > 100) return "passes must be 1 to 100";
    if (p.sample < 1) return "sample must be at least 1";
    return NULL;
}

size_t lsa_memory(int64_t rows, int64_t terms, int64_t entries, lsa_params p) {
    size_t columns = (size_t)(p.wide + p.extra), block = columns * columns;
    size_t numbers = 4 * columns * ((size_t)rows + 3 * (size_t)terms);
    return numbers + (size_t)entries * 16 + (size_t)(rows + terms) * 16 + block * 200 + (1u << 20);
}

/* Makes the columns of q[n, k] orthonormal, twice over since a Gram matrix in float is rough;
 * directions that are not there become columns of zeros. false: a value is not finite. */
static bool orthonormal(float *q, int64_t n, int k, pool *threads, arena scratch) {
    float *turn = take(&scratch, float, (int64_t)k * k);
    float *out = take_raw(&scratch, float, n * k);
    double *values = take(&scratch, double, k), *g = take(&scratch, double, (int64_t)k * k);
    for (int round = 0; round < 2; round++) {
        tall_gram(q, n, k, threads, g, scratch);
        double trace = 0;
        for (int j = 0; j < k; j++) trace += g[j * k + j];
        if (!isfinite(trace) || !tall_eigen(g, k, k, turn, values, scratch)) return false;
        for (int j = 0; j < k; j++) {
            double scale = values[j] > 1e-7 * values[0] ? 1 / sqrt(values[j]) : 0;
            for (int i = 0; i < k; i++) turn[i * k + j] = (float)(turn[i * k + j] * scale);
        }
        tall_times(q, n, k, turn, k, out, threads);
        for (int64_t i = 0; i < n * k; i++) q[i] = out[i];
    }
    return true;
}

static void fix_signs(float *v, int64_t n, int k) {
    for (int j = 0; j < k; j++) {
        int64_t best = 0;
        for (int64_t i = 1; i < n; i++)
            if (fabsf(v[i * k + j]) > fabsf(v[best * k + j])) best = i;
        if (v[best * k + j] >= 0) continue;
        for (int64_t i = 0; i < n; i++) v[i * k + j] = -v[i * k + j];
    }
}

/* Evenly spaced rows of x, all when they are few. */
static sparse sample_of(const sparse *x, int64_t most, arena *memory) {
    if (x->rows <= most) return *x;
    int32_t *rows = take(memory, int32_t, most);
    for (int64_t i = 0; i < most; i++) rows[i] = (int32_t)(i * x->rows / most);
    return sparse_rows(x, rows, most, memory);
}

bool lsa_fit(lsa_model *m, const sparse *x, lsa_params p, pool *threads, arena *keep,
             arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    const char *why = lsa_check(p);
    if (why) return refuse(e, "lsa: %s", why);
    if (sparse_count(x) == 0) return refuse(e, "lsa: no text has a known word");
    sparse some = sample_of(x, p.sample, &scratch), turned = sparse_transpose(&some, &scratch);
    int k = p.wide + p.extra;
    float *q = take_raw(&scratch, float, some.cols * k), *y = take(&scratch, float, some.rows * k);
    rng random = rng_open(p.seed, 0);
    for (int64_t i = 0; i < some.cols * k; i++) q[i] = (float)rng_normal(&random);
    bool finite = true;
    for (int pass = 0; pass < p.passes && finite; pass++) {
        tall_sparse_times(&some, q, k, y, threads);
        tall_sparse_times(&turned, y, k, q, threads);
        finite = orthonormal(q, some.cols, k, threads, scratch);
    }
    if (!finite) return refuse(e, "lsa: a value is no finite number");
    tall_sparse_times(&some, q, k, y, threads);
    *m = (lsa_model){.wide = p.wide, .terms = (int32_t)x->cols};
    m->basis = take(keep, float, x->cols * p.wide);
    m->singular = take(keep, double, p.wide);
    float *turn = take(&scratch, float, (int64_t)k * p.wide);
    double *g = take(&scratch, double, (int64_t)k * k);
    tall_gram(y, some.rows, k, threads, g, scratch);
    if (!tall_eigen(g, k, p.wide, turn, m->singular, scratch))
        return fail(e, "lsa: the eigenvalues did not converge");
    tall_times(q, some.cols, k, turn, p.wide, m->basis, threads);
    for (int j = 0; j < p.wide; j++) {
        if (m->singular[j] > 1e-6 * m->singular[0]) m->singular[j] = sqrt(m->singular[j]);
        else {
            m->singular[j] = 0;
            for (int64_t i = 0; i < some.cols; i++) m->basis[i * p.wide + j] = 0;
        }
    }
    fix_signs(m->basis, some.cols, p.wide);
    return true;
}

float *lsa_rows(const lsa_model *m, const sparse *x, pool *threads, arena *keep) {
    assert(x->cols == m->terms);
    float *out = take_raw(keep, float, x->rows * m->wide);
    tall_sparse_times(x, m->basis, m->wide, out, threads);
    tall_unit(out, x->rows, m->wide, threads);
    return out;
}
