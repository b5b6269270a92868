/* forecast_panel: weekly series of a shop before a day, and their forecasts after it.
 *
 * Weeks are counted from `origin`, the first day to be forecast: week -1 is the seven days before
 * it, week 0 the seven from it on. So no week is partial at the origin, the test window of 28 days
 * is exactly four weeks, and an incomplete week at the start of the history is dropped.
 *
 * Order of series: the total, categories by units of the last 26 weeks, then articles likewise
 * (ties: smaller id). Categories, the total and the first FORECAST_FULL articles are modelled one
 * by one (`full`); up to FORECAST_ARTICLES articles after them get the window mean. A series begins
 * with its first sale and is known only when it sold something in the 26 weeks before origin.
 *
 * Last come the series of level rest, one for a category whose articles do not make up its sales:
 * what articles will sell that nobody knows yet (and those beyond FORECAST_ARTICLES). Its forecast
 * is the mean of what such articles sold after the three origins one, two and three horizons
 * earlier; without it a fashion shop's articles would always add up to too little.
 *
 * Where the stock file says that an article was sold out, its sales are demand that was cut off:
 * such a week counts as sold + rate x (share of the week without goods), rate = units per week on
 * the shelf of the six weeks to either side (the likeliest of a Poisson process; of 26 when these
 * show fewer than two weeks of goods). Category and total get the same units. More than 56 days on
 * end without goods are no stock-out but an article off sale, and stay as they are. */
#ifndef PIPELINE_FORECAST_PANEL_H
#define PIPELINE_FORECAST_PANEL_H

#include "models/forecast/conformal.h"
#include "models/forecast/forecaster_knobs.h"
#include "pipeline/work.h"

enum { FORECAST_FULL = 300, FORECAST_ARTICLES = 20000, FORECAST_WEEKS = 260 };
/* Yearly factors are known, and seasonal naive looks back 52 weeks (else one), when the shop has
 * at least this many weeks. */
/* Articles of fewer weeks than this are judged as new ones. */
enum { FORECAST_YOUNG = 13 };
enum { FORECAST_SEASON = 52, FORECAST_SEASON_NEEDS = 78 };

typedef struct forecast_launches forecast_launches; /* how articles began: forecast_cold.c */

typedef struct forecast_panel {
    int n, full, horizon; /* series, those modelled one by one (the first ones), weeks ahead */
    int rest;             /* the first series of level rest: [rest, n); n when there is none */
    int32_t *parent;      /* [n] the category of an article, the total of a category; -1 = none */
    double *newcomer;     /* [n - rest, horizon] units expected of each series of level rest */
    double *newcomer_variance; /* [n - rest] of a week */
    int weeks_known;      /* whole weeks of the shop before origin, at most FORECAST_WEEKS */
    int32_t origin;       /* day */
    slice *level, *series, *name; /* [n] */
    int *weeks;                   /* [n] weeks from the first sale to origin */
    double **y;    /* [n] units asked for in each of them, oldest first */
    double **sold; /* [n] units sold; the same array as y where nothing was sold out */
    int *sold_out; /* [n] weeks to which something was added */
    int filled_weeks;             /* of all articles */
    double filled;                /* units added to them */
    double **factor; /* [n] yearly factors of the weeks and of those ahead; NULL: not known */
    const forecast_launches *launches;
    double *actual;               /* [n, horizon] units sold after origin; 0 when unknown */
    const struct forecast_global *global; /* that model's answers; NULL: fitted by each run */
} forecast_panel;

/* How the forecasts are made to add up: article + rest -> category -> total. */
typedef enum forecast_method {
    FORECAST_AS_THEY_ARE,
    FORECAST_BOTTOM_UP,
    FORECAST_TOP_DOWN,
    FORECAST_STRUCT, /* least change, weighted by the number of leaves */
    FORECAST_VAR,    /* by the variances that the models state */
    FORECAST_SHRINK, /* MinT: shrunk covariance of the window mean's errors; var above 4,000 */
    FORECAST_METHODS
} forecast_method;
const char *forecast_method_name(forecast_method m); /* "bottom-up", … */

/* What is tuned. */
enum { FORECAST_TOTAL, FORECAST_CATEGORY, FORECAST_ARTICLE, FORECAST_LEVELS };
enum { FORECAST_MIX = 4 };
typedef struct forecast_part {
    forecaster_kind model;
    bool yearly; /* divide by the yearly factors of the category, forecast, multiply; without them
                    ETS of total and categories has a season of its own */
} forecast_part;
typedef struct forecast_policy {
    /* A forecast is the mean of these; those of articles (modelled one by one) are all the same. */
    forecast_part part[FORECAST_LEVELS][FORECAST_MIX];
    double global[FORECAST_LEVELS]; /* share of the model of all series: 0 to 1 */
    int window;                     /* weeks of the mean */
    bool trend;                     /* may ETS have a trend */
    /* of the total and the categories: the same, and parameters of ETS and Prophet (0: default) */
    bool upper_trend;
    double knob[FORECASTER_KNOBS];
    int cold; /* articles of fewer weeks are forecast by those like them; 0: none */
    forecast_method method;
} forecast_policy;

/* One model for a level, and for all levels. */
forecast_policy forecast_only(forecast_policy policy, int level, forecast_part part);
forecast_policy forecast_everywhere(forecast_policy policy, forecaster_kind kind, bool yearly);
#define FORECAST_POLICY                                                                            \
    forecast_everywhere((forecast_policy){.window = 13, .trend = true, .upper_trend = true},   \
                        FORECASTER_BEST, false)

typedef struct forecast_result {
    double *mean, *low, *high;  /* [n, horizon]: weekly units, 80 % interval */
    double *low95, *high95;     /* [n, horizon]: 95 % interval */
    double *sum_sd;             /* [n, horizon]: standard deviation of the sum of weeks 0 … k */
    double *total, *total_low, *total_high; /* [n]: sum over the horizon, 80 % interval */
    forecaster_told *told;                  /* [n] with the guards that acted (guard.h) */
} forecast_result;

/* An object of counts: how many series each guard held back. */
void forecast_put_guards(const forecast_panel *p, const forecast_result *r, js *j);

/* The number of series that are no articles: they come first. */
int forecast_panel_upper(const forecast_panel *p);

/* Whole weeks of [from, to). */
int forecast_horizon(int32_t from, int32_t to);

/* Reads d_sales before origin (and after it, into actual). n = 0 when nothing was sold. */
bool forecast_panel_load(const work *w, int32_t origin, int horizon, arena *keep,
                         forecast_panel *out, err *e);

/* Sets y, sold, sold_out and filled from sales in y and the table stock before origin
 * (forecast_stock_outs.c). category[i] is that of series i. */
bool forecast_stock_outs(const work *w, forecast_panel *p, const slice *category, arena *keep,
                         err *e);

/* Member "stock_outs": articles and weeks to which something was added, and how much. */
void forecast_put_stock_outs(const forecast_panel *p, js *j);

/* Forecasts every series on the pool and makes them add up by policy.method. */
void forecast_panel_run(const work *w, const forecast_panel *p, forecast_policy policy,
                        arena *keep, forecast_result *out);

/* What the models of all series say (models/forecast/global.h), one fit for the total and the
 * categories and one of all series for the articles, where a share is above 0. False with the
 * reason when a part has none; the rest is there (forecast_global.c). */
typedef struct forecast_global {
    double *mean; /* [rest, horizon]; NaN: none */
    double *low, *high, *low95, *high95;
    unsigned *guards; /* [rest] of guard.h, that acted on its means; NULL: not known */
} forecast_global;
bool forecast_global_fit(const work *w, const forecast_panel *p, const double *share, arena *keep,
                         forecast_global *to, err *e);

/* The same once for all runs of a panel: what is found is kept as p->global. */
bool forecast_global_keep(const work *w, forecast_panel *p, const double *share, arena *keep,
                          err *e);

/* Moves the forecasts and bounds of each level towards those by its share. */
void forecast_mix(const forecast_panel *p, const forecast_global *g, const double *share,
                  forecast_result *r);

/* A low bound of units: they are whole, so under one it says that none may be sold. */
static inline double forecast_whole(double low) { return low < 1 ? 0 : low; }

/* Sets policy->global to the shares (0, 1/4 … 1; the smaller one when equal) with the least mean
 * RMSE of each level over n panels of earlier origins, and reports the object "global": the RMSE of
 * each share and why it was chosen (forecast_choose.c). The panels keep what that model says. */
void forecast_choose_shares(const work *w, forecast_panel *panels, int n, forecast_policy *policy,
                            js *report, arena *keep, arena scratch);

/* Reads how the articles began whose first sale is 13 weeks or more after the shop's (dead ones,
 * too), with their attributes, into p->launches. */
bool forecast_launches_load(const work *w, forecast_panel *p, arena *keep, err *e);

/* Forecasts articles known for fewer than `weeks` by models/forecast/coldstart.h, learnt from the
 * latest 3,000 that are older; returns how many, 0 when fewer than 30 are older. */
int forecast_cold(const work *w, const forecast_panel *p, int weeks, bool yearly,
                  forecast_result *r, arena scratch);

/* Sets policy->cold (0, 4, 8 or 13 weeks) by the RMSE of articles younger than 13 weeks over n
 * panels, and reports the object "cold_start"; and, in the test, what analogues make of them beside
 * the mean of their category and the other models (forecast_choose.c). */
void forecast_choose_cold(const work *w, const forecast_panel *panels, int n,
                          forecast_policy *policy, js *report, arena scratch);
void forecast_judge_cold(const work *w, const forecast_panel *p, forecast_policy policy, js *report,
                         arena scratch);
int forecast_level(const forecast_panel *p, int i); /* FORECAST_TOTAL, … */

/* Sets the parts of the total and of the categories by the RMSE of up to nine origins, p's own and
 * others before it, half a horizon apart, and reports the object "upper" (forecast_upper.c). The
 * best model begins; then three times the one is added, of those not taken yet, whose mean with
 * those before has the least error, or one of these again where any other makes it worse by more
 * than two standard errors of the paired difference. After: Caruana and others, "Ensemble selection
 * from libraries of models" (2004). */
void forecast_choose_upper(const work *w, const forecast_panel *p, forecast_policy *policy,
                           js *report, arena scratch);

/* The total and the categories as they were known at p's origin and at up to eight before it, half
 * a horizon apart, as far as the history allows; how many. */
enum { FORECAST_UPPER_ORIGINS = 9 };
int forecast_upper_origins(const forecast_panel *p, forecast_panel to[FORECAST_UPPER_ORIGINS],
                           arena *keep);

/* total, total_low and total_high of every series from mean and sum_sd. */
void forecast_totals(const forecast_panel *p, forecast_result *r);

/* Makes the means of r add up by m; intervals move with them and keep their width, none is below
 * zero (forecast_coherent.c). */
void forecast_reconcile(const forecast_panel *p, forecast_method m, forecast_result *r,
                        arena scratch);

/* Adds the series of level rest to a panel that is read (forecast_coherent.c). category[i] is that
 * of series i; arrays have room for one more series a category. */
void forecast_panel_close(forecast_panel *p, const slice *category, arena *keep);

/* What earlier forecasts say of these: the last origins, each a horizon before the next, are
 * forecast by the same policy and compared with what came (forecast_calibrate.c).
 *
 * Factors of the 80 and 95 % intervals by conformal.h, by kind of series (total and categories,
 * articles modelled one by one, all others) and step; and ratio[kind, k] = mean of (error of the
 * sum over weeks 0 … k)^2 / its stated variance, held to [0.1, 10]. */
enum { FORECAST_ORIGINS = 3, FORECAST_KINDS = 3 };
typedef struct forecast_factors {
    int origins, horizon; /* 0 origins: the history is too short; nothing is changed */
    conformal_model level[2];
    double *ratio; /* [FORECAST_KINDS, horizon] */
    int articles;         /* those modelled one by one at the last of the origins */
    slice *article;       /* [articles] their ids */
    double *expected, *sd, *sold; /* [articles] the sum over the last horizon */
    double *bias, *wrong; /* [articles] sum of errors (sold less expected), of absolute ones */
    int *errors;          /* [articles] how many */
} forecast_factors;

bool forecast_factors_fit(const work *w, int32_t origin, int horizon, forecast_policy policy,
                          scope *s, forecast_factors *out, err *e);
void forecast_factors_apply(const forecast_factors *f, const forecast_panel *p,
                            forecast_result *r);
int forecast_kind(const forecast_panel *p, int i); /* 0 … FORECAST_KINDS - 1 */

/* The tuned policy of step 07, or the default one; and its JSON object (forecast_policy.c). */
forecast_policy forecast_policy_tuned(const work *w, scope *s);
slice forecast_policy_json(forecast_policy policy, arena *keep);
/* The parts of a level in words: "snaive 2/4, ets 1/4, blend with yearly factors 1/4". */
const char *forecast_part_words(const forecast_part *part, arena *keep);

/* The hooks of steps 09 and 10. */
bool forecast_insight(work *w, folder *f, scope *s, js *report, err *e);
bool forecast_publish(work *w, folder *f, scope *s, js *report, err *e);

#endif
