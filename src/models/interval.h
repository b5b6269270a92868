/* interval: intervals of counted shares, and the beta distribution behind them.
 *
 *     interval w = interval_wilson(7, 20);          // 7 of 20: value 0.35, low 0.18, high 0.57
 *     interval d = interval_newcombe(56, 70, 48, 80);   // difference 0.20, low 0.05, high 0.33
 *
 * Wilson (1927): centre (p + z²/2n) / (1 + z²/n), half z √(p(1-p)/n + z²/4n²) / (1 + z²/n).
 * Newcombe (1998, method 10): the difference of two shares from their Wilson limits.
 * The incomplete beta function is Lentz's continued fraction, its inverse Newton's method in a
 * shrinking bracket: no table, the same digits everywhere. Intervals are 95 % unless z is given. */
#ifndef MODELS_INTERVAL_H
#define MODELS_INTERVAL_H

#include <stdint.h>

#define INTERVAL_Z95 1.959963984540054

typedef struct interval {
    double value, low, high;
} interval;

/* k of n; n = 0 gives value 0 with the whole range [0, 1]. Asserts 0 <= k <= n. */
interval interval_wilson(int64_t k, int64_t n);
interval interval_wilson_z(int64_t k, int64_t n, double z);

/* Share ka/na minus share kb/nb. */
interval interval_newcombe(int64_t ka, int64_t na, int64_t kb, int64_t nb);

/* P(X <= x) of a Beta(a, b); a, b > 0, x is clamped to [0, 1]. */
double beta_below(double x, double a, double b);

/* The x with beta_below(x, a, b) = p, to about 1e-14; p in [0, 1]. */
double beta_quantile(double p, double a, double b);

/* ln of the beta function B(a, b). Source of lgamma: the C library, in its thread-safe form. */
double beta_log(double a, double b);

#endif
