/* seasonality: which periods a series has, how sure that is and how strong they are.
 *
 * Candidates are the caller's and the highest peaks of the autocorrelation of the series without a
 * parabola, at 2 … n/3. In ascending order, a candidate m is a season when
 *
 *     r_m of  y - MA_m(y)  >  2.33 sqrt((1 + 2 sum_{k<m} r_k^2) / n)
 *         (one in a hundred by chance)
 *     F_m = max(0, 1 - Var(remainder) / Var(season + remainder)) >= least,    of STL with season m
 *
 * unless a multiple of m among the candidates correlates more than twice as much. What is found is
 * taken out before longer candidates are looked at, so 12 does not make 24 a season, and a day and
 * a week of hours are both found.
 * Sources: Makridakis, Spiliotis, Assimakopoulos (2020), for the test; Wang, Smith, Hyndman (2006),
 * for the strength. */
#ifndef MODELS_FORECAST_SEASONALITY_H
#define MODELS_FORECAST_SEASONALITY_H

#include "base/arena.h"

enum { SEASONALITY_MOST = 4 };

typedef struct seasonality_params {
    const int *candidate; /* [candidates] ascending, or NULL */
    int candidates;
    bool search;  /* peaks of the autocorrelation too */
    double least; /* strength */
} seasonality_params;
#define SEASONALITY_DEFAULTS {.search = true, .least = 0.3}

typedef struct seasonality_one {
    int period;                /* values */
    double correlation, limit; /* r_m and what it had to exceed */
    double strength;           /* F_m */
    double amplitude;          /* highest less lowest phase of the mean season */
    int peak, trough;          /* phases, 0 = that of the first value */
} seasonality_one;

/* Up to SEASONALITY_MOST periods of y[n], all finite, into to; returns how many. */
int seasonality_find(const double *y, int n, seasonality_params p, seasonality_one *to,
                     arena scratch);

#endif
