/* mst_run: one search for a spanning tree: its rows in the order of a k-d tree, their nearest
 * rows, and the components that grow together.
 *
 * A slot is a place in the tree: leaf * 16 + lane. All weights are squared until the end. A
 * component is a number from 0; slots after the last row have component -1. */
#ifndef MODELS_SEGMENT_MST_RUN_H
#define MODELS_SEGMENT_MST_RUN_H

#include "models/segment/kdtree_parts.h"
#include "models/segment/mst_parts.h"

enum { MST_LEAVES = 16 }; /* leaves of a chunk of work */

typedef struct mst_run {
    kdtree tree;
    int64_t slots;
    int neighbours, listed; /* listed: how many nearest rows are kept of each row */
    int32_t *near;          /* [slots, listed]: their slots, nearest first */
    double *core;           /* [slots] */
    float *listed_to;       /* [slots]: no unlisted row is nearer than that */
    int32_t *component;     /* [slots] */
    int32_t *alien;         /* [slots]: the best slot of another component where it is known,
                               MST_UNKNOWN, or MST_NOT_LISTED: and none of the list is alien */
    double *reach;          /* [slots]: the weight to alien; else no alien is nearer */
    float *node_core;       /* [nodes]: the least core distance of a node's rows */
    int32_t *node_component; /* [nodes]: the component of all its rows, or -1 */
    double *bound;          /* [components]: no more than that is the weight of its best edge */
    int32_t components;
    kdtree_near_kernel *is_near;
    kdtree_scan_kernel *scan;
    kdtree_same_kernel *same;
    kdtree_insert_kernel *insert;
} mst_run;

enum { MST_UNKNOWN = -1, MST_NOT_LISTED = -2 };

/* Fills near, core and listed_to. */
void mst_lists(mst_run *r, pool *threads);

/* Finds the best edge of each component: a slot i has it if reach[i] is the bound of its component
 * and alien[i] >= 0. Reads and tightens bound. */
void mst_search(mst_run *r, pool *threads);

static inline int64_t mst_chunks(const mst_run *r) {
    return (r->tree.leaves + MST_LEAVES - 1) / MST_LEAVES;
}

static inline const float *mst_leaf(const mst_run *r, int leaf) {
    return r->tree.block + (int64_t)leaf * r->tree.d * KDTREE_LEAF;
}

static inline const float *mst_box(const mst_run *r, kdtree_node p) {
    return r->tree.box + (int64_t)p.at * 2 * r->tree.d;
}

/* Whether the middle of a bundle lies on the side of the right child. */
static inline bool mst_right_first(const mst_run *r, kdtree_node p, const float *middle) {
    return middle[r->tree.column[p.at]] > r->tree.halfway[p.at];
}

static inline double mst_larger(double a, double b) { return a > b ? a : b; }

static inline double mst_load(const double *bound) {
    double v;
    __atomic_load(bound, &v, __ATOMIC_RELAXED);
    return v;
}

/* *bound = min(*bound, v), whoever else does the same. */
static inline void mst_lower(double *bound, double v) {
    double was = mst_load(bound);
    while (v < was &&
           !__atomic_compare_exchange(bound, &was, &v, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
}

#endif
