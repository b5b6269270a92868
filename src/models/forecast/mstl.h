/* mstl: a series with several seasons: STL for one after the other, each on what the others leave.
 *
 *     twice over (once for a single season), shortest first:
 *         season_i = STL_m_i(y - the other seasons).season,  window 7 + 4 i cycles (11, 15, …)
 *     trend = that of the last STL,  remainder = y - trend - sum_i season_i
 *
 * Seasons of which the series holds fewer than two cycles are left out. A forecast is one of the
 * series without its seasons, to which the last cycle of each is added (mstl_back).
 *
 *     mstl_model m;
 *     mstl_fit(&m, y, n, MSTL_DEFAULTS(24, 168), &s->keep, s->scratch);
 *     … fit any model to m.adjusted, forecast into band b …
 *     mstl_back(&m, &b);
 *
 * Source: Bandara, Hyndman, Bergmeir, "MSTL: a seasonal-trend decomposition algorithm for time
 * series with multiple seasonal patterns" (2021). */
#ifndef MODELS_FORECAST_MSTL_H
#define MODELS_FORECAST_MSTL_H

#include "models/forecast/band.h"
#include "models/forecast/stl.h"

enum { MSTL_SEASONS = 4 };

typedef struct mstl_params {
    int season[MSTL_SEASONS]; /* values in one, ascending; 0 and 1 are none */
    int rounds;
    int season_window; /* cycles, odd; 0: 11, 15, … */
    int trend_window;  /* values, odd; 0: that of stl.h, by the season */
    int outer;         /* rounds that let go of odd values; 0: none */
} mstl_params;
#define MSTL_DEFAULTS(...) ((mstl_params){.season = {__VA_ARGS__}, .rounds = 2})

typedef struct mstl_model {
    int n, seasons;
    int length[MSTL_SEASONS];     /* of the seasons that are in */
    double *season[MSTL_SEASONS]; /* [n] each */
    double *trend, *remainder;    /* [n] */
    double *adjusted;             /* [n] trend + remainder: y without its seasons */
} mstl_model;

/* NULL, or why y[n] cannot be decomposed. */
const char *mstl_check(const double *y, int n, mstl_params p);

/* What mstl_check passed. Without a season that is held twice the trend is loess of window n/2. */
void mstl_fit(mstl_model *out, const double *y, int n, mstl_params p, arena *keep, arena scratch);

/* How much wider than that of `adjusted` the interval of a forecast is, as a ratio of deviations:
 *
 *     sqrt((1 + sum_i e_i) / prod_i c_i),    e = sum_j l_j^2 of the last cycle,
 *                                            c = (1 - l_c)^2 + sum_{j != c} l_j^2 of the middle one
 *
 * l are the weights by which season i's loess takes the values of a phase: e is the variance of
 * the season put back, of noise of variance 1, and c what the seasons leave of that noise in
 * `adjusted`, from which its model learns how large it is. p is that of the fit. */
double mstl_widening(const mstl_model *m, mstl_params p, arena scratch);

/* Adds the seasons to a forecast of `adjusted`, that of step h as one cycle before. */
void mstl_back(const mstl_model *m, band *to);

#endif
