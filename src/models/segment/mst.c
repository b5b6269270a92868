/* mst: Borůvka's rounds over a k-d tree. */
#include "models/segment/mst_parts.h"

bool mst_fit(mst_model *m, const float *x, int64_t n, int d, mst_params p, pool *threads,
             arena *keep, arena scratch, err *e) {
    (void)threads;
    return mst_plain_fit(m, x, n, d, p, keep, scratch, e);
}
