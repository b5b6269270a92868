/* segment_mixture: the clusters with soft edges: a Gaussian mixture started from them. */
#include "pipeline/segment_mixture.h"

#include "base/random.h"

enum { ROWS = 20000 };

static double *wide(const float *x, int64_t n, arena *keep) {
    double *out = take(keep, double, n);
    for (int64_t i = 0; i < n; i++) out[i] = (double)x[i];
    return out;
}

static float *narrow(const double *x, int64_t n, arena *keep) {
    float *out = take(keep, float, n);
    for (int64_t i = 0; i < n; i++) out[i] = (float)x[i];
    return out;
}

/* The block as the mixture sees it: [n, turn.d]. */
static float *seen(const segment_mixture *x, const segmentation *m, const work *w,
                   const segment_block *b, arena *keep) {
    double *view = wide(segmentation_view(m, b, keep), b->n * m->scale.d, keep);
    return narrow(pca_apply(&x->turn, view, b->n, w->threads, keep), b->n * x->turn.d, keep);
}

bool segment_mixture_fit(segment_mixture *x, const segmentation *m, const work *w,
                         const segment_block *b, const int32_t *label, scope *s, err *e) {
    arena scratch = s->scratch;
    int64_t n = b->n < ROWS ? b->n : ROWS;
    double *view = wide(segmentation_view(m, b, &scratch), b->n * m->scale.d, &scratch);
    if (!pca_fit(&x->turn, view, b->n, m->scale.d, (pca_params){0.95, 8, false}, w->threads,
                 &s->keep, scratch, e))
        return false;
    float *all = seen(x, m, w, b, &scratch), *rows = take(&scratch, float, n *x->turn.d);
    int32_t *start = take(&scratch, int32_t, n);
    for (int64_t i = 0; i < n; i++) {
        int64_t from = i * b->n / n;
        start[i] = label[from];
        for (int j = 0; j < x->turn.d; j++)
            rows[i * x->turn.d + j] = all[from * x->turn.d + j];
    }
    gmm_params p = GMM_DEFAULTS;
    p.k = m->clusters.k;
    p.ridge = 1e-3; /* features that are 0 for many would collapse a component otherwise */
    p.label = start;
    p.seed = seed_for(w->seed, "segment mixture");
    return gmm_fit(&x->model, &(kmeans_data){.x = rows, .n = n, .d = x->turn.d}, p, w->threads,
                   &s->keep, scratch, e);
}

void segment_mixture_assign(const segment_mixture *x, const segmentation *m, const work *w,
                            const segment_block *b, int32_t *label, double *strength, scope *s) {
    arena scratch = s->scratch;
    kmeans_data data = {.x = seen(x, m, w, b, &scratch), .n = b->n, .d = x->turn.d};
    gmm_assign(&x->model, &data, w->threads,
               &(gmm_rows){.label = label, .strength = strength}, NULL, scratch);
}
