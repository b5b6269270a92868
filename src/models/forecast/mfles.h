/* mfles: median, waves, trend and level found in turns, each on what the others leave.
 *
 *     y_t = median + sum_k waves_k(t) + trend(t) + level(t) + noise
 *
 * on log(y) where there is a season and all values are above 0, else on (y - mean) / deviation.
 * Seven rounds of least squares boosting: in each the waves of one season in turn (5 pairs for a
 * season below 10, 10 below 70, 15 above; 0.9 of the fit is taken); in the 2nd a line; in the 4th
 * and 6th 0.9 of a lasso over lines that bend at up to n / 10 (at most 100) places; in the last the
 * mean of the last two residuals. A part stays when the mean square error falls. Where what the
 * waves leave spreads by more than 0.7 (of the mean; for logs as in the source) lines are repeated
 * medians. The slope ahead is that of the last two points of the trend, times the share of variance
 * that the first line explained.
 *
 * Intervals: the level's forecast from each past point, h steps ahead, against the residuals that
 * the waves and the trend leave. They know nothing of the error in those two: mfles_widening says
 * how much further off the forecasts of up to three earlier origins were. The result is a forecast
 * of several long seasons at the cost of a few regressions.
 *
 *     mfles_params p = {.season = {24, 168}};
 *     mfles_model m;
 *     mfles_fit(&m, y, n, p, &s->keep, s->scratch);
 *     mfles_forecast(&m, &band, s->scratch);
 *
 * Source: Blume, "MFLES: median, Fourier, linear, exponential smoothing" (the program of 2023 and
 * its port in statsforecast); Siegel, "Robust regression using repeated medians" (1982). */
#ifndef MODELS_FORECAST_MFLES_H
#define MODELS_FORECAST_MFLES_H

#include "models/forecast/band.h"

enum { MFLES_SEASONS = 4, MFLES_BENDS = 100 };

typedef struct mfles_params {
    int season[MFLES_SEASONS]; /* whole, ascending; 0 and 1 are none */
} mfles_params;

typedef struct mfles_model {
    int n, cycle;       /* values; length of `seasonal`, 1 without a season */
    bool log, constant; /* of logarithms; all values the same (or fewer than four): the last one */
    double mean, scale; /* y = mean + scale x; of logarithms 0 and 1 */
    double level, slope; /* at the last value, scaled */
    double *seasonal;   /* [cycle] of values n … n + cycle - 1, scaled */
    double *rest;       /* [n] what median, waves and trend leave, scaled */
    bool smoothed;      /* the level follows the last two of rest */
} mfles_model;

/* Fits y[n], n >= 1, all finite and below 1e100. Scratch: 8 n (bends + 40) bytes. */
void mfles_fit(mfles_model *m, const double *y, int n, mfles_params p, arena *keep, arena scratch);

/* Means, and bounds of a normal distribution (of logarithms: of a lognormal one). */
void mfles_forecast(const mfles_model *m, band *to, arena scratch);


/* How many times as wide intervals must be, 1 to 10: the root mean square error of forecasts of y
 * from up to three earlier origins, min(steps, n / 4) values apart, against what they stated; 1
 * where the series is too short for one. */
double mfles_widening(const double *y, int n, mfles_params p, int steps, arena scratch);

#endif
