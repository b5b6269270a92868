/* behaviour_parts: conversion rates by week, channel, platform and category; whether as many
 * convert as they say; and from how many visitors they were learnt. */
#include <string.h>

#include "base/random.h"
#include "pipeline/behaviour_trial.h"
#include "pipeline/evaluation_calibration.h"
#include "pipeline/evaluation_parts.h"

enum { LEAST_VISITORS = 50, SHOWN = 3, WEEKS = 64 };

/* Sums by visitor of the parts of one breakdown: those of part v stand at first[v] … first[v + 1],
 * in the order of the visitors. */
typedef struct sums {
    int values;
    int64_t *first; /* [values + 1] */
    double *n, *loss[RATES_MODELS];
} sums;

typedef struct desk {
    const behaviour_tried *t;
    behaviour_trial p;
    const behaviour_score *sc;
    int32_t from;
    const work *w;
    scope *s;
    js *report;
} desk;

static int32_t week_of(const desk *d, int64_t event) {
    int32_t week = (d->t->log.day[event] - d->from) / 7;
    return week < 0 ? 0 : week < WEEKS ? week : WEEKS - 1;
}

/* cut < 0: the week of the entry. */
static int32_t value_of(const desk *d, int cut, int64_t event) {
    return cut < 0 ? week_of(d, event) : d->t->log.by[cut].code[event];
}

static int values_of(const desk *d, int cut) {
    int weeks = (d->t->b->days.end - d->from + 6) / 7;
    return cut >= 0 ? d->t->log.by[cut].values : weeks < WEEKS ? weeks : WEEKS;
}

static void add_unit(const desk *d, sums *to, int64_t at, int64_t u, int64_t event) {
    const behaviour_tried *t = d->t;
    int converted = t->now.level[u] == t->b->spec.p.steps;
    int32_t cell = t->log.by[d->p.cut].code[event];
    to->n[at]++;
    for (int m = 0; m < RATES_MODELS; m++)
        to->loss[m][at] += rates_log_loss(d->sc->rate[m][cell], converted);
}

/* Units of one visitor stand together. Read twice: once to count the visitors of each part. */
static sums sum_up(const desk *d, int cut, arena *keep) {
    const behaviour_tried *t = d->t;
    sums to = {.values = values_of(d, cut)};
    int64_t *at = take(keep, int64_t, to.values), *before = take(keep, int64_t, to.values);
    to.first = take(keep, int64_t, to.values + 1);
    for (int pass = 0; pass < 2; pass++) {
        for (int v = 0; v < to.values; v++) at[v] = to.first[v] - 1, before[v] = -1;
        for (int64_t u = 0; u < t->log.events.units; u++) {
            if (t->now.level[u] == 0) continue;
            int64_t event = t->now.chain[u * t->b->spec.p.steps], is = behaviour_visitor(t, u);
            int32_t v = value_of(d, cut, event);
            bool next = is != before[v];
            before[v] = is;
            at[v] += next;
            if (pass == 0) to.first[v + 1] += next;
            else add_unit(d, &to, at[v], u, event);
        }
        if (pass == 1) break;
        for (int v = 0; v < to.values; v++) to.first[v + 1] += to.first[v];
        to.n = take(keep, double, to.first[to.values]);
        for (int m = 0; m < RATES_MODELS; m++) to.loss[m] = take(keep, double, to.first[to.values]);
    }
    return to;
}

static void put_part(const desk *d, int cut, const sums *of, int value, arena scratch) {
    static const int shown[] = {RATES_POOLED, RATES_SHRUNK};
    int64_t from = of->first[value], n = of->first[value + 1] - from;
    if (n < LEAST_VISITORS) return;
    const char *name = cut < 0 ? day_text(&d->s->keep, d->from + 7 * value)
                               : slice_copy(&d->s->keep, d->t->log.by[cut].value[value]);
    for (int i = 0; i < 2; i++)
        evaluation_part_put(
            d->report,
            (evaluation_part){cut < 0 ? "week from" : behaviour_cuts[cut], name,
                              behaviour_models[shown[i]], "log_loss"},
            metrics_bootstrap_ratio(of->loss[shown[i]] + from, of->n + from, n,
                                    seed_for(d->w->seed, "behaviour parts"), METRICS_RESAMPLES,
                                    scratch));
}

static void put_parts(const desk *d) {
    js_array(d->report, "parts");
    for (int cut = -1; cut < SHOWN; cut++) {
        arena scratch = d->s->scratch;
        arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
        sums of = sum_up(d, cut, &keep);
        for (int v = 0; v < of.values; v++) put_part(d, cut, &of, v, scratch);
    }
    js_end(d->report);
}

static void put_calibration(const desk *d) {
    const behaviour_tried *t = d->t;
    const funnel_by *by = &t->log.by[d->p.cut];
    arena scratch = d->s->scratch;
    calibration_cell *cells = take(&scratch, calibration_cell, by->values);
    for (int c = 0; c < by->values; c++) cells[c].stated = d->sc->rate[RATES_SHRUNK][c];
    for (int64_t u = 0; u < t->log.events.units; u++) {
        if (t->now.level[u] == 0) continue;
        calibration_cell *c = &cells[by->code[t->now.chain[u * t->b->spec.p.steps]]];
        c->n++;
        c->happened += t->now.level[u] == t->b->spec.p.steps;
    }
    calibration_of what = {behaviour_models[RATES_SHRUNK], "a unit converts in the test period",
                           t->b->articles ? "visitors with an article" : "visitors"};
    evaluation_probability_put(d->report, what, cells, by->values, scratch);
}

/* What is known of every step-th visitor alone; returns of how many. */
static int64_t thin(const behaviour_tried *t, int64_t step, behaviour_tried *out, arena *keep) {
    int64_t units = t->log.events.units, visitors = 0, kept = 0, before = -1;
    *out = *t;
    out->past.level = take_copy(keep, uint8_t, t->past.level, units);
    for (int64_t u = 0; u < units; u++) {
        if (t->past.level[u] == 0) continue;
        int64_t visitor = behaviour_visitor(t, u);
        bool next = visitor != before, in = (visitors - !next) % step == 0;
        if (!in) out->past.level[u] = 0;
        kept += next && in;
        visitors += next;
        before = visitor;
    }
    return kept;
}

static void put_learning(const desk *d) {
    for (int64_t step = 8; step >= 1; step /= 2) {
        arena scratch = d->s->scratch;
        arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
        behaviour_tried some;
        behaviour_score sc;
        int64_t visitors = thin(d->t, step, &some, &keep);
        if (visitors < LEAST_VISITORS) continue;
        behaviour_try(&sc, &some, d->p, d->w->threads, &keep, scratch);
        evaluation_learning_put(
            d->report, behaviour_models[RATES_SHRUNK], "visitors", visitors, "log_loss",
            metrics_bootstrap_ratio(sc.loss[RATES_SHRUNK], sc.n, sc.visitors,
                                    seed_for(d->w->seed, "learning"), METRICS_RESAMPLES, scratch));
    }
}

void behaviour_put_parts(const behaviour_tried *t, behaviour_trial p, const behaviour_score *sc,
                         int32_t from, const work *w, scope *s, js *report) {
    desk d = {t, p, sc, from, w, s, report};
    put_parts(&d);
    js_array(report, "calibration");
    put_calibration(&d);
    js_end(report);
    js_array(report, "learning");
    put_learning(&d);
    js_end(report);
}
