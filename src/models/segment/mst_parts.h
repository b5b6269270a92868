/* mst_parts: what the fast tree and its twin share: the order of edges, checks, the end. */
#ifndef MODELS_SEGMENT_MST_PARTS_H
#define MODELS_SEGMENT_MST_PARTS_H

#include "models/segment/mst.h"

static inline int32_t mst_least(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t mst_most(int32_t a, int32_t b) { return a < b ? b : a; }

/* Whether the edge of rows a, b goes before that of rows p, q where both weigh the same. */
static inline bool mst_ahead(int32_t a, int32_t b, int32_t p, int32_t q) {
    int32_t one = mst_least(a, b), other = mst_least(p, q);
    return one < other || (one == other && mst_most(a, b) < mst_most(p, q));
}

/* An empty model with room for its edges; refuses what cannot be fitted. */
bool mst_begin(mst_model *m, const float *x, int64_t n, int d, mst_params p, arena *keep, err *e);

/* Squared weights become weights, and the edges ascend by (weight, a, b). */
void mst_end(mst_model *m, arena scratch);

#endif
