/* family_forecast: weekly units by total, category and article: fitted, tuned and judged. */
#include <math.h>
#include <string.h>

#include "models/metrics.h"
#include "models/metrics_forecast.h"
#include "pipeline/family.h"
#include "pipeline/forecast_alerts.h"
#include "pipeline/forecast_by_part.h"
#include "pipeline/forecast_learning.h"
#include "pipeline/forecast_study.h"
#include "pipeline/pairs.h"

enum { ORIGINS = 3, TRIALS = 14 };

/* Per series over the horizon; the unit of resampling is the series. */
typedef struct scores {
    int n;
    double *rmse, *absolute, *size; /* [n]: RMSE, sum |error|, sum units */
    double *inside, *inside95;      /* [n]: shares of weeks within the intervals */
    double *off;                    /* [n, horizon]: absolute errors */
    double *rmsse;                           /* [n_rmsse]: of those with a scale */
    int n_rmsse;
} scores;

static scores score(const forecast_panel *p, const forecast_result *r, arena *keep) {
    scores s = {.n = p->full};
    double **all[] = {&s.rmse, &s.absolute, &s.size, &s.inside, &s.inside95, &s.rmsse};
    for (int i = 0; i < 6; i++) *all[i] = take(keep, double, p->full);
    s.off = take(keep, double, p->full *p->horizon);
    for (int i = 0; i < p->full; i++) {
        int h = p->horizon;
        const double *y = p->actual + i * h, *f = r->mean + i * h;
        s.rmse[i] = metrics_rmse(y, f, h);
        for (int k = 0; k < h; k++) {
            s.off[i * h + k] = fabs(y[k] - f[k]);
            s.absolute[i] += s.off[i * h + k], s.size[i] += fabs(y[k]);
        }
        s.inside[i] = metrics_coverage(y, r->low + i * h, r->high + i * h, h);
        s.inside95[i] = metrics_coverage(y, r->low95 + i * h, r->high95 + i * h, h);
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

/* Mean RMSE of the series that are no articles and of those that are, over all panels. */
typedef struct outcome {
    double upper, article;
} outcome;

static outcome trial(work *w, const forecast_panel *panels, int n, forecast_policy policy,
                     scope *s, js *report) {
    outcome o = {0};
    js_object(report, NULL);
    js_put_raw(report, "parameters", forecast_policy_json(policy, &s->keep));
    for (int i = 0; i < n; i++) {
        arena keep = s->scratch; /* forgotten after the trial */
        forecast_result r;
        forecast_panel_run(w, &panels[i], policy, &keep, &r);
        scores c = score(&panels[i], &r, &keep);
        int upper = forecast_panel_upper(&panels[i]), articles = c.n - upper;
        o.upper += mean_of(c.rmse, upper) / n;
        if (articles) o.article += mean_of(c.rmse + upper, articles) / n;
        if (i == 0) put_scores(report, &c);
    }
    js_put_real(report, "rmse_upper", o.upper);
    js_put_real(report, "rmse_article", o.article);
    js_end(report);
    return o;
}

static bool train(work *w, folder *f, scope *s, js *report, err *e) {
    static const forecaster_kind kinds[] = {FORECASTER_SNAIVE, FORECASTER_MEAN, FORECASTER_ETS,
                                            FORECASTER_BLEND, FORECASTER_BEST};
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
        work_tick(w, "forecast: validation", i, 5);
        trial(w, &p, 1, forecast_everywhere(policy, kinds[i], false), s, report);
    }
    js_end(report);
    return true;
}

/* One origin of four weeks is few: the panels are those of valid_from and, where the history
 * allows, of one and two horizons before it; all of it lies before the test. */
static bool open_origins(work *w, scope *s, forecast_panel *panels, int *n, err *e) {
    for (*n = 1; *n < ORIGINS; ++*n) {
        int32_t origin = panels[0].origin - 7 * panels[0].horizon * *n;
        if (forecast_horizon(w->days.first, origin) < 26) return true;
        if (!forecast_panel_load(w, origin, panels[0].horizon, &s->keep, &panels[*n], e))
            return false;
        if (panels[*n].full == 0) return true;
    }
    return true;
}

/* In turn: the window of the mean, whether yearly factors help it, whether ETS may have a trend,
 * and with these the model of the upper levels and that of articles; each by the mean RMSE, the
 * earlier trial when equal. */
static void search(work *w, const forecast_panel *panels, int n, scope *s, js *report,
                   forecast_policy *best) {
    static const int lengths[] = {13, 4, 8, 26, 52};
    static const forecaster_kind kinds[] = {FORECASTER_BEST, FORECASTER_ETS, FORECASTER_BLEND,
                                            FORECASTER_MEAN, FORECASTER_SNAIVE};
    outcome least = {INFINITY, INFINITY};
    for (int i = 0; i < 5; i++) {
        forecast_policy policy = forecast_everywhere(*best, FORECASTER_MEAN, false);
        policy.window = lengths[i];
        work_tick(w, "forecast: tuning", i, TRIALS);
        outcome o = trial(w, panels, n, policy, s, report);
        if (o.upper + o.article >= least.upper) continue;
        least.upper = o.upper + o.article;
        best->window = lengths[i];
    }
    double with[2];
    for (int i = 0; i < 2; i++) {
        forecast_policy policy = forecast_everywhere(*best, FORECASTER_MEAN, i == 1);
        work_tick(w, "forecast: tuning", 5 + i, TRIALS);
        outcome o = trial(w, panels, n, policy, s, report);
        with[i] = o.article;
    }
    bool yearly = with[1] < with[0];
    double trend[2];
    for (int i = 0; i < 2; i++) {
        forecast_policy policy = forecast_everywhere(*best, FORECASTER_ETS, yearly);
        policy.trend = policy.upper_trend = i == 0;
        work_tick(w, "forecast: tuning", 7 + i, TRIALS);
        outcome o = trial(w, panels, n, policy, s, report);
        trend[i] = o.upper + o.article;
    }
    best->trend = best->upper_trend = trend[0] <= trend[1];
    least = (outcome){INFINITY, INFINITY};
    forecast_policy chosen = *best;
    for (int i = 0; i < 5; i++) {
        work_tick(w, "forecast: tuning", 9 + i, TRIALS);
        forecast_policy policy = forecast_everywhere(*best, kinds[i], yearly);
        outcome o = trial(w, panels, n, policy, s, report);
        if (o.article >= least.article) continue;
        least.article = o.article;
        chosen = forecast_only(chosen, FORECAST_ARTICLE, (forecast_part){kinds[i], yearly});
    }
    *best = chosen;
}

/* ---- adding up ---- */

static const char *const level_names[] = {"total", "category", "article"};

/* Mean RMSE of the series of each level; NaN where there are none. */
static void by_level(const forecast_panel *p, const scores *x, double to[3]) {
    for (int k = 0, from = 0, next; k < 3; k++, from = next) {
        for (next = from; next < x->n && slice_is(p->level[next], level_names[k]);) next++;
        to[k] = mean_of(x->rmse + from, next - from);
    }
}

/* The method of the least mean log ratio of a level's RMSE to that of the forecasts as they are,
 * over all panels: no level is bought with another. The earlier method when equal. */
static forecast_method choose_method(work *w, const forecast_panel *panels, int n,
                                     forecast_policy best, scope *s, js *report) {
    double sum[FORECAST_METHODS][3] = {{0}};
    arena keep = s->scratch; /* forgotten after it */
    for (int i = 0; i < n; i++) {
        forecast_result r;
        best.method = FORECAST_AS_THEY_ARE;
        work_tick(w, "forecast: adding up", i, n);
        forecast_panel_run(w, &panels[i], best, &keep, &r);
        double *mean = take_copy(&keep, double, r.mean, panels[i].n * panels[i].horizon);
        size_t bytes = sizeof(double) * (size_t)panels[i].n * (size_t)panels[i].horizon;
        for (int m = 0; m < FORECAST_METHODS; m++) {
            double level[3];
            memcpy(r.mean, mean, bytes);
            if (m > 0) forecast_reconcile(&panels[i], (forecast_method)m, &r, keep);
            arena rest = keep;
            scores c = score(&panels[i], &r, &rest);
            by_level(&panels[i], &c, level);
            for (int k = 0; k < 3; k++) sum[m][k] += level[k] / n;
        }
    }
    forecast_method chosen = FORECAST_BOTTOM_UP;
    double least = INFINITY;
    js_array(report, "methods");
    for (int m = 0; m < FORECAST_METHODS; m++) {
        double mean = 0;
        js_object(report, NULL);
        js_put_word(report, "method", forecast_method_name((forecast_method)m));
        for (int k = 0; k < 3; k++) {
            js_put_real(report, arena_text(&s->keep, "rmse_%s", level_names[k]), sum[m][k]);
            if (isfinite(sum[m][k])) mean += log((sum[m][k] + 1e-6) / (sum[0][k] + 1e-6)) / 3;
        }
        js_put_real(report, "mean_log_ratio", mean);
        js_end(report);
        if (m > 0 && mean < least) least = mean, chosen = (forecast_method)m;
    }
    js_end(report);
    return chosen;
}

/* What adding up did to each level in the test. */
static void put_coherence(const forecast_panel *p, forecast_method m, const scores *base,
                          const scores *x, js *report) {
    double before[3], after[3];
    by_level(p, base, before);
    by_level(p, x, after);
    js_object(report, "coherence");
    js_put_word(report, "method", forecast_method_name(m));
    js_array(report, "levels");
    for (int k = 0; k < 3; k++) {
        js_object(report, NULL);
        js_put_word(report, "level", level_names[k]);
        js_put_real(report, "base_rmse", before[k]);
        js_put_real(report, "reconciled_rmse", after[k]);
        js_end(report);
    }
    js_end(report);
    js_end(report);
}

/* Shares of weeks within the intervals of each step, over the series modelled one by one. */
static void put_coverage(const forecast_panel *p, const forecast_result *r,
                         const forecast_factors *f, js *report) {
    static const char *const kinds[FORECAST_KINDS] = {"total and categories", "articles",
                                                      "other articles"};
    js_object(report, "coverage");
    js_put_int(report, "origins", f->origins);
    js_array(report, "factors");
    for (int k = 0; k < FORECAST_KINDS && f->origins > 0; k++) {
        js_object(report, NULL);
        js_put_word(report, "series", kinds[k]);
        js_put_fixed(report, "level_80", f->level[0].factor[k * f->horizon], 3);
        js_put_fixed(report, "level_95", f->level[1].factor[k * f->horizon], 3);
        js_put_fixed(report, "sum_variance", f->ratio[(k + 1) * f->horizon - 1], 3);
        js_end(report);
    }
    js_end(report);
    js_array(report, "steps");
    for (int h = 0; h < p->horizon; h++) {
        double in80 = 0, in95 = 0;
        for (int64_t i = 0; i < p->full; i++) {
            int64_t at = i * p->horizon + h;
            double y = p->actual[at];
            in80 += y >= r->low[at] && y <= r->high[at];
            in95 += y >= r->low95[at] && y <= r->high95[at];
        }
        js_object(report, NULL);
        js_put_int(report, "week", h + 1);
        js_put_fixed(report, "level_80", in80 / p->full, 4);
        js_put_fixed(report, "level_95", in95 / p->full, 4);
        js_end(report);
    }
    js_end(report);
    js_end(report);
}

static bool tune(work *w, folder *f, scope *s, js *report, err *e) {
    forecast_panel panels[ORIGINS];
    forecast_policy best = FORECAST_POLICY;
    bool ready;
    int n;
    if (!open_panel(w, w->days.valid_from, w->days.test_from, s, report, &panels[0], &ready, e))
        return false;
    if (!ready) return true;
    if (!open_origins(w, s, panels, &n, e)) return false;
    js_put_int(report, "origins", n);
    js_array(report, "trials");
    search(w, panels, n, s, report, &best);
    js_end(report);
    if (!forecast_studies(&panels[0], &best, w, f, s, report, e)) return false;
    work_tick(w, "forecast: total and categories", TRIALS, TRIALS);
    forecast_choose_upper(w, &panels[0], &best, report, s->scratch);
    work_tick(w, "forecast: a model of all series", TRIALS, TRIALS);
    forecast_choose_shares(w, panels, n, &best, report, &s->keep, s->scratch);
    forecast_choose_cold(w, panels, n, &best, report, s->scratch);
    best.method = choose_method(w, panels, n, best, s, report);
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
    m[n++] = named("coverage_95",
                   metrics_bootstrap(x->inside95, x->n, seed, resamples, s->scratch));
    for (int k = 0, from = 0, to; k < 3; k++, from = to) {
        for (to = from; to < x->n && slice_is(p->level[to], level_names[k]);) to++;
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

static void put_verdict(const contender *chosen, const evaluation_comparison *c, scope *s,
                        js *report) {
    const forecast_policy *x = &chosen->policy;
    bool worse = strcmp(evaluation_verdict(&c[0]), "worse") == 0 ||
                 strcmp(evaluation_verdict(&c[1]), "worse") == 0;
    js_putf(report, "verdict",
            "Chosen before the test: %s for the total, %s for categories, %s for articles, with "
            "%g, %g and %g parts of a model of all series; the weekly RMSE of %.3g a series is %s "
            "seasonal naive (%+.3g) and %s the window mean (%+.3g)%s.",
            forecast_part_words(x->part[FORECAST_TOTAL], &s->keep),
            forecast_part_words(x->part[FORECAST_CATEGORY], &s->keep),
            forecast_part_words(x->part[FORECAST_ARTICLE], &s->keep), x->global[0], x->global[1],
            x->global[2],
            mean_of(chosen->scores.rmse, chosen->scores.n), in_words(&c[0]), c[0].difference,
            in_words(&c[1]), c[1].difference,
            worse ? "; it loses to a baseline and should not be relied on" : "");
}

static bool keep_pairs(const work *w, folder *f, const forecast_panel *p, const contender *c,
                       scope *s, js *report, err *e) {
    slice *key = take(&s->keep, slice, c->scores.n);
    for (int i = 0; i < c->scores.n; i++)
        key[i] = slice_of(arena_text(&s->keep, "%.*s/%.*s", (int)p->level[i].n, p->level[i].p,
                                     (int)p->series[i].n, p->series[i].p));
    return pairs_write(w, f, "forecast",
                       &(pairs){c->name, "rmse", true, c->scores.n, key, c->scores.rmse, NULL}, s,
                       report, e);
}

static bool evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    forecast_panel p;
    bool ready;
    if (!open_panel(w, w->days.test_from, w->days.end, s, report, &p, &ready, e)) return false;
    if (!ready) return true;
    forecast_policy best = forecast_policy_tuned(w, s);
    contender all[] = {{.name = "seasonal naive", .role = "baseline", .policy = best},
                       {.name = "window mean", .role = "baseline", .policy = best},
                       {.name = "ets", .role = "model", .policy = best},
                       {.name = "chosen", .role = "served", .policy = best}};
    static const forecaster_kind kinds[] = {FORECASTER_SNAIVE, FORECASTER_MEAN, FORECASTER_ETS};
    bool yearly = best.part[FORECAST_ARTICLE][0].yearly;
    for (int i = 0; i < 3; i++) {
        all[i].policy = forecast_everywhere(best, kinds[i], i == 2 && yearly);
        all[i].policy.method = FORECAST_AS_THEY_ARE, all[i].policy.cold = 0;
        memset(all[i].policy.global, 0, sizeof all[i].policy.global);
    }
    js_put_null(report, "skipped");
    js_object(report, "data");
    js_put_int(report, "series", p.full);
    js_put_int(report, "articles_by_window_mean", p.n - p.full);
    js_put_int(report, "weeks_before", p.weeks_known);
    js_put_int(report, "horizon_weeks", p.horizon);
    forecast_put_stock_outs(&p, report);
    js_put_int(report, "season_weeks",
               p.weeks_known >= FORECAST_SEASON_NEEDS ? FORECAST_SEASON : 1);
    js_end(report);
    js_put_word(report, "metric", "rmse");
    js_array(report, "models");
    forecast_result r;
    for (int i = 0; i < 3; i++) {
        work_tick(w, "forecast: test", i, 5);
        forecast_panel_run(w, &p, all[i].policy, &s->keep, &r);
        all[i].scores = score(&p, &r, &s->keep);
        put_model(w, &p, &all[i], s, report);
    }
    forecast_policy as_they_are = best;
    forecast_factors factors;
    as_they_are.method = FORECAST_AS_THEY_ARE;
    err unused = {0}; /* without that model the local ones stand */
    work_tick(w, "forecast: test", 3, 5);
    forecast_global_keep(w, &p, best.global, &s->keep, &unused);
    forecast_panel_run(w, &p, as_they_are, &s->keep, &r);
    scores base = score(&p, &r, &s->keep);
    forecast_reconcile(&p, best.method, &r, s->scratch);
    work_tick(w, "forecast: test", 4, 5);
    if (!forecast_factors_fit(w, p.origin, p.horizon, best, s, &factors, e)) return false;
    forecast_factors_apply(&factors, &p, &r);
    all[3].scores = score(&p, &r, &s->keep);
    put_model(w, &p, &all[3], s, report);
    js_end(report);
    put_coherence(&p, best.method, &base, &all[3].scores, report);
    put_coverage(&p, &r, &factors, report);
    forecast_put_guards(&p, &r, report);
    forecast_judge_cold(w, &p, best, report, s->scratch);
    js_array(report, "comparisons");
    evaluation_comparison c[4];
    for (int i = 0; i < 2; i++) put_comparison(w, &all[3], &all[i], s, report, &c[i]);
    for (int i = 0; i < 2; i++) put_comparison(w, &all[2], &all[i], s, report, &c[2 + i]);
    js_end(report);
    put_verdict(&all[3], c, s, report);
    forecast_put_tuning(w, &p, &best, s, report);
    forecast_errors parts[] = {{all[0].name, all[0].scores.off}, {all[3].name, all[3].scores.off}};
    forecast_put_parts(w, &p, parts, 2, s, report);
    forecast_put_calibration(&p, &r, report);
    forecast_put_learning(w, &p, best, s, report);
    return keep_pairs(w, f, &p, &all[3], s, report, e) &&
           forecast_alerts_judge(w, p.horizon, best, &factors, s, report, e);
}

const family family_forecast = {"forecast", "Weekly sales forecasts", train,           tune,
                                evaluate,   forecast_insight,         forecast_publish,
                                forecast_open_key};
