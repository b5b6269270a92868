/* theta: a straight line and exponential smoothing, weighed: the Theta method and its relatives.
 *
 * With the series x without its season (adjust.h), q = 1 - alpha and k = 1 - 1/theta,
 *
 *     mu_t = l_{t-1} + k [A q^{t-1} + B (1 - q^t) / alpha]       l_t = alpha x_t + q l_{t-1}
 *
 *     THETA_CLASSIC  the mean of the least-squares line and of simple smoothing of 2x - line, no
 *                    forecast below zero for a series above it: the benchmark of M4, exactly
 *     THETA_STATIC   A + B t is the least-squares line of all values; alpha, l_0, theta >= 1 free
 *     THETA_DYNAMIC  A and B are those of the values up to t - 1, updated at each step
 *
 * Two of the three parameters are linear in mu: l_0 and k have a closed form for each alpha (k held
 * to [0, 0.999]), so the fit is a search over alpha in [0.1, 0.99] alone: a grid, then golden
 * section around its best point. Least squares over t > 3. The deviation of step h is
 * s sqrt(1 + (h-1) alpha^2). Sources: Assimakopoulos and Nikolopoulos (2000); Fiorucci, Pellegrini,
 * Louzada, Petropoulos and Koehler, "Models for optimising the theta method" (2016). */
#ifndef MODELS_FORECAST_THETA_H
#define MODELS_FORECAST_THETA_H

#include "models/forecast/adjust.h"

typedef enum theta_kind { THETA_CLASSIC, THETA_STATIC, THETA_DYNAMIC } theta_kind;

typedef struct theta_params {
    theta_kind kind;
    int season; /* m; 1 = none; taken out when the test of adjust.h finds it */
} theta_params;
#define THETA_DEFAULTS {.kind = THETA_DYNAMIC, .season = 1}

typedef struct theta_model {
    theta_kind kind;
    adjusted series;
    double alpha, k, start; /* k of mu; theta = 1/(1 - k); start = l_0 */
    double level;           /* l_n */
    double a, b;            /* of the line after n values, at t = 1 … n */
    double mean;            /* of the n values, of the dynamic kind alone */
    double sse, sigma;      /* over t > 3; sqrt(sse / (its values - 3)), at least 1 value */
} theta_model;

/* NULL, or why y[n] cannot be fitted (a value that is not finite, n < 1, season < 1). */
const char *theta_check(const double *y, int n, theta_params p);

/* Fewer than 6 values, or all the same: a level that stays. */
bool theta_fit(theta_model *m, const double *y, int n, theta_params p, arena *keep, arena scratch,
               err *e);

void theta_forecast(const theta_model *m, band *to);

#endif
