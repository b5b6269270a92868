/* family_behaviour: the funnel of the event log, and conversion rates that hold next month. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/behaviour/rates.h"
#include "models/metrics.h"
#include "pipeline/behaviour.h"
#include "pipeline/family.h"
#include "pipeline/tile.h"

#define DAY (INT64_C(86400) * 1000000)

const char *const behaviour_steps[BEHAVIOUR_STEPS] = {"view", "click", "cart_add", "purchase"};

/* The breakdowns that rates are kept by; the last one is read as one column. */
static const char *const cuts[] = {"channel", "platform", "category", "category+channel"};
enum { N_CUTS = sizeof cuts / sizeof cuts[0], LEAST_UNITS = 50 };

static const char source_sql[] =
    "SELECT visitor AS unit, time, event, category, channel, platform, "
    "coalesce(category, '(none)') || ' / ' || coalesce(channel, '(none)') AS \"category+channel\" "
    "FROM f_events";

static int32_t *window_day(windows *days, slice name, bool from) {
    if (slice_is(name, "events_train")) return from ? &days->first : &days->valid_from;
    if (slice_is(name, "events_valid")) return from ? &days->valid_from : &days->test_from;
    if (slice_is(name, "events_test")) return from ? &days->test_from : &days->end;
    return NULL;
}

bool behaviour_open(behaviour_funnel *out, work *w, scope *s, err *e) {
    columns c;
    *out = (behaviour_funnel){.days = w->days, .spec = {.unit = "visitor", .p = FUNNEL_DEFAULTS}};
    if (!db_query(w->d, &s->keep, &c, e, "SELECT name, from_day, to_day FROM windows"))
        return false;
    for (int64_t i = 0; i < c.rows; i++) {
        int32_t *from = window_day(&out->days, columns_text(&c, "name")[i], true);
        int32_t *to = window_day(&out->days, columns_text(&c, "name")[i], false);
        if (from) *from = columns_i32(&c, "from_day")[i], *to = columns_i32(&c, "to_day")[i];
    }
    out->spec.p.steps = 0;
    for (int i = 0; i < BEHAVIOUR_STEPS; i++) {
        if (!db_count(w->d, &out->events[i], e, "SELECT count(*) FROM f_events WHERE event = '%s'",
                      behaviour_steps[i]))
            return false;
        if (out->events[i]) out->spec.step[out->spec.p.steps++] = behaviour_steps[i];
    }
    return true;
}

/* Writes why there is no funnel; true when there is none. */
static bool skip_when_bare(const behaviour_funnel *b, js *report) {
    if (b->spec.p.steps >= 2) return false;
    if (b->spec.p.steps == 0)
        js_put_word(report, "skipped",
                    "the shop has no event log with views, clicks, cart additions or purchases");
    else
        js_putf(report, "skipped", "the event log has only %s events; a funnel needs two steps",
                b->spec.step[0]);
    return true;
}

/* ---- rates of one period, tried on the next ---- */

typedef struct trial {
    int cut;         /* index into cuts */
    double strength; /* multiplies the fitted one */
} trial;

typedef struct period {
    int32_t from, to; /* days, to exclusive */
} period;

/* Units and conversions by group of those who entered in a period. Entries too late to have their
 * whole window (at most half of the period) are not counted. */
static funnel_table count_period(const funnel_log *log, const funnel_spec *spec, period p,
                                 const int32_t *group, int groups, pool *threads, scope *s) {
    funnel_events v = log->events;
    uint32_t *serves = take(&s->keep, uint32_t, v.n);
    int64_t half = (int64_t)(p.to - p.from) * DAY / 2;
    int64_t last = (int64_t)p.to * DAY - (spec->p.window < half ? spec->p.window : half);
    for (int64_t i = 0; i < v.n; i++) {
        if (log->day[i] < p.from || log->day[i] >= p.to) continue;
        serves[i] = v.serves[i] & (v.time[i] < last ? ~0u : ~1u);
    }
    v.serves = serves;
    funnel_outcome o;
    funnel_table t;
    funnel_run(&o, &v, &spec->p, threads, &s->keep);
    funnel_count(&t, &o, &v, group, groups, &s->keep);
    return t;
}

typedef struct score {
    int64_t units, cells;
    double *loss[3], *brier[3]; /* [units] of pooled, own and shrunk rates */
    rates_model model;
} score;
enum { POOLED, OWN, SHRUNK };
static const char *const model_names[3] = {"pooled rate", "own rate", "shrunk rate"};

static double mean(const double *x, int64_t n) {
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return n ? sum / (double)n : 0.0;
}

static void score_cells(score *out, const funnel_table *known, const funnel_table *seen,
                        double strength, arena *keep) {
    int cells = known->groups, last = known->steps - 1;
    int64_t *k = take(keep, int64_t, cells), *n = take(keep, int64_t, cells), at = 0;
    double *shrunk = take(keep, double, cells);
    out->units = 0, out->cells = cells;
    for (int c = 0; c < cells; c++) {
        n[c] = known->counts[c * known->steps], k[c] = known->counts[c * known->steps + last];
        out->units += seen->counts[c * seen->steps];
    }
    rates_fit(&out->model, k, n, cells, (rates_params){.strength = strength}, shrunk);
    for (int m = 0; m < 3; m++) {
        out->loss[m] = take(keep, double, out->units);
        out->brier[m] = take(keep, double, out->units);
    }
    for (int c = 0; c < cells; c++) {
        const int64_t *counts = seen->counts + c * seen->steps;
        int64_t entered = counts[0], bought = counts[last];
        double own = n[c] ? (double)k[c] / (double)n[c] : out->model.pooled;
        double rate[3] = {out->model.pooled, own, shrunk[c]};
        for (int64_t i = 0; i < entered; i++, at++)
            for (int m = 0; m < 3; m++) {
                double miss = (i < bought) - rate[m];
                out->loss[m][at] = rates_log_loss(rate[m], i < bought);
                out->brier[m][at] = miss * miss;
            }
    }
}

static bool read_cuts(funnel_log *log, work *w, const behaviour_funnel *b, int32_t before, scope *s,
                      err *e) {
    const char *source = arena_text(&s->keep, "%s WHERE time < DATE '%s'", source_sql,
                                    day_text(&s->keep, before));
    return funnel_log_read(log, w->d, &b->spec, source, cuts, N_CUTS, &s->keep, e);
}

static void try_rates(score *out, work *w, const behaviour_funnel *b, const funnel_log *log,
                      period known, period seen, trial t, scope *s) {
    const funnel_by *by = &log->by[t.cut];
    funnel_table a = count_period(log, &b->spec, known, by->code, by->values, w->threads, s);
    funnel_table z = count_period(log, &b->spec, seen, by->code, by->values, w->threads, s);
    score_cells(out, &a, &z, t.strength, &s->keep);
}

static slice put_trial(trial t, scope *s) {
    return slice_of(arena_text(&s->keep, "{\"by\": \"%s\", \"strength\": %g}", cuts[t.cut],
                               t.strength));
}

static bool train(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    behaviour_funnel b;
    funnel_log log;
    score sc;
    if (!behaviour_open(&b, w, s, e)) return false;
    if (skip_when_bare(&b, report)) return true;
    windows d = b.days;
    if (!read_cuts(&log, w, &b, d.test_from, s, e)) return false;
    try_rates(&sc, w, &b, &log, (period){d.first, d.valid_from},
              (period){d.valid_from, d.test_from}, (trial){0, 1.0}, s);
    js_put_null(report, "skipped");
    js_put_int(report, "units", sc.units);
    js_object(report, "log_loss");
    for (int m = 0; m < 3; m++) js_put_real(report, model_names[m], mean(sc.loss[m], sc.units));
    js_end(report);
    js_put_real(report, "pooled_rate", sc.model.pooled);
    js_put_real(report, "fitted_strength", sc.model.fitted);
    return true;
}

static bool tune(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    static const double strengths[] = {0.25, 1.0, 4.0};
    behaviour_funnel b;
    funnel_log log;
    if (!behaviour_open(&b, w, s, e)) return false;
    if (skip_when_bare(&b, report)) return true;
    windows d = b.days;
    if (!read_cuts(&log, w, &b, d.test_from, s, e)) return false;
    js_put_null(report, "skipped");
    trial best = {0, 1.0};
    double least = INFINITY;
    js_array(report, "trials");
    for (int cut = 0; cut < N_CUTS; cut++)
        for (int i = 0; i < 3; i++) {
            trial t = {cut, strengths[i]};
            score sc;
            try_rates(&sc, w, &b, &log, (period){d.first, d.valid_from},
                      (period){d.valid_from, d.test_from}, t, s);
            double loss = mean(sc.loss[SHRUNK], sc.units);
            if (sc.units && loss < least) least = loss, best = t;
            js_object(report, NULL);
            js_put_raw(report, "parameters", put_trial(t, s));
            js_put_real(report, "log_loss", loss);
            js_put_int(report, "units", sc.units);
            js_end(report);
        }
    js_end(report);
    js_put_raw(report, "best", put_trial(best, s));
    return true;
}

static trial tuned(work *w, scope *s) {
    const js_node *best = work_tuned(w, s, "behaviour");
    trial t = {0, 1.0};
    slice by;
    if (js_text(js_get(best, "by"), &by))
        for (int c = 0; c < N_CUTS; c++)
            if (slice_is(by, cuts[c])) t.cut = c;
    js_real(js_get(best, "strength"), &t.strength);
    return t;
}

static const char *verdict_words(const evaluation_comparison *c) {
    const char *verdict = evaluation_verdict(c);
    return strcmp(verdict, "better") == 0 ? "predict the next period better than one rate for all"
           : strcmp(verdict, "worse") == 0
               ? "predict the next period worse than one rate for all: use the pooled rate"
               : "are not shown to predict the next period better than one rate for all";
}

/* Members models and comparisons; c gets the shrunk rates against the pooled and the own ones. */
static void put_scores(js *report, const score *sc, slice parameters, uint64_t seed,
                       evaluation_comparison *c, scope *s) {
    seed = seed_for(seed, "behaviour");
    js_array(report, "models");
    for (int m = 0; m < 3; m++) {
        metrics_interval l = metrics_bootstrap(sc->loss[m], sc->units, seed, METRICS_RESAMPLES,
                                               s->scratch);
        metrics_interval r = metrics_bootstrap(sc->brier[m], sc->units, seed, METRICS_RESAMPLES,
                                               s->scratch);
        evaluation_metric all[] = {{"log_loss", l.mean, l.low, l.high, l.n},
                                   {"brier", r.mean, r.low, r.high, r.n}};
        evaluation_model(report, model_names[m], m == SHRUNK ? "model" : "baseline",
                         m == SHRUNK ? parameters : SLICE("{}"), all, 2);
    }
    js_end(report);
    js_array(report, "comparisons");
    for (int m = POOLED; m <= OWN; m++) {
        metrics_interval d = metrics_bootstrap_paired(sc->loss[SHRUNK], sc->loss[m], sc->units,
                                                      seed, METRICS_RESAMPLES, s->scratch);
        c[m] = (evaluation_comparison){.model = model_names[SHRUNK], .baseline = model_names[m],
                                       .metric = "log_loss", .difference = d.mean, .low = d.low,
                                       .high = d.high, .less_is_better = true};
        evaluation_compare(report, &c[m]);
    }
    js_end(report);
}

static bool evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    behaviour_funnel b;
    funnel_log log;
    score sc;
    if (!behaviour_open(&b, w, s, e)) return false;
    if (skip_when_bare(&b, report)) return true;
    windows d = b.days;
    trial t = tuned(w, s);
    if (!read_cuts(&log, w, &b, d.end, s, e)) return false;
    try_rates(&sc, w, &b, &log, (period){d.first, d.test_from}, (period){d.test_from, d.end}, t, s);
    if (sc.units < LEAST_UNITS) {
        js_putf(report, "skipped", "only %lld visitors enter the funnel in the test period",
                (long long)sc.units);
        return true;
    }
    js_put_null(report, "skipped");
    js_object(report, "data");
    js_put_int(report, "rows", log.events.n);
    js_put_int(report, "test_units", sc.units);
    js_put_int(report, "cells", sc.cells);
    js_put_word(report, "test_from", day_text(&s->keep, d.test_from));
    js_put_word(report, "test_to", day_text(&s->keep, d.end));
    js_end(report);
    js_put_word(report, "metric", "log_loss");
    evaluation_comparison c[2];
    put_scores(report, &sc, put_trial(t, s), w->seed, c, s);
    js_putf(report, "verdict", "Conversion rates by %s, shrunk, %s.", cuts[t.cut],
            verdict_words(&c[POOLED]));
    return true;
}

/* ---- pages ---- */

static void put_breakdown(js *j, const funnel_log *log, const funnel_outcome *o, int at, scope *s) {
    const funnel_by *by = &log->by[at];
    funnel_table t;
    funnel_count(&t, o, &log->events, by->code, by->values, &s->keep);
    js_array(j, by->column);
    for (int g = 0; g < by->values; g++) {
        if (t.counts[(int64_t)g * t.steps] == 0) continue;
        js_object(j, NULL);
        js_put_text(j, "value", by->value[g]);
        funnel_put(j, &t, g);
        js_end(j);
    }
    js_end(j);
}

/* Weeks (Mondays) of the entering event. */
static void put_weeks(js *j, const funnel_log *log, const funnel_outcome *o, int64_t window,
                      int32_t end, scope *s) {
    int64_t n = log->events.n;
    if (n == 0) return;
    int32_t *week = take(&s->keep, int32_t, n), first = INT32_MAX, last = INT32_MIN;
    for (int64_t i = 0; i < n; i++) { /* day 4, 1970-01-05, was a Monday */
        int32_t from = log->day[i] - 4;
        week[i] = (from >= 0 ? from : from - 6) / 7;
        if (week[i] < first) first = week[i];
        if (week[i] > last) last = week[i];
    }
    for (int64_t i = 0; i < n; i++) week[i] -= first;
    funnel_table t;
    funnel_count(&t, o, &log->events, week, last - first + 1, &s->keep);
    js_array(j, "trend");
    for (int32_t g = 0; g < t.groups; g++) {
        int32_t monday = (first + g) * 7 + 4;
        js_object(j, NULL);
        js_put_word(j, "week", day_text(&s->keep, monday));
        js_array(j, "counts");
        for (int k = 0; k < t.steps; k++) js_put_int(j, NULL, t.counts[g * t.steps + k]);
        js_end(j);
        js_put_bool(j, "complete", monday + 7 + window / DAY <= end);
        js_end(j);
    }
    js_end(j);
}

static void put_steps(js *j, const behaviour_funnel *b) {
    js_array(j, "steps");
    for (int i = 0; i < b->spec.p.steps; i++) js_put_word(j, NULL, b->spec.step[i]);
    js_end(j);
    js_array(j, "missing");
    for (int i = 0; i < BEHAVIOUR_STEPS; i++)
        if (!b->events[i]) js_put_word(j, NULL, behaviour_steps[i]);
    js_end(j);
}

/* The same steps within one session, whatever time it takes. */
static bool put_sessions(js *j, work *w, const behaviour_funnel *b, scope *s, err *e) {
    funnel_log log;
    funnel_outcome o;
    funnel_table t;
    funnel_spec spec = b->spec;
    spec.unit = "session", spec.p.window = 0;
    if (!funnel_log_read(&log, w->d, &spec, "SELECT session AS unit, time, event FROM f_events",
                         NULL, 0, &s->keep, e))
        return false;
    funnel_run(&o, &log.events, &spec.p, w->threads, &s->keep);
    funnel_count(&t, &o, &log.events, NULL, 1, &s->keep);
    js_object(j, "sessions");
    js_put_word(j, "definition", funnel_spec_sentence(&spec, &s->keep));
    funnel_put(j, &t, 0);
    js_end(j);
    return true;
}

static bool write_funnel(js *j, work *w, const behaviour_funnel *b, scope *s, err *e) {
    static const char *const shown[] = {"category", "channel", "platform"};
    funnel_log log;
    funnel_outcome o;
    funnel_table t;
    if (!funnel_log_read(&log, w->d, &b->spec, source_sql, shown, 3, &s->keep, e)) return false;
    funnel_run(&o, &log.events, &b->spec.p, w->threads, &s->keep);
    funnel_count(&t, &o, &log.events, NULL, 1, &s->keep);
    js_put_word(j, "definition", funnel_spec_sentence(&b->spec, &s->keep));
    js_put_word(j, "hash", funnel_spec_hash(&b->spec, s->scratch).hex);
    put_steps(j, b);
    js_object(j, "all");
    funnel_put(j, &t, 0);
    js_end(j);
    js_object(j, "by");
    for (int i = 0; i < 3; i++) put_breakdown(j, &log, &o, i, s);
    js_end(j);
    put_weeks(j, &log, &o, b->spec.p.window, b->days.end, s);
    return put_sessions(j, w, b, s, e);
}

static bool insight(work *w, folder *f, scope *s, js *report, err *e) {
    behaviour_funnel b;
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    if (!behaviour_open(&b, w, s, e)) return false;
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.funnel/1");
    bool bare = skip_when_bare(&b, report);
    if (bare) skip_when_bare(&b, j);
    else js_put_null(j, "skipped");
    if (!bare && !write_funnel(j, w, &b, s, e)) return false;
    if (!behaviour_kpis(w, s, j, e)) return false;
    js_end(j);
    if (!bare) js_put_null(report, "skipped");
    js_put_word(report, "file", "funnel.json");
    return folder_write(f, "funnel.json", text_slice(&j->out), e);
}

static bool publish(work *w, folder *f, scope *s, js *home, err *e) {
    (void)f;
    behaviour_funnel b;
    funnel_log log;
    funnel_outcome o;
    funnel_table t;
    if (!behaviour_open(&b, w, s, e)) return false;
    if (skip_when_bare(&b, home)) return true;
    if (!funnel_log_read(&log, w->d, &b.spec, source_sql, NULL, 0, &s->keep, e)) return false;
    funnel_run(&o, &log.events, &b.spec.p, w->threads, &s->keep);
    funnel_count(&t, &o, &log.events, NULL, 1, &s->keep);
    int steps = b.spec.p.steps, worst = 1;
    slice x[BEHAVIOUR_STEPS];
    double values[BEHAVIOUR_STEPS];
    for (int k = 0; k < steps; k++) {
        x[k] = slice_of(b.spec.step[k]), values[k] = (double)t.counts[k];
        if (k && funnel_step_rate(&t, 0, k).value < funnel_step_rate(&t, 0, worst).value) worst = k;
    }
    interval overall = funnel_overall_rate(&t, 0);
    tile_headline h = {arena_text(&s->keep, "Visitors from %s to %s", b.spec.step[0],
                                  b.spec.step[steps - 1]),
                       overall.value, "percent",
                       arena_text(&s->keep, "95 %% interval %.1f to %.1f %%", 100 * overall.low,
                                  100 * overall.high)};
    tile_put(home, &h,
             arena_text(&s->keep, "Of %lld visitors with a %s, %lld reach %s; most are lost from "
                        "%s to %s.", (long long)t.counts[0], b.spec.step[0],
                        (long long)t.counts[steps - 1], b.spec.step[steps - 1],
                        b.spec.step[worst - 1], b.spec.step[worst]),
             tile_verdict(w, s, "behaviour"));
    tile_put_chart(home, &(tile_chart){.kind = "bar", .x_title = "Step", .y_title = "Visitors",
                                       .series = "Visitors", .n = steps, .x = x,
                                       .values = values});
    return true;
}

const family family_behaviour = {
    .name = "behaviour",
    .title = "Funnel and conversion",
    .train = train,
    .tune = tune,
    .evaluate = evaluate,
    .insight = insight,
    .publish = publish,
};
