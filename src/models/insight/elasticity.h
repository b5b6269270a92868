/* elasticity: how units answer to price: log-log least squares with fixed effects.
 *
 *     y_r = sum over j of beta_j x_jr + effect_1[row r] + effect_2[row r] + … + error_r
 *
 * with y = ln units and x_0 = ln price: beta_0 is the elasticity (-2: one per cent dearer sells two
 * per cent less). Columns are centred within the effects (Frisch–Waugh–Lovell) by alternating
 * projections with Irons–Tuck acceleration until no value moves by more than `tolerance` standard
 * deviations; then normal equations. Without effects there is an intercept. Standard errors:
 *   iid        sigma² (X'X)^-1, sigma² = SSR / (n - k - absorbed)
 *   clustered  (X'X)^-1 (sum over clusters of s_g s_g') (X'X)^-1 · G/(G-1) · (n-1)/(n-K), where
 *              effects nested in the clusters do not count in K
 * absorbed = levels of all effects - (effects - 1), exact for connected panels.
 *
 *     elasticity_fit f;
 *     if (!elasticity_run(&f, &data, ELASTICITY_DEFAULTS, threads, &s.keep, s.scratch, e)) …
 *
 * Refused: fewer than three different prices, fewer rows than parameters, a column that does not
 * vary beside the others (the sentence names it by number; 0 is the price).
 * Sources: Gaure, "OLS with multiple high dimensional category variables" (2013); Cameron, Miller,
 * "A practitioner's guide to cluster-robust inference" (2015); DerSimonian, Laird (1986). */
#ifndef MODELS_INSIGHT_ELASTICITY_H
#define MODELS_INSIGHT_ELASTICITY_H

#include "base/pool.h"

#define ELASTICITY_EFFECTS 4
#define ELASTICITY_COLUMNS 16

typedef struct elasticity_params {
    double tolerance;   /* of the projections, in standard deviations of the column */
    int rounds;         /* most rounds of them */
    int price_points;   /* fewest different prices */
} elasticity_params;

#define ELASTICITY_DEFAULTS                                                                        \
    ((elasticity_params){.tolerance = 1e-10, .rounds = 10000, .price_points = 3})

typedef struct elasticity_data {
    int64_t n;
    int k;           /* columns of x, 1 … ELASTICITY_COLUMNS */
    const double *y; /* [n] */
    const double *x; /* [k, n] one column after the other, log price first */
    int effects;     /* 0 … ELASTICITY_EFFECTS */
    const int32_t *effect[ELASTICITY_EFFECTS]; /* [n] each, 0 … levels-1 */
    int32_t levels[ELASTICITY_EFFECTS];
    const int32_t *cluster; /* [n] 0 … clusters-1, or NULL */
    int32_t clusters;
} elasticity_data;

typedef struct elasticity_fit {
    int k;
    double beta[ELASTICITY_COLUMNS];
    double se[ELASTICITY_COLUMNS];         /* iid */
    double se_cluster[ELASTICITY_COLUMNS]; /* NAN without clusters */
    double intercept;                      /* 0 with effects */
    double r2, r2_within;
    int64_t n, absorbed, clusters;
    int rounds;                            /* of the slowest projection */
    double *value[ELASTICITY_EFFECTS];     /* [levels] the effects; the mean is in the first */
} elasticity_fit;

/* value[] lives in keep. */
bool elasticity_run(elasticity_fit *out, const elasticity_data *d, elasticity_params p,
                    pool *threads, arena *keep, arena scratch, err *e);

/* Shrinks n estimates toward their common mean: beta_i ~ N(mean, tau²), tau² by DerSimonian and
 * Laird's moments. post[n] and post_se[n] may be the inputs; a NAN estimate gets the mean. */
typedef struct elasticity_pool {
    double mean, mean_se, tau2;
    int used;
} elasticity_pool;
elasticity_pool elasticity_shrink(int n, const double *beta, const double *se, double *post,
                                  double *post_se);

#endif
