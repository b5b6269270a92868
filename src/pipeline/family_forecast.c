/* family_forecast: weekly units by total, category and article: fitted, tuned and judged. */
#include <math.h>
#include <string.h>

#include "models/metrics.h"
#include "models/metrics_forecast.h"
#include "pipeline/family.h"
#include "pipeline/forecast_panel.h"

/* Per series over the horizon; the unit of resampling is the series. */
typedef struct scores {
    int n;
    double *rmse, *absolute, *size, *inside; /* [n]: RMSE, sum |error|, sum units, coverage */
    double *rmsse;                           /* [n_rmsse]: of those with a scale */
    int n_rmsse;
} scores;

static scores score(const forecast_panel *p, const forecast_result *r, arena *keep) {
    scores s = {.n = p->full};
    double **all[] = {&s.rmse, &s.absolute, &s.size, &s.inside, &s.rmsse};
    for (int i = 0; i < 5; i++) *all[i] = take(keep, double, p->full);
    for (int i = 0; i < p->full; i++) {
        int h = p->horizon;
        const double *y = p->actual + i * h, *f = r->mean + i * h;
        s.rmse[i] = metrics_rmse(y, f, h);
        for (int k = 0; k < h; k++) s.absolute[i] += fabs(y[k] - f[k]), s.size[i] += fabs(y[k]);
        s.inside[i] = metrics_coverage(y, r->low + i * h, r->high + i * h, h);
        double scaled = metrics_rmsse(y, f, h, p->y[i], p->weeks[i]);
        if (isfinite(scaled)) s.rmsse[s.n_rmsse++] = scaled;
    }
    return s;
}

static double mean_of(const double *x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    return n ? sum / n : NAN;
}

/* Loads the panel of [from, to); says why not in the report (`ready` false) when there is none. */
static bool open_panel(work *w, int32_t from, int32_t to, scope *s, js *report,
                       forecast_panel *p, bool *ready, err *e) {
    int horizon = forecast_horizon(from, to);
    *ready = false;
    if (horizon < 1 || forecast_horizon(w->days.first, from) < 4) {
        js_put_word(report, "skipped", "the history is shorter than four weeks before one to test");
        return true;
    }
    if (!forecast_panel_load(w, from, horizon, &s->keep, p, e)) return false;
    *ready = p->n > 0;
    if (!*ready) js_put_word(report, "skipped", "the shop has no sales in the 26 weeks before");
    return true;
}

static void put_scores(js *report, const scores *c) {
    js_put_real(report, "rmse", mean_of(c->rmse, c->n));
    js_put_real(report, "rmsse", mean_of(c->rmsse, c->n_rmsse));
    js_put_real(report, "wape", mean_of(c->absolute, c->n) / mean_of(c->size, c->n));
    js_put_real(report, "coverage_80", mean_of(c->inside, c->n));
}

static double trial(work *w, const forecast_panel *p, forecast_policy policy, scope *s,
                    js *report) {
    arena keep = s->scratch; /* forgotten after the trial */
    forecast_result r;
    forecast_panel_run(w, p, policy, &keep, &r);
    scores c = score(p, &r, &keep);
    js_object(report, NULL);
    js_put_raw(report, "parameters", forecast_policy_json(policy, &s->keep));
    put_scores(report, &c);
    js_end(report);
    return mean_of(c.rmse, c.n);
}

static bool train(work *w, folder *f, scope *s, js *report, err *e) {
    static const forecaster_kind kinds[] = {FORECASTER_SNAIVE, FORECASTER_MEAN, FORECASTER_ETS,
                                            FORECASTER_BLEND, FORECASTER_AUTO};
    forecast_panel p;
    bool ready;
    (void)f;
    if (!open_panel(w, w->days.valid_from, w->days.test_from, s, report, &p, &ready, e))
        return false;
    if (!ready) return true;
    js_put_int(report, "series", p.full);
    js_put_int(report, "horizon_weeks", p.horizon);
    js_array(report, "validation");
    for (int i = 0; i < 5; i++) {
        forecast_policy policy = FORECAST_POLICY;
        policy.model = kinds[i];
        work_tick(w, "forecast: validation", i, 5);
        trial(w, &p, policy, s, report);
    }
    js_end(report);
    return true;
}

/* First the window of the mean, then, with it, the model: each by the mean RMSE on the validation
 * weeks; the earlier trial wins when equal. */
static bool tune(work *w, folder *f, scope *s, js *report, err *e) {
    static const int lengths[] = {13, 4, 8, 26, 52};
    static const forecast_policy models[] = {
        {FORECASTER_AUTO, 0, true},  {FORECASTER_AUTO, 0, false}, {FORECASTER_ETS, 0, true},
        {FORECASTER_ETS, 0, false},  {FORECASTER_BLEND, 0, true}, {FORECASTER_BLEND, 0, false},
        {FORECASTER_MEAN, 0, false}, {FORECASTER_SNAIVE, 0, false},
    };
    enum { LENGTHS = 5, MODELS = 8 };
    forecast_panel p;
    forecast_policy best = FORECAST_POLICY;
    bool ready;
    (void)f;
    if (!open_panel(w, w->days.valid_from, w->days.test_from, s, report, &p, &ready, e))
        return false;
    if (!ready) return true;
    double least = INFINITY;
    js_array(report, "trials");
    for (int i = 0; i < LENGTHS; i++) {
        forecast_policy policy = {FORECASTER_MEAN, lengths[i], false};
        work_tick(w, "forecast: tuning", i, LENGTHS + MODELS);
        double error = trial(w, &p, policy, s, report);
        if (error < least) least = error, best.window = lengths[i];
    }
    least = INFINITY;
    int window = best.window;
    for (int i = 0; i < MODELS; i++) {
        forecast_policy policy = models[i];
        policy.window = window;
        work_tick(w, "forecast: tuning", LENGTHS + i, LENGTHS + MODELS);
        double error = trial(w, &p, policy, s, report);
        if (error < least) least = error, best = policy;
    }
    js_end(report);
    js_put_raw(report, "best", forecast_policy_json(best, &s->keep));
    return true;
}

/* ---- step 08 ---- */

typedef struct contender {
    const char *name, *role;
    forecast_policy policy;
    scores scores;
} contender;

static evaluation_metric named(const char *name, metrics_interval m) {
    return (evaluation_metric){name, m.mean, m.low, m.high, m.n};
}

static void put_model(const work *w, const forecast_panel *p, const contender *c, scope *s,
                      js *report) {
    static const char *const levels[] = {"total", "category", "article"};
    static const char *const names[] = {"rmse_total", "rmse_category", "rmse_article"};
    const scores *x = &c->scores;
    uint64_t seed = w->seed;
    int n = 0, resamples = METRICS_RESAMPLES;
    evaluation_metric m[8];
    m[n++] = named("rmse", metrics_bootstrap(x->rmse, x->n, seed, resamples, s->scratch));
    m[n++] = named("rmsse", metrics_bootstrap(x->rmsse, x->n_rmsse, seed, resamples, s->scratch));
    m[n++] = named("wape", metrics_bootstrap_ratio(x->absolute, x->size, x->n, seed, resamples,
                                                   s->scratch));
    m[n++] = named("coverage_80",
                   metrics_bootstrap(x->inside, x->n, seed, resamples, s->scratch));
    for (int k = 0, from = 0, to; k < 3; k++, from = to) {
        for (to = from; to < x->n && slice_is(p->level[to], levels[k]);) to++;
        m[n++] = named(names[k], metrics_bootstrap(x->rmse + from, to - from, seed, resamples,
                                                   s->scratch));
    }
    evaluation_model(report, c->name, c->role, forecast_policy_json(c->policy, &s->keep), m, n);
}

static void put_comparison(const work *w, const contender *model, const contender *baseline,
                           scope *s, js *report, evaluation_comparison *out) {
    metrics_interval d = metrics_bootstrap_paired(model->scores.rmse, baseline->scores.rmse,
                                                  model->scores.n, w->seed, METRICS_RESAMPLES,
                                                  s->scratch);
    *out = (evaluation_comparison){model->name, baseline->name, "rmse", d.mean, d.low, d.high,
                                   true};
    evaluation_compare(report, out);
}

static const char *in_words(const evaluation_comparison *c) {
    const char *verdict = evaluation_verdict(c);
    return strcmp(verdict, "better") == 0  ? "better than"
           : strcmp(verdict, "worse") == 0 ? "worse than"
                                           : "not shown to differ from";
}

static void put_verdict(const contender *chosen, const evaluation_comparison *c, js *report) {
    bool worse = strcmp(evaluation_verdict(&c[0]), "worse") == 0 ||
                 strcmp(evaluation_verdict(&c[1]), "worse") == 0;
    js_putf(report, "verdict",
            "Chosen on the validation weeks: %s; its weekly RMSE of %.3g a series is %s seasonal "
            "naive (%+.3g) and %s the window mean (%+.3g)%s.",
            forecaster_names[chosen->policy.model], mean_of(chosen->scores.rmse, chosen->scores.n),
            in_words(&c[0]), c[0].difference, in_words(&c[1]), c[1].difference,
            worse ? "; it loses to a baseline and should not be relied on" : "");
}

static bool evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    forecast_panel p;
    bool ready;
    (void)f;
    if (!open_panel(w, w->days.test_from, w->days.end, s, report, &p, &ready, e)) return false;
    if (!ready) return true;
    forecast_policy best = forecast_policy_tuned(w, s);
    contender all[] = {{.name = "seasonal naive", .role = "baseline", .policy = best},
                       {.name = "window mean", .role = "baseline", .policy = best},
                       {.name = "ets", .role = "model", .policy = best},
                       {.name = "chosen", .role = "served", .policy = best}};
    static const forecaster_kind kinds[] = {FORECASTER_SNAIVE, FORECASTER_MEAN, FORECASTER_ETS};
    for (int i = 0; i < 3; i++) all[i].policy.model = kinds[i];
    js_put_null(report, "skipped");
    js_object(report, "data");
    js_put_int(report, "series", p.full);
    js_put_int(report, "articles_by_window_mean", p.n - p.full);
    js_put_int(report, "weeks_before", p.weeks_known);
    js_put_int(report, "horizon_weeks", p.horizon);
    js_put_int(report, "season_weeks",
               p.weeks_known >= FORECAST_SEASON_NEEDS ? FORECAST_SEASON : 1);
    js_end(report);
    js_put_word(report, "metric", "rmse");
    js_array(report, "models");
    for (int i = 0; i < 4; i++) {
        forecast_result r;
        work_tick(w, "forecast: test", i, 4);
        forecast_panel_run(w, &p, all[i].policy, &s->keep, &r);
        all[i].scores = score(&p, &r, &s->keep);
        put_model(w, &p, &all[i], s, report);
    }
    js_end(report);
    js_array(report, "comparisons");
    evaluation_comparison c[4];
    for (int i = 0; i < 2; i++) put_comparison(w, &all[3], &all[i], s, report, &c[i]);
    for (int i = 0; i < 2; i++) put_comparison(w, &all[2], &all[i], s, report, &c[2 + i]);
    js_end(report);
    put_verdict(&all[3], c, report);
    return true;
}

const family family_forecast = {"forecast", "Weekly sales forecasts", train,           tune,
                                evaluate,   forecast_insight,         forecast_publish};
