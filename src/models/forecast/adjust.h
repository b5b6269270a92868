/* adjust: takes the season out of a series before a model without one, and puts it back after.
 *
 *     adjust_seasonal(y, n, m)       |r_m| > 1.645 sqrt((1 + 2 sum_{k<m} r_k^2) / n) and n >= 3m
 *     s_k                            mean over phase k of y / MA_m(y), divided by their mean
 *     x_t = y_t / s_{t mod m}        and forecasts are multiplied by the s of their phase
 *
 * MA_m is the centred moving average (ends weigh one half when m is even). A series with a value
 * of zero or below, or a factor below 0.001, takes differences and sums instead of ratios and
 * products. Source: the benchmarks of the M4 competition (Makridakis, Spiliotis and
 * Assimakopoulos 2020), which are reproduced exactly. */
#ifndef MODELS_FORECAST_ADJUST_H
#define MODELS_FORECAST_ADJUST_H

#include <stdbool.h>

#include "models/forecast/band.h"

/* The autocorrelation r_m of x[n], whose mean is 0 and whose squares add up to total > 0, and the
 * limit above which it shows a season. */
double adjust_correlation(const double *x, int n, int m, double total, double *limit);

/* The competition's test at 90 %, of the series as it is: a trend can pass for a season. */
bool adjust_seasonal(const double *y, int n, int m, arena scratch);

typedef struct adjusted {
    int n, season;   /* 1 when no season was taken out */
    bool multiply;
    double *factor;  /* [season] by phase t mod season */
    double *x;       /* [n] the series without its season */
} adjusted;

/* Takes the season m out of y[n], n >= 1, when the test finds it. */
adjusted adjust_series(const double *y, int n, int m, arena *keep, arena scratch);

/* Puts the season back into a forecast of x: means, bounds and the deviation of the sum. */
void adjust_back(const adjusted *a, band *to);

#endif
