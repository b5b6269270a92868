/* verb_forecast: forecasts every series of a table, with intervals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/forecast/conformal.h"
#include "surfaces/series_calendar.h"
#include "surfaces/series_components.h"
#include "surfaces/series_global.h"
#include "surfaces/series_hierarchy.h"
#include "surfaces/series_state.h"

enum { MOST_LEVELS = 8 };

static const option options[] = {
    VERB_TABLE_OPTIONS,
    SERIES_OPTIONS,
    CALENDAR_OPTIONS,
    {"horizon", OPTION_INT, "N", "steps ahead", .value = "12", .low = 1, .high = 10000},
    {"season", OPTION_TEXT, "N[,N]", "values in one season; auto tests for some", .value = "auto"},
    {"model", OPTION_TEXT, "NAME", "auto (several, weighed), ets, theta, …: docs/forecast.md",
     .value = "auto"},
    {"set", OPTION_TEXT, "NAME=X,…", "parameters by name, such as prophet.season_prior=1"},
    {"level", OPTION_TEXT, "PERCENT", "levels of the intervals", .value = "80,95"},
    {"window", OPTION_INT, "N", "values that the mean takes (0: all)", .value = "0", .high = 1e6},
    {"components", OPTION_TEXT, "FILE", "where to write each value's trend, season and remainder"},
    {"hierarchy", OPTION_TEXT, "FILE", "table of series and parent: forecasts that add up"},
    {"method", OPTION_TEXT, "NAME", "of adding up: var, struct, bottom-up, top-down",
     .value = "var"},
    {"units", OPTION_FLAG, "", "the values are counts: no forecast below 0"},
    {"state", OPTION_TEXT, "FILE", "forecasts kept for the next run: only what changed is fitted"},
    {0}};

typedef struct job {
    const series_table *t;
    const series_calendar *calendar; /* NULL: the model needs none */
    forecaster_params params;
    int season[1 + FORECASTER_MORE]; /* first 0: auto */
    int horizon, n_levels;
    double levels[MOST_LEVELS];
    series_results r;
    int *seasons;        /* [series] used */
    bool *done;          /* [series] */
    series_state *state; /* NULL: without --state */
} job;

static bool parse_levels(const char *said, job *j, err *e) {
    slice rest = slice_of(said);
    while (rest.n > 0) {
        const char *comma = memchr(rest.p, ',', rest.n);
        slice one = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        rest = comma ? (slice){comma + 1, rest.n - one.n - 1} : (slice){rest.p + rest.n, 0};
        double percent;
        if (!slice_double(slice_trim(one), &percent) || percent <= 0 || percent >= 100)
            return refuse(e, "--level must be percents between 0 and 100 like 80,95, got '%s'",
                          said);
        if (j->n_levels == MOST_LEVELS)
            return refuse(e, "--level takes at most %d percents", MOST_LEVELS);
        j->levels[j->n_levels++] = percent / 100;
    }
    return true;
}

static bool find_model(const char *name, forecaster_kind *to, scope *s, err *e) {
    return forecaster_find(name, to) ||
           refuse(e, "--model is one of %s; got '%s'", forecaster_list(&s->keep), name);
}

static bool run_one(job *j, int64_t i, arena scratch, err *e) {
    const series_one *one = &j->t->one[i];
    forecaster_params p = j->params;
    int h = j->horizon;
    series_set_season(j->t, one, one->n, j->season, &p, scratch);
    p.stream = slice_hash(one->name);
    if (j->r.scores) p.scores = j->r.scores + i * p.origins * j->n_levels * h;
    j->seasons[i] = p.season;
    if (j->state) {
        j->state->key[i] = series_state_key(j->state, one, &p, scratch);
        if (series_state_take(j->state, i)) return true;
    }
    if (j->calendar && !calendar_set(j->calendar, i, one->n, h, &p, &scratch, e)) return false;
    band b = band_new(&scratch, h, j->levels, j->n_levels);
    if (!forecaster_run(one->y, one->n, p, &b, &j->r.told[i], scratch, e)) return false;
    for (int k = 0; k < h && j->n_levels > 0; k++) { /* the widest bound is the least rounded */
        double z = normal_quantile(0.5 + j->levels[0] / 2), sd = (b.high[k] - b.mean[k]) / z;
        j->r.variance[i] += sd * sd / h;
    }
    if (!(j->r.variance[i] > 1e-12)) j->r.variance[i] = 1e-12; /* a constant: all but sure */
    size_t bytes = sizeof(double) * (size_t)h;
    memcpy(j->r.mean + i * h, b.mean, bytes);
    if (j->n_levels == 0) return true;
    memcpy(j->r.low + i * h * j->n_levels, b.low, bytes * (size_t)j->n_levels);
    memcpy(j->r.high + i * h * j->n_levels, b.high, bytes * (size_t)j->n_levels);
    return true;
}

static void run_series(void *what, int64_t i, arena scratch) {
    err unused = {0};
    ((job *)what)->done[i] = run_one(what, i, scratch, &unused);
}

/* False with the sentence of the first series that its model refused. */
static bool all_done(job *j, arena scratch, err *e) {
    for (int i = 0; i < j->t->n; i++) {
        if (j->done[i]) continue;
        run_one(j, i, scratch, e);
        return series_named(&j->t->one[i], e);
    }
    return true;
}

/* Widens or narrows the intervals of auto until they held over the origins of all series. */
static void calibrate(job *j, arena *keep, arena scratch) {
    int n = j->t->n, h = j->horizon, *kind = take(&scratch, int, n);
    for (int i = 0; i < n; i++) kind[i] = (int)j->r.told[i].demand;
    conformal_panel p = {n, j->params.origins, j->n_levels, h, CROSTON_EMPTY + 1, j->levels,
                         j->r.scores, kind};
    conformal_model *by_level = conformal_panel_fit(&p, keep, scratch);
    for (int64_t i = 0; i < n; i++) {
        band b = {h, j->n_levels, j->levels, j->r.mean + i * h, j->r.low + i * h * j->n_levels,
                  j->r.high + i * h * j->n_levels, 0};
        conformal_apply(by_level, kind[i], &b);
        if (j->params.units || forecaster_rare(kind[i])) band_not_negative(&b);
    }
}

/* series, step, date or period, forecast, lo80, hi80, …, model: one row per series and step. */
static columns result(const job *j, scope *s) {
    int n = 5 + 2 * j->n_levels, h = j->horizon;
    const char **names = take(&s->keep, const char *, n);
    column_type *types = take(&s->keep, column_type, n);
    const char *const first[] = {"series", "step", j->t->clock == SERIES_TIMES ? "date" : "period",
                                 "forecast"};
    static const column_type kinds[] = {COLUMN_TEXT, COLUMN_I32, COLUMN_TEXT, COLUMN_REAL};
    for (int i = 0; i < 4; i++) names[i] = first[i], types[i] = kinds[i];
    for (int i = 0; i < 2 * j->n_levels; i++) {
        names[4 + i] = arena_text(&s->keep, "%s%g", i % 2 ? "hi" : "lo",
                                  100 * j->levels[i / 2]);
        types[4 + i] = COLUMN_REAL;
    }
    names[n - 1] = "model", types[n - 1] = COLUMN_TEXT;
    columns c = columns_new(&s->keep, n, names, types, (int64_t)j->t->n * h);
    for (int64_t i = 0; i < j->t->n; i++)
        for (int k = 0; k < h; k++) {
            int64_t r = i * h + k;
            c.at[0].text[r] = j->t->one[i].name;
            c.at[1].i32[r] = k + 1;
            c.at[2].text[r] = slice_of(series_time(j->t, &j->t->one[i], k + 1, &s->keep));
            c.at[3].real[r] = j->r.mean[r];
            for (int l = 0; l < j->n_levels; l++) {
                int64_t at = (i * j->n_levels + l) * h + k;
                c.at[4 + 2 * l].real[r] = j->r.low[at];
                c.at[5 + 2 * l].real[r] = j->r.high[at];
            }
            c.at[n - 1].text[r] = slice_of(j->r.told[i].model);
        }
    return c;
}

/* One model for all series; a series of one value has that value ahead. */
static bool run_global(job *j, series_global *g, pool *threads, scope *s, err *e) {
    band *to = take(&s->keep, band, j->t->n);
    for (int64_t i = 0; i < j->t->n; i++) {
        int64_t h = j->horizon, at = i * h * j->n_levels;
        to[i] = (band){j->horizon, j->n_levels, j->levels, j->r.mean + i * h, j->r.low + at,
                       j->r.high + at, 0};
        forecaster_params p = j->params;
        bool alone = j->t->one[i].n < 2;
        p.kind = FORECASTER_NAIVE;
        const series_one *one = &j->t->one[i];
        if (!forecaster_run(one->y, one->n, p, &to[i], &j->r.told[i], s->scratch, e))
            return series_named(&j->t->one[i], e);
        if (!alone) memcpy(j->r.told[i].model, "global", sizeof "global");
    }
    if (!series_global_run(g, threads, s, to, e)) return false;
    for (int i = 0; i < j->t->n; i++) {
        j->seasons[i] = g->used.season[0] > 1 ? g->used.season[0] : 1;
        if (j->params.units) band_not_negative(&to[i]);
    }
    return true;
}

/* Which models auto took, and why: their errors over the origins. */
static void put_members(const forecaster_told *told, js *out) {
    js_put_word(out, "demand", croston_class_names[told->demand]);
    js_put_int(out, "origins", told->origins);
    js_array(out, "members");
    for (int i = 0; i < told->members; i++) {
        const forecaster_member *m = &told->member[i];
        js_object(out, NULL);
        js_put_word(out, "model", forecaster_name(m->kind));
        js_put_int(out, "season", m->season);
        js_put_word(out, "chosen", m->model);
        js_put_real(out, "error", m->error);
        js_put_real(out, "weight", m->weight);
        js_end(out);
    }
    js_end(out);
}

static void put_guards(unsigned guards, js *out) {
    js_array(out, "guards");
    for (int k = 0; k < GUARD_KINDS; k++)
        if (guards & GUARD(k)) js_put_word(out, NULL, guard_names[k]);
    js_end(out);
}

static void put_summary(const job *j, js *out) {
    js_put_int(out, "series", j->t->n);
    js_put_int(out, "horizon", j->horizon);
    js_array(out, "models");
    for (int i = 0; i < j->t->n; i++) {
        js_object(out, NULL);
        js_put_text(out, "series", j->t->one[i].name);
        js_put_int(out, "values", j->t->one[i].n);
        js_put_int(out, "season", j->seasons[i]);
        js_put_word(out, "model", j->r.told[i].model);
        if (j->r.told[i].kind == FORECASTER_AUTO) put_members(&j->r.told[i], out);
        js_put_int(out, "gaps", j->t->one[i].irregular);
        put_guards(j->r.told[i].guards, out);
        js_end(out);
    }
    js_end(out);
    js_object(out, "guards"); /* series that each held back */
    for (int k = 0; k < GUARD_KINDS; k++) {
        int series = 0;
        for (int i = 0; i < j->t->n; i++) series += (j->r.told[i].guards & GUARD(k)) != 0;
        js_put_int(out, guard_names[k], series);
    }
    js_end(out);
}

static void put_forecasts(const columns *c, js *out) {
    js_array(out, "forecasts");
    for (int64_t r = 0; r < c->rows; r++) {
        js_object(out, NULL);
        for (int k = 0; k < c->n; k++) {
            const column *at = &c->at[k];
            if (at->type == COLUMN_TEXT) js_put_text(out, at->name, at->text[r]);
            else if (at->type == COLUMN_I32) js_put_int(out, at->name, at->i32[r]);
            else js_put_real(out, at->name, at->real[r]);
        }
        js_end(out);
    }
    js_end(out);
}

/* One line for people: how many forecasts were not what the model said. */
static void say_guards(const job *j) {
    int series = 0;
    for (int i = 0; i < j->t->n; i++) series += j->r.told[i].guards != 0;
    if (series > 0)
        fprintf(stderr, "Guards held back %d of %d forecasts; --json says which and why.\n", series,
                j->t->n);
}

static void say_gaps(const series_table *t) {
    int series = 0;
    int64_t gaps = 0;
    for (int i = 0; i < t->n; i++) series += t->one[i].irregular > 0, gaps += t->one[i].irregular;
    if (gaps == 0) return;
    fprintf(stderr, "%lld steps in %d series are longer or shorter than usual; values are taken as "
                    "equally spaced. Where no row means nothing sold, add rows with 0 first.\n",
            (long long)gaps, series);
}

/* Makes the forecasts add up by --hierarchy, where there is one. */
static bool add_up(const args *a, bench *b, job *j, scope *s, js *out, err *e) {
    const char *path = args_text(a, "hierarchy");
    series_hierarchy h;
    int method;
    if (!path) return true;
    if (!series_method(args_text(a, "method"), &method, e) ||
        !series_hierarchy_read(path, b, j->t, s, &h, e))
        return false;
    if (method == SERIES_VAR && j->n_levels == 0) method = SERIES_STRUCT;
    series_hierarchy_apply(&h, method,
                           (series_forecasts){j->horizon, j->n_levels, j->r.mean, j->r.low,
                                              j->r.high, j->r.variance, j->params.units},
                           s->scratch);
    js_put_int(out, "hierarchy_series", h.n);
    return true;
}

static void take_results(job *j, arena *keep) {
    int64_t n = j->t->n, cells = n * j->horizon;
    j->r = (series_results){.horizon = j->horizon, .n_levels = j->n_levels,
                            .origins = j->params.origins, .levels = j->levels,
                            .mean = take(keep, double, cells),
                            .low = take(keep, double, cells *j->n_levels),
                            .high = take(keep, double, cells *j->n_levels),
                            .variance = take(keep, double, n),
                            .told = take(keep, forecaster_told, n)};
    if (j->params.kind == FORECASTER_AUTO && j->n_levels > 0)
        j->r.scores = take(keep, double, cells *j->n_levels *j->params.origins);
    j->seasons = take(keep, int, n);
    j->done = take(keep, bool, n);
}

/* --state, for the models that are fitted to one series and take long. */
static bool open_state(const args *a, job *j, scope *s, err *e) {
    const char *path = args_text(a, "state");
    forecaster_kind kind = j->params.kind;
    if (!path) return true;
    if (kind == FORECASTER_GLOBAL || kind == FORECASTER_PROPHET)
        return refuse(e, "--state keeps forecasts of single series by their values; the model %s "
                         "%s: leave --state out", forecaster_name(kind),
                      kind == FORECASTER_GLOBAL ? "is fitted to all of them at once"
                                                : "takes less time than reading them back");
    j->state = take(&s->keep, series_state, 1);
    return series_state_open(j->state, path, j->t, &j->r, s, e);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    series_table t;
    timing times = {0};
    job j = {.t = &t, .params = FORECASTER_DEFAULTS, .horizon = (int)args_int(a, "horizon")};
    if (!series_season_option(a, j.season, 1 + FORECASTER_MORE, e) ||
        !parse_levels(args_text(a, "level"), &j, e) ||
        !find_model(args_text(a, "model"), &j.params.kind, s, e) ||
        !series_set_option(a, &j.params, s, e) || !verb_open(a, s, &b, e))
        return false;
    double start = args_clock();
    if (!series_read(a, &b, s, &t, out, e)) return false;
    if (j.params.kind != FORECASTER_PROPHET) say_gaps(&t); /* it takes days as they are */
    series_calendar calendar;
    bool global = j.params.kind == FORECASTER_GLOBAL;
    if (j.params.kind == FORECASTER_PROPHET ||
        (global && (args_text(a, "regressors") || args_text(a, "holidays")))) {
        if (!calendar_read(a, &b, s, &t, j.horizon, &calendar, e)) return false;
        j.calendar = &calendar;
    }
    times.read_s = args_clock() - start;
    j.params.window = (int)args_int(a, "window");
    j.params.units = args_flag(a, "units");
    j.params.seed = seed_for(b.seed, "forecast");
    take_results(&j, &s->keep);
    if (!open_state(a, &j, s, e)) return false;
    start = args_clock();
    series_global g = {.t = &t, .calendar = j.calendar, .season = j.season, .steps = j.horizon,
                       .levels = j.levels, .n_levels = j.n_levels, .seed = j.params.seed};
    if (global && !run_global(&j, &g, b.threads, s, e)) return false;
    if (!global) pool_for(b.threads, t.n, run_series, &j);
    if (!global && !all_done(&j, s->scratch, e)) return false;
    if (j.state && !series_state_write(j.state, s, e)) return false;
    if (j.r.scores) calibrate(&j, &s->keep, s->scratch);
    times.fit_s = args_clock() - start;
    if (!add_up(a, &b, &j, s, out, e)) return false;
    start = args_clock();
    columns c = result(&j, s);
    if (!db_put(b.d, "forecasts", &c, e) || !verb_write(a, &b, "forecasts", e)) return false;
    times.write_s = args_clock() - start;
    put_summary(&j, out);
    say_guards(&j);
    if (j.state) series_state_put(j.state, out), series_state_say(j.state);
    if (global) series_global_put(&g, out, s->scratch);
    const char *parts = args_text(a, "components");
    if (parts && !components_write(parts, &t, j.season, &b, s, out, e)) return false;
    if (!args_text(a, "out") && args_json(a)) put_forecasts(&c, out);
    args_timing(out, &times);
    return true;
}

const verb verb_forecast = {"forecast",
                            "",
                            "table",
                            "Forecast each series of a table, with intervals.",
                            "atelier forecast --in sales.csv --horizon 12 --out forecasts.csv",
                            0,
                            0,
                            options,
                            run};
