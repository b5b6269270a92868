/* elasticity: how units answer to price, with fixed effects.
 *
 *     eta_r = sum over j of beta_j x_jr + effect_1[row r] + effect_2[row r] + …
 *
 * with x_0 = ln price, so that beta_0 is the elasticity (-2: one per cent dearer sells two per
 * cent less). Two ways to fit it:
 *   least squares   ln units = eta + error. Rows without units have no logarithm and are lost;
 *                   where most rows sell one or two units that bends the answer toward 0.
 *   Poisson         units = exp(eta) on average (pseudo maximum likelihood; keeps the zeros): least
 *                   squares on z = eta + (units - mu) / mu with weights mu = exp(eta), repeated
 *                   until the deviance moves by less than 1e-9 of itself. A level that never sells
 *                   is left out, rows and all: it says nothing about beta.
 * Columns are centred within the effects (within.h), then normal equations. Without effects there
 * is an intercept. Standard errors:
 *   iid        sigma² (X'WX)^-1, sigma² = sum of w · residual² / (n - k - absorbed); for Poisson
 *              that is Pearson's dispersion (quasi-Poisson)
 *   clustered  A (sum over clusters of s_g s_g') A · G/(G-1) · (n-1)/(n-K), A = (X'WX)^-1; effects
 *              nested in the clusters do not count in K
 *   jackknife  sqrt of (G-1)/G · sum over clusters of (beta without the cluster - beta)²: honest
 *              where clusters are few or unequal, whose residuals the fit has pulled toward 0, so
 *              that sums of scores come out too small. Least squares: exact. Poisson: one Newton
 *              step from the fit, weights as they are. Costs G centrings; NAN when one cluster
 *              alone holds the estimate
 * absorbed = levels of all effects - (effects - 1), exact for connected panels.
 *
 *     elasticity_fit f;
 *     if (!elasticity_run(&f, &data, ELASTICITY_DEFAULTS, threads, &s.keep, s.scratch, e)) …
 *
 * Refused: fewer than three different prices, fewer rows than parameters, a column that does not
 * vary beside the others (the sentence names it by number; 0 is the price).
 * Sources: Santos Silva, Tenreyro, "The log of gravity" (2006); Correia, Guimarães, Zylkin, "Fast
 * Poisson estimation with high-dimensional fixed effects" (2020); Cameron, Miller, "A
 * practitioner's guide to cluster-robust inference" (2015); MacKinnon, Nielsen, Webb, "Fast and
 * reliable jackknife and bootstrap methods for cluster-robust inference" (2023); Paule, Mandel,
 * "Consensus values and weighting factors" (1982). */
#ifndef MODELS_INSIGHT_ELASTICITY_H
#define MODELS_INSIGHT_ELASTICITY_H

#include "models/insight/within.h"

#define ELASTICITY_EFFECTS WITHIN_EFFECTS
#define ELASTICITY_COLUMNS 64

typedef struct elasticity_params {
    bool poisson;
    double tolerance;   /* of the centring, in standard deviations of the column */
    int rounds;         /* most rounds of it */
    int price_points;   /* fewest different prices */
    int jackknife;      /* leave out one cluster after the other when there are at most so many */
} elasticity_params;

#define ELASTICITY_DEFAULTS                                                                        \
    ((elasticity_params){.poisson = false, .tolerance = 1e-10, .rounds = 10000, .price_points = 3, \
                          .jackknife = 0})

typedef struct elasticity_data {
    int64_t n;
    int k;           /* columns of x, 0 (effects alone) … ELASTICITY_COLUMNS */
    const double *y; /* [n] least squares: ln units; Poisson: units >= 0 */
    const double *x; /* [k, n] one column after the other, log price first */
    const double *offset; /* [n] known part of eta, or NULL */
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
    double se_jackknife[ELASTICITY_COLUMNS]; /* NAN where not asked for */
    double intercept;                      /* 0 with effects */
    double r2, r2_within;                  /* Poisson: 1 - deviance / deviance of the mean; 0 */
    int64_t n, absorbed, clusters;         /* n: rows used */
    int rounds;                            /* of the slowest centring; Poisson: of the weights */
    double *value[ELASTICITY_EFFECTS];     /* [levels] the effects; a left-out level: -INFINITY */
} elasticity_fit;

/* value[] lives in keep. */
bool elasticity_run(elasticity_fit *out, const elasticity_data *d, elasticity_params p,
                    pool *threads, arena *keep, arena scratch, err *e);

/* Shrinks n estimates toward their common mean: beta_i ~ N(mean, tau²), with that tau² under which
 * sum of (beta_i - mean)² / (se_i² + tau²) = n - 1 (Paule and Mandel; 0 when it is less without).
 * Moments that weigh by se alone (DerSimonian, Laird) make it too small where errors differ much.
 * post[n] and post_se[n] may be the inputs; a NAN estimate gets the mean. */
typedef struct elasticity_pool {
    double mean, mean_se, tau2;
    int used;
} elasticity_pool;
elasticity_pool elasticity_shrink(int n, const double *beta, const double *se, double *post,
                                  double *post_se);

#endif
