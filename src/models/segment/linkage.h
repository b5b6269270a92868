/* linkage: the single-linkage tree of n rows, from the edges of a minimum spanning tree.
 *
 * The edges join components in ascending order. Merge i makes node n + i out of two nodes: numbers
 * below n are rows, others are earlier merges. The last merge, node 2n - 2, is the root; a node's
 * number is above those of its children, so a loop down over the merges walks the tree from its
 * root and a loop up from its leaves, without a stack.
 *
 *     linkage_model m = linkage_fit(tree.edge, n, &s.keep, s.scratch);
 *
 * Rows are also laid out in the order of a tour of the tree: those below any node are one range,
 * order[first … first + size). Time O(n α(n)), 28 bytes a row kept, 12 of scratch.
 * Source: Gower, Ross, "Minimum spanning trees and single linkage cluster analysis" (1969). */
#ifndef MODELS_SEGMENT_LINKAGE_H
#define MODELS_SEGMENT_LINKAGE_H

#include "base/arena.h"
#include "models/segment/mst.h"

typedef struct linkage_model {
    int64_t n;
    int32_t *left, *right; /* [n-1] the node of the edge's first row, and of its second */
    double *distance;      /* [n-1] ascending */
    int32_t *size;         /* [n-1] rows below */
    int32_t *first;        /* [n-1] place in order of the first row below */
    int32_t *order;        /* [n] row numbers along the tour */
} linkage_model;

/* edge [n-1] ascending by weight, a tree over n >= 1 rows. */
linkage_model linkage_fit(const mst_edge *edge, int64_t n, arena *keep, arena scratch);

/* Rows below a node. */
static inline int32_t linkage_size(const linkage_model *m, int32_t node) {
    return node < m->n ? 1 : m->size[node - m->n];
}

#endif
