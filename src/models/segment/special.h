/* special: ln Gamma, its slope, and nothing else that counting models need.
 *
 * Both shift their argument to 10 or more by the recurrence Gamma(x + 1) = x Gamma(x) and sum the
 * Stirling series there: the same digits with every C library, absolute error below 1e-14 for
 * values of order 1, relative below 1e-15 for large ones. No hypergeometric function is needed: the
 * models that are usually written with one sum positive terms instead (bgnbd.h, paretonbd.h).
 * Source: Abramowitz and Stegun, 6.1.41 and 6.3.18. */
#ifndef MODELS_SEGMENT_SPECIAL_H
#define MODELS_SEGMENT_SPECIAL_H

/* ln Gamma(x), x > 0. */
double special_lgamma(double x);

/* d/dx ln Gamma(x), x > 0. */
double special_digamma(double x);

/* ln(exp(x) + exp(y)) without overflow; either may be -infinity. */
double special_log_sum(double x, double y);

/* P(chi-squared of `dof` >= 1 degrees of freedom > x), x >= 0. */
double special_chi2_above(double x, int dof);

#endif
