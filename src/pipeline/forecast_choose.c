/* forecast_choose: which models forecast which series, by the errors of earlier origins. */
#include <math.h>
#include <string.h>

#include "models/metrics.h"
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

void forecast_choose_shares(const work *w, forecast_panel *panels, int n, forecast_policy *policy,
                            js *report, arena *keep, arena scratch) {
    static const double all[LEVELS] = {1, 1, 1};
    double sum[LEVELS][SHARES] = {{0}};
    err why = {0};
    forecast_policy local = *policy;
    local.method = FORECAST_AS_THEY_ARE;
    memset(local.global, 0, sizeof local.global);
    for (int i = 0; i < n; i++) {
        forecast_panel *p = &panels[i];
        arena own = scratch;
        forecast_result r;
        forecast_panel_run(w, p, local, &own, &r);
        forecast_global_keep(w, p, all, keep, &why);
        add_errors(p, &r, p->global->mean, sum, own);
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

/* ---- articles that just began ---- */

enum { THRESHOLDS = 4, YOUNGEST = FORECAST_YOUNG };
static const int thresholds[THRESHOLDS] = {0, 4, 8, YOUNGEST};

static bool is_young(const forecast_panel *p, int i, int weeks) {
    return forecast_level(p, i) == 2 && p->weeks[i] < weeks;
}

static void copy_means(const forecast_panel *p, const forecast_result *r, double *to) {
    memcpy(to, r->mean, sizeof(double) * (size_t)p->rest * (size_t)p->horizon);
}

void forecast_choose_cold(const work *w, const forecast_panel *panels, int n,
                          forecast_policy *policy, js *report, arena scratch) {
    double sum[THRESHOLDS] = {0};
    int64_t articles = 0;
    forecast_policy without = *policy;
    without.method = FORECAST_AS_THEY_ARE, without.cold = 0;
    for (int o = 0; o < n; o++) {
        const forecast_panel *p = &panels[o];
        arena own = scratch;
        forecast_result r;
        forecast_panel_run(w, p, without, &own, &r);
        double *local = take_raw(&own, double, (int64_t)p->rest *p->horizon);
        copy_means(p, &r, local);
        forecast_cold(w, p, YOUNGEST, policy->part[FORECAST_ARTICLE][0].yearly, &r, own);
        for (int i = 0; i < p->rest; i++) {
            if (!is_young(p, i, YOUNGEST)) continue;
            int64_t at = (int64_t)i * p->horizon;
            articles++;
            for (int k = 0; k < THRESHOLDS; k++) {
                const double *f = p->weeks[i] < thresholds[k] ? r.mean : local;
                sum[k] += metrics_rmse(p->actual + at, f + at, p->horizon);
            }
        }
    }
    int best = 0;
    for (int k = 1; k < THRESHOLDS; k++)
        if (sum[k] < sum[best]) best = k;
    policy->cold = thresholds[best];
    js_object(report, "cold_start");
    js_put_int(report, "articles", articles);
    js_put_int(report, "below_weeks", policy->cold);
    js_array(report, "trials");
    for (int k = 0; k < THRESHOLDS; k++) {
        js_object(report, NULL);
        js_put_int(report, "below_weeks", thresholds[k]);
        js_put_real(report, "rmse", articles ? sum[k] / (double)articles : 0);
        js_end(report);
    }
    js_end(report);
    js_end(report);
}

/* Mean weekly units of an article of i's category, over the last weeks as many as are forecast. */
static double category_mean(const forecast_panel *p, int i) {
    double sum = 0;
    int articles = 0;
    for (int k = forecast_panel_upper(p); k < p->rest; k++) {
        if (p->parent[k] != p->parent[i]) continue;
        articles++;
        for (int t = 1; t <= p->horizon && t <= p->weeks[k]; t++)
            sum += p->y[k][p->weeks[k] - t] / p->horizon;
    }
    return articles ? sum / articles : 0;
}

static void put_error(js *report, const char *name, const double *wrong, double size, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += wrong[i];
    js_object(report, NULL);
    js_put_word(report, "model", name);
    js_put_real(report, "mae", n ? sum / n : 0);
    js_put_real(report, "wape", size > 0 ? sum / size : 0);
    js_end(report);
}

void forecast_judge_cold(const work *w, const forecast_panel *p, forecast_policy policy, js *report,
                         arena scratch) {
    enum { MODELS = 3 };
    static const char *const told[MODELS] = {"analogues", "category mean", "without analogues"};
    double *wrong[MODELS], size = 0, inside = 0;
    forecast_result r;
    int n = 0, h = p->horizon;
    policy.method = FORECAST_AS_THEY_ARE, policy.cold = 0;
    for (int m = 0; m < MODELS; m++) wrong[m] = take(&scratch, double, p->rest);
    forecast_panel_run(w, p, policy, &scratch, &r);
    double *local = take_raw(&scratch, double, (int64_t)p->rest *h);
    copy_means(p, &r, local);
    bool yearly = policy.part[FORECAST_ARTICLE][0].yearly;
    int fresh = forecast_cold(w, p, YOUNGEST, yearly, &r, scratch);
    for (int i = 0; i < p->rest && fresh > 0; i++) {
        if (!is_young(p, i, YOUNGEST)) continue;
        double flat = category_mean(p, i);
        for (int t = 0; t < h; t++) {
            int64_t at = (int64_t)i * h + t;
            double y = p->actual[at], f[MODELS] = {r.mean[at], flat, local[at]};
            size += y / h, inside += (y >= r.low[at] && y <= r.high[at]) / (double)h;
            for (int m = 0; m < MODELS; m++) wrong[m][n] += fabs(y - f[m]) / h;
        }
        n++;
    }
    js_object(report, "cold_start");
    js_put_int(report, "below_weeks", YOUNGEST);
    js_put_int(report, "articles", n);
    js_array(report, "models");
    for (int m = 0; m < MODELS && n > 0; m++) put_error(report, told[m], wrong[m], size, n);
    js_end(report);
    if (n > 0) {
        metrics_interval d = metrics_bootstrap_paired(wrong[0], wrong[1], n, w->seed,
                                                      METRICS_RESAMPLES, scratch);
        js_put_real(report, "coverage_80", inside / n);
        js_put_real(report, "difference", d.mean);
        js_put_real(report, "low", d.low);
        js_put_real(report, "high", d.high);
    }
    js_end(report);
}
