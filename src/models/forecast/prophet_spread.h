/* prophet_spread: how far a trend that goes on bending may be off, with noise: exact quantiles.
 *
 *     D = N(0, sigma) + sum over a Poisson process of rate `rate` on (0, far) of L (far - c),
 *     L ~ Laplace(0, size)
 *
 * D is symmetric and its characteristic function has a closed form,
 *
 *     phi(u) = exp(-sigma^2 u^2 / 2 - rate (far - atan(size u far) / (size u)))
 *
 * so P(D <= x) = 1/2 + 1/pi int_0^inf sin(u x) phi(u) / u du, by the trapezoid rule, whose error
 * for so smooth an integrand is far below 1e-6. This is the limit of infinitely many of the paths
 * that are usually simulated. Source: Gil-Pelaez, "Note on the inversion theorem" (1951). */
#ifndef MODELS_FORECAST_PROPHET_SPREAD_H
#define MODELS_FORECAST_PROPHET_SPREAD_H

#include "base/arena.h"

typedef struct prophet_spread {
    double sigma;      /* > 0 */
    double rate, size; /* >= 0 */
    double far;        /* > 0, in the unit of time of rate */
} prophet_spread;

double prophet_spread_sd(prophet_spread d);

/* x with P(D <= x) = level, each level in (0.5, 1), into to[n]. */
void prophet_spread_quantiles(prophet_spread d, const double *level, int n, double *to,
                              arena scratch);

#endif
