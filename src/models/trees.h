/* trees: an ensemble of regression trees as flat arrays: scoring and reasons, without a library.
 *
 *     score(x) = sum over trees t of value[leaf of x in t]
 *
 * A row goes left at a node when x[feature] <= threshold; a missing value (NaN) goes the way the
 * node says. At a node with a set it goes left when the whole number x[feature] is in the set.
 * Thresholds are floats because features are: the double t of a library and the largest float not
 * above t send every float the same way. Values are added in double, in the order of the trees, so
 * scores equal those of the library that fitted them, bit for bit.
 *
 *     trees m;                                   // by boost_fit, or trees_get of the pipeline
 *     trees_score(&m, x, rows, score, NULL);
 *     trees_explain(&m, x, parts, s->scratch);   // parts[cols] and the rest add up to the score
 *
 * Sources: Friedman, "Greedy function approximation: a gradient boosting machine" (2001); for the
 * parts see trees_explain. */
#ifndef MODELS_TREES_H
#define MODELS_TREES_H

#include "base/arena.h"
#include "base/pool.h"

/* How a score becomes an answer: itself, exp(score) or 1 / (1 + exp(-score)). */
typedef enum trees_link { TREES_SAME, TREES_EXP, TREES_LOGISTIC, TREES_LINKS } trees_link;

enum { TREES_LEAVES = 4096 }; /* most of a tree */
enum { TREES_MISSING_LEFT = 1, TREES_SET = 2 };

typedef struct trees_quick trees_quick; /* the fast layout, made by trees_ready */

typedef struct trees {
    int32_t n, cols; /* trees; features of a row */
    trees_link link;
    double stopped_at;  /* measure on the rows that stopped the fit; NaN without such rows */
    int64_t *at;        /* [n + 1] first inner node of each tree; its first leaf is at[t] + t */
    int32_t *feature;   /* [nodes] 0..cols-1 */
    float *threshold;   /* [nodes] 0 where the node has a set */
    uint8_t *kind;      /* [nodes] TREES_MISSING_LEFT | TREES_SET */
    int32_t *left;      /* [nodes] inner node of this tree, greater than its parent, or ~leaf; */
    int32_t *right;     /*         leaves are numbered from left to right */
    int32_t *node_rows; /* [nodes] rows of the fit that came by: >= 1 */
    double *value;      /* [nodes + n] of each leaf */
    int32_t *leaf_rows; /* [nodes + n] */
    int32_t *set;       /* [nodes] number of the set, or -1 */
    int32_t sets;
    int64_t *set_at;   /* [sets + 1] first word of each set */
    uint32_t *set_bits; /* [set_at[sets]] bit b of word w: number 32 w + b is in the set */
    double *gain;       /* [cols] loss that the splits on each feature saved: its importance */
    const trees_quick *quick;
} trees;

static inline int64_t trees_nodes(const trees *m) { return m->at[m->n]; }
static inline int64_t trees_leaves(const trees *m) { return m->at[m->n] + m->n; }

/* NULL, or what is wrong with the arrays, whose sizes must be right: children out of range, not in
 * order or met twice, a feature or set that is not there, a value that is no number. */
const char *trees_check(const trees *m, arena scratch);

/* Builds the fast layout in keep: about 60 bytes a node; trees_score and trees_explain need it.
 * The arrays must have passed trees_check. */
void trees_ready(trees *m, arena *keep, arena scratch);

/* x [rows, cols] row-major, score [rows]. threads NULL: here. The same bits for any threads. */
void trees_score(const trees *m, const float *x, int64_t rows, double *score, pool *threads);

/* The readable twin: one row after the other down every tree. */
void trees_plain_score(const trees *m, const float *x, int64_t rows, double *score);

/* parts[0..cols): how much each feature of the row moved its score away from parts[cols], the mean
 * score of the rows of the fit; all together they add up to the score (within rounding).
 * Shapley values over the paths of the trees: a feature that is not known goes both ways, weighted
 * by the rows of the fit that did. For a leaf with the features F on its path, z_f the share of
 * rows that the splits on f let through and o_f = 1 when they let x through, else 0,
 *
 *     part_f = sum over leaves value (o_f - z_f) ∫ prod over g != f of (o_g t + z_g (1 - t)) dt
 *
 * from t = 0 to 1. The integral of this polynomial is taken exactly (but for rounding) by
 * Gauss-Legendre points, for all leaves in one pass down and one up: O(nodes) a row, where the
 * recursion over subsets takes O(leaves depth^2). Sources: Lundberg, Erion, Lee, "Consistent
 * individualized feature attribution for tree ensembles" (2018); Yu, Xu, Bifet, Read, "Linear tree
 * Shap" (2022). x [cols]. scratch: 500 bytes a node
 * of the largest tree and 64 a feature; in proportion more when paths have over 16 features. */
void trees_explain(const trees *m, const float *x, double *parts, arena scratch);

/* What the score of a row says in the units of the label. */
double trees_answer(const trees *m, double score);

#endif
