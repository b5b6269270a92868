/* global: one model of all series of a panel: boosted trees on what was known at each origin.
 *
 * A row is a series, an origin (the first `o` values are known) and a step h = 1 … steps:
 *
 *     label    y[o + h - 1] / scale, scale = mean |y| of the values before the origin (a season of
 *              them, 8 at least, as many as there are)
 *     columns  h, o, log scale; the last values, means of the last 2, 4, 8, 16, of a season and of
 *              all, their spread, the share of zeros; for each season the phase of the target, the
 *              value one and two seasons before it and the mean around them, how the whole
 *              panel went on a season ago, from the same origin to the same target, and the last
 *              season over the one before; calendar columns; regressors at the target and their
 *              change since the origin; attributes
 *
 * All of them over the scale, so that small and large series teach each other: a series of ten
 * weeks has the season of those that saw two years. Rows weigh as much as their scale, so that
 * errors count in units. Direct: no forecast is fed back. The loss is
 * Tweedie's where no value is below zero (a mean, at home with zeros), else squared; bounds come
 * from the quantile loss. A fit without the last `steps` values of each
 * series says how many trees do best on them and how wide bounds must be to hold them
 * (conformal.h); then all rows are fitted.
 *
 *     global_model m;
 *     global_fit(&m, &panel, params, threads, &s->keep, s->scratch, e) &&
 *     (global_forecast(&m, &panel, to, threads, s->scratch), true)
 *
 * Nothing of a row is known later than its origin but calendar and regressors, which are taken to
 * be planned. The same bytes for any number of threads (boost.h). Sources: Makridakis et al., "The
 * M5 accuracy competition" (2022); Montero-Manso and Hyndman, "Principles and algorithms for
 * forecasting groups of time series" (2021). */
#ifndef MODELS_FORECAST_GLOBAL_H
#define MODELS_FORECAST_GLOBAL_H

#include "models/boost.h"
#include "models/forecast/conformal.h"

enum { GLOBAL_SEASONS = 4, GLOBAL_LEVELS = 8, GLOBAL_COLUMNS = 256 };

typedef struct global_series {
    int n;                /* values known, >= 1 */
    int start;            /* place of the first one on the clock that all series share, >= 0 */
    const double *y;      /* [n] finite */
    double *const *x;     /* [regressors][n + steps]; NaN: not known */
    const int *attribute; /* [attributes] class 0 … 1,000,000; -1: not known */
} global_series;

typedef struct global_panel {
    int n;
    const global_series *one; /* [n] */
    int regressors, attributes, calendars;
    int places;               /* of the clock: every start + n + steps is at most this */
    double *const *calendar;  /* [calendars][places] month, weekday … of each place */
} global_panel;

typedef struct global_params {
    int steps;                  /* ahead, >= 1 */
    int season[GLOBAL_SEASONS]; /* lengths, ascending; those below 2 count for none */
    int n_levels;
    const double *levels; /* [n_levels] of the bounds, in (0, 1) */
    int64_t rows;         /* most of a fit: origins are taken at a distance, the latest first */
    int trees, bound_trees, leaves, min_rows;
    double rate, power, feature_share;
    uint64_t seed;
} global_params;
#define GLOBAL_DEFAULTS                                                                            \
    ((global_params){.steps = 1, .rows = 200000, .trees = 300, .bound_trees = 100, .leaves = 15,   \
                     .min_rows = 20, .rate = 0.05, .power = 1.3, .feature_share = 0.7, .seed = 1})

typedef struct global_model {
    global_params p;
    int cols, trees;        /* columns; trees of the mean */
    int64_t rows;           /* of the last fit */
    bool positive;          /* no value below zero: Tweedie, and no forecast below zero */
    struct trees mean;
    struct trees bound[2 * GLOBAL_LEVELS]; /* low, high of each level */
    conformal_model factor[GLOBAL_LEVELS]; /* of the bounds, by step */
    double dispersion; /* variance over mean^power, both over the scale, of the held values */
    double carry;           /* variance of a sum of errors over the sum of their variances */
    const double *pooled;   /* [places] sum of all series */
    const char **column;    /* [cols] names */
} global_model;

/* NULL, or what is wrong with panel and parameters. */
const char *global_check(const global_panel *p, global_params q);

/* Refuses what global_check does and a panel without any row to learn from (all series of one
 * value). scratch: 4 bytes a row and column, and what boost_fit says. */
bool global_fit(global_model *m, const global_panel *p, global_params q, pool *threads,
                arena *keep, arena scratch, err *e);

/* The next steps of every series of p, which may know more values than those of the fit:
 * to[n], of m's levels. */
void global_forecast(const global_model *m, const global_panel *p, band *to, pool *threads,
                     arena scratch);

/* Variance of a value whose mean is `mean`, of a series with that scale now: Tweedie's, for values
 * not below zero. */
double global_variance(const global_model *m, double scale, double mean);

/* ---- the rows, open for tests ---- */

typedef struct global_shape {
    int cols, lags, windows, window[16], seasons, season[GLOBAL_SEASONS];
    int first_category; /* columns from it on are attributes */
    const global_panel *p;
    const double *pooled;
} global_shape;

global_shape global_shape_of(const global_panel *p, global_params q, const double *pooled);
const char **global_columns(const global_shape *s, arena *keep);

/* Sum of all series at each place. */
double *global_pool(const global_panel *p, arena *keep);

/* Mean |y| before origin o; 1 where that is 0. */
double global_scale(const global_shape *s, const global_series *one, int o);

/* Columns of series `one` from origin o (values known) to step h, over the scale. */
void global_row(const global_shape *s, const global_series *one, int o, int h, double scale,
                float *to);

#endif
