/* paretonbd: how often a customer buys and when he stops for good: Pareto/NBD.
 *
 * While alive a customer buys at a rate drawn from Gamma(r, alpha); his lifetime is exponential
 * with a rate drawn from Gamma(s, beta). For a history (x, t, T), see patterns.h, with R = r + x:
 *
 *     ln L = lnG(R) - lnG(r) + r ln alpha + s ln beta - R ln(alpha+T) - s ln(beta+T) + ln(1 + s I)
 *     I    = integral of ((alpha+T)/(alpha+u))^R ((beta+T)/(beta+u))^s / (beta+u), u from t to T
 *     P(alive)         = 1 / (1 + s I)
 *     E[Y(time)|alive] = R (beta+T) / ((alpha+T) (s-1)) (1 - ((beta+T)/(beta+T+time))^(s-1))
 *
 * I is the difference of two Gauss functions in the usual expression. As an integral it has no
 * cancellation, no case alpha < beta, and its derivatives by the parameters are integrals of the
 * same kind. With v = ln((c+u)/(c+t)), c = min(alpha, beta), the integrand is analytic within pi
 * of the real axis: Gauss-Legendre panels of 12 points, of length at most 2, give all digits.
 * p = (r, alpha, s, beta) everywhere.
 *
 * Sources: Schmittlein, Morrison, Colombo, "Counting your customers" (1987); Fader, Hardie, "A note
 * on deriving the Pareto/NBD model" (2005). */
#ifndef MODELS_SEGMENT_PARETONBD_H
#define MODELS_SEGMENT_PARETONBD_H

#include "base/pool.h"
#include "models/segment/patterns.h"

/* Sum over all customers; derivatives by p into g[4]. The same bits for any number of threads. */
double paretonbd_likelihood(const patterns *c, const double p[4], double g[4], pool *threads,
                            arena scratch);

/* P(alive) at T. */
double paretonbd_alive(const double p[4], double x, double t, double T);

/* Expected purchases in `time` after T of a customer who is alive at T. */
double paretonbd_ahead(const double p[4], double x, double T, double time);

/* Expected repeat purchases in `time` of someone new. */
double paretonbd_expected(const double p[4], double time);

/* P(n repeat purchases in `time`) of someone new; n >= 0. */
double paretonbd_chance(const double p[4], int n, double time);

#endif
