/* choose_k: how many clusters: compact ones (silhouette) that come back under resampling. */
#include "models/segment/choose_k.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/validity.h"

/* Up to p.rows rows, one from each of as many equal stretches, with their labels. */
static float *pick_rows(const kmeans_model *m, const kmeans_data *data, choose_k_params p,
                        int64_t *n, int32_t **label, arena *keep) {
    rng random = rng_open(p.seed, 7);
    *n = data->n < p.rows ? data->n : p.rows;
    float *x = take(keep, float, *n * data->d);
    *label = take(keep, int32_t, *n);
    for (int64_t i = 0; i < *n; i++) {
        double place = ((double)i + rng_uniform(&random)) / (double)*n;
        int64_t row = *n == data->n ? i : (int64_t)(place * (double)data->n);
        if (row >= data->n) row = data->n - 1;
        memcpy(x + i * data->d, data->x + row * data->d, (size_t)data->d * sizeof *x);
        (*label)[i] = m->label[row];
    }
    return x;
}

/* One bootstrap: its agreement with `label`; adds the overlaps of the clusters. */
static double one_round(const kmeans_data *some, const int32_t *label, int k, uint64_t seed,
                        int round, pool *threads, double *overlap, arena memory, arena scratch) {
    rng random = rng_open(seed, 100 + (uint64_t)round);
    float *x = take(&memory, float, some->n * some->d);
    int32_t *again = take(&memory, int32_t, some->n);
    double *best = take(&memory, double, k);
    for (int64_t i = 0; i < some->n; i++)
        memcpy(x + i * some->d, some->x + rng_below(&random, some->n) * some->d,
               (size_t)some->d * sizeof *x);
    kmeans_model m;
    kmeans_params p = KMEANS_DEFAULTS;
    err e = {0};
    p.k = k;
    p.swaps = 0; /* many fits of resampled rows: each as good as its starts */
    p.seed = seed + (uint64_t)round;
    bool done = kmeans_fit(&m, &(kmeans_data){x, some->n, some->d, NULL}, p, threads, &memory,
                           scratch, &e);
    assert(done); /* rows and k were good enough for the model that is judged */
    kmeans_assign(&m, some, threads, again, scratch);
    validity_jaccard(label, k, again, k, some->n, best, scratch);
    for (int c = 0; c < k; c++) overlap[c] += best[c];
    return done ? validity_ari(label, k, again, k, some->n, scratch) : 0;
}

choose_k_trial choose_k_judge(const kmeans_model *m, const kmeans_data *data, choose_k_params p,
                              pool *threads, arena *keep, arena scratch) {
    choose_k_trial t = {.k = m->k, .overlap = take(keep, double, m->k)};
    kmeans_data some = {.d = data->d};
    int32_t *label;
    double all = 0, least = INFINITY;
    some.x = pick_rows(m, data, p, &some.n, &label, &scratch);
    t.silhouette = validity_silhouette(some.x, some.n, some.d, label, m->k, threads, scratch);
    t.calinski = validity_calinski(data->x, data->n, data->d, m->label, m->k, scratch);
    t.davies = validity_davies(data->x, data->n, data->d, m->label, m->k, scratch);
    for (int c = 0; c < m->k; c++) {
        all += m->mass[c];
        least = fmin(least, m->mass[c]);
    }
    t.smallest = least / all;
    arena memory = arena_split(&scratch, arena_left(&scratch) / 2);
    for (int r = 0; r < p.rounds; r++)
        t.stability += one_round(&some, label, m->k, p.seed, r, threads, t.overlap, memory,
                                 scratch) / p.rounds;
    for (int c = 0; c < m->k; c++) t.overlap[c] /= p.rounds;
    return t;
}

int choose_k_pick(const choose_k_trial *trials, int n, bool *stable) {
    int best = -1, firmest = 0;
    for (int i = 0; i < n; i++) {
        const choose_k_trial *t = &trials[i];
        if (t->stability > trials[firmest].stability) firmest = i;
        if (t->stability < CHOOSE_K_STABLE || t->smallest < CHOOSE_K_SMALLEST) continue;
        if (best < 0 || t->silhouette > trials[best].silhouette) best = i;
    }
    *stable = best >= 0;
    return best >= 0 ? best : firmest;
}
