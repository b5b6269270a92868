/* forecast_choose: how much of the model of all series goes into each level, by earlier origins. */
#include <math.h>
#include <string.h>

#include "models/metrics_forecast.h"
#include "pipeline/forecast_panel.h"

enum { SHARES = 5, LEVELS = 3 };
static const double shares[SHARES] = {0, 0.25, 0.5, 0.75, 1};
static const char *const names[LEVELS] = {"total", "category", "article"};

/* Adds the mean RMSE of each level of one panel for each share to sum; NaN where it has none. */
static void add_errors(const forecast_panel *p, const forecast_result *local, const double *means,
                       double sum[LEVELS][SHARES], arena scratch) {
    int h = p->horizon, n[LEVELS] = {0};
    double *f = take(&scratch, double, h), own[LEVELS][SHARES] = {{0}};
    for (int i = 0; i < p->full; i++) {
        int level = forecast_level(p, i);
        const double *g = means + (int64_t)i * h, *l = local->mean + (int64_t)i * h;
        n[level]++;
        for (int k = 0; k < SHARES; k++) {
            for (int t = 0; t < h; t++)
                f[t] = isnan(g[t]) ? l[t] : l[t] + shares[k] * (g[t] - l[t]);
            own[level][k] += metrics_rmse(p->actual + (int64_t)i * h, f, h);
        }
    }
    for (int level = 0; level < LEVELS; level++)
        for (int k = 0; k < SHARES; k++)
            sum[level][k] += n[level] ? own[level][k] / n[level] : 0;
}

static void put_level(js *report, int level, const double *error, int best, arena scratch) {
    const char *what = best == 0            ? "each series by itself"
                       : best == SHARES - 1 ? "the model of all series"
                                            : "both, weighted";
    js_object(report, NULL);
    js_put_word(report, "level", names[level]);
    js_put_real(report, "share", shares[best]);
    js_array(report, "rmse_by_share");
    for (int k = 0; k < SHARES; k++) js_put_real(report, NULL, error[k]);
    js_end(report);
    js_put_word(report, "why",
                arena_text(&scratch, "%s: RMSE %.4g over earlier origins, %.4g by each series "
                                     "itself, %.4g by the model of all",
                           what, error[best], error[0], error[SHARES - 1]));
    js_end(report);
}

void forecast_choose_shares(const work *w, const forecast_panel *panels, int n,
                            forecast_policy *policy, js *report, arena scratch) {
    static const double all[LEVELS] = {1, 1, 1};
    double sum[LEVELS][SHARES] = {{0}};
    err why = {0};
    forecast_policy local = *policy;
    local.method = FORECAST_AS_THEY_ARE;
    memset(local.global, 0, sizeof local.global);
    for (int i = 0; i < n; i++) {
        const forecast_panel *p = &panels[i];
        arena own = scratch;
        forecast_result r;
        forecast_panel_run(w, p, local, &own, &r);
        double *means = take_raw(&own, double, (int64_t)p->rest *p->horizon);
        forecast_global_means(w, p, all, means, own, &why);
        add_errors(p, &r, means, sum, own);
    }
    js_object(report, "global");
    js_put_int(report, "origins", n);
    if (why.text[0]) js_put_word(report, "left_out", why.text);
    js_array(report, "levels");
    for (int level = 0; level < LEVELS; level++) {
        int best = 0;
        for (int k = 0; k < SHARES; k++) {
            sum[level][k] /= n;
            if (sum[level][k] < sum[level][best]) best = k;
        }
        policy->global[level] = shares[best];
        put_level(report, level, sum[level], best, scratch);
    }
    js_end(report);
    js_end(report);
}
