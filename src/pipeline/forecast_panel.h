/* forecast_panel: weekly series of a shop before a day, and their forecasts after it.
 *
 * Weeks are counted from `origin`, the first day to be forecast: week -1 is the seven days before
 * it, week 0 the seven from it on. So no week is partial at the origin, the test window of 28 days
 * is exactly four weeks, and an incomplete week at the start of the history is dropped.
 *
 * Order of series: the total, categories by units of the last 26 weeks, then articles likewise
 * (ties: smaller id). Categories, the total and the first FORECAST_FULL articles are modelled one
 * by one (`full`); up to FORECAST_ARTICLES articles after them get the window mean. A series begins
 * with its first sale and is known only when it sold something in the 26 weeks before origin. */
#ifndef PIPELINE_FORECAST_PANEL_H
#define PIPELINE_FORECAST_PANEL_H

#include "models/forecast/forecaster.h"
#include "pipeline/work.h"

enum { FORECAST_FULL = 300, FORECAST_ARTICLES = 20000, FORECAST_WEEKS = 260 };
/* Yearly factors are known, and seasonal naive looks back 52 weeks (else one), when the shop has
 * at least this many weeks. */
enum { FORECAST_SEASON = 52, FORECAST_SEASON_NEEDS = 78 };

typedef struct forecast_panel {
    int n, full, horizon; /* series, those modelled one by one (the first ones), weeks ahead */
    int weeks_known;      /* whole weeks of the shop before origin, at most FORECAST_WEEKS */
    int32_t origin;       /* day */
    slice *level, *series, *name; /* [n] */
    int *weeks;                   /* [n] weeks from the first sale to origin */
    double **y;                   /* [n] units of each of them, oldest first */
    double **factor; /* [n] yearly factors of the weeks and of those ahead; NULL: not known */
    double *actual;               /* [n, horizon] units sold after origin; 0 when unknown */
} forecast_panel;

/* What is tuned. */
typedef struct forecast_policy {
    forecaster_kind model;         /* of the total and the categories */
    forecaster_kind article_model; /* of articles modelled one by one */
    int window;                    /* weeks of the mean */
    bool trend;                    /* may ETS have a trend */
    bool yearly; /* divide by the yearly factors of the category, forecast, multiply */
} forecast_policy;
#define FORECAST_POLICY                                                                            \
    {.model = FORECASTER_AUTO, .article_model = FORECASTER_AUTO, .window = 13, .trend = true}

typedef struct forecast_result {
    double *mean, *low, *high; /* [n, horizon]: weekly units, 80 % interval */
    double *total, *total_low, *total_high; /* [n]: sum over the horizon, 80 % interval */
    forecaster_told *told;                  /* [n] */
} forecast_result;

/* The number of series that are no articles: they come first. */
int forecast_panel_upper(const forecast_panel *p);

/* Whole weeks of [from, to). */
int forecast_horizon(int32_t from, int32_t to);

/* Reads d_sales before origin (and after it, into actual). n = 0 when nothing was sold. */
bool forecast_panel_load(const work *w, int32_t origin, int horizon, arena *keep,
                         forecast_panel *out, err *e);

/* Forecasts every series on the pool. */
void forecast_panel_run(const work *w, const forecast_panel *p, forecast_policy policy,
                        arena *keep, forecast_result *out);

/* The tuned policy of step 07, or the default one; and its JSON object. */
forecast_policy forecast_policy_tuned(const work *w, scope *s);
slice forecast_policy_json(forecast_policy policy, arena *keep);

/* The hooks of steps 09 and 10. */
bool forecast_insight(work *w, folder *f, scope *s, js *report, err *e);
bool forecast_publish(work *w, folder *f, scope *s, js *report, err *e);

#endif
