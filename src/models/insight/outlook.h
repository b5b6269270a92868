/* outlook: how much an item sells, shrunk toward its category, and what it will sell next.
 *
 * Of a category, the rates per week are spread as a gamma, and an item's units y in exposure e are
 * Poisson around its own:
 *
 *     rate  ~  Gamma(shape, per)         y | rate  ~  Poisson(e rate)
 *     rate | y  ~  Gamma(shape + y, per + e),  of mean (shape + y) / (per + e)
 *
 * shape and per are fitted by the likelihood of y, a negative binomial without its zero: items that
 * sold nothing are not on the list. Bunched sales (trend.h) enter as y / phi and e / phi. Units of
 * exposure f ahead are negative binomial again; their median is what is foretold, for it errs least
 * in |ln|: a shop whose articles sell once in a while is told 0, not a third of a unit.
 *
 *     outlook_prior p = outlook_fit(y, e, n);
 *     double units = outlook_median(mean, p.shape + y);
 *
 * Source: Robbins, "An empirical Bayes approach to statistics" (1956); Gelman et al., "Bayesian
 * data analysis" (2013), §2.6. */
#ifndef MODELS_INSIGHT_OUTLOOK_H
#define MODELS_INSIGHT_OUTLOOK_H

#include <stdint.h>

typedef struct outlook_prior {
    double shape, per; /* rate ~ Gamma(shape, per); shape 0: nothing is known, no shrinkage */
} outlook_prior;

/* y[n] > 0 and e[n] > 0. Fewer than two items: shape and per 0. */
outlook_prior outlook_fit(const double *y, const double *e, int64_t n);

/* Mean of the rate of an item given y in exposure e > 0. */
double outlook_rate(outlook_prior p, double y, double e);

/* The median of a negative binomial of this mean >= 0 and size > 0 (variance mean + mean²/size):
 * exact up to a mean of 200, by the gamma's cube root beyond. */
double outlook_median(double mean, double size);

/* Where y units stand in that distribution: P(Y < y) + P(Y = y) / 2. Of what is foretold rightly a
 * share s of the places lies within s / 2 of the middle. */
double outlook_place(double mean, double size, double y);

#endif
