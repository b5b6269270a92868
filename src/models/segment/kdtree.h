/* kdtree: a k-d tree over rows of numbers, and the nearest rows of a query.
 *
 *     kdtree t = kdtree_build(x, n, d, threads, &s.keep, s.scratch);
 *     kdtree_nearest(&t, query, k, row, far);
 *
 * Every node is halved in the column where a sample of its rows is spread widest, at a multiple of
 * 16 rows, so that all leaves but the last are full: a leaf is 16 rows side by side, one column
 * after the other, which is what vector registers read. Nodes lie in preorder and their shape
 * follows from the number of leaves: a node is followed by its left child, and what is below that
 * by its right child (kdtree_left, kdtree_right).
 *
 * Distances are Euclidean: sqrt(sum over columns, in their order, of the squared difference), in
 * double. Searches in float (the kernels) only say which rows to look at.
 * Sources: Bentley, "Multidimensional binary search trees" (1975); Friedman, Bentley, Finkel
 * (1977). */
#ifndef MODELS_SEGMENT_KDTREE_H
#define MODELS_SEGMENT_KDTREE_H

#include "base/pool.h"

enum { KDTREE_LEAF = 16 };

typedef struct kdtree {
    int64_t n;
    int d, leaves;
    float *block;   /* [leaves][d][16]; NaN after the last row */
    int32_t *row;   /* [leaves * 16]: the row of the caller; INT32_MAX after the last */
    float *box;     /* [2 leaves - 1][2][d]: the least and the most of a node's rows */
    int32_t *least; /* [2 leaves - 1]: the smallest row of a node */
    int32_t *column; /* [2 leaves - 1]: by which column a node is halved; 0 for a leaf */
    float *halfway;  /* [2 leaves - 1]: between its halves in that column */
} kdtree;

/* x [n, d], finite, n >= 1; it is copied. The same tree for any number of threads. */
kdtree kdtree_build(const float *x, int64_t n, int d, pool *threads, arena *keep, arena scratch);

/* The k rows nearest to query [d], nearest first, ties to the smaller row: row [k], and their
 * distances far [k]. Where k > n, what is left is row -1 at infinity. */
void kdtree_nearest(const kdtree *t, const float *query, int k, int32_t *row, double *far);

typedef struct kdtree_node {
    int32_t at, from, to; /* its number, its leaves */
} kdtree_node;

static inline int32_t kdtree_half(kdtree_node p) { return p.from + (p.to - p.from + 1) / 2; }

static inline kdtree_node kdtree_left(kdtree_node p) {
    return (kdtree_node){p.at + 1, p.from, kdtree_half(p)};
}

static inline kdtree_node kdtree_right(kdtree_node p) {
    int32_t half = kdtree_half(p);
    return (kdtree_node){p.at + 2 * (half - p.from), half, p.to};
}

static inline kdtree_node kdtree_root(const kdtree *t) {
    return (kdtree_node){0, 0, t->leaves};
}

static inline bool kdtree_is_leaf(kdtree_node p) { return p.to - p.from == 1; }

#endif
