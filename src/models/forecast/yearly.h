/* yearly: a smooth yearly season of weekly sales, as one factor a week.
 *
 *     log(y_t + 1) = a + b t + sum_{k=1,2} (c_k sin 2 pi k t / 52.18 + d_k cos 2 pi k t / 52.18)
 *
 * by least squares, with a penalty of 1 on c and d; the factor of week t is exp of the sum, held to
 * 0.05 … 20. Two harmonics and the penalty keep one or two noisy years from being learnt by heart;
 * a series of few units takes the factors of its category, which sees more of them. */
#ifndef MODELS_FORECAST_YEARLY_H
#define MODELS_FORECAST_YEARLY_H

#include "base/arena.h"

/* Factors of the n weeks of y and of the `ahead` weeks after them into to[n + ahead]. All are 1
 * when the system cannot be solved. */
void yearly_factors(const double *y, int n, int ahead, double *to);

#endif
