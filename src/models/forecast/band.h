/* band: a forecast of one series: the mean of each step and bounds at several levels.
 *
 *     static const double levels[] = {0.80, 0.95};
 *     band f = band_new(&s->keep, 12, levels, 2);
 *     ets_forecast(&model, &f, rng_open(seed, series), s->scratch);
 *     f.low[0 * f.steps + h], f.high[1 * f.steps + h]
 *
 * Bounds of level L are the (1-L)/2 and (1+L)/2 quantiles of the forecast distribution. */
#ifndef MODELS_FORECAST_BAND_H
#define MODELS_FORECAST_BAND_H

#include "base/arena.h"
#include "models/normal.h"

typedef struct band {
    int steps, n_levels;
    const double *levels; /* [n_levels], each in (0, 1) */
    double *mean;         /* [steps], units of the series */
    double *low, *high;   /* [n_levels, steps]; NULL when n_levels is 0 */
    double total_sd;      /* standard deviation of the sum of all steps, carry-over included */
} band;

band band_new(arena *keep, int steps, const double *levels, int n_levels);

/* Fills the bounds of one step (0-based) with mean -/+ z sd: a normal distribution. */
void band_normal(band *b, int step, double sd);

/* Bounds of the sum of all steps at one level: a normal distribution about the sum of the means. */
void band_total(const band *b, double level, double *sum, double *low, double *high);

/* sd[k] = deviation of the sum of steps 0 … k, from what the band says of single steps (upper bound
 * of its first level less mean) and of all: steps i and j correlate as r^|i-j|, with the r in
 * [0, 1] that meets total_sd at the last step, where it is met exactly. Needs a level. */
void band_sums(const band *b, double *sd);

/* Makes bounds and total_sd `times` as wide about the means. */
void band_widen(band *b, double times);

/* Raises means and bounds below zero to zero: units sold cannot be negative. */
void band_not_negative(band *b);

#endif
