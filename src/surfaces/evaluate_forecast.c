/* evaluate_forecast: the last values of every series against forecasts made without them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/forecast/forecaster.h"
#include "models/metrics.h"
#include "models/metrics_forecast.h"
#include "pipeline/family.h"
#include "surfaces/evaluate.h"
#include "surfaces/series_table.h"

enum { SMAPE, MASE, RMSSE, COVERAGE_80, COVERAGE_95, MEASURES, LONGEST_ETS_SEASON = 60 };
static const char *const measures[MEASURES] = {"smape", "mase", "rmsse", "coverage_80",
                                               "coverage_95"};
static const double levels[] = {0.80, 0.95};

/* [0] the model, [1] seasonal naive; NaN where a measure is not defined for the series. */
typedef struct job {
    const series_table *t;
    forecaster_params params;
    int season, horizon; /* season 0: auto */
    double *score[2][MEASURES]; /* [series] */
} job;

static void score_one(job *j, int which, int64_t i, forecaster_params p, arena scratch) {
    const series_one *one = &j->t->one[i];
    int h = j->horizon, n = one->n - h;
    err e = {0};
    forecaster_told told;
    band b = band_new(&scratch, h, levels, 2);
    if (!forecaster_run(one->y, n, p, &b, &told, scratch, &e)) return; /* checked before */
    const double *y = one->y + n;
    double scale = metrics_scale(one->y, n, p.season);
    j->score[which][SMAPE][i] = metrics_smape(y, b.mean, h);
    j->score[which][MASE][i] = metrics_mase(y, b.mean, h, scale);
    j->score[which][RMSSE][i] = metrics_rmsse(y, b.mean, h, one->y, n);
    j->score[which][COVERAGE_80][i] = metrics_coverage(y, b.low, b.high, h);
    j->score[which][COVERAGE_95][i] = metrics_coverage(y, b.low + h, b.high + h, h);
}

static void run_series(void *what, int64_t i, arena scratch) {
    job *j = what;
    const series_one *one = &j->t->one[i];
    for (int w = 0; w < 2; w++)
        for (int m = 0; m < MEASURES; m++) j->score[w][m][i] = NAN;
    if (one->n - j->horizon < 2) return;
    forecaster_params p = j->params;
    int n;
    const int *candidates = series_seasons(j->t, one, &n);
    p.season = j->season ? j->season
                         : forecaster_season(one->y, one->n - j->horizon, candidates, n, scratch);
    p.ets.season = p.season <= LONGEST_ETS_SEASON ? p.season : 1;
    p.stream = (uint64_t)i;
    score_one(j, 0, i, p, scratch);
    p.kind = FORECASTER_SNAIVE;
    score_one(j, 1, i, p, scratch);
}

/* The scores of series where both are defined, packed; returns how many. */
static int64_t both(const job *j, int measure, double *a, double *b) {
    int64_t n = 0;
    for (int i = 0; i < j->t->n; i++) {
        double x = j->score[0][measure][i], y = j->score[1][measure][i];
        if (!isfinite(x) || !isfinite(y)) continue;
        a[n] = x;
        b[n++] = y;
    }
    return n;
}

static void put_scores(const job *j, const char *model, uint64_t seed, bool print, scope *s,
                       js *out) {
    double *packed[2] = {take(&s->keep, double, j->t->n), take(&s->keep, double, j->t->n)};
    js_array(out, "models");
    for (int w = 0; w < 2; w++) {
        evaluation_metric m[MEASURES];
        for (int k = 0; k < MEASURES; k++) {
            int64_t n = both(j, k, packed[0], packed[1]);
            metrics_interval x = metrics_bootstrap(packed[w], n, seed, METRICS_RESAMPLES,
                                                   s->scratch);
            m[k] = (evaluation_metric){measures[k], x.mean, x.low, x.high, x.n};
            if (print)
                printf("%-8s %-12s %9.4f  [%.4f, %.4f]  %lld series\n", w ? "snaive" : model,
                       measures[k], x.mean, x.low, x.high, (long long)x.n);
        }
        evaluation_model(out, w ? "snaive" : model, w ? "baseline" : "model", (slice){0}, m,
                         MEASURES);
    }
    js_end(out);
    js_array(out, "comparisons");
    for (int k = SMAPE; k <= RMSSE; k++) {
        int64_t n = both(j, k, packed[0], packed[1]);
        metrics_interval x = metrics_bootstrap_paired(packed[0], packed[1], n, seed,
                                                      METRICS_RESAMPLES, s->scratch);
        evaluation_comparison c = {model, "snaive", measures[k], x.mean, x.low, x.high, true};
        evaluation_compare(out, &c);
        if (print)
            printf("%s: %s against snaive (difference %+.4f, 95 %% interval %+.4f to %+.4f)\n",
                   measures[k], evaluation_verdict(&c), x.mean, x.low, x.high);
    }
    js_end(out);
}

bool evaluate_forecast(const args *a, scope *s, js *out, err *e) {
    bench b;
    series_table t;
    timing times = {0};
    const char *model = args_text(a, "model") ? args_text(a, "model") : "auto";
    job j = {.t = &t, .params = FORECASTER_DEFAULTS, .horizon = (int)args_int(a, "horizon")};
    if (!forecaster_find(model, &j.params.kind))
        return refuse(e, "--model of evaluate forecast is one of auto, ets, blend, snaive, naive, "
                         "drift, mean; got '%s'", model);
    if (!series_season_option(a, &j.season, e) || !verb_open(a, s, &b, e)) return false;
    double start = args_clock();
    if (!series_read(a, &b, s, &t, out, e)) return false;
    times.read_s = args_clock() - start;
    j.params.seed = seed_for(b.seed, "forecast");
    for (int w = 0; w < 2; w++)
        for (int m = 0; m < MEASURES; m++) j.score[w][m] = take(&s->keep, double, t.n);
    start = args_clock();
    pool_for(b.threads, t.n, run_series, &j);
    times.fit_s = args_clock() - start;
    int scored = 0;
    for (int i = 0; i < t.n; i++) scored += isfinite(j.score[0][SMAPE][i]) != 0;
    if (scored == 0)
        return refuse(e, "no series has more than %d values, so none can hold out %d; use a "
                         "smaller --horizon", j.horizon + 1, j.horizon);
    js_putf(out, "split", "the last %d values of each series are held out", j.horizon);
    js_put_int(out, "series", t.n);
    js_put_int(out, "scored", scored);
    put_scores(&j, model, b.seed, !args_json(a), s, out);
    args_timing(out, &times);
    return true;
}
