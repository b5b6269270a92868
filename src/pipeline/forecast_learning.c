/* forecast_learning: how much history forecasts want, and whether their intervals come true. */
#include "pipeline/forecast_learning.h"

#include <string.h>

#include "base/random.h"
#include "models/metrics_forecast.h"
#include "pipeline/evaluation_calibration.h"
#include "pipeline/evaluation_parts.h"

/* The panel as if the shop had so many weeks: rows begin later, and nothing is known of a year. */
static forecast_panel last_weeks(const forecast_panel *p, int weeks, arena *keep) {
    forecast_panel to = *p;
    to.weeks_known = weeks;
    to.weeks = take_copy(keep, int, p->weeks, p->n);
    to.y = take_copy(keep, double *, p->y, p->n);
    to.sold = take_copy(keep, double *, p->sold, p->n);
    to.factor = take(keep, double *, p->n);
    to.global = NULL;
    for (int i = 0; i < p->n; i++) {
        int less = p->weeks[i] - weeks;
        if (less <= 0) continue;
        to.weeks[i] = weeks, to.y[i] += less, to.sold[i] += less;
    }
    return to;
}

static void put_point(const work *w, const forecast_panel *p, int weeks, forecast_policy policy,
                      arena keep, js *report) {
    forecast_result r;
    arena scratch = arena_split(&keep, arena_left(&keep) / 2);
    forecast_panel_run(w, p, policy, &keep, &r);
    double *rmse = take(&keep, double, p->full);
    for (int i = 0; i < p->full; i++)
        rmse[i] = metrics_rmse(p->actual + i * p->horizon, r.mean + i * p->horizon, p->horizon);
    evaluation_learning_put(report, "chosen, each series alone", "weeks of history", weeks, "rmse",
                            metrics_bootstrap(rmse, p->full, seed_for(w->seed, "learning"),
                                              METRICS_RESAMPLES, scratch));
}

void forecast_put_learning(const work *w, const forecast_panel *p, forecast_policy policy,
                           scope *s, js *report) {
    static const int some[] = {8, 13, 26, 52};
    memset(policy.global, 0, sizeof policy.global);
    js_array(report, "learning");
    for (int i = 0; i < 4 && some[i] < p->weeks_known; i++) {
        arena keep = s->scratch; /* forgotten after the point */
        forecast_panel less = last_weeks(p, some[i], &keep);
        work_tick(w, "forecast: learning curve", i, 5);
        put_point(w, &less, some[i], policy, keep, report);
    }
    put_point(w, p, p->weeks_known, policy, s->scratch, report);
    js_end(report);
}

/* Of the series [from, to). */
static void put_intervals(const forecast_panel *p, const forecast_result *r, const char *of,
                          int from, int to, js *report) {
    static const double level[] = {0.80, 0.95};
    int64_t inside[2] = {0}, n[2] = {0};
    for (int64_t at = (int64_t)from * p->horizon; at < (int64_t)to * p->horizon; at++) {
        double y = p->actual[at];
        inside[0] += y >= r->low[at] && y <= r->high[at];
        inside[1] += y >= r->low95[at] && y <= r->high95[at];
        n[0]++, n[1]++;
    }
    evaluation_interval_put(report, (calibration_of){"chosen", of, "weeks of series"}, 2, level,
                            inside, n);
}

void forecast_put_calibration(const forecast_panel *p, const forecast_result *r, js *report) {
    int upper = forecast_panel_upper(p);
    js_array(report, "calibration");
    put_intervals(p, r, "units of total and categories within their interval", 0, upper, report);
    put_intervals(p, r, "units of articles within their interval", upper, p->full, report);
    js_end(report);
}
