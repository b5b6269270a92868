/* changes: months at which a share moved: change points of counts by penalised likelihood:
 * counts k of n a month, cut into segments of one share each.
 *
 * Inside a segment k_t ~ Binomial(n_t, p); the segments are those that minimise
 *
 *     sum over segments of C(segment) / phi  +  penalty x changes,
 *     C = -2 max_p sum_t [k_t ln p + (n_t - k_t) ln(1 - p)],
 *     penalty = 3 ln(months) + 2 ln(series)
 *
 * 3 ln(months) is the leading term of the modified BIC; the second term is for those who look at
 * many series at once. phi >= 1 is how much more neighbouring months differ than coin tosses would:
 * the median of (p_t - p_t+1)^2 / (p (1 - p) (1 / n_t + 1 / n_t+1)) over its value for coin tosses,
 * .4549 (p: the share of the two months); a median, so that one step leaves no trace in it.
 *
 *     changes_model m = changes_fit(k, n, months, CHANGES_DEFAULTS, &s.keep, s.scratch);
 *     for (int32_t i = 0; i < m.n; i++) use(m.point[i].at, m.point[i].difference);
 *
 * All ways to cut are weighed (O(months^2)), so the answer is the optimum; of equals the one with
 * the earlier last cut. Intervals are of the two segments beside a change, with counts divided by
 * phi; they do not know that the month was chosen by the same counts, so they are a little narrow.
 * Months without reviews belong to the segment around them.
 *
 * Sources: Jackson et al., "An algorithm for optimal partitioning of data on an interval" (2005);
 * Killick, Fearnhead, Eckley, "Optimal detection of changepoints with a linear computational cost"
 * (2012); Zhang, Siegmund, "A modified Bayes information criterion" (2007). */
#ifndef MODELS_LANGUAGE_CHANGES_H
#define MODELS_LANGUAGE_CHANGES_H

#include "base/arena.h"
#include "models/interval.h"

typedef struct changes_params {
    int32_t least_months; /* of a segment, >= 1; months without reviews count */
    int64_t least_count;  /* reviews of a segment, >= 1 */
    int64_t series;       /* how many series are looked at together, >= 1 */
} changes_params;

#define CHANGES_DEFAULTS ((changes_params){3, 30, 1})

typedef struct changes_point {
    int32_t at; /* first month of the new level */
    interval before, after, difference; /* after - before */
    double evidence; /* what the cost rises by without this change, over phi; > penalty */
} changes_point;

typedef struct changes_model {
    int32_t n;
    changes_point *point; /* [n], months ascending */
    double phi, penalty;
} changes_model;

/* k, n [months], 0 <= k <= n. A series too short for two segments has no changes. Takes 40 bytes a
 * month of scratch. */
changes_model changes_fit(const int64_t *k, const int64_t *n, int32_t months, changes_params p,
                          arena *keep, arena scratch);

#endif
