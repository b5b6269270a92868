/* gmm_stability: how much of a mixture comes back when its rows are drawn anew. */
#include <assert.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/gmm.h"
#include "models/segment/validity.h"

/* As many rows as there are, drawn with replacement. */
static float *draw_rows(const kmeans_data *data, uint64_t seed, int round, arena *keep) {
    rng random = rng_open(seed, 300 + (uint64_t)round);
    float *x = take(keep, float, data->n * data->d);
    for (int64_t i = 0; i < data->n; i++)
        memcpy(x + i * data->d, data->x + rng_below(&random, data->n) * data->d,
               (size_t)data->d * sizeof *x);
    return x;
}

bool gmm_stability(double *stability, double *overlap, const gmm_model *m, const kmeans_data *data,
                   gmm_params p, int rounds, pool *threads, arena scratch, err *e) {
    assert(rounds > 0 && !data->weight);
    int32_t *was = take(&scratch, int32_t, data->n), *now = take(&scratch, int32_t, data->n);
    double *best = take(&scratch, double, m->k);
    gmm_assign(m, data, threads, &(gmm_rows){.label = was}, NULL, scratch);
    p.k = m->k, p.label = NULL, p.share = NULL, p.means = NULL;
    *stability = 0;
    for (int c = 0; c < m->k; c++) overlap[c] = 0;
    for (int round = 0; round < rounds; round++) {
        arena work = scratch, keep = arena_split(&work, arena_left(&work) / 4);
        gmm_model again;
        kmeans_data drawn = {.x = draw_rows(data, p.seed, round, &keep), .n = data->n,
                             .d = data->d};
        if (!gmm_fit(&again, &drawn, p, threads, &keep, work, e)) return false;
        gmm_assign(&again, data, threads, &(gmm_rows){.label = now}, NULL, work);
        *stability += validity_ari(was, m->k, now, again.k, data->n, work) / rounds;
        validity_jaccard(was, m->k, now, again.k, data->n, best, work);
        for (int c = 0; c < m->k; c++) overlap[c] += best[c] / rounds;
    }
    return true;
}
