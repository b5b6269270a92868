/* stl: a series as trend + season + remainder by local regression (STL).
 *
 * Repeated `inner` times, beginning with trend 0:
 *
 *     1. each phase t mod m of y - trend is smoothed over its cycles by loess of `season_window`
 *        and goes on for one cycle at either end
 *     2. what is slow in that (moving averages of m, m and 3 values, then loess of `low_window`)
 *        is taken out: the season
 *     3. y - season is smoothed by loess (window `trend_window`): the trend
 *
 * With `outer` > 0 the whole is repeated that often with the weights (1 - (r / 6 median|r|)^2)^2 of
 * the remainders r, so that a few odd values bend neither season nor trend. Loess is evaluated at
 * every value (no jumps), as statsmodels does; its numbers are reproduced to rounding.
 *
 *     stl_params p = STL_DEFAULTS;
 *     p.season = 12;
 *     stl_model m;
 *     if (stl_check(y, n, p) == NULL) stl_fit(&m, y, n, p, &s->keep, s->scratch);
 *
 * Source: Cleveland, Cleveland, McRae, Terpenning, "STL: a seasonal-trend decomposition procedure
 * based on loess" (1990). */
#ifndef MODELS_FORECAST_STL_H
#define MODELS_FORECAST_STL_H

#include "base/arena.h"

typedef struct stl_params {
    int season;        /* m >= 2 values */
    int season_window; /* cycles, odd, >= 3; more: the season changes more slowly */
    int trend_window;  /* values, odd, >= 3; 0: least odd >= 1.5 m / (1 - 1.5/season_window) */
    int low_window;    /* values, odd, >= 3; 0: the least odd above m */
    int degree;        /* of the season's loess: 0 or 1 */
    int inner, outer;  /* rounds; inner >= 1, outer >= 0 (0: not robust) */
} stl_params;
#define STL_DEFAULTS {.season_window = 7, .degree = 1, .inner = 5}
#define STL_ROBUST   {.season_window = 7, .degree = 1, .inner = 2, .outer = 15}

typedef struct stl_model {
    int n;
    double *trend, *season, *remainder; /* [n] each, adding up to y */
    double *weight;                     /* [n] of the last round: 1, or less where it was robust */
} stl_model;

/* NULL, or why y[n] cannot be decomposed: fewer than two seasons, a value that is not finite. */
const char *stl_check(const double *y, int n, stl_params p);

/* What stl_check passed. Takes 8 (5 n + 8 m) bytes of scratch and 32 n of keep. */
void stl_fit(stl_model *out, const double *y, int n, stl_params p, arena *keep, arena scratch);

/* How much of what is left without the other part this part explains, from 0 to 1:
 * max(0, 1 - Var(remainder) / Var(part + remainder)). part is the trend or a season, [n].
 * Source: Wang, Smith, Hyndman, "Characteristic-based clustering" (2006). */
double stl_strength(const double *part, const double *remainder, int n);

#endif
