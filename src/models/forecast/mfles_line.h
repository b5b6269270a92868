/* mfles_line: the two trends of mfles: repeated medians, and a lasso over lines that bend. */
#ifndef MODELS_FORECAST_MFLES_LINE_H
#define MODELS_FORECAST_MFLES_LINE_H

#include "base/arena.h"

/* Fits y[n] by the line of repeated medians (at most 1,000 evenly spaced values speak): to[n]. */
void mfles_siegel(const double *y, int n, double *to, arena scratch);

/* Fits y[n] by a lasso, penalty 1, over lines from y's start through its value at each of `bends`
 * evenly spaced places to near its end, and a constant: to[n]. */
void mfles_bends(const double *y, int n, int bends, double *to, arena scratch);

#endif
