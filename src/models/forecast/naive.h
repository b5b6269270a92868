/* naive: the forecasts that every other one has to beat, with analytic intervals.
 *
 *     last      y[n]                              sd of step h: s sqrt(h)
 *     seasonal  y[n - m + 1 + (h-1) mod m]        s sqrt(floor((h-1)/m) + 1)
 *     drift     y[n] + h (y[n] - y[1])/(n - 1)    s sqrt(h (1 + h/(n-1)))
 *     mean      mean of the last w values         s sqrt(1 + 1/w)
 *
 * s is the root of the mean squared residual in the sample, over n - 1 (last), n - m (seasonal),
 * n - 2 (drift, one parameter) and w - 1 (mean, one parameter). Source: Hyndman and Athanasopoulos,
 * "Forecasting: principles and practice", 3rd edition, 5.2 and 5.5. */
#ifndef MODELS_FORECAST_NAIVE_H
#define MODELS_FORECAST_NAIVE_H

#include "models/forecast/band.h"

typedef enum naive_kind { NAIVE_LAST, NAIVE_SEASONAL, NAIVE_DRIFT, NAIVE_MEAN } naive_kind;

typedef struct naive_params {
    naive_kind kind;
    int season; /* m of NAIVE_SEASONAL, >= 1; with fewer than m values it is NAIVE_LAST */
    int window; /* w of NAIVE_MEAN; 0 or more than n = all values */
} naive_params;

/* Fills to->mean and the bounds from y[n], n >= 1, all finite. Cannot fail. */
void naive_forecast(const double *y, int n, naive_params p, band *to);

#endif
