/* mst: the minimum spanning tree of rows under mutual reachability, from which HDBSCAN* grows.
 *
 *     core(i)    = distance from row i to its `neighbours`-th nearest other row; 0 for 0 neighbours
 *     weight(i,j) = max(core(i), core(j), |x_i - x_j|)
 *     tree        = n - 1 edges that connect all rows with the least total weight
 *
 * so neighbours = 0 gives the plain Euclidean tree. `neighbours` does not count the row itself:
 * the min_samples of hdbscan and the M of quitefastmst; scikit-learn's min_samples is one more.
 *
 * Equal weights are the rule here (every edge of a row within its core distance weighs the same),
 * so the tree is the one that is least when equal weights go by (smaller row, larger row): there
 * is one such tree, and it does not depend on threads, on the processor or on how it is searched.
 *
 * How: exact, by Borůvka's rounds over a k-d tree (mst.c); the twin is Prim's algorithm over all
 * pairs (mst_plain.c). Time grows steeply with d: up to some ten columns it is far below n^2, for
 * hundreds it is no better.
 * Sources: Campello, Moulavi, Sander (2013); McInnes, Healy (2017); March, Ram, Gray, "Fast
 * Euclidean minimum spanning tree" (2010); Gagolewski et al. on trees for many points (2025). */
#ifndef MODELS_SEGMENT_MST_H
#define MODELS_SEGMENT_MST_H

#include "base/pool.h"

typedef struct mst_edge {
    int32_t a, b; /* rows, a < b */
    double weight;
} mst_edge;

enum { MST_NEIGHBOURS = 4096 };

typedef struct mst_params {
    int neighbours; /* 0 to 4096, the row itself not counted; n - 1 where it is more than that */
} mst_params;

typedef struct mst_model {
    int64_t n;
    int d, neighbours;
    mst_edge *edge; /* [n - 1], ascending by (weight, a, b) */
    double *core;   /* [n] */
} mst_model;

/* NULL, or why not. */
const char *mst_check(mst_params p);

/* x [n, d]. The model lives in keep. Refuses numbers that are not finite. */
bool mst_fit(mst_model *m, const float *x, int64_t n, int d, mst_params p, pool *threads,
             arena *keep, arena scratch, err *e);

/* The same tree by Prim's algorithm over all pairs, O(n^2): the twin. */
bool mst_plain_fit(mst_model *m, const float *x, int64_t n, int d, mst_params p, arena *keep,
                   arena scratch, err *e);

#endif
