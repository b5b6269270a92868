/* hdbscan_stability: how much of the clusters comes back when rows are missing. */
#include "models/segment/hdbscan.h"

#include <assert.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/validity.h"

/* One draw: the rows, what the model said of them (noise is group k) and what is found now. */
typedef struct draw {
    hdbscan_data rows;
    int32_t *was, *now; /* [rows.n] noise: k, found */
    int found;
} draw;

static void draw_rows(draw *d, const hdbscan_model *m, const hdbscan_data *data, uint64_t seed,
                      int round, arena *keep) {
    double share = fmin(0.8, HDBSCAN_DRAWN / (double)data->n);
    float *x = take(keep, float, data->n * data->d);
    rng r = rng_open(seed, (uint64_t)round);
    d->was = take(keep, int32_t, data->n);
    d->rows = (hdbscan_data){x, 0, data->d};
    for (int64_t i = 0; i < data->n; i++) {
        if (rng_uniform(&r) >= share) continue;
        memcpy(x + d->rows.n * data->d, data->x + i * data->d, sizeof *x * (size_t)data->d);
        d->was[d->rows.n++] = m->label[i] < 0 ? m->k : m->label[i];
    }
}

static int64_t scaled(int64_t size, double share) {
    int64_t to = (int64_t)floor((double)size * share + 0.5);
    return size == 0 ? 0 : to < 2 ? 2 : to;
}

static bool cluster_again(draw *d, const hdbscan_model *m, pool *threads, arena *keep,
                          arena scratch, err *e) {
    hdbscan_tree t;
    hdbscan_params p = m->params;
    double share = (double)d->rows.n / (double)m->n;
    p.min_cluster_size = scaled(p.min_cluster_size, share);
    p.max_cluster_size = scaled(p.max_cluster_size, share);
    if (!hdbscan_grow(&t, &d->rows, p.neighbours, threads, keep, scratch, e)) return false;
    hdbscan_model again = hdbscan_cut(&t, p, keep, scratch);
    d->now = again.label, d->found = again.k;
    for (int64_t i = 0; i < d->rows.n; i++)
        if (d->now[i] < 0) d->now[i] = again.k;
    return true;
}

/* Adds each cluster's largest Jaccard overlap with a cluster found now; noise is none. */
static void add_overlaps(const draw *d, int k, double *overlap, arena scratch) {
    int64_t *both = take(&scratch, int64_t, (int64_t)(k + 1) * (d->found + 1));
    int64_t *was = take(&scratch, int64_t, k + 1), *now = take(&scratch, int64_t, d->found + 1);
    for (int64_t i = 0; i < d->rows.n; i++) {
        both[(int64_t)d->was[i] * (d->found + 1) + d->now[i]]++;
        was[d->was[i]]++, now[d->now[i]]++;
    }
    for (int c = 0; c < k; c++) {
        double best = 0.0;
        for (int j = 0; j < d->found; j++) {
            int64_t n = both[(int64_t)c * (d->found + 1) + j];
            if (n) best = fmax(best, (double)n / (double)(was[c] + now[j] - n));
        }
        overlap[c] += best;
    }
}

bool hdbscan_stability(double *stability, double *overlap, const hdbscan_model *m,
                       const hdbscan_data *data, int rounds, uint64_t seed, pool *threads,
                       arena scratch, err *e) {
    assert(rounds > 0 && data->n == m->n);
    *stability = 0.0;
    for (int c = 0; c < m->k; c++) overlap[c] = 0.0;
    for (int round = 0; round < rounds; round++) {
        draw d;
        arena work = scratch, keep = arena_split(&work, arena_left(&work) / 2);
        draw_rows(&d, m, data, seed, round, &keep);
        if (d.rows.n == 0) continue;
        if (!cluster_again(&d, m, threads, &keep, work, e)) return false;
        *stability += validity_ari(d.was, m->k + 1, d.now, d.found + 1, d.rows.n, work) / rounds;
        add_overlaps(&d, m->k, overlap, work);
    }
    for (int c = 0; c < m->k; c++) overlap[c] /= rounds;
    return true;
}
