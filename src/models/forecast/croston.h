/* croston: demand that is zero most of the time: Croston's method and its relatives.
 *
 * Sizes z are the values that are not zero, gaps g the periods from one to the next (the first
 * from the start of the series). S_a(x) is simple smoothing that starts at the first value.
 *
 *     CROSTON_CLASSIC  S_a(z) / S_a(g)
 *     CROSTON_SBA      (1 - a/2) times it (Syntetos and Boylan 2005): without its bias
 *     CROSTON_TSB      S_b(1 where sold, else 0) S_a(z) (Teunter, Syntetos and Babai 2011): fades
 *                      while nothing is sold
 *     CROSTON_ADIDA    S of sums over buckets of round(mean gap) periods, divided by the bucket
 *                      (Nikolopoulos et al. 2011); a remainder is left out at the start
 *     CROSTON_IMAPA    the mean of that over buckets of 1 … round(mean gap) periods
 *
 * The smoothing of sums takes the a in [0.1, 0.3] with the least squared one-step error. Forecasts
 * are flat. Where all values are whole numbers from zero on, bounds are quantiles of a negative
 * binomial with the forecast as mean and the mean squared one-step error as variance; else normal.
 *
 * Classes of demand (Syntetos, Boylan and Croston 2005), by ADI = periods / values that are not
 * zero and CV2 = variance / mean^2 of these: smooth ADI < 1.32 and CV2 < 0.49; intermittent
 * ADI >= 1.32; erratic CV2 >= 0.49; lumpy both. */
#ifndef MODELS_FORECAST_CROSTON_H
#define MODELS_FORECAST_CROSTON_H

#include "models/forecast/band.h"

typedef enum croston_kind {
    CROSTON_CLASSIC,
    CROSTON_SBA,
    CROSTON_TSB,
    CROSTON_ADIDA,
    CROSTON_IMAPA
} croston_kind;

typedef struct croston_params {
    croston_kind kind;
    double alpha, beta; /* of sizes and gaps; of the share of periods with a sale (TSB) */
} croston_params;
#define CROSTON_DEFAULTS {.kind = CROSTON_SBA, .alpha = 0.1, .beta = 0.1}

typedef struct croston_model {
    double mean;     /* of every step */
    double variance; /* of one period, by the one-step errors of the sample */
    bool whole;      /* all values are whole numbers >= 0 */
} croston_model;

/* NULL, or why: n < 1, a value that is negative or not finite, smoothing outside (0, 1]. */
const char *croston_check(const double *y, int n, croston_params p);

/* Cannot fail after the check; a series of zeros has the mean 0. */
void croston_fit(croston_model *m, const double *y, int n, croston_params p, arena scratch);
void croston_forecast(const croston_model *m, band *to);

typedef enum croston_class {
    CROSTON_SMOOTH,
    CROSTON_INTERMITTENT,
    CROSTON_ERRATIC,
    CROSTON_LUMPY,
    CROSTON_EMPTY /* all zeros */
} croston_class;

extern const char *const croston_class_names[]; /* "smooth", "intermittent", … */

/* Zeros before the first sale do not count. adi and cv2 may be NULL. */
croston_class croston_classify(const double *y, int n, double *adi, double *cv2);

#endif
