/* forecaster: one series, one named model: what the command line and the pipeline ask for.
 *
 *     mean    mean of the last `window` values
 *     naive   the last value
 *     snaive  the value one season ago
 *     drift   the line from the first to the last value
 *     naive2  the last value of the series without its season, the season put back
 *     ses, holt, damped   simple, linear and damped exponential smoothing, season as in naive2
 *     theta, otm, dotm    the Theta method of M4, with optimal theta, and dynamic (theta.h)
 *     ets     exponential smoothing chosen by AICc
 *     arima   ARIMA with seasonal terms, orders by AICc (arima.h)
 *     mstl    the seasons taken out by STL (mstl.h), ets without a season, the seasons put back
 *     mfles   median, waves of all seasons, trend and level, boosted in turns (mfles.h)
 *     prophet a trend that bends, seasons as waves, holidays, regressors (prophet.h)
 *     croston, sba, tsb, adida, imapa   intermittent demand (croston.h); no values below zero
 *     blend   median of mean, snaive and ets, step by step
 *     best    the one of mean, snaive, ets, blend with the least squared error over rolling
 *             origins: each is fitted on y[0 … n-1-o h] and scored on the h values after that,
 *             o = 1 … origins; blend when the series is too short for one origin
 *     auto    several models, weighed by their errors over rolling origins (ensemble.h)
 *     global  one model of all series (global.h): for those who have all of them at hand
 *
 * What is not let through is replaced and told (guard.h): too short a series, a result that is not
 * finite (snaive inside blend, mean alone), a trend that runs away; of units what is below zero,
 * above three times the most, or sold no more. Every single model is one row of the table in
 * forecaster_models.c. */
#ifndef MODELS_FORECAST_FORECASTER_H
#define MODELS_FORECAST_FORECASTER_H

#include "models/forecast/croston.h"
#include "models/forecast/ets.h"
#include "models/forecast/guard.h"
#include "models/forecast/prophet.h"

typedef enum forecaster_kind {
    FORECASTER_MEAN,
    FORECASTER_NAIVE,
    FORECASTER_SNAIVE,
    FORECASTER_DRIFT,
    FORECASTER_NAIVE2,
    FORECASTER_SES,
    FORECASTER_HOLT,
    FORECASTER_DAMPED,
    FORECASTER_THETA,
    FORECASTER_OTM,
    FORECASTER_DOTM,
    FORECASTER_ETS,
    FORECASTER_ARIMA,
    FORECASTER_MSTL,
    FORECASTER_MFLES,
    FORECASTER_PROPHET,
    FORECASTER_CROSTON,
    FORECASTER_SBA,
    FORECASTER_TSB,
    FORECASTER_ADIDA,
    FORECASTER_IMAPA,
    FORECASTER_SINGLE, /* kinds below it are single models */
    FORECASTER_BLEND = FORECASTER_SINGLE,
    FORECASTER_BEST,
    FORECASTER_AUTO,
    FORECASTER_GLOBAL, /* forecaster_run refuses it */
    FORECASTER_KINDS
} forecaster_kind;

const char *forecaster_name(forecaster_kind kind);           /* "mean", "naive", … as above */
bool forecaster_find(const char *name, forecaster_kind *out); /* false: no such name */
const char *forecaster_list(arena *keep);                    /* "global, auto, …, mean" */

enum { FORECASTER_MORE = 3, FORECASTER_MEMBERS = 32 };

typedef struct forecaster_params {
    forecaster_kind kind;
    int season;     /* observations; 1 = none */
    int more[FORECASTER_MORE]; /* further, longer ones, ascending, of auto, mstl, mfles */
    int window;     /* of mean; 0 = all values */
    int origins;    /* of auto and best, at most; fewer when the series is short */
    double slack;   /* of auto: no member with more than this times the least error */
    double *scores; /* of auto, to fill: [origins, levels, steps] by conformal.h, NaN where there is
                       none; NULL: not wanted */
    bool units;     /* things sold: the guards of units and of what is sold no more */
    ets_params ets; /* with a season of its own */
    prophet_params prophet;
    const prophet_calendar *calendar; /* of prophet: n values, as many steps as asked for; NULL: a
                                         value a day, and `season` and `more` as its seasons */
    const prophet_design *design;     /* of prophet, made before; NULL: made of calendar */
    uint64_t seed, stream;
} forecaster_params;
#define FORECASTER_DEFAULTS                                                                        \
    {.kind = FORECASTER_AUTO, .season = 1, .origins = 3, .slack = 3, .ets = ETS_DEFAULTS,          \
     .prophet = PROPHET_DEFAULTS, .seed = 1}

enum { FORECASTER_NAME = 48 }; /* bytes of the longest name of a model */

/* One model of auto. */
typedef struct forecaster_member {
    forecaster_kind kind;
    int season;
    char model[FORECASTER_NAME]; /* what it chose, on the whole series when it has a weight */
    double error;                /* over the origins: mean absolute, for rare demand the root of
                                    the mean square */
    double weight;               /* of the forecast; they add up to 1 */
} forecaster_member;

typedef struct forecaster_told {
    forecaster_kind kind;        /* never FORECASTER_BEST */
    char model[FORECASTER_NAME]; /* "mean", "ETS(A,N,N)" */
    unsigned guards;             /* those of guard.h that acted */
    croston_class demand;        /* of auto, with what follows */
    int origins, members;
    forecaster_member member[FORECASTER_MEMBERS];
} forecaster_told;

/* Does auto take a series of this croston_class for one that sells now and then? */
bool forecaster_rare(int demand);

/* Forecasts y[n], n >= 1, into to. Refuses what ets_check refuses, values beyond 1e100 (their
 * squares would overflow) and what the model itself does not take. */
bool forecaster_run(const double *y, int n, forecaster_params p, band *to, forecaster_told *told,
                    arena scratch, err *e);

/* Season of a series by its autocorrelation: the candidate m >= 2 with the largest r_m that
 * exceeds 1.645 sqrt((1 + 2 sum_{k<m} r_k^2) / n) after the line through the series is taken
 * out, with n >= 3m; 1 when none does. Source: the test of the M4 competition's benchmarks. */
int forecaster_season(const double *y, int n, const int *candidates, int n_candidates,
                      arena scratch);

#endif
