/* prophet: a trend that bends, seasons as waves, holidays and regressors, fitted together (MAP).
 *
 * With t = 0 … 1 from the first to the last day of the history, y divided by its largest |y|,
 * hinges h_j(t) = max(0, t - s_j) at the changepoints s_j, and columns x of waves
 * (sin, cos of 2 pi i day / period), holidays and regressors,
 *
 *     z(t) = k t + m + sum_j delta_j h_j(t)      linear: trend g = z;  flat: g = m
 *     z(t) = k (t - m) + sum_j delta_j h_j(t)    logistic: g = cap / (1 + exp(-z))
 *     y    = g (1 + sum of multiplied beta x) + sum of added beta x + N(0, sigma)
 *
 * the fit is the highest posterior density under k, m ~ N(0, 5), delta_j ~ Laplace(0, tau),
 * beta_i ~ N(0, its prior), sigma ~ half-normal(0.5): the model and defaults of Prophet. For a
 * linear or flat trend with added columns it is found exactly: given sigma, a lasso in delta after
 * the other variables are eliminated (prophet_solve.h); sigma then has a closed form; repeated to
 * rest. Otherwise the same problem is solved for the linearised curve, with damped steps
 * (Gauss-Newton), until the posterior stands still.
 *
 *     prophet_params p = PROPHET_DEFAULTS;
 *     prophet_calendar c = {.n = n, .steps = 30, .day = day};
 *     prophet_design d;  prophet_model m;
 *     prophet_design_new(&d, &c, p, &keep, scratch, e)       // once for all series of a calendar
 *         && prophet_fit(&m, &d, y, &keep, scratch, e)
 *     prophet_forecast(&m, &band, rng_open(seed, series), scratch);
 *
 * Sources: Taylor and Letham, "Forecasting at scale" (2018); Lee, Battle, Raina, Ng, "Efficient
 * sparse coding algorithms" (2007), for the active set. */
#ifndef MODELS_FORECAST_PROPHET_H
#define MODELS_FORECAST_PROPHET_H

#include "base/random.h"
#include "models/forecast/band.h"

typedef enum prophet_growth { PROPHET_LINEAR, PROPHET_LOGISTIC, PROPHET_FLAT } prophet_growth;

enum { PROPHET_AUTO = -1 };

typedef struct prophet_season {
    double period; /* days */
    int order;     /* waves */
    double prior;
    bool multiply;
} prophet_season;

enum { PROPHET_SEASONS = 8 };

typedef struct prophet_params {
    prophet_growth growth;
    int changepoints;         /* at most; evenly over the first `range` of the values */
    double range;             /* in (0, 1] */
    double changepoint_prior; /* tau */
    int yearly, weekly, daily; /* waves, 0 none, PROPHET_AUTO: 10, 3, 4 where the history is two
                                  cycles long and finer than the cycle */
    double season_prior;
    bool multiply;            /* the three above are multiplied, not added */
    prophet_season more[PROPHET_SEASONS]; /* of one's own; order 0 ends them */
    double cap, floor;        /* of logistic growth, units of the series */
    int samples;              /* paths for the intervals of logistic growth */
} prophet_params;
#define PROPHET_DEFAULTS                                                                           \
    {.changepoints = 25, .range = 0.8, .changepoint_prior = 0.05, .yearly = PROPHET_AUTO,          \
     .weekly = PROPHET_AUTO, .daily = PROPHET_AUTO, .season_prior = 10, .samples = 1000}
#define PROPHET_COLUMN_PRIOR 10 /* the usual one of holidays and regressors */

/* For a series whose values are counted, one a day, without dates: its seasons of two cycles or
 * more in n values, up to ten waves each, instead of yearly, weekly and daily ones. */
void prophet_counted(prophet_params *p, const int *season, int seasons, int n);

/* A holiday (0 and 1) or a regressor: what is not 0 and 1 is standardised by the history. */
typedef struct prophet_column {
    const double *x; /* [n + steps], all finite */
    double prior;
    bool multiply;
} prophet_column;

typedef struct prophet_calendar {
    int n, steps;
    const double *day; /* [n + steps] days since 1970, ascending; fractions are hours */
    int columns;
    const prophet_column *column; /* [columns] */
} prophet_calendar;

/* What series of one calendar share. Variables are numbered m, k, beta …, delta …. */
typedef struct prophet_design {
    prophet_params p;
    int n, steps, betas, hinges, width; /* width = 2 + betas + hinges */
    double *row;    /* [n + steps, width]: 1, t, x …, h … (flat: t is 0) */
    double *time;   /* [n + steps] t */
    double *hinge;  /* [hinges] s_j */
    double *gram;   /* [width, width] over the history */
    double *prior;  /* [2 + betas] standard deviations */
    bool *multiply; /* [betas] */
    bool swings;    /* some column is multiplied */
    bool linear;    /* the curve is linear in the variables */
} prophet_design;

/* NULL, or why these parameters are refused. */
const char *prophet_check(prophet_params p);

/* Takes 8 (n + steps + width) width bytes of keep. Refuses what prophet_check refuses, days that do
 * not ascend and columns that are not finite (by number and position). */
bool prophet_design_new(prophet_design *d, const prophet_calendar *c, prophet_params p,
                        arena *keep, arena scratch, err *e);

typedef struct prophet_model {
    const prophet_design *design;
    double *value; /* [width] m, k, beta, delta */
    double sigma;  /* all four in units of y / scale */
    double scale;
    double *yhat;  /* [n + steps] in units of the series */
    double *trend; /* [n + steps] g in units of the series */
    double *swing; /* [n + steps] 1 + sum of multiplied beta x */
    double loss;   /* -log posterior, without constants */
    int rounds;
    bool constant; /* every value was the same: it goes on */
} prophet_model;

/* Fits y[n]: at least two finite values below 1e100. */
bool prophet_fit(prophet_model *m, const prophet_design *d, const double *y, arena *keep,
                 arena scratch, err *e);

/* Means of the steps after the history, and bounds: the trend may go on bending as often and as
 * much as it did (a Poisson process of changes with Laplace sizes), and sigma is added. Quantiles
 * are exact for linear and flat growth (prophet_spread.h), of `samples` paths from r otherwise. */
void prophet_forecast(const prophet_model *m, band *to, rng r, arena scratch);

#endif
