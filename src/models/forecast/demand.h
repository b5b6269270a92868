/* demand: how many units may be asked for in a period: a negative binomial by mean and variance.
 *
 *     demand d = demand_of(20, 45);        // 20 units expected, variance 45
 *     demand_above(&d, 30)                 // P(D > 30)
 *     demand_lost(&d, 30)                  // E[(D - 30)+]: units asked for and not there
 *     demand_left(&d, 30)                  // E[(30 - D)+]: units that stay
 *
 * With r = mean^2 / (variance - mean) and p = r / (r + mean), P(D <= x) is the incomplete beta
 * I_p(r, x + 1). A variance below 1.0001 times the mean is raised to that, nearly Poisson's: less
 * would promise more than counts can. E[(D - I)+] = mean P(D' >= I - 1) - I P(D >= I)
 * where D' has r + 1 and the same p. A mean of 0 is no demand at all. */
#ifndef MODELS_FORECAST_DEMAND_H
#define MODELS_FORECAST_DEMAND_H

#include <stdint.h>

typedef struct demand {
    double mean, variance; /* finite, >= 0 */
    double r, p;
} demand;

demand demand_of(double mean, double variance);

/* Over a lead time that is itself uncertain: per period mean and variance, periods' mean and
 * variance: E[L] s^2 + Var(L) mu^2. */
demand demand_over(double mean, double variance, double periods, double periods_variance);

double demand_at_most(const demand *d, int64_t x); /* P(D <= x); 0 for x < 0 */
double demand_above(const demand *d, int64_t x);   /* P(D > x) */

/* The least x with P(D <= x) >= q, q in [0, 1). */
int64_t demand_quantile(const demand *d, double q);

double demand_lost(const demand *d, int64_t stock); /* E[(D - stock)+]; the mean at stock 0 */
double demand_left(const demand *d, int64_t stock); /* E[(stock - D)+] */

#endif
