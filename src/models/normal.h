/* normal: quantiles of the standard normal distribution, and how much of it lies between two. */
#ifndef MODELS_NORMAL_H
#define MODELS_NORMAL_H

/* The x with P(X <= x) = p, p in (0, 1); relative error below 1e-15.
 * Source: Wichura, "Algorithm AS 241" (1988). */
double normal_quantile(double p);

/* ln P(a < X < b), a <= b, either may be infinite; -inf where it is below the smallest double
 * (both beyond 38 on one side). */
double normal_log_mass(double a, double b);

#endif
