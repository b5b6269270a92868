/* gap: the gap statistic: how much tighter clusters are than those of rows without any. */
#include "models/segment/gap.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/pca.h"

double gap_of(double log_w, const double *references, int n, double *s) {
    double mean = 0, squares = 0;
    for (int i = 0; i < n; i++) mean += references[i] / n;
    for (int i = 0; i < n; i++) squares += (references[i] - mean) * (references[i] - mean) / n;
    *s = sqrt(squares * (1 + 1.0 / n));
    return mean - log_w;
}

int gap_pick(const double *gap, const double *s, int least, int n) {
    int best = 0;
    for (int i = 1; i < n; i++)
        if (gap[i] > gap[best]) best = i;
    for (int i = 0; i < n; i++)
        if (gap[i] >= gap[best] - s[best]) return least + i;
    return 0;
}

/* ln of the inertia with k clusters; rows that all lie on centres count as rounding does. */
static double log_inertia(const kmeans_data *data, int k, gap_params p, uint64_t seed,
                          pool *threads, arena memory, arena scratch) {
    kmeans_params fit = KMEANS_DEFAULTS;
    kmeans_model m;
    err e = {0};
    fit.k = k;
    fit.starts = p.starts;
    fit.swaps = 0;
    fit.seed = seed;
    bool done = kmeans_fit(&m, data, fit, threads, &memory, scratch, &e);
    assert(done); /* k fits and all values are finite: see gap_fit */
    return log(done && m.inertia > 1e-300 ? m.inertia : 1e-300);
}

/* Up to p.rows rows in their principal axes; NULL when no column varies. Their box, [d] each. */
static float *turned(const kmeans_data *data, gap_params p, kmeans_data *some, double *low,
                     double *high, pool *threads, arena *memory, arena scratch) {
    pca_model m;
    err e = {0};
    int64_t n = data->n < p.rows ? data->n : p.rows;
    double *wide = take(&scratch, double, n * data->d);
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    for (int64_t i = 0; i < n; i++) {
        int64_t row = n == data->n ? i : (int64_t)(((double)i + 0.5) / (double)n * (double)data->n);
        for (int j = 0; j < data->d; j++)
            wide[i * data->d + j] = (double)data->x[row * data->d + j];
    }
    pca_params all = {1, data->d, false};
    if (!pca_fit(&m, wide, n, data->d, all, threads, &inner, scratch, &e)) return NULL;
    double *z = pca_apply(&m, wide, n, threads, &inner);
    float *x = take(memory, float, n * m.d);
    for (int j = 0; j < m.d; j++) low[j] = INFINITY, high[j] = -INFINITY;
    for (int64_t i = 0; i < n * m.d; i++) {
        low[i % m.d] = fmin(low[i % m.d], z[i]);
        high[i % m.d] = fmax(high[i % m.d], z[i]);
        x[i] = (float)z[i];
    }
    *some = (kmeans_data){x, n, m.d, NULL};
    return x;
}

bool gap_fit(const kmeans_data *data, int least, int most, gap_params p, pool *threads, double *gap,
             double *s, arena scratch) {
    kmeans_data some;
    int ks = most - least + 1;
    assert(least >= 1 && ks >= 1 && p.references >= 2);
    arena memory = arena_split(&scratch, arena_left(&scratch) / 2);
    double *low = take(&scratch, double, data->d), *high = take(&scratch, double, data->d);
    double *own = take(&scratch, double, ks);
    double *log_w = take(&scratch, double, (int64_t)ks * p.references);
    for (int i = 0; i < ks; i++) gap[i] = s[i] = (double)NAN;
    if (!turned(data, p, &some, low, high, threads, &scratch, memory)) return false;
    assert(most <= some.n);
    for (int i = 0; i < ks; i++)
        own[i] = log_inertia(&some, least + i, p, p.seed, threads, memory, scratch);
    float *x = take(&scratch, float, some.n * some.d);
    kmeans_data reference = {x, some.n, some.d, NULL};
    for (int b = 0; b < p.references; b++) {
        rng random = rng_open(p.seed, 5000 + (uint64_t)b);
        for (int64_t i = 0; i < some.n * some.d; i++) {
            int j = (int)(i % some.d);
            x[i] = (float)(low[j] + (high[j] - low[j]) * rng_uniform(&random));
        }
        for (int i = 0; i < ks; i++)
            log_w[i * p.references + b] = log_inertia(&reference, least + i, p, p.seed, threads,
                                                      memory, scratch);
    }
    for (int i = 0; i < ks; i++)
        gap[i] = gap_of(own[i], log_w + i * p.references, p.references, &s[i]);
    return true;
}
