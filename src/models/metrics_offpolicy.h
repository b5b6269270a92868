/* metrics_offpolicy: what a policy would have earned, from a log of what another one showed.
 *
 * Row i of the log: an article was shown with probability b_i (the propensity), earned r_i, and the
 * policy in question would have shown it with probability t_i. With w_i = t_i / b_i:
 *
 *     IPS    mean of w r                              right on average, wide
 *     SNIPS  sum w r / sum w                          narrower, a little biased in small logs
 *     DR     mean of m + w (r - q)                    narrow where a model of the reward is good
 *
 * q_i is the reward that a model expects of the article that was shown, m_i the reward that it
 * expects of the policy in question in that row (its mean over what the policy would show). DR is
 * right when the propensities or the model are right. With clipping, w is at most `clip`: narrower,
 * and biased towards 0 by what was cut, which is reported.
 *
 * Intervals are 95 % bootstrap over units (customers), see metrics.h. Sources: Horvitz, Thompson
 * (1952); Swaminathan, Joachims, "The self-normalized estimator for counterfactual learning"
 * (2015); Dudík, Langford, Li, "Doubly robust policy evaluation and learning" (2011). */
#ifndef MODELS_METRICS_OFFPOLICY_H
#define MODELS_METRICS_OFFPOLICY_H

#include "models/metrics.h"

typedef struct metrics_offpolicy_log {
    int64_t n;
    const int32_t *unit; /* [n] 0 … units-1; NULL = every row is a unit */
    int64_t units;
    const double *propensity; /* [n] above 0, at most 1 */
    const double *reward;     /* [n] */
    const double *target;     /* [n] 0..1; NULL = the propensities: the value of the log's policy */
    const double *model;      /* [n] q; NULL = no DR */
    const double *model_target; /* [n] m; NULL = q, right when q does not depend on the article */
} metrics_offpolicy_log;

typedef struct metrics_offpolicy {
    metrics_interval ips, snips, dr; /* dr.n = 0 without a model */
    metrics_interval logged;         /* mean reward of the log itself */
    double mean_weight;              /* of w before clipping; near 1 when propensities are right */
    double largest_weight;
    double effective;   /* (sum w)^2 / sum w^2: rows that the estimate rests on */
    int64_t clipped;    /* rows */
    double weight_lost; /* share of sum w that clipping took */
} metrics_offpolicy;

/* clip: the largest weight, 0 = any. Asserts the ranges above. */
metrics_offpolicy metrics_offpolicy_estimate(const metrics_offpolicy_log *log, double clip,
                                             uint64_t seed, arena scratch);

#endif
