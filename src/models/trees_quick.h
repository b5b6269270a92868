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
    int32_t *before; /* spot of the last edge above on the same feature; none: 2 nodes + 1 */
    uint8_t *is_left; /* the edge that leads to it is its parent's left */
    double *share;   /* z: share of rows that all edges on this feature down to here let through */
    int64_t largest; /* spots of the largest tree */
} trees_spots;

/* For trees_score: each tree as a list of tests instead of a path. A set bit stands for each leaf;
 * a test that sends the row right takes away the leaves on its left; the first bit that is left at
 * the end is the leaf. The order of tests does not matter, so many rows take them together. Leaves
 * are bits of words of 32; a test stands in the list of each word it touches.
 * Source: Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive ensembles
 * of regression trees" (2015). */
typedef struct trees_test {
    int32_t feature; /* place in `used` */
    union {
        float threshold;
        int32_t set;
    };
    uint32_t left_over; /* bits that stay when the row goes right */
} trees_test;

enum { TREES_MISSING_RIGHT_TESTS, TREES_MISSING_LEFT_TESTS, TREES_SET_TESTS, TREES_TEST_KINDS };
enum {
    TREES_WORDS = 8,  /* trees of more than 256 leaves are walked: their lists would be longer */
    TREES_USED = 256, /* features that fit a block of rows; ensembles that use more are walked */
    TREES_BLOCK = 64  /* rows of a block */
};

typedef struct trees_tests {
    int32_t n_used;
    int32_t *used;  /* [n_used] features that the ensemble asks for */
    int64_t *first; /* [n + 1] first list of each tree; a tree without lists is walked */
    int64_t *at;    /* [first[n] * TREES_TEST_KINDS + 1] tests by tree, word and kind */
    trees_test *test;
} trees_tests;

struct trees_quick {
    trees_spots spots;
    trees_tests tests;
};

/* Scores of n <= TREES_BLOCK rows. */
SIMD_DECLARE(void, trees_block, const trees *m, const float *x, int n, double *score);

void trees_tests_make(const trees *m, trees_tests *to, arena *keep, arena scratch);

/* Which way a row goes. */
bool trees_left(const trees *m, int64_t node, const float *x);
double trees_walk(const trees *m, int32_t t, const float *x); /* value of a row's leaf in tree t */
bool trees_in_set(const trees *m, int32_t set, float v);

/* One tree of trees_explain. */
typedef struct trees_tree {
    int32_t nodes;
    const int32_t *feature; /* [nodes] */
    const double *value;    /* [nodes + 1] */
    const int32_t *parent, *before; /* [2 nodes + 1], as in trees_spots */
    const double *share;
    const uint8_t *is_left;
} trees_tree;

typedef struct trees_work {
    uint8_t *goes_left; /* [nodes] which way the row goes at each inner node */
    uint8_t *open;      /* [spots + 1] o: the row passes all edges on this feature down to here */
    double *through, *inverse, *pull; /* [spots + 1, points] */
    double *below;                    /* [nodes, points] */
    double *parts;                    /* [cols, points]; is added to */
} trees_work;

SIMD_DECLARE(void, trees_parts, const trees_tree *t, const trees_spots *all, const trees_work *w);

void trees_spots_make(const trees *m, trees_spots *to, arena *keep, arena scratch);

#endif
