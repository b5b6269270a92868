/* detect: what a series is made of and what is odd in it: one call for all of it.
 *
 *     periods     seasonality.h, the caller's candidates and its own
 *     parts       robust MSTL with those periods: trend + seasons + remainder
 *     trend       kendall.h on the series without seasons; strength max(0, 1 - Var R / Var(T + R))
 *     breaks      breaks.h on the same, lone anomalies replaced by their neighbours
 *     anomalies   anomalies.h on the remainders
 *
 *     detect_result d;
 *     detect_series(&d, y, n, candidates, n_candidates, &s->keep, s->scratch);  */
#ifndef MODELS_FORECAST_DETECT_H
#define MODELS_FORECAST_DETECT_H

#include "models/forecast/breaks.h"
#include "models/kendall.h"
#include "models/forecast/mstl.h"
#include "models/forecast/seasonality.h"

typedef struct detect_result {
    int seasons;
    seasonality_one season[SEASONALITY_MOST]; /* ascending periods */
    mstl_model parts;
    kendall_result trend;
    double trend_strength;
    breaks_model breaks;
    double *score; /* [n] robust z of the remainders */
    int anomalies; /* scores beyond ANOMALIES_LIMIT */
} detect_result;

/* y[n], n >= 1, all finite and below 1e100. */
void detect_series(detect_result *out, const double *y, int n, const int *candidates,
                   int n_candidates, arena *keep, arena scratch);

#endif
