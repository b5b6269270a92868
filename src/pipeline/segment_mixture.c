/* segment_mixture: the clusters with soft edges: a Gaussian mixture started from them. */
#include "pipeline/segment_mixture.h"

#include <string.h>

#include "base/random.h"
#include "pipeline/segment_axes.h"

enum { ROWS = 20000, DRAWN = 4000, DRAWS = 10 };

/* At most so many rows of a block, evenly spread, as the mixture sees them. */
static kmeans_data rows_of(const segment_mixture *x, const segmentation *m, const work *w,
                           const segment_block *b, int64_t most, arena *keep) {
    int64_t n = b->n < most ? b->n : most;
    int d = x->turn.d;
    const float *all = segment_axes_of(&x->turn, m, w, b, keep);
    float *rows = take(keep, float, n *d);
    for (int64_t i = 0; i < n; i++)
        memcpy(rows + i * d, all + i * b->n / n * d, (size_t)d * sizeof *rows);
    return (kmeans_data){.x = rows, .n = n, .d = d};
}

static gmm_params params_of(int k, const work *w) {
    gmm_params p = GMM_DEFAULTS;
    p.k = k;
    p.ridge = 1e-3; /* features that are 0 for many would collapse a component otherwise */
    p.seed = seed_for(w->seed, "segment mixture");
    return p;
}

bool segment_mixture_fit(segment_mixture *x, const segmentation *m, const work *w,
                         const segment_block *b, const int32_t *label, scope *s, err *e) {
    arena scratch = s->scratch;
    *x = (segment_mixture){0};
    if (!segment_axes_fit(&x->turn, m, w, b, 0.95, 8, s, e)) return false;
    kmeans_data data = rows_of(x, m, w, b, ROWS, &scratch);
    int32_t *start = take(&scratch, int32_t, data.n);
    for (int64_t i = 0; i < data.n; i++) start[i] = label[i * b->n / data.n];
    gmm_params p = params_of(m->clusters.k, w);
    p.label = start;
    return gmm_fit(&x->model, &data, p, w->threads, &s->keep, scratch, e);
}

bool segment_mixture_stability(segment_mixture *x, const segmentation *m, const work *w,
                               const segment_block *b, scope *s, err *e) {
    arena scratch = s->scratch;
    kmeans_data data = rows_of(x, m, w, b, DRAWN, &scratch);
    x->overlap = take(&s->keep, double, x->model.k);
    return gmm_stability(&x->stability, x->overlap, &x->model, &data, params_of(x->model.k, w),
                         DRAWS, w->threads, scratch, e);
}

void segment_mixture_assign(const segment_mixture *x, const segmentation *m, const work *w,
                            const segment_block *b, int32_t *label, double *strength, scope *s) {
    arena scratch = s->scratch;
    const float *seen = segment_axes_of(&x->turn, m, w, b, &scratch);
    kmeans_data data = {.x = seen, .n = b->n, .d = x->turn.d};
    gmm_assign(&x->model, &data, w->threads,
               &(gmm_rows){.label = label, .strength = strength}, NULL, scratch);
}
