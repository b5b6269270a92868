/* segment_axes: customers on the principal components of what K-Means sees of them. */
#include "pipeline/segment_axes.h"

static double *wide(const segmentation *m, const segment_block *b, arena *keep) {
    int64_t cells = b->n * m->scale.d;
    double *out = take(keep, double, cells);
    const float *view = segmentation_view(m, b, keep);
    for (int64_t i = 0; i < cells; i++) out[i] = (double)view[i];
    return out;
}

bool segment_axes_fit(pca_model *turn, const segmentation *m, const work *w,
                      const segment_block *b, double share, int most, scope *s, err *e) {
    arena scratch = s->scratch;
    const double *x = wide(m, b, &scratch);
    return pca_fit(turn, x, b->n, m->scale.d, (pca_params){share, most, false}, w->threads,
                   &s->keep, scratch, e);
}

float *segment_axes_of(const pca_model *turn, const segmentation *m, const work *w,
                       const segment_block *b, arena *keep) {
    int64_t cells = b->n * turn->d;
    float *out = take(keep, float, cells);
    const double *z = pca_apply(turn, wide(m, b, keep), b->n, w->threads, keep);
    for (int64_t i = 0; i < cells; i++) out[i] = (float)z[i];
    return out;
}
