/* trees_quick: the layouts that trees_ready makes of an ensemble, for its own files only. */
#ifndef MODELS_TREES_QUICK_H
#define MODELS_TREES_QUICK_H

#include "base/simd.h"
#include "models/trees.h"

enum { TREES_POINTS = 8 }; /* points of the integral come in multiples of this, the widest vector */

/* For trees_explain. A spot is an inner node or a leaf with the edge that leads to it: spots of
 * tree t begin at 2 at[t] + t, its inner nodes first, then its leaves. */
typedef struct trees_spots {
    int points;      /* a multiple of TREES_POINTS */
    double *t;       /* [points] on [0, 1] */
    double *weight;  /* [points], sum 1 */
    double *mean;    /* [n] mean value of each tree over the rows of the fit */
    int32_t *parent; /* inner node above; -1 at the root */
    int32_t *before; /* spot (of this tree) of the last edge above on the same feature, or -1 */
    double *share;   /* z: share of rows that all edges on this feature down to here let through */
    int64_t largest; /* spots of the largest tree */
} trees_spots;

struct trees_quick {
    trees_spots spots;
};

/* Which way a row goes. */
bool trees_left(const trees *m, int64_t node, const float *x);
bool trees_in_set(const trees *m, int32_t set, float v);

/* One tree of trees_explain: adds to parts [cols]. left [nodes] says which way the row goes at each
 * inner node. work: 3 * points doubles a spot. */
typedef struct trees_tree {
    int32_t nodes;
    const int32_t *feature; /* [nodes] */
    const int32_t *left;    /* [nodes] children on the left */
    const double *value;    /* [nodes + 1] */
    const int32_t *parent, *before; /* [2 nodes + 1] */
    const double *share;            /* [2 nodes + 1] */
} trees_tree;
SIMD_DECLARE(void, trees_parts, const trees_tree *t, const trees_spots *all,
             const unsigned char *goes_left, unsigned char *open, double *work, double *parts);

void trees_spots_make(const trees *m, trees_spots *to, arena *keep, arena scratch);

#endif
