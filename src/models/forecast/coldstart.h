/* coldstart: the first weeks of an article, by how those like it began and by its first sales.
 *
 *     likeness   d^2(a, b) = sum over attributes of weight_j [a_j != b_j], plus 1 - cosine of their
 *                vectors where both have one; weight_j is the share of the variance of log(mean
 *                sales a week) that attribute j explains among articles that are known (eta^2)
 *     profile    shape[k] = sum of units at age k / sum of exposure at age k over all of them
 *                level(a) = sum_b w_b units_b / sum_b w_b expected_b over the `neighbours` nearest,
 *                w_b = exp(-d^2 / width), expected by the shape; `prior` parts of 1 are added
 *     prior      sales at age k are Poisson of mean lambda level shape[k] exposure, lambda ~
 *                Gamma(alpha, alpha): alpha by moments, from how much the known articles spread
 *                about what their own neighbours say
 *     update     after units s where e was expected: lambda ~ Gamma(alpha + s, alpha + e)
 *     forecast   of an age where m is expected: negative binomial of mean
 *                m (alpha + s) / (alpha + e) and variance mean + mean^2 / (alpha + s)
 *
 * An article without a sale (n = 0) gets the prior itself. exposure is what a week counts for by
 * the season or the stock: 1 is a usual week, 0 one that nothing could be sold in.
 *
 *     coldstart_model m;
 *     coldstart_fit(&m, items, n, params, threads, &s->keep, s->scratch);
 *     coldstart_forecast(&m, &item, &b, s->scratch);
 *
 * Sources: Fisher and Raman, "Reducing the cost of demand uncertainty through accurate response"
 * (1996); Gelman et al., "Bayesian Data Analysis", section 2.6 (Gamma and Poisson). */
#ifndef MODELS_FORECAST_COLDSTART_H
#define MODELS_FORECAST_COLDSTART_H

#include "base/pool.h"
#include "models/forecast/band.h"

typedef struct coldstart_item {
    int n;                 /* ages known, >= 0: the first is age 0 */
    const double *y;       /* [n] units, >= 0 */
    const double *exposure; /* [n], of a forecast [n + steps]; NULL: 1 */
    const int *attribute;  /* [attributes] classes >= 0; -1: not known, like nothing else */
    const float *vector;   /* [dims] of length 1; NULL: none */
} coldstart_item;

typedef struct coldstart_params {
    int ages;       /* of the profile, >= 1; later ages have the last one's */
    int attributes, dims;
    int neighbours; /* at most */
    double width;   /* of likeness */
    double prior;   /* expected units of the mean article that a level begins with */
} coldstart_params;
#define COLDSTART_DEFAULTS                                                                         \
    ((coldstart_params){.ages = 26, .neighbours = 30, .width = 0.1, .prior = 5})

enum { COLDSTART_ATTRIBUTES = 16 };

typedef struct coldstart_model {
    coldstart_params p;
    int n;
    const coldstart_item *item;          /* [n] those learnt from; they must live on */
    double *expected, *sold;             /* [n] by the shape; units */
    double weight[COLDSTART_ATTRIBUTES]; /* in [0, 1] */
    double *shape;                       /* [ages] units of the mean article */
    double alpha;                        /* large: articles are as their neighbours */
} coldstart_model;

/* NULL, or what is wrong. */
const char *coldstart_check(const coldstart_item *items, int n, coldstart_params p);

/* items, n >= 1, and what they point to must outlive m; coldstart_check must hold. */
void coldstart_fit(coldstart_model *m, const coldstart_item *items, int n, coldstart_params p,
                   pool *threads, arena *keep, arena scratch);

/* Level of an article against the mean one, by those like it; `self` is left out (-1: none).
 * scratch: 16 bytes an article learnt from. */
double coldstart_level(const coldstart_model *m, const coldstart_item *one, int self,
                       arena scratch);

/* The b->steps ages after what is known of one. */
void coldstart_forecast(const coldstart_model *m, const coldstart_item *one, band *b,
                        arena scratch);

#endif
