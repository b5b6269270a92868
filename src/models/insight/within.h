/* within: centring columns within fixed effects, the step that makes many dummies disappear.
 *
 * Taking the (weighted) mean of each level out of a column, effect after effect, over and over,
 * converges to the column's residual on all dummies (alternating projections); Irons–Tuck
 * acceleration extrapolates each pair of rounds. Done when no value moves by more than `tolerance`
 * standard deviations of the column. One effect needs one round. Without effects the mean is taken.
 * Sources: Gaure, "OLS with multiple high dimensional category variables" (2013); Irons, Tuck, "A
 * version of the Aitken accelerator for computer iteration" (1969). */
#ifndef MODELS_INSIGHT_WITHIN_H
#define MODELS_INSIGHT_WITHIN_H

#include "base/pool.h"

#define WITHIN_EFFECTS 4

typedef struct within {
    int64_t n;
    int effects;                             /* 0 … WITHIN_EFFECTS */
    const int32_t *effect[WITHIN_EFFECTS];   /* [n] each, 0 … levels-1 */
    int32_t levels[WITHIN_EFFECTS];
    const double *weight;                    /* [n] > 0, or NULL = all 1 */
    double tolerance;
    int rounds;                              /* most */
    double *total[WITHIN_EFFECTS];           /* [levels] weights of each level; by within_weigh */
} within;

/* One column on its way; x1, x2 and sums are room, made by within_column. */
typedef struct within_column {
    double *x;                     /* [n] centred when done */
    double *x1, *x2, *sums;
    double *value[WITHIN_EFFECTS]; /* [levels] what was taken away, or all NULL (faster) */
    double spread;                 /* weighted sum of squares around the mean, before */
    int rounds;
    bool settled;
} within_column;

/* Makes room for the totals, and weighs the levels; again after the weights change. */
void within_open(within *w, arena *keep);
void within_weigh(within *w);

/* A column with a copy of values[n]. */
within_column within_column_of(const within *w, const double *values, arena *keep);

/* Centres `columns` columns, one chunk of the pool each. */
void within_centre(const within *w, within_column *c, int columns, pool *threads);

/* Levels that have rows; degrees of freedom that all effects take (the intercept without any). */
int64_t within_present(const within *w, int effect);
int64_t within_absorbed(const within *w);

/* True when every level of the effect lies in one cluster. */
bool within_nested(const within *w, int effect, const int32_t *cluster, arena scratch);

#endif
