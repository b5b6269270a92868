/* reconcile: makes the forecasts of a hierarchy add up, with the least weighted change.
 *
 *     x = argmin sum_i (x_i - f_i)^2 / v_i  over all x in which every node is the sum of its parts
 *
 * v_i is the variance of the error of forecast i. With v_i = number of leaves under i ("struct") it
 * needs no history; with the variance of the residuals ("var") or their shrunk covariance
 * ("shrink", MinT) large errors are trusted less. Sources: Wickramasuriya, Athanasopoulos and
 * Hyndman (2019), Optimal forecast reconciliation through trace minimization; Schaefer and Strimmer
 * (2005) for the shrinkage.
 *
 * Two structures. A tree is solved exactly in two passes, O(nodes) a step: upwards each node joins
 * its own forecast with the sum of its children, weighing both by their precision; downwards what
 * is left over is shared among the children by their variance. Groups that cross (shop x category)
 * are solved by conjugate gradients on the constraints x_a = sum of a's leaves.
 *
 * Forecasts are f[nodes, steps], row-major, changed in place. Non-negative results: a leaf that
 * comes out below 0 is held at 0 and the rest solved again until none is; a leaf once held is not
 * let go, so the sum of squares can lie a little above the least possible. */
#ifndef MODELS_FORECAST_RECONCILE_H
#define MODELS_FORECAST_RECONCILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* A forest: a node's parent has a smaller number; -1 is a root. Leaves have no children. */
typedef struct reconcile_tree {
    int32_t n;
    const int32_t *parent; /* [n] */
} reconcile_tree;

/* Refuses a parent that is not a smaller node. */
bool reconcile_tree_check(const reconcile_tree *t, err *e);

/* leaves[i] = number of leaves under node i, 1 for a leaf: the variances of "struct". */
void reconcile_tree_leaves(const reconcile_tree *t, double *leaves);

/* Every inner node becomes the sum of the leaves under it. */
void reconcile_bottom_up(const reconcile_tree *t, int steps, double *f, arena scratch);

/* Every node keeps the root's forecast; children share their parent's value in proportion to
 * their own forecasts (those below 0 count as 0; equally when all are 0). */
void reconcile_top_down(const reconcile_tree *t, int steps, double *f, arena scratch);

/* Least weighted change; variance[n] > 0. Scratch: 265 bytes a node. */
void reconcile_tree_solve(const reconcile_tree *t, const double *variance, int steps,
                          bool non_negative, double *f, arena scratch);

/* Aggregates 0 … n-1 are sums of leaves; node n + l is leaf l. An aggregate may be any set. */
typedef struct reconcile_groups {
    int32_t aggregates, leaves;
    const int64_t *at;   /* [aggregates + 1] */
    const int32_t *leaf; /* [at[aggregates]]: leaves of a are leaf[at[a]] … leaf[at[a+1]-1] */
} reconcile_groups;

/* The errors' covariance W = (1 - shrink) R'R/T with its off-diagonal, diagonal `variance`. With
 * times = 0 (or shrink = 1) it is the diagonal alone. */
typedef struct reconcile_errors {
    const double *variance; /* [nodes] > 0 */
    int times;
    const double *residual; /* [times, nodes], errors of one-step forecasts in the sample */
    double shrink;          /* 0 … 1 */
} reconcile_errors;

/* Variances and shrinkage from residuals: variance_i = mean of squares, at least 1e-9 of the
 * largest; shrink = sum of the variances of the correlations / sum of their squares. O(T n^2). */
reconcile_errors reconcile_shrunk(const double *residual, int times, int32_t nodes, arena *keep);

/* Variances of "struct": 1 a leaf, the number of leaves an aggregate. */
double *reconcile_groups_leaves(const reconcile_groups *g, arena *keep);

/* Least change weighted by W. Returns the conjugate-gradient steps taken, for the report. */
int reconcile_groups_solve(const reconcile_groups *g, const reconcile_errors *w, int steps,
                           bool non_negative, double *f, arena scratch);

#endif
