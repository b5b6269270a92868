/* within: centring columns within fixed effects, the step that makes many dummies disappear.
 *
 * A column is left with its residual of the (weighted) regression on the dummies of all effects.
 * The effect with most levels (i below) is eliminated exactly: a level's value is the mean of what
 * the others (t: levels of all other effects, one after the other) leave of its rows. What remains
 *
 *     (D_t - N' D_i^-1 N) g = N_t' W (x - means of i)      N: weight of the rows of i and t
 *
 * is solved by conjugate gradients with diagonal D_t. N is never formed: rows are put in the order
 * of i, so that one pass over weights and levels is one product, of two columns at once; x itself
 * is read three times in all. Done when the next alternating projection would move no value by
 * more than `tolerance` standard deviations of the column. Two effects of a well-filled panel need
 * some ten passes, one effect none. Without effects the mean is taken.
 * Sources: Gaure, "OLS with multiple high dimensional category variables" (2013); Correia, "Linear
 * models with high-dimensional fixed effects" (2017); Golub, Van Loan, "Matrix computations" §11.5.
 * The plain twin repeats alternating projections, extrapolated after each pair of rounds: Irons,
 * Tuck, "A version of the Aitken accelerator for computer iteration" (1969). */
#ifndef MODELS_INSIGHT_WITHIN_H
#define MODELS_INSIGHT_WITHIN_H

#include "base/pool.h"

#define WITHIN_EFFECTS 4

typedef struct within_plan within_plan; /* order of the rows, room for the sums */

typedef struct within {
    int64_t n;
    int effects;                             /* 0 … WITHIN_EFFECTS */
    const int32_t *effect[WITHIN_EFFECTS];   /* [n] each, 0 … levels-1 */
    int32_t levels[WITHIN_EFFECTS];
    const double *weight;                    /* [n], 0 = does not count; NULL = all 1 */
    double tolerance;
    int rounds;                              /* most */
    double *total[WITHIN_EFFECTS];           /* [levels] weights of each level; by within_weigh */
    within_plan *plan;
} within;

typedef struct within_column {
    double *x;                     /* [n] centred when done */
    double *value[WITHIN_EFFECTS]; /* [levels] what was taken away, or all NULL. Each connected part
                                    * of the panel leaves constants free: all effects but that
                                    * with most levels sum to 0 by weight */
    double *guess;                 /* [levels of all but one effect] where the search begins, then
                                    * what it found: a column much like the last is done sooner */
    double spread;                 /* weighted sum of squares around the mean, before */
    int rounds;
    bool settled;
} within_column;

/* Orders the rows, makes room, and weighs the levels; weighs again after the weights change. */
void within_open(within *w, arena *keep);
void within_weigh(within *w);

/* A column with a copy of values[n]. */
within_column within_column_of(const within *w, const double *values, arena *keep);

/* Centres columns. Sums are cut by rows, so that threads do not change a byte. */
void within_centre(const within *w, within_column *c, int columns, pool *threads);

/* The plain twin: one column, without a plan or a guess. With values asked for it does not
 * extrapolate. */
void within_centre_plain(const within *w, within_column *c, arena scratch);

/* Levels that have rows; degrees of freedom that all effects take (the intercept without any). */
int64_t within_present(const within *w, int effect);
int64_t within_absorbed(const within *w);

/* True when every level of the effect lies in one cluster. */
bool within_nested(const within *w, int effect, const int32_t *cluster, arena scratch);

#endif
