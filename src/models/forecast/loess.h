/* loess: local regression of an evenly spaced series: a smooth curve from nearby values.
 *
 * The value at x is that of a straight line (degree 1) or a constant (degree 0) fitted to the
 * `window` nearest of the points 1 … n by least squares with the weights
 *
 *     w_j = r_j (1 - (|j - x| / h)^3)^3,     h = distance of the farthest of them
 *
 * r_j is the caller's weight of point j (robustness), 1 without. A window wider than the series
 * takes all points and h grows by half of what is missing. Away from the ends and without caller's
 * weights the w_j are the same at every x and are computed once.
 * Source: Cleveland, Cleveland, McRae, Terpenning, "STL" (1990), 2.1 and appendix. */
#ifndef MODELS_FORECAST_LOESS_H
#define MODELS_FORECAST_LOESS_H

#include <stdbool.h>

typedef struct loess {
    const double *y;      /* [n] at points 1 … n */
    int n, window;        /* window >= 3 */
    int degree;           /* 0 or 1 */
    const double *weight; /* [n] of the caller, >= 0, or NULL */
    double *work;         /* [n] overwritten */
} loess;

/* The curve at x from the points left … right (1-based, inclusive) into *to. False (and *to as it
 * was) when all of them weigh nothing. */
bool loess_at(const loess *l, double x, int left, int right, double *to);

/* The curve at 1 … n into to[n]; where all points weigh nothing, y itself. */
void loess_smooth(const loess *l, double *to);

#endif
