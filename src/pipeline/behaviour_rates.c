/* behaviour_rates: conversion rates by channel, category, …, learned in one period, tried on the
 * next; the unit is a visitor with an article where the log names articles, else a visitor. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/metrics.h"
#include "pipeline/behaviour_trial.h"
#include "pipeline/pairs.h"

#define DAY (INT64_C(86400) * 1000000)

const char *const behaviour_cuts[BEHAVIOUR_CUTS] = {"channel", "platform", "category",
                                                    "category+channel"};
enum { LEAST_UNITS = 50 };

typedef struct period {
    int32_t from, to; /* days, to exclusive */
} period;

/* The funnel of those who entered in a period. Entries too late to have their whole window (at most
 * half of the period) are not counted. */
static funnel_outcome run_period(const behaviour_tried *t, period p, pool *threads, arena *keep,
                                 arena scratch) {
    funnel_events v = t->log.events;
    const funnel_spec *spec = &t->b->spec;
    uint32_t *serves = take(&scratch, uint32_t, v.n);
    int64_t half = (int64_t)(p.to - p.from) * DAY / 2;
    int64_t last = (int64_t)p.to * DAY - (spec->p.window < half ? spec->p.window : half);
    for (int64_t i = 0; i < v.n; i++) {
        if (t->log.day[i] < p.from || t->log.day[i] >= p.to) continue;
        serves[i] = v.serves[i] & (v.time[i] < last ? ~0u : ~1u);
    }
    v.serves = serves;
    funnel_outcome o;
    funnel_run(&o, &v, &spec->p, threads, keep);
    return o;
}

const char *const behaviour_models[RATES_MODELS] = {"pooled rate", "own rate", "shrunk rate"};

int64_t behaviour_visitor(const behaviour_tried *t, int64_t u) {
    return t->b->articles ? t->log.unit[u] / t->b->articles : t->log.unit[u];
}

static void add_visitor(behaviour_score *out, int64_t visitor) {
    int64_t at = out->visitors++;
    out->visitor[at] = (int32_t)visitor;
    out->n[at] = 0;
    for (int m = 0; m < RATES_MODELS; m++) out->loss[m][at] = out->brier[m][at] = 0;
}

static void score_unit(behaviour_score *out, int32_t cell, int converted) {
    int64_t at = out->visitors - 1;
    out->n[at] += 1.0;
    out->units++;
    out->converted += converted;
    for (int m = 0; m < RATES_MODELS; m++) {
        double rate = out->rate[m][cell], miss = converted - rate;
        out->loss[m][at] += rates_log_loss(rate, converted);
        out->brier[m][at] += miss * miss;
    }
}

/* Sums of at most `most` visitors: room that is not written costs no memory. */
static behaviour_score score_open(int cells, int64_t most, arena *keep) {
    behaviour_score out = {.cells = cells, .visitor = take_raw(keep, int32_t, most),
                           .n = take_raw(keep, double, most)};
    for (int m = 0; m < RATES_MODELS; m++) {
        out.loss[m] = take_raw(keep, double, most);
        out.brier[m] = take_raw(keep, double, most);
    }
    return out;
}

void behaviour_try(behaviour_score *out, const behaviour_tried *t, behaviour_trial p,
                   pool *threads, arena *keep, arena scratch) {
    const funnel_by *by = &t->log.by[p.cut];
    const funnel_events *v = &t->log.events;
    int cells = by->values, steps = t->b->spec.p.steps;
    funnel_table counts;
    funnel_count(&counts, &t->past, v, funnel_log_group(&t->log, p.cut, &t->past, threads, keep),
                 cells, threads, keep, scratch);
    int64_t *k = take(keep, int64_t, cells), *n = take(keep, int64_t, cells), before = -1;
    double *rate[RATES_MODELS];
    for (int m = 0; m < RATES_MODELS; m++) rate[m] = take(keep, double, cells);
    for (int c = 0; c < cells; c++)
        n[c] = counts.counts[c * steps], k[c] = counts.counts[c * steps + steps - 1];
    *out = score_open(cells, v->units, keep);
    rates_fit(&out->model, k, n, cells, (rates_params){.strength = p.strength},
              rate[RATES_SHRUNK]);
    for (int c = 0; c < cells; c++) {
        rate[RATES_POOLED][c] = out->model.pooled;
        rate[RATES_OWN][c] = n[c] ? (double)k[c] / (double)n[c] : out->model.pooled;
    }
    memcpy(out->rate, rate, sizeof rate);
    for (int64_t u = 0; u < v->units; u++) {
        if (t->now.level[u] == 0) continue;
        int64_t visitor = behaviour_visitor(t, u);
        if (visitor != before) add_visitor(out, visitor);
        before = visitor;
        score_unit(out, by->code[t->now.chain[u * steps]], t->now.level[u] == steps);
    }
}

static double mean(const behaviour_score *sc, const double *sums) {
    double sum = 0.0;
    for (int64_t i = 0; i < sc->visitors; i++) sum += sums[i];
    return sc->units ? sum / (double)sc->units : 0.0;
}

/* Known up to `seen`, tried on the days from there to `before`. */
static bool open_tried(behaviour_tried *t, work *w, const behaviour_funnel *b, int32_t seen,
                       int32_t before, scope *s, err *e) {
    const char *source = b->articles ? behaviour_pairs(b, &s->keep) : behaviour_visitors;
    *t = (behaviour_tried){.b = b};
    source = arena_text(&s->keep, "SELECT * FROM (%s) WHERE time < DATE '%s'", source,
                        day_text(&s->keep, before));
    if (!funnel_log_read(&t->log, w->d, &b->spec, source, behaviour_cuts, BEHAVIOUR_CUTS, &s->keep,
                         e))
        return false;
    t->past = run_period(t, (period){b->days.first, seen}, w->threads, &s->keep, s->scratch);
    t->now = run_period(t, (period){seen, before}, w->threads, &s->keep, s->scratch);
    return true;
}

static slice trial_json(behaviour_trial t, scope *s) {
    return slice_of(arena_text(&s->keep, "{\"by\": \"%s\", \"strength\": %g}",
                               behaviour_cuts[t.cut], t.strength));
}

bool behaviour_train(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    behaviour_funnel b;
    behaviour_tried t;
    behaviour_score sc;
    if (!behaviour_open(&b, w, s, e)) return false;
    if (behaviour_skip(&b, report)) return true;
    windows d = b.days;
    if (!open_tried(&t, w, &b, d.valid_from, d.test_from, s, e)) return false;
    behaviour_try(&sc, &t, (behaviour_trial){0, 1.0}, w->threads, &s->keep, s->scratch);
    js_put_null(report, "skipped");
    js_put_word(report, "unit", b.articles ? "visitor and article" : "visitor");
    js_put_int(report, "units", sc.units);
    js_object(report, "log_loss");
    for (int m = 0; m < RATES_MODELS; m++)
        js_put_real(report, behaviour_models[m], mean(&sc, sc.loss[m]));
    js_end(report);
    js_put_real(report, "pooled_rate", sc.model.pooled);
    js_put_real(report, "fitted_strength", sc.model.fitted);
    return true;
}

bool behaviour_tune(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    static const double strengths[] = {0.25, 1.0, 4.0};
    behaviour_funnel b;
    behaviour_tried t;
    if (!behaviour_open(&b, w, s, e)) return false;
    if (behaviour_skip(&b, report)) return true;
    windows d = b.days;
    if (!open_tried(&t, w, &b, d.valid_from, d.test_from, s, e)) return false;
    js_put_null(report, "skipped");
    behaviour_trial best = {0, 1.0};
    double least = INFINITY;
    js_array(report, "trials");
    for (int cut = 0; cut < BEHAVIOUR_CUTS; cut++)
        for (int i = 0; i < 3; i++) {
            behaviour_trial p = {cut, strengths[i]};
            behaviour_score sc;
            arena room = s->scratch;
            behaviour_try(&sc, &t, p, w->threads, &room, s->keep);
            double loss = mean(&sc, sc.loss[RATES_SHRUNK]);
            if (sc.units && loss < least) least = loss, best = p;
            js_object(report, NULL);
            js_put_raw(report, "parameters", trial_json(p, s));
            js_put_real(report, "log_loss", loss);
            js_put_int(report, "units", sc.units);
            js_end(report);
        }
    js_end(report);
    js_put_raw(report, "best", trial_json(best, s));
    return true;
}

static behaviour_trial tuned(work *w, scope *s) {
    const js_node *best = work_tuned(w, s, "behaviour");
    behaviour_trial t = {0, 1.0};
    slice by;
    if (js_text(js_get(best, "by"), &by))
        for (int c = 0; c < BEHAVIOUR_CUTS; c++)
            if (slice_is(by, behaviour_cuts[c])) t.cut = c;
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
static void put_scores(js *report, const behaviour_score *sc, slice parameters, uint64_t seed,
                       evaluation_comparison *c, scope *s) {
    int64_t n = sc->visitors;
    double *difference = take(&s->keep, double, n);
    seed = seed_for(seed, "behaviour");
    js_array(report, "models");
    for (int m = 0; m < RATES_MODELS; m++) {
        metrics_interval l = metrics_bootstrap_ratio(sc->loss[m], sc->n, n, seed,
                                                     METRICS_RESAMPLES, s->scratch);
        metrics_interval r = metrics_bootstrap_ratio(sc->brier[m], sc->n, n, seed,
                                                     METRICS_RESAMPLES, s->scratch);
        evaluation_metric all[] = {{"log_loss", l.mean, l.low, l.high, l.n},
                                   {"brier", r.mean, r.low, r.high, r.n}};
        evaluation_model(report, behaviour_models[m], m == RATES_SHRUNK ? "model" : "baseline",
                         m == RATES_SHRUNK ? parameters : SLICE("{}"), all, 2);
    }
    js_end(report);
    js_array(report, "comparisons");
    for (int m = RATES_POOLED; m <= RATES_OWN; m++) {
        for (int64_t i = 0; i < n; i++)
            difference[i] = sc->loss[RATES_SHRUNK][i] - sc->loss[m][i];
        metrics_interval d = metrics_bootstrap_ratio(difference, sc->n, n, seed,
                                                     METRICS_RESAMPLES, s->scratch);
        c[m] = (evaluation_comparison){.model = behaviour_models[RATES_SHRUNK],
                                       .baseline = behaviour_models[m], .metric = "log_loss",
                                       .difference = d.mean, .low = d.low, .high = d.high,
                                       .less_is_better = true};
        evaluation_compare(report, &c[m]);
    }
    js_end(report);
}

bool behaviour_evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    behaviour_funnel b;
    behaviour_tried t;
    behaviour_score sc;
    evaluation_comparison c[2];
    if (!behaviour_open(&b, w, s, e)) return false;
    if (behaviour_skip(&b, report)) return true;
    windows d = b.days;
    behaviour_trial p = tuned(w, s);
    if (!open_tried(&t, w, &b, d.test_from, d.end, s, e)) return false;
    behaviour_try(&sc, &t, p, w->threads, &s->keep, s->scratch);
    if (sc.units < LEAST_UNITS) {
        js_putf(report, "skipped", "only %lld %s enter the funnel in the test period",
                (long long)sc.units, b.articles ? "pairs of visitor and article" : "visitors");
        return true;
    }
    js_put_null(report, "skipped");
    js_object(report, "data");
    js_put_int(report, "rows", t.log.events.n);
    js_put_word(report, "unit", b.articles ? "visitor and article" : "visitor");
    js_put_int(report, "test_units", sc.units);
    js_put_int(report, "test_converted", sc.converted);
    js_put_int(report, "test_visitors", sc.visitors);
    js_put_int(report, "cells", sc.cells);
    js_put_word(report, "test_from", day_text(&s->keep, d.test_from));
    js_put_word(report, "test_to", day_text(&s->keep, d.end));
    js_end(report);
    js_put_word(report, "metric", "log_loss");
    put_scores(report, &sc, trial_json(p, s), w->seed, c, s);
    js_putf(report, "verdict", "Conversion rates by %s, shrunk, %s.", behaviour_cuts[p.cut],
            verdict_words(&c[RATES_POOLED]));
    behaviour_put_parts(&t, p, &sc, d.test_from, w, s, report);
    pairs kept = {behaviour_models[RATES_SHRUNK], "log_loss", true, sc.visitors,
                  pairs_numbered(w, "f_events", sc.visitor, sc.visitors, &s->keep, e),
                  sc.loss[RATES_SHRUNK], sc.n};
    return kept.key && pairs_write(w, f, "behaviour", &kept, s, report, e);
}
