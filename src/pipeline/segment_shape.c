/* segment_shape: how compact the segments of a method are, and whether gaps lie between them. */
#include "pipeline/segment_shape.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/dbcv.h"
#include "models/segment/validity.h"

enum { ROWS = 4000 };

segment_shape segment_shape_of(const segment_present *p, segment_method_kind g, const work *w,
                               arena scratch) {
    const segment_method *m = &p->methods[g];
    const segment_block *b = &p->b;
    int d = p->m.scale.d, k = m->k;
    int64_t n = b->n < ROWS ? b->n : ROWS, inside = 0;
    if (k < 2) return (segment_shape){(double)NAN, (double)NAN};
    const float *view = segmentation_view(&p->m, b, &scratch);
    float *x = take(&scratch, float, n *d);
    int32_t *label = take(&scratch, int32_t, n);
    for (int side = 0; side < 2; side++) /* those in a segment, then those in none */
        for (int64_t i = 0, at = side == 0 ? 0 : inside; i < n; i++) {
            int64_t row = i * b->n / n;
            if ((m->label[row] < 0) != (side == 1)) continue;
            memcpy(x + at * d, view + row * d, (size_t)d * sizeof *x);
            label[at++] = m->label[row];
            if (side == 0) inside = at;
        }
    dbcv_params how = DBCV_DEFAULTS;
    how.seed = seed_for(w->seed, "segment shape");
    return (segment_shape){
        validity_silhouette(x, inside, d, label, k, w->threads, scratch),
        dbcv_score(&(dbcv_data){x, n, d, label, k}, how, w->threads, NULL, scratch).value};
}
