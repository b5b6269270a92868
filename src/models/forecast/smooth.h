/* smooth: simple exponential smoothing with the optimal start, and the search for its alpha.
 *
 *     e_t = y_t - l_{t-1}      l_t = l_{t-1} + alpha e_t      least sum of e_t^2
 *
 * l_0 has a closed form for each alpha, so only alpha is searched: a grid over its range, then
 * golden section around the best point of the grid. What theta, Croston and the intermittent
 * models stand on; ets.h knows it as "ANN". */
#ifndef MODELS_FORECAST_SMOOTH_H
#define MODELS_FORECAST_SMOOTH_H

#define SMOOTH_LOW  0.0001 /* bounds of alpha in the forecast package of R */
#define SMOOTH_HIGH 0.9999

typedef struct smooth_model {
    double alpha, start, level; /* l_0, l_n */
    double sse;
} smooth_model;

/* y[n], n >= 1. Equal low and high: alpha is given. */
smooth_model smooth_fit(const double *y, int n, double low, double high);

/* The argument in [low, high] where value is least, to 1e-7 of the range. */
double smooth_least(double (*value)(void *what, double at), void *what, double low, double high);

#endif
