/* patterns: customers with the same purchase history, counted once.
 *
 * A history is (x, t, T): x repeat purchases (the first one does not count), the time t from the
 * first to the last purchase and the time T from the first purchase to the end of what is known.
 * x = 0 exactly when t = 0, and t <= T. Time has any one unit. The models of buying see nothing
 * else, so a million customers are some thousand patterns with weights, and the logarithms that
 * depend on one of the three are taken once per distinct value.
 *
 * Patterns ascend by (x, T, t): neither the order of the customers nor the number of threads
 * changes a sum. Source: Fader, Hardie, Lee, "Counting your customers the easy way" (2005). */
#ifndef MODELS_SEGMENT_PATTERNS_H
#define MODELS_SEGMENT_PATTERNS_H

#include "base/arena.h"

typedef struct patterns {
    int64_t rows, n;              /* customers; patterns */
    int32_t n_x, n_t, n_T;        /* distinct values */
    double *at_x, *at_t, *at_T;   /* [n_x], [n_t], [n_T] ascending */
    int32_t *x, *t, *T;           /* [n] indexes into the three */
    double *weight;               /* [n] customers */
    int32_t *row;                 /* [rows] customers by pattern, ascending within one */
    int64_t *first;               /* [n + 1] where the customers of a pattern begin in row */
    double *of_T;                 /* [n_T] customers of each T */
    double total_x, longest;      /* sum of all x; largest T */
} patterns;

/* Collapses the histories of 0 <= rows <= INT32_MAX customers into keep. Refused: a value that is
 * not finite, an x that is no whole number >= 0, t < 0, t > T, x = 0 with t > 0 or the reverse;
 * the sentence counts customers from 1. */
bool patterns_of(patterns *p, const double *x, const double *t, const double *T, int64_t rows,
                 arena *keep, arena scratch, err *e);

/* Every step-th pattern of p, at most `most`, for trying starts; shares p's tables. */
patterns patterns_thin(const patterns *p, int64_t most, arena *keep);

#endif
