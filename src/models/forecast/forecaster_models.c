/* forecaster_models: the table of single models: a name and how it runs. */
#include "models/forecast/forecaster_models.h"

#include <math.h>
#include <string.h>

#include "models/forecast/arima.h"
#include "models/forecast/croston.h"
#include "models/forecast/mfles.h"
#include "models/forecast/mstl.h"
#include "models/forecast/naive.h"
#include "models/forecast/prophet.h"
#include "models/forecast/theta.h"

typedef struct forecaster_task task;

static bool run_naive(const task *t, naive_kind kind) {
    naive_params p = {.kind = kind, .season = t->p->season, .window = t->p->window};
    naive_forecast(t->y, t->n, p, t->to);
    return true;
}

static bool run_mean(task *t, arena scratch, err *e) {
    return (void)scratch, (void)e, run_naive(t, NAIVE_MEAN);
}

static bool run_last(task *t, arena scratch, err *e) {
    return (void)scratch, (void)e, run_naive(t, NAIVE_LAST);
}

static bool run_seasonal(task *t, arena scratch, err *e) {
    return (void)scratch, (void)e, run_naive(t, NAIVE_SEASONAL);
}

static bool run_drift(task *t, arena scratch, err *e) {
    return (void)scratch, (void)e, run_naive(t, NAIVE_DRIFT);
}

static bool run_naive2(task *t, arena scratch, err *e) {
    (void)e;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    adjusted a = adjust_series(t->y, t->n, t->p->season, &keep, scratch);
    naive_forecast(a.x, a.n, (naive_params){.kind = NAIVE_LAST}, t->to);
    adjust_back(&a, t->to);
    return true;
}

static bool fit_ets(task *t, const double *y, ets_params p, bool tell, arena scratch, err *e) {
    arena keep = arena_split(&scratch, (size_t)p.season * 16 + 4096);
    ets_model m;
    if (!ets_fit(&m, y, t->n, p, &keep, scratch, e)) return false;
    if (tell) ets_name(m.form, t->model);
    ets_forecast(&m, t->to, rng_open(t->p->seed, t->p->stream), scratch);
    return true;
}

/* One form of exponential smoothing on the series without its season. */
static bool run_form(task *t, const char *form, arena scratch, err *e) {
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    adjusted a = adjust_series(t->y, t->n, t->p->season, &keep, scratch);
    ets_params p = ETS_DEFAULTS;
    p.form = form;
    if (!fit_ets(t, a.x, p, false, scratch, e)) return false;
    adjust_back(&a, t->to);
    return true;
}

static bool run_ses(task *t, arena scratch, err *e) { return run_form(t, "ANN", scratch, e); }
static bool run_holt(task *t, arena scratch, err *e) { return run_form(t, "AAN", scratch, e); }
static bool run_damped(task *t, arena scratch, err *e) { return run_form(t, "AAdN", scratch, e); }

static bool run_ets(task *t, arena scratch, err *e) {
    return fit_ets(t, t->y, t->p->ets, true, scratch, e);
}

/* The form of what the seasons leave, by AICc. */
static bool run_mstl(task *t, arena scratch, err *e) {
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    mstl_params p = MSTL_DEFAULTS(t->p->season);
    memcpy(p.season + 1, t->p->more, sizeof t->p->more);
    const char *why = mstl_check(t->y, t->n, p);
    if (why) return refuse(e, "%s", why);
    mstl_model m;
    mstl_fit(&m, t->y, t->n, p, &keep, scratch);
    ets_params q = ETS_DEFAULTS;
    if (!fit_ets(t, m.adjusted, q, false, scratch, e)) return false;
    band_widen(t->to, mstl_widening(&m, p, scratch));
    mstl_back(&m, t->to);
    return true;
}

static bool run_mfles(task *t, arena scratch, err *e) {
    (void)e;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 4);
    mfles_params p = {.season = {t->p->season}};
    memcpy(p.season + 1, t->p->more, sizeof t->p->more);
    mfles_model m;
    mfles_fit(&m, t->y, t->n, p, &keep, scratch);
    mfles_forecast(&m, t->to, scratch);
    if (t->to->n_levels > 0)
        band_widen(t->to, mfles_widening(t->y, t->n, p, t->to->steps, scratch));
    return true;
}

static prophet_calendar count_days(const task *t, prophet_params *p, arena *keep) {
    int all = t->n + t->to->steps, season[1 + FORECASTER_MORE] = {t->p->season};
    double *day = take(keep, double, all);
    for (int k = 0; k < all; k++) day[k] = k;
    memcpy(season + 1, t->p->more, sizeof t->p->more);
    prophet_counted(p, season, 1 + FORECASTER_MORE, t->n);
    return (prophet_calendar){.n = t->n, .steps = t->to->steps, .day = day};
}

static bool run_prophet(task *t, arena scratch, err *e) {
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    prophet_params p = t->p->prophet;
    prophet_design own;
    const prophet_design *d = t->p->design;
    prophet_model m;
    if (t->n < 2) { /* a line needs two */
        memcpy(t->model, "naive", sizeof "naive");
        return run_last(t, scratch, e);
    }
    if (!d) {
        prophet_calendar c = t->p->calendar ? *t->p->calendar : count_days(t, &p, &keep);
        if (!prophet_design_new(&own, &c, p, &keep, scratch, e)) return false;
        d = &own;
    }
    if (!prophet_fit(&m, d, t->y, &keep, scratch, e)) return false;
    prophet_forecast(&m, t->to, rng_open(t->p->seed, t->p->stream), scratch);
    return true;
}

static bool run_any_theta(task *t, theta_kind kind, arena scratch, err *e) {
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    theta_params p = {.kind = kind, .season = t->p->season};
    theta_model m;
    if (!theta_fit(&m, t->y, t->n, p, &keep, scratch, e)) return false;
    theta_forecast(&m, t->to);
    return true;
}

static bool run_theta(task *t, arena scratch, err *e) {
    return run_any_theta(t, THETA_CLASSIC, scratch, e);
}

static bool run_otm(task *t, arena scratch, err *e) {
    return run_any_theta(t, THETA_STATIC, scratch, e);
}

static bool run_dotm(task *t, arena scratch, err *e) {
    return run_any_theta(t, THETA_DYNAMIC, scratch, e);
}

static bool run_arima(task *t, arena scratch, err *e) {
    arena keep = arena_split(&scratch, arena_left(&scratch) / 4);
    arima_params p = ARIMA_DEFAULTS;
    p.season = t->p->season;
    arima_model m;
    if (!arima_fit(&m, t->y, t->n, p, &keep, scratch, e)) return false;
    arima_name(&m.order, t->model);
    arima_forecast(&m, NULL, t->to, scratch);
    return true;
}

static bool run_sparse(task *t, croston_kind kind, arena scratch, err *e) {
    croston_params p = CROSTON_DEFAULTS;
    p.kind = kind;
    const char *why = croston_check(t->y, t->n, p);
    if (why) return refuse(e, "%s", why);
    croston_model m;
    croston_fit(&m, t->y, t->n, p, scratch);
    croston_forecast(&m, t->to);
    return true;
}

static bool run_croston(task *t, arena scratch, err *e) {
    return run_sparse(t, CROSTON_CLASSIC, scratch, e);
}

static bool run_sba(task *t, arena scratch, err *e) {
    return run_sparse(t, CROSTON_SBA, scratch, e);
}

static bool run_tsb(task *t, arena scratch, err *e) {
    return run_sparse(t, CROSTON_TSB, scratch, e);
}

static bool run_adida(task *t, arena scratch, err *e) {
    return run_sparse(t, CROSTON_ADIDA, scratch, e);
}

static bool run_imapa(task *t, arena scratch, err *e) {
    return run_sparse(t, CROSTON_IMAPA, scratch, e);
}

const forecaster_model forecaster_models[FORECASTER_SINGLE] = {
    [FORECASTER_MEAN] = {"mean", run_mean},
    [FORECASTER_NAIVE] = {"naive", run_last},
    [FORECASTER_SNAIVE] = {"snaive", run_seasonal},
    [FORECASTER_DRIFT] = {"drift", run_drift},
    [FORECASTER_NAIVE2] = {"naive2", run_naive2},
    [FORECASTER_SES] = {"ses", run_ses},
    [FORECASTER_HOLT] = {"holt", run_holt},
    [FORECASTER_DAMPED] = {"damped", run_damped},
    [FORECASTER_THETA] = {"theta", run_theta},
    [FORECASTER_OTM] = {"otm", run_otm},
    [FORECASTER_DOTM] = {"dotm", run_dotm},
    [FORECASTER_ETS] = {"ets", run_ets},
    [FORECASTER_ARIMA] = {"arima", run_arima},
    [FORECASTER_MSTL] = {"mstl", run_mstl},
    [FORECASTER_MFLES] = {"mfles", run_mfles},
    [FORECASTER_PROPHET] = {"prophet", run_prophet},
    [FORECASTER_CROSTON] = {"croston", run_croston},
    [FORECASTER_SBA] = {"sba", run_sba},
    [FORECASTER_TSB] = {"tsb", run_tsb},
    [FORECASTER_ADIDA] = {"adida", run_adida},
    [FORECASTER_IMAPA] = {"imapa", run_imapa},
};

bool forecaster_single(const double *y, int n, const forecaster_params *p, band *to, char *model,
                       arena scratch, err *e) {
    const forecaster_model *row = &forecaster_models[p->kind];
    memcpy(model, row->name, strlen(row->name) + 1);
    task t = {y, n, p, to, model};
    return row->run(&t, scratch, e);
}

bool forecaster_finite(const band *b) {
    bool all = isfinite(b->total_sd);
    for (int h = 0; h < b->steps; h++) all &= isfinite(b->mean[h]) != 0;
    for (int i = 0; i < b->steps * b->n_levels; i++)
        all &= isfinite(b->low[i]) && isfinite(b->high[i]);
    return all;
}
