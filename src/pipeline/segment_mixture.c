/* segment_mixture: the clusters with soft edges: a Gaussian mixture started from them. */
#include "pipeline/segment_mixture.h"

#include "base/random.h"
#include "pipeline/segment_axes.h"

enum { ROWS = 20000 };

bool segment_mixture_fit(segment_mixture *x, const segmentation *m, const work *w,
                         const segment_block *b, const int32_t *label, scope *s, err *e) {
    arena scratch = s->scratch;
    int64_t n = b->n < ROWS ? b->n : ROWS;
    if (!segment_axes_fit(&x->turn, m, w, b, 0.95, 8, s, e)) return false;
    const float *all = segment_axes_of(&x->turn, m, w, b, &scratch);
    float *rows = take(&scratch, float, n *x->turn.d);
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
    const float *seen = segment_axes_of(&x->turn, m, w, b, &scratch);
    kmeans_data data = {.x = seen, .n = b->n, .d = x->turn.d};
    gmm_assign(&x->model, &data, w->threads,
               &(gmm_rows){.label = label, .strength = strength}, NULL, scratch);
}
