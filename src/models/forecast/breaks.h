/* breaks: where a series changed its level or its slope: the cheapest cutting into straight pieces.
 *
 *     minimise  sum over pieces of (squared errors of its mean or its line) + penalty per break
 *     penalty = strength x sigma^2 (1 + a) / (1 - a) ln n
 *
 * exactly, by dynamic programming that forgets beginnings which can no longer win (PELT). sigma is
 * first the median size of the second differences of the series and a = 0.5; then both are those of
 * what the cutting leaves, and the search is made again until they stand (sigma never falls), so
 * that slow wandering is not cut to pieces. Take seasons out first.
 * Source: Killick, Fearnhead, Eckley, "Optimal detection of changepoints with a linear
 * computational cost" (2012). */
#ifndef MODELS_FORECAST_BREAKS_H
#define MODELS_FORECAST_BREAKS_H

#include "base/arena.h"

typedef struct breaks_params {
    bool lines;      /* pieces are lines, else levels */
    int least;       /* values of a piece, >= 3 */
    double strength; /* of the penalty, > 0 */
} breaks_params;
#define BREAKS_DEFAULTS {.lines = true, .least = 6, .strength = 5}

typedef struct breaks_one {
    int at;               /* first value of the new piece */
    double before, after; /* the pieces on either side, at `at` */
    double slope_before, slope_after;
} breaks_one;

typedef struct breaks_model {
    int n;
    breaks_one *one; /* [n] ascending */
    double sigma, correlation;
} breaks_model;

/* y[n], all finite. Takes 80 n bytes of scratch. */
breaks_model breaks_find(const double *y, int n, breaks_params p, arena *keep, arena scratch);

#endif
