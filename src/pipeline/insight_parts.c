/* insight_parts: trends by week, category and how much an article sells, whether units and
 * directions are as sure as they are said to be, and how much history they want. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "pipeline/evaluation_calibration.h"
#include "pipeline/evaluation_parts.h"
#include "pipeline/insight.h"

enum { LEAST = 5 }; /* articles of a part */

typedef struct desk {
    const insight_trend_score *score;
    const work *w;
    scope *s;
    js *report;
} desk;

/* A row a model over the articles whose group it is; error[m][check.n]. */
static void put_part(const desk *d, const char *by, const char *of, double *const *error,
                     const int32_t *group, int32_t which) {
    static const int shown[] = {TREND_RAW, TREND_SHRUNK};
    for (int i = 0; i < 2; i++) {
        arena scratch = d->s->scratch;
        double *mine = take(&scratch, double, d->score->check.n);
        int64_t n = 0;
        for (int64_t k = 0; k < d->score->check.n; k++)
            if (!group || group[k] == which) mine[n++] = error[shown[i]][k];
        if (n < LEAST) return;
        evaluation_part_put(
            d->report, (evaluation_part){by, of, trend_trial_names[shown[i]], "log_error"},
            metrics_bootstrap(mine, n, seed_for(d->w->seed, "insight parts"), METRICS_RESAMPLES,
                              scratch));
    }
}

/* Each week of the test period for itself, foretold from the same day. */
static bool put_weeks(const desk *d, int32_t as_of, int32_t to, err *e) {
    const trend_panel *p = &d->score->trends.panel;
    const trend_trial *c = &d->score->check;
    for (int32_t from = as_of; from + 7 <= to; from += 7) {
        arena keep = d->s->keep; /* forgotten after the week */
        double *units, *error[TREND_MODELS];
        if (!trend_panel_units(p, d->w->d, insight_articles_sql, from, from + 7, &units, &keep, e))
            return false;
        for (int m = 0; m < TREND_MODELS; m++) error[m] = take(&keep, double, c->n);
        for (int64_t k = 0; k < c->n; k++) {
            int32_t i = d->score->row[k];
            double one[TREND_MODELS], growth[TREND_MODELS];
            trend_trial_errors(p, &d->score->trends.model.item[i], i, units[i], 7, one, growth);
            for (int m = 0; m < TREND_MODELS; m++) error[m][k] = one[m];
        }
        put_part(d, "week from", day_text(&keep, from), error, NULL, 0);
    }
    return true;
}

static void put_categories(const desk *d) {
    const trend_panel *p = &d->score->trends.panel;
    const trend_trial *c = &d->score->check;
    int32_t *group = take(&d->s->keep, int32_t, c->n);
    for (int64_t k = 0; k < c->n; k++) group[k] = p->items.category[d->score->row[k]];
    for (int g = 0; g < p->n_categories; g++)
        put_part(d, "category", slice_copy(&d->s->keep, p->category[g]), c->error, group, g);
}

/* By what an article sold in a week of both windows. */
static void put_pace(const desk *d) {
    static const char *const names[] = {"under 1", "1 to 5", "5 or more"};
    const trend_trial *c = &d->score->check;
    double weeks = 2.0 * d->score->trends.panel.items.weeks;
    int32_t *group = take(&d->s->keep, int32_t, c->n);
    for (int64_t k = 0; k < c->n; k++) {
        const trend_item *one = &d->score->trends.model.item[d->score->row[k]];
        double pace = (double)(one->previous + one->recent) / weeks;
        group[k] = (pace >= 1) + (pace >= 5);
    }
    for (int g = 0; g < 3; g++) put_part(d, "units a week before", names[g], c->error, group, g);
}

/* ---- calibration ---- */

/* Of an article's units: foretold as counts of bunches (trend.h), which come phi at a time. */
static double place_of(const insight_trends *t, int32_t i, double sold, int32_t days) {
    const trend_item *one = &t->model.item[i];
    const trend_prior *p = &t->model.prior[t->panel.items.category[i]];
    trend_exposures x = trend_trial_exposures(&t->panel, i, days);
    double phi = 1 + p->bunching * (double)(one->previous + one->recent) / (x.previous + x.recent);
    return outlook_place(one->rate * x.next / phi, one->size, fmax(sold, 0) / phi);
}

static void put_units(const desk *d, int32_t days) {
    static const double level[] = {0.5, 0.8, 0.9, 0.95};
    enum { LEVELS = sizeof level / sizeof *level };
    int64_t inside[LEVELS] = {0}, n[LEVELS] = {0};
    const insight_trend_score *sc = d->score;
    for (int64_t k = 0; k < sc->check.n; k++) {
        const trend_item *one = &sc->trends.model.item[sc->row[k]];
        if (!(one->size > 0)) continue;
        double place = place_of(&sc->trends, sc->row[k], sc->check.next[sc->row[k]], days);
        double off = fabs(place - 0.5);
        for (int l = 0; l < LEVELS; l++) n[l]++, inside[l] += off <= level[l] / 2;
    }
    evaluation_interval_put(d->report,
                            (calibration_of){trend_trial_names[TREND_SHRUNK],
                                             "units of an article in the test period lie within "
                                             "what is foretold", "articles"},
                            LEVELS, level, inside, n);
}

/* The sign of growth, against the rate of the test period over that of the earlier window. */
static void put_directions(const desk *d, int32_t days) {
    const insight_trend_score *sc = d->score;
    arena scratch = d->s->scratch;
    calibration_cell *cells = take(&scratch, calibration_cell, sc->check.n);
    for (int64_t k = 0; k < sc->check.n; k++) {
        const trend_item *one = &sc->trends.model.item[sc->row[k]];
        trend_exposures x = trend_trial_exposures(&sc->trends.panel, sc->row[k], days);
        double old = (double)one->previous / x.previous * x.next;
        double sold = sc->check.next[sc->row[k]];
        bool right = one->growth >= 1 ? sold > old : sold < old;
        cells[k] = (calibration_cell){1 - one->lfsr, right, 1};
    }
    evaluation_probability_put(d->report,
                               (calibration_of){trend_trial_names[TREND_SHRUNK],
                                                "demand is still above (or below) that of the "
                                                "earlier window", "articles"},
                               cells, sc->check.n, scratch);
}

bool insight_put_parts(const insight_trend_score *score, work *w, int32_t as_of, int32_t to,
                       scope *s, js *report, err *e) {
    desk d = {score, w, s, report};
    js_array(report, "parts");
    if (!put_weeks(&d, as_of, to, e)) return false;
    put_categories(&d);
    put_pace(&d);
    js_end(report);
    js_array(report, "calibration");
    put_units(&d, to - as_of);
    put_directions(&d, to - as_of);
    js_end(report);
    return true;
}

/* ---- learning ---- */

/* In a scope of its own: a panel of a large shop is big. */
static bool put_point(work *w, int32_t as_of, int32_t to, insight_trial t, js *report, err *e) {
    scope own;
    insight_trend_score score;
    if (!scope_open(&own, (size_t)8 << 30, (size_t)1 << 30, e)) return false;
    bool done = insight_trends_score(&score, w, as_of, to, t, true, &own, e);
    if (done && score.check.n >= LEAST)
        evaluation_learning_put(report, trend_trial_names[TREND_SHRUNK], "weeks of history",
                                2 * t.weeks, "log_error",
                                metrics_bootstrap(score.check.error[TREND_SHRUNK], score.check.n,
                                                  seed_for(w->seed, "learning"),
                                                  METRICS_RESAMPLES, own.scratch));
    scope_close(&own);
    return done;
}

bool insight_put_learning(work *w, int32_t as_of, int32_t to, insight_trial t, js *report,
                          err *e) {
    js_array(report, "learning");
    for (t.weeks = 1; t.weeks <= 8; t.weeks *= 2)
        if (!put_point(w, as_of, to, t, report, e)) return false;
    js_end(report);
    return true;
}
