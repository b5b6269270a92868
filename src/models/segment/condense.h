/* condense: the single-linkage tree reduced to clusters of a minimum size, with their stability.
 *
 * Walking from the root with λ = 1 / distance: where both children hold at least `least` rows the
 * cluster ends and two are born; where one does, it goes on under the same name and the rows of the
 * other leave it at λ; where none does, all its rows leave. Rows in one place (distance 0) never
 * part: they leave together at λ = ∞.
 *
 *     S(C) = sum over the rows that leave C of (λ_row - birth(C))
 *          + sum over the clusters born of C of (birth(child) - birth(C)) size(child)
 *
 * with ∞ counted as the largest finite λ of the tree, so that S is a number. Cluster 0 is the root,
 * born at 0; others are numbered in the order of their birth, twins side by side (2i - 1, 2i): a
 * cluster's number is above its parent's.
 *
 *     condense_model c = condense_fit(&linkage, 50, &s.keep, s.scratch);
 *
 * One pass over the merges, O(n); 12 bytes a row kept, 4 of scratch.
 * Sources: Campello, Moulavi, Sander, "Density-based clustering based on hierarchical density
 * estimates" (2013); McInnes, Healy, "Accelerated hierarchical density based clustering" (2017). */
#ifndef MODELS_SEGMENT_CONDENSE_H
#define MODELS_SEGMENT_CONDENSE_H

#include "models/segment/linkage.h"

typedef struct condense_model {
    int64_t n;
    int32_t clusters;    /* >= 1, the root among them; odd */
    int32_t *parent;     /* [clusters]; -1 for the root */
    double *birth;       /* [clusters] λ */
    double *distance;    /* [clusters] 1 / birth; INFINITY for the root */
    int32_t *size;       /* [clusters] rows at birth */
    double *stability;   /* [clusters] S */
    double *most;        /* [clusters] largest finite λ at which a row or cluster leaves it */
    double *deepest;     /* [clusters] the same over the cluster and all born of it */
    bool *leaf;          /* [clusters] nothing is born of it */
    int32_t *row_cluster; /* [n] the cluster that the row leaves */
    double *row_lambda;   /* [n] and when; INFINITY: never */
} condense_model;

/* least >= 2. With n < least there is the root alone. */
condense_model condense_fit(const linkage_model *m, int64_t least, arena *keep, arena scratch);

/* Undoes births of low persistence, leaves first: where the shorter-lived twin's largest λ is less
 * than `persistence` above its birth the twins become one again. If the other is a leaf too, the
 * parent has all their rows as they were; if not, the parent goes on as the other twin and the rows
 * of the shorter-lived one leave it at their birth. Clusters are numbered anew, in order. */
void condense_simplify(condense_model *c, double persistence, arena scratch);

#endif
