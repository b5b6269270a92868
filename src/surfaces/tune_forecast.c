/* tune_forecast: parameters of forecasting models by rolling origins before the test.
 *
 * The last `horizon` values of each series are the test; the `origins` times as many before them
 * are forecast from the values before each. A score is the MASE of a series, the mean over its
 * origins. A trial reports after a sixteenth and a quarter of the series, in an order that is drawn
 * once. */
#include <math.h>
#include <string.h>

#include "models/forecast/forecaster_knobs.h"
#include "models/metrics_forecast.h"
#include "surfaces/series_calendar.h"
#include "surfaces/tune_family.h"

enum { MODELS = 2, RUNG_LEAST = 8 };

typedef struct series_task {
    int models;
    forecaster_kind kind[MODELS];
    const char *name[MODELS];
    forecaster_params p;
    series_calendar calendar; /* of prophet */
    series_table t;
    int season[1 + FORECASTER_MORE], horizon, origins;
    int32_t *order; /* [series] */
    space_param param[1 + FORECASTER_KNOBS];
    const forecaster_knob *of[1 + FORECASTER_KNOBS]; /* NULL: the model */
    double known[1 + FORECASTER_KNOBS];
    space s;
} series_task;

static space_param range_of(const forecaster_knob *k) {
    static const char *const no_yes[] = {"no", "yes"};
    if (k->kind == FORECASTER_KNOB_FLAG)
        return (space_param){k->name, SPACE_WORD, .n = 2, .words = no_yes};
    return (space_param){k->name, k->kind == FORECASTER_KNOB_INT ? SPACE_INT : SPACE_REAL,
                         k->from, k->to, .step = k->step, .log = k->log};
}

static void make_space(series_task *t) {
    int n = 0;
    if (t->models > 1)
        t->param[n++] = (space_param){"model", SPACE_WORD, .n = t->models, .words = t->name};
    for (int m = 0; m < t->models; m++)
        for (int i = 0; i < FORECASTER_KNOBS; i++) {
            const forecaster_knob *k = &forecaster_knobs[i];
            if (k->model != t->kind[m]) continue;
            t->param[n] = range_of(k);
            if (t->models > 1) t->param[n].under = 1, t->param[n].is = m;
            t->of[n] = k;
            t->known[n] = m == 0 ? space_round(&t->param[n], forecaster_knob_get(&t->p, k)) : NAN;
            n++;
        }
    t->s = (space){n, t->param};
}

static bool read_models(const args *a, series_task *t, scope *s, err *e) {
    const char *at = args_given(a, "model") ? args_text(a, "model") : "ets";
    for (const char *next; *at; at = next) {
        size_t n = strcspn(at, ",");
        char *word = slice_copy(&s->keep, (slice){at, n});
        forecaster_kind kind;
        next = at + n + (at[n] == ',');
        if (t->models == MODELS || !forecaster_find(word, &kind) ||
            (kind != FORECASTER_ETS && kind != FORECASTER_PROPHET) ||
            (t->models > 0 && t->kind[0] == kind))
            return refuse(e, "--model of tune forecast takes ets, prophet or both, got '%s'", word);
        t->name[t->models] = forecaster_name(kind);
        t->kind[t->models++] = kind;
    }
    return t->models > 0 || refuse(e, "--model names no model");
}

/* ---- a point ---- */

typedef struct scoring {
    const series_task *t;
    forecaster_params p;
    series_calendar calendar;
    tuner_part part;
    int from; /* of the order */
    double *unit;
} scoring;

/* MASE of the h values behind the first n; NaN when the model refuses the series. */
static double mase_at(const scoring *c, int64_t i, int n, arena scratch) {
    const series_task *t = c->t;
    const series_one *one = &t->t.one[i];
    int h = t->horizon;
    err refused = {0};
    forecaster_params p = c->p;
    forecaster_told told;
    band b = {h, 0, NULL, take(&scratch, double, h), NULL, NULL, 0};
    p.stream = slice_hash(one->name);
    series_set_season(&t->t, one, n, t->season, &p, scratch);
    double scale = metrics_scale(one->y, n, p.season);
    if (p.kind == FORECASTER_PROPHET &&
        !calendar_set(&c->calendar, i, n, h, &p, &scratch, &refused))
        return NAN;
    if (!forecaster_run(one->y, n, p, &b, &told, scratch, &refused)) return NAN;
    return metrics_mase(one->y + n, b.mean, h, scale);
}

static void score_series(void *what, int64_t chunk, arena scratch) {
    const scoring *c = what;
    const series_task *t = c->t;
    int64_t i = t->order[c->from + chunk];
    int first = c->part == TUNER_TEST ? 0 : 1, last = c->part == TUNER_TEST ? 0 : t->origins;
    double sum = 0;
    int count = 0;
    for (int o = first; o <= last; o++) {
        int n = t->t.one[i].n - (o + 1) * t->horizon;
        double mase = n >= 2 ? mase_at(c, i, n, scratch) : NAN;
        if (isfinite(mase)) sum += mase, count++;
    }
    c->unit[i] = count > 0 ? sum / count : NAN;
}

static bool score(void *what, const double *point, tuner_part part, tuner_trial *trial,
                  pool *threads, scope *s, double *unit, err *e) {
    (void)s;
    const series_task *t = what;
    scoring c = {.t = t, .p = t->p, .calendar = t->calendar, .part = part, .unit = unit};
    c.p.kind = t->kind[t->models > 1 ? (int)point[0] : 0];
    for (int i = 0; i < t->s.n; i++)
        if (t->of[i] && !isnan(point[i])) forecaster_knob_set(&c.p, t->of[i], point[i]);
    c.calendar.p = c.p.prophet;
    for (int i = 0; i < t->t.n; i++) unit[i] = NAN;
    while (c.from < t->t.n) {
        int64_t next = tuner_next(trial);
        int until = next < t->t.n ? (int)next : t->t.n;
        pool_for(threads, until - c.from, score_series, &c);
        c.from = until;
        if (!tuner_report(trial, until, t->t.n, tuner_mean(unit, t->t.n), e))
            return e->kind == ERR_NONE;
    }
    return true;
}

static const char *model_at(void *what, const double *point) {
    const series_task *t = what;
    return t->name[t->models > 1 ? (int)point[0] : 0];
}

static const char *words(void *what, const double *point, scope *s) {
    const series_task *t = what;
    return arena_text(&s->keep, "--model %s --set %s", t->name[t->models > 1 ? (int)point[0] : 0],
                      tune_set_of(&t->s, point, s));
}

/* ---- the table ---- */

bool tune_forecast(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e) {
    series_task *t = take(&s->keep, series_task, 1);
    t->p = (forecaster_params)FORECASTER_DEFAULTS;
    t->p.seed = seed_for(b->seed, "forecast");
    t->p.units = args_flag(a, "units");
    t->horizon = (int)args_int(a, "horizon");
    t->origins = (int)args_int(a, "origins");
    if (!read_models(a, t, s, e) || !series_season_option(a, t->season, 1 + FORECASTER_MORE, e) ||
        !series_set_option(a, &t->p, s, e) || !series_read(a, b, s, &t->t, out, e) ||
        !calendar_read(a, b, s, &t->t, t->horizon, &t->calendar, e))
        return false;
    int scored = 0;
    for (int i = 0; i < t->t.n; i++) scored += t->t.one[i].n - 2 * t->horizon >= 2;
    if (scored == 0)
        return refuse(e, "%s: no series has more than %d values, a test and one origin of "
                         "--horizon %d before it; use a smaller --horizon", args_text(a, "in"),
                      2 * t->horizon + 1, t->horizon);
    make_space(t);
    t->order = take(&s->keep, int32_t, t->t.n);
    for (int i = 0; i < t->t.n; i++) t->order[i] = i;
    rng r = rng_open(seed_for(b->seed, "order"), 0);
    rng_shuffle(&r, t->order, t->t.n);
    *to = (tuner_task){.study = "forecast", .metric = "mase", .unit = "series", .s = &t->s,
                       .known = t->known, .what = t, .score = score, .words = words,
                       .model = model_at, .rows = t->t.n, .units = {t->t.n, t->t.n}};
    if (t->t.n >= 16 * RUNG_LEAST) to->least = t->t.n / 16;
    return true;
}
