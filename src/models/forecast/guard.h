/* guard: what a model said of a series and was not let through, by name.
 *
 *     too_short   fewer than three values: the last one goes on, whatever the model
 *     not_finite  the model's forecast was not finite: the mean of the values instead
 *     trend       means left [low - 3 r, high + 3 r], r = high - low of the history: from there on
 *                 each step is 0.9 of the one before it, and they are held to 10 r
 *     obsolete    sold no more: no value in 13 steps, in twice the longest pause before and in a
 *                 season (where one was seen), which at the old rate has a chance below 1 in 1,000:
 *                 means of 0
 *     below_zero  means below zero, of units
 *     capped      means above three times the most ever seen, of units
 *     too_wide    bounds further than 10 r from the mean, times sqrt(h / n) where more steps than
 *                 the history has values are asked for: held to that
 *
 * Bounds move with the means that a guard moves. Simple rules that are asked for by name (naive,
 * snaive, drift, mean) are not bent by `trend`. */
#ifndef MODELS_FORECAST_GUARD_H
#define MODELS_FORECAST_GUARD_H

#include "models/forecast/band.h"

typedef enum guard_kind {
    GUARD_TOO_SHORT,
    GUARD_NOT_FINITE,
    GUARD_TREND,
    GUARD_OBSOLETE,
    GUARD_BELOW_ZERO,
    GUARD_CAPPED,
    GUARD_TOO_WIDE,
    GUARD_KINDS
} guard_kind;

extern const char *const guard_names[GUARD_KINDS]; /* as above */
#define GUARD(kind) (1u << (kind)) /* a set of guards is an unsigned number */

enum { GUARD_LEAST = 3 }; /* values that a model needs */

/* The rows of the table above that hold a band to the history y[n], n >= 1: each returns its bit
 * where it acted, else 0. */
unsigned guard_trend(const double *y, int n, band *to);
unsigned guard_obsolete(const double *y, int n, int season, band *to);
unsigned guard_units(const double *y, int n, band *to); /* below_zero and capped */
unsigned guard_width(const double *y, int n, double least_range, band *to);

#endif
