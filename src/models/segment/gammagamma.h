/* gammagamma: what a customer spends at a purchase: the Gamma-Gamma model.
 *
 * Money of one purchase is Gamma(p, nu) with the customer's own nu ~ Gamma(q, v), independent of
 * how often he buys. Log-likelihood of a mean m > 0 over x >= 1 purchases:
 *
 *     lnG(px+q) - lnG(px) - lnG(q) + q ln v + (px-1) ln m + px ln x - (px+q) ln(xm+v)
 *
 * E[money | x, m] = p (v + x m) / (p x + q - 1): the customer's mean, drawn to that of all,
 * p v / (q - 1), the more the less often he bought. q > 1 is held, or there would be no mean.
 * Only the last logarithm depends on the customer; the others are taken once per distinct x.
 *
 * The model needs x and m to be independent: the fit tells their correlation, and above 0.3 the
 * money of those who buy often is drawn the wrong way.
 * Source: Fader, Hardie, "The Gamma-Gamma model of monetary value" (2013). */
#ifndef MODELS_SEGMENT_GAMMAGAMMA_H
#define MODELS_SEGMENT_GAMMAGAMMA_H

#include "base/pool.h"
#include "models/segment/likelihood.h"

#define GAMMAGAMMA_DEPENDENT 0.3 /* correlation from which the assumption does not hold */

typedef struct gammagamma {
    likelihood_fit fit; /* p[0] = p, p[1] = q, p[2] = v; covariance of ln p, ln(q-1), ln v */
    int64_t customers;  /* with x >= 1 and m > 0: those of the fit */
    double correlation; /* of x and m among them; 0 where one of them does not vary */
} gammagamma;

/* Fits to the customers with x >= 1 and m > 0 of n. Refused where there are fewer than two. */
bool gammagamma_fit(gammagamma *g, const double *x, const double *m, int64_t n, double ridge,
                    pool *threads, arena scratch, err *e);

/* E[money of a purchase | x purchases of mean m]; x = 0: of someone new. p = (p, q, v). */
double gammagamma_mean(const double p[3], double x, double m);

/* Log-likelihood and its derivatives by p, q, v into g[3], for n customers; straight from the
 * formula above, the judge of the fast one. */
double gammagamma_plain(const double p[3], const double *x, const double *m, int64_t n,
                        double g[3]);

#endif
