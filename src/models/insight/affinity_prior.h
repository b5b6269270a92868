/* affinity_prior: what lifts are like, learned from all pairs that were seen.
 *
 *     n ~ Poisson(lambda E),   lambda ~ sum over k of w_k Gamma(a_k, b_k),   two parts
 *
 * Where most pairs are chance a single gamma would be all chance and hide the rest; with two, one
 * can be chance and the other what truly goes together. Fitted by expectation-maximisation to the
 * pairs with n >= 1, each part a negative binomial without its zero; w_k is a share of these.
 * Source: DuMouchel, "Bayesian data mining in large frequency tables" (1999). */
#ifndef MODELS_INSIGHT_AFFINITY_PRIOR_H
#define MODELS_INSIGHT_AFFINITY_PRIOR_H

#include "base/pool.h"

typedef struct affinity_pair {
    double n, expected; /* n >= 1 */
} affinity_pair;

typedef struct affinity_prior {
    double a[2], b[2], w[2]; /* part 1 has the larger mean */
} affinity_prior;

/* Without pairs both parts are Gamma(1, 1). Sums are added in chunk order: the same on any
 * threads. */
affinity_prior affinity_prior_fit(const affinity_pair *pair, int64_t n, pool *threads,
                                  arena scratch);

/* lambda of a pair given its count: the mean, and 5 % and 95 % of the lognormal that has the
 * posterior's mean and variance of ln lambda. */
typedef struct affinity_lift {
    double mean, low, high;
} affinity_lift;

/* Room for what depends on n alone, up to a limit; any n is answered. */
typedef struct affinity_table affinity_table;
affinity_table *affinity_table_of(const affinity_prior *p, arena *keep);
affinity_lift affinity_lift_of(const affinity_table *t, double n, double expected);

#endif
