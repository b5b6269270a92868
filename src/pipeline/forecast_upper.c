/* forecast_upper: the models of the total and the categories, by many earlier origins. */
#include <math.h>
#include <string.h>

#include "models/forecast/yearly.h"
#include "models/metrics_forecast.h"
#include "pipeline/forecast_panel.h"

enum { MOST_ORIGINS = FORECAST_UPPER_ORIGINS, KNOWN = 26 };
enum { AUTO_MOST = 40 }; /* series up to which auto and Prophet are tried */

/* The earlier one when equal. */
static const forecast_part candidates[] = {
    {FORECASTER_BEST, true},   {FORECASTER_BEST, false},  {FORECASTER_ETS, true},
    {FORECASTER_ETS, false},   {FORECASTER_BLEND, true},  {FORECASTER_BLEND, false},
    {FORECASTER_MEAN, true},   {FORECASTER_MEAN, false},  {FORECASTER_SNAIVE, false},
    {FORECASTER_DOTM, true},   {FORECASTER_AUTO, false},  {FORECASTER_PROPHET, false},
    {FORECASTER_PROPHET, true},
};
enum { CANDIDATES = sizeof candidates / sizeof *candidates };

/* Units sold in the week `week` weeks after the end of series i's history (negative: before). */
static double units_sold(const forecast_panel *p, int i, int week) {
    if (week >= 0) return p->actual[(int64_t)i * p->horizon + week];
    return -week <= p->weeks[i] ? p->sold[i][p->weeks[i] + week] : 0;
}

static bool known_then(const forecast_panel *p, int i, int back) {
    double recent = 0;
    for (int k = 1; k <= KNOWN; k++) recent += units_sold(p, i, -back - k);
    return p->weeks[i] > back && recent > 0;
}

/* The total and the categories as they were known `back` weeks before p's origin. */
static forecast_panel cut(const forecast_panel *p, int back, arena *keep) {
    int upper = forecast_panel_upper(p), h = p->horizon;
    forecast_panel to = {.horizon = h, .weeks_known = p->weeks_known - back,
                         .origin = p->origin - 7 * back};
    to.level = take(keep, slice, upper), to.series = take(keep, slice, upper);
    to.name = take(keep, slice, upper), to.weeks = take(keep, int, upper);
    to.y = take(keep, double *, upper), to.sold = take(keep, double *, upper);
    to.sold_out = take(keep, int, upper), to.factor = take(keep, double *, upper);
    to.parent = take(keep, int32_t, upper), to.actual = take(keep, double, upper *h);
    for (int i = 0; i < upper; i++) {
        if (!known_then(p, i, back)) continue;
        int at = to.n++;
        to.level[at] = p->level[i], to.series[at] = p->series[i], to.name[at] = p->name[i];
        to.weeks[at] = p->weeks[i] - back, to.y[at] = p->y[i], to.sold[at] = p->sold[i];
        to.parent[at] = -1;
        for (int k = 0; k < h; k++) to.actual[at * h + k] = units_sold(p, i, k - back);
        if (to.weeks_known < FORECAST_SEASON_NEEDS || to.weeks[at] < FORECAST_SEASON_NEEDS)
            continue;
        to.factor[at] = take(keep, double, to.weeks[at] + h);
        yearly_factors(to.y[at], to.weeks[at], h, to.factor[at]);
    }
    to.full = to.rest = to.n;
    return to;
}

/* As many as leave what a season needs, where p itself has it: a model is judged where it has
 * what it will have. */
static int count_origins(const forecast_panel *p, int apart) {
    int least = p->weeks_known >= FORECAST_SEASON_NEEDS ? FORECAST_SEASON_NEEDS : KNOWN, n = 1;
    while (n < MOST_ORIGINS && p->weeks_known - n * apart >= least) n++;
    return n;
}

int forecast_upper_origins(const forecast_panel *p, forecast_panel to[FORECAST_UPPER_ORIGINS],
                           arena *keep) {
    int apart = p->horizon > 1 ? p->horizon / 2 : 1, n = count_origins(p, apart);
    for (int o = 0; o < n; o++) to[o] = cut(p, o * apart, keep);
    return n;
}

static bool is_left_out(forecast_part c, const forecast_panel *p, int upper) {
    bool slow = c.model == FORECASTER_AUTO || c.model == FORECASTER_PROPHET;
    return (slow && upper > AUTO_MOST) || (c.yearly && p->weeks_known < FORECAST_SEASON_NEEDS);
}

/* Panels of the origins, and what each candidate said. */
typedef struct trials {
    int origins;
    forecast_panel *panel;                    /* [origins] */
    double *mean[CANDIDATES][MOST_ORIGINS];   /* [series, horizon]; NULL: left out */
} trials;

/* Mean RMSE over origins and series of a level of the mean of the first n of `part`; each origin's
 * in own, NaN where it has no series. */
static double error_of(const trials *t, int level, const int *part, int n,
                       double own[MOST_ORIGINS], arena scratch) {
    double sum = 0, *f = take(&scratch, double, t->panel[0].horizon);
    int origins = 0;
    for (int o = 0; o < t->origins; o++) {
        const forecast_panel *p = &t->panel[o];
        double all = 0;
        int series = 0;
        for (int i = 0; i < p->n; i++) {
            if (forecast_level(p, i) != level) continue;
            for (int h = 0; h < p->horizon; h++) {
                f[h] = 0;
                for (int k = 0; k < n; k++) f[h] += t->mean[part[k]][o][i * p->horizon + h] / n;
            }
            all += metrics_rmse(p->actual + i * p->horizon, f, p->horizon);
            series++;
        }
        own[o] = series ? all / series : NAN;
        if (series > 0) sum += own[o], origins++;
    }
    return origins ? sum / origins : NAN;
}

/* Whether the errors `with` are shown to be above `without`: by more than two standard errors of
 * the paired difference. With one origin there is none to tell by. */
static bool is_worse(const double *with, const double *without, int n) {
    double sum = 0, squares = 0;
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (isnan(with[i])) continue;
        sum += with[i] - without[i], count++;
    }
    for (int i = 0; i < n && count > 0; i++)
        if (!isnan(with[i])) squares += pow(with[i] - without[i] - sum / count, 2);
    return count > 1 && sum / count > 2 * sqrt(squares / (count - 1) / count);
}

static bool is_among(int k, const int *part, int n) {
    for (int i = 0; i < n; i++)
        if (part[i] == k) return true;
    return false;
}

/* Sets part[n] to the candidate, among the first n or not, that does best with them; false when
 * there is none. */
static bool add_best(const trials *t, int level, int *part, int n, bool among,
                     double own[MOST_ORIGINS], arena scratch) {
    int best = -1;
    double least = INFINITY;
    for (int k = 0; k < CANDIDATES; k++) {
        if (!t->mean[k][0] || is_among(k, part, n) != among) continue;
        part[n] = k;
        double error = error_of(t, level, part, n + 1, own, scratch);
        if (error < least) least = error, best = k;
    }
    if (best < 0) return false;
    part[n] = best;
    error_of(t, level, part, n + 1, own, scratch);
    return true;
}

/* The best candidate, then three times the one not taken yet that does best with those before it,
 * unless it is shown to make them worse: then one of these again. A few origins that
 * overlap favour one by luck, and a mean of several is where that evens out. Returns the error of
 * the mean of all, NaN when the level has no series. */
static double choose(const trials *t, int level, int part[FORECAST_MIX], arena scratch) {
    double now[MOST_ORIGINS], next[MOST_ORIGINS];
    if (!add_best(t, level, part, 0, false, now, scratch)) return NAN;
    for (int n = 1; n < FORECAST_MIX; n++) {
        bool added = add_best(t, level, part, n, false, next, scratch);
        if (!added || is_worse(next, now, t->origins))
            add_best(t, level, part, n, true, next, scratch);
        memcpy(now, next, sizeof now);
    }
    return error_of(t, level, part, FORECAST_MIX, now, scratch);
}

static void run_all(const work *w, const forecast_panel *p, const forecast_policy *policy,
                    trials *t, arena *keep) {
    int upper = forecast_panel_upper(p);
    t->panel = take(keep, forecast_panel, MOST_ORIGINS);
    t->origins = forecast_upper_origins(p, t->panel, keep);
    for (int k = 0; k < CANDIDATES; k++) {
        if (is_left_out(candidates[k], p, upper)) continue;
        forecast_policy one = forecast_everywhere(*policy, candidates[k].model,
                                                  candidates[k].yearly);
        one.method = FORECAST_AS_THEY_ARE, one.cold = 0;
        memset(one.global, 0, sizeof one.global);
        for (int o = 0; o < t->origins; o++) {
            int64_t cells = (int64_t)t->panel[o].n * p->horizon;
            double *to = t->mean[k][o] = take(keep, double, cells);
            arena own = *keep; /* forgotten after the origin */
            forecast_result r;
            forecast_panel_run(w, &t->panel[o], one, &own, &r);
            memcpy(to, r.mean, sizeof *to * (size_t)cells);
        }
    }
}

void forecast_choose_upper(const work *w, const forecast_panel *p, forecast_policy *policy,
                           js *report, arena scratch) {
    static const char *const names[2] = {"total", "categories"};
    if (forecast_panel_upper(p) == 0) return;
    trials *t = take(&scratch, trials, 1);
    run_all(w, p, policy, t, &scratch);
    js_object(report, "upper");
    js_put_int(report, "origins", t->origins);
    js_array(report, "levels");
    for (int level = 0; level < 2; level++) {
        int part[FORECAST_MIX];
        double own[MOST_ORIGINS], error = choose(t, level, part, scratch);
        if (isnan(error)) continue;
        for (int k = 0; k < FORECAST_MIX; k++)
            policy->part[level][k] = candidates[part[k]];
        js_object(report, NULL);
        js_put_word(report, "level", names[level]);
        js_put_word(report, "chosen", forecast_part_words(policy->part[level], &scratch));
        js_put_real(report, "rmse", error);
        js_array(report, "trials");
        for (int k = 0; k < CANDIDATES; k++) {
            if (!t->mean[k][0]) continue;
            js_object(report, NULL);
            js_put_word(report, "model", forecaster_name(candidates[k].model));
            js_put_bool(report, "yearly", candidates[k].yearly);
            js_put_real(report, "rmse", error_of(t, level, &k, 1, own, scratch));
            js_end(report);
        }
        js_end(report);
        js_end(report);
    }
    js_end(report);
    js_end(report);
}
