/* evaluate_forecast: the last values of every series against forecasts made without them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/forecast/conformal.h"
#include "models/metrics.h"
#include "models/metrics_forecast.h"
#include "pipeline/family.h"
#include "surfaces/evaluate.h"
#include "surfaces/series_calendar.h"
#include "surfaces/series_global.h"

enum { SMAPE, MASE, RMSSE, COVERAGE_80, COVERAGE_95, MSIS_95, MEASURES };
static const char *const measures[MEASURES] = {"smape",       "mase",        "rmsse",
                                               "coverage_80", "coverage_95", "msis_95"};
static const double levels[] = {0.80, 0.95};
enum { LEVELS = 2, MOST_MODELS = 32 };

/* What one model did on one series, over its origins. */
typedef struct result {
    double sum[MEASURES];
    int count[MEASURES]; /* origins where the measure is defined */
    int held[GUARD_KINDS], guarded; /* origins where a guard, or any, acted */
    char chosen[FORECASTER_NAME]; /* at the latest origin */
} result;

typedef struct job {
    const series_table *t;
    const series_calendar *calendar; /* NULL: no model needs one */
    forecaster_params params;
    int season[1 + FORECASTER_MORE];     /* first 0: auto */
    int scale, horizon, origins;         /* scale 0: auto */
    int n_models;                        /* the asked ones, then seasonal naive and naive2 */
    forecaster_kind kind[MOST_MODELS];
    result *result;                      /* [series, models] */
    double *cells;                       /* [series, origins, models] bands: band_at */
    int *scales;                         /* [series, origins] season of the scale of MASE */
    double *scores;                      /* [origins, series] of auto: forecaster.h */
    int *demand;                         /* [origins, series] classes by auto */
    double *wrong, *size;                /* [models], [1] sums of |error| and |value| of all */
    uint8_t *hits;                       /* [series, models, levels, horizon] origins held */
    int *used;                           /* [series] origins scored */
    bool *refused;                       /* [series] by a model */
} job;

/* The forecast of series i by model `which` from its origin o (0: the latest). */
static band band_at(const job *j, int64_t i, int o, int which) {
    int h = j->horizon;
    double *at = j->cells + ((i * j->origins + o) * j->n_models + which) * h * (1 + 2 * LEVELS);
    return (band){h, LEVELS, levels, at, at + h, at + h * (1 + LEVELS), 0};
}

static void count_guards(result *r, unsigned guards) {
    r->guarded += guards != 0;
    for (int k = 0; k < GUARD_KINDS; k++) r->held[k] += (guards & GUARD(k)) != 0;
}

static bool forecast_one(job *j, int64_t i, int o, forecaster_params p, arena scratch, err *e) {
    const series_one *one = &j->t->one[i];
    int n = one->n - (o + 1) * j->horizon;
    for (int w = 0; w < j->n_models; w++) {
        forecaster_told told;
        forecaster_params of_model = p;
        band b = band_at(j, i, o, w);
        of_model.kind = j->kind[w];
        series_set_season(j->t, one, n, j->season, &of_model, scratch);
        if (of_model.kind == FORECASTER_GLOBAL) {
            if (o == 0) memcpy(j->result[i * j->n_models + w].chosen, "global", sizeof "global");
            continue;
        }
        if (of_model.kind == FORECASTER_NAIVE2) of_model.season = j->scales[i * j->origins + o];
        if (of_model.kind == FORECASTER_AUTO)
            of_model.scores = j->scores + (o * j->t->n + i) * p.origins * LEVELS * j->horizon;
        if (!forecaster_run(one->y, n, of_model, &b, &told, scratch, e)) return false;
        if (o == 0) memcpy(j->result[i * j->n_models + w].chosen, told.model, FORECASTER_NAME);
        if (of_model.kind == FORECASTER_AUTO) j->demand[o * j->t->n + i] = (int)told.demand;
        count_guards(&j->result[i * j->n_models + w], told.guards);
    }
    return true;
}

static bool run_one(job *j, int64_t i, arena scratch, err *e) {
    const series_one *one = &j->t->one[i];
    for (int o = 0; o < j->origins && one->n - (o + 1) * j->horizon >= 2; o++, j->used[i]++) {
        forecaster_params p = j->params;
        p.kind = FORECASTER_SNAIVE; /* whose season is that of the scale */
        series_set_season(j->t, one, one->n - (o + 1) * j->horizon, j->season, &p, scratch);
        p.stream = slice_hash(one->name);
        j->scales[i * j->origins + o] = j->scale ? j->scale : p.season;
        arena own = scratch;
        int n = one->n - (o + 1) * j->horizon;
        if (j->calendar && !calendar_set(j->calendar, i, n, j->horizon, &p, &own, e)) return false;
        if (!forecast_one(j, i, o, p, own, e)) return false;
    }
    return true;
}

/* The model of all series, fitted anew at each origin. */
static bool run_global(job *j, int which, const series_calendar *calendar, pool *threads, scope *s,
                       err *e) {
    for (int o = 0; o < j->origins; o++) {
        series_global g = {.t = j->t, .calendar = calendar, .season = j->season,
                           .steps = j->horizon, .held = (o + 1) * j->horizon, .levels = levels,
                           .n_levels = LEVELS, .seed = j->params.seed};
        band *to = take(&s->keep, band, j->t->n);
        for (int i = 0; i < j->t->n; i++) to[i] = band_at(j, i, o, which);
        if (!series_global_run(&g, threads, s, to, e)) return false;
    }
    return true;
}

/* Intervals of auto from one origin, by what held before it: as the verb forecast does. */
static void calibrate(job *j, int o, arena scratch) {
    int n = j->t->n, own = j->params.origins;
    const double *score = j->scores + (int64_t)o * n * own * LEVELS * j->horizon;
    conformal_panel p = {n, own, LEVELS, j->horizon, CROSTON_EMPTY + 1, levels, score,
                         j->demand + o * n};
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    conformal_model *by_level = conformal_panel_fit(&p, &keep, scratch);
    for (int w = 0; w < j->n_models; w++)
        for (int i = 0; i < n && j->kind[w] == FORECASTER_AUTO; i++) {
            if (o >= j->used[i]) continue;
            band b = band_at(j, i, o, w);
            conformal_apply(by_level, p.kind[i], &b);
            if (forecaster_rare(p.kind[i])) band_not_negative(&b);
        }
}

static void score_one(job *j, int64_t i, int o, int which) {
    const series_one *one = &j->t->one[i];
    result *r = &j->result[i * j->n_models + which];
    int h = j->horizon, n = one->n - (o + 1) * h;
    band b = band_at(j, i, o, which);
    const double *y = one->y + n;
    double scale = metrics_scale(one->y, n, j->scales[i * j->origins + o]);
    double score[MEASURES] = {
        [SMAPE] = metrics_smape(y, b.mean, h),
        [MASE] = metrics_mase(y, b.mean, h, scale),
        [RMSSE] = metrics_rmsse(y, b.mean, h, one->y, n),
        [COVERAGE_80] = metrics_coverage(y, b.low, b.high, h),
        [COVERAGE_95] = metrics_coverage(y, b.low + h, b.high + h, h),
        [MSIS_95] = metrics_msis(y, b.low + h, b.high + h, h, levels[1], scale),
    };
    for (int k = 0; k < MEASURES; k++)
        if (isfinite(score[k])) r->sum[k] += score[k], r->count[k]++;
    uint8_t *hits = j->hits + (i * j->n_models + which) * LEVELS * h;
    for (int k = 0; k < h; k++) {
        j->wrong[which] += fabs(y[k] - b.mean[k]);
        if (which == 0) *j->size += fabs(y[k]);
    }
    for (int k = 0; k < LEVELS * h; k++)
        hits[k] = (uint8_t)(hits[k] + (y[k % h] >= b.low[k] && y[k % h] <= b.high[k]));
}

static void score_all(job *j) {
    for (int64_t i = 0; i < j->t->n; i++)
        for (int o = 0; o < j->used[i]; o++)
            for (int w = 0; w < j->n_models; w++) score_one(j, i, o, w);
}

static void run_series(void *what, int64_t i, arena scratch) {
    err unused = {0};
    ((job *)what)->refused[i] = !run_one(what, i, scratch, &unused);
}

/* False with the sentence of the first series that a model refused. */
static bool all_done(job *j, arena scratch, err *e) {
    for (int i = 0; i < j->t->n; i++)
        if (j->refused[i]) {
            run_one(j, i, scratch, e);
            return series_named(&j->t->one[i], e);
        }
    return true;
}

/* Scores of one measure of the series where every model has one: [models][n]; returns n. */
static int64_t packed(const job *j, int measure, double **to) {
    int64_t n = 0;
    for (int i = 0; i < j->t->n; i++) {
        const result *r = &j->result[i * j->n_models];
        bool all = true;
        for (int w = 0; w < j->n_models; w++) all &= r[w].count[measure] > 0;
        if (!all) continue;
        for (int w = 0; w < j->n_models; w++) to[w][n] = r[w].sum[measure] / r[w].count[measure];
        n++;
    }
    return n;
}

typedef struct report {
    const job *j;
    double *score[MEASURES][MOST_MODELS]; /* [n] */
    int64_t n[MEASURES];
    uint64_t seed;
    bool print;
} report;

static const char *name_of(const job *j, int w) { return forecaster_name(j->kind[w]); }

static void put_models(const report *r, js *out, arena scratch) {
    int baseline = r->j->n_models - 2;
    js_array(out, "models");
    for (int w = 0; w < r->j->n_models; w++) {
        evaluation_metric m[MEASURES];
        for (int k = 0; k < MEASURES; k++) {
            metrics_interval x = metrics_bootstrap(r->score[k][w], r->n[k], r->seed,
                                                   METRICS_RESAMPLES, scratch);
            m[k] = (evaluation_metric){measures[k], x.mean, x.low, x.high, x.n};
            if (r->print)
                printf("%-8s %-12s %9.4f  [%.4f, %.4f]  %lld series\n", name_of(r->j, w),
                       measures[k], x.mean, x.low, x.high, (long long)x.n);
        }
        evaluation_model(out, name_of(r->j, w), w < baseline ? "model" : "baseline", (slice){0}, m,
                         MEASURES);
    }
    js_end(out);
}

static double mean_of(const double *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return sum / (double)n;
}

/* OWA: mean of sMAPE and MASE as shares of those of naive2 (M4). */
static void put_owa(const report *r, js *out) {
    int last = r->j->n_models - 1;
    js_array(out, "owa");
    for (int w = 0; w < r->j->n_models; w++) {
        double owa = 0;
        for (int k = SMAPE; k <= MASE; k++)
            owa += mean_of(r->score[k][w], r->n[k]) / mean_of(r->score[k][last], r->n[k]) / 2;
        js_object(out, NULL);
        js_put_word(out, "model", name_of(r->j, w));
        js_put_real(out, "value", owa);
        js_end(out);
        if (r->print) printf("%-8s %-12s %9.4f  against naive2\n", name_of(r->j, w), "owa", owa);
    }
    js_end(out);
}

/* WAPE: what is wrong of all values together, so that large series count for what they are. */
static void put_wape(const report *r, js *out) {
    js_array(out, "wape");
    for (int w = 0; w < r->j->n_models; w++) {
        double wape = r->j->wrong[w] / *r->j->size;
        js_object(out, NULL);
        js_put_word(out, "model", name_of(r->j, w));
        js_put_real(out, "value", wape);
        js_end(out);
        if (r->print)
            printf("%-8s %-12s %9.4f  of all values together\n", name_of(r->j, w), "wape", wape);
    }
    js_end(out);
}

/* Forecasts (series and origin) that were not what the model said. */
static void put_guards(const report *r, js *out) {
    const job *j = r->j;
    js_array(out, "guards");
    for (int w = 0; w < j->n_models; w++) {
        int held[GUARD_KINDS] = {0}, guarded = 0, all = 0;
        for (int i = 0; i < j->t->n; i++) {
            const result *one = &j->result[(int64_t)i * j->n_models + w];
            for (int k = 0; k < GUARD_KINDS; k++) held[k] += one->held[k];
            guarded += one->guarded, all += j->used[i];
        }
        js_object(out, NULL);
        js_put_word(out, "model", name_of(j, w));
        js_put_int(out, "forecasts", all);
        js_put_int(out, "guarded", guarded);
        for (int k = 0; k < GUARD_KINDS; k++) js_put_int(out, guard_names[k], held[k]);
        js_end(out);
        if (r->print && guarded)
            printf("%-8s %-12s %9d  of %d forecasts held back; --json says by what\n",
                   name_of(j, w), "guards", guarded, all);
    }
    js_end(out);
}

static void put_comparisons(const report *r, js *out, arena scratch) {
    int baseline = r->j->n_models - 2;
    js_array(out, "comparisons");
    for (int w = 0; w < baseline; w++)
        for (int k = SMAPE; k <= RMSSE; k++) {
            metrics_interval x = metrics_bootstrap_paired(r->score[k][w], r->score[k][baseline],
                                                          r->n[k], r->seed, METRICS_RESAMPLES,
                                                          scratch);
            evaluation_comparison c = {name_of(r->j, w), "snaive", measures[k], x.mean, x.low,
                                       x.high, true};
            evaluation_compare(out, &c);
            if (r->print)
                printf("%s of %s: %s against snaive (difference %+.4f, 95 %% interval %+.4f to "
                       "%+.4f)\n", measures[k], c.model, evaluation_verdict(&c), x.mean, x.low,
                       x.high);
        }
    js_end(out);
}

/* Share of intervals that held, by step: the first levels of a horizon say little of the last. */
static void put_coverage(const report *r, js *out) {
    const job *j = r->j;
    js_array(out, "coverage_by_step");
    for (int w = 0; w < j->n_models; w++)
        for (int l = 0; l < LEVELS; l++) {
            js_object(out, NULL);
            js_put_word(out, "model", name_of(j, w));
            js_put_real(out, "level", levels[l]);
            js_array(out, "share");
            for (int h = 0; h < j->horizon; h++) {
                int64_t held = 0, all = 0;
                for (int64_t i = 0; i < j->t->n; i++) {
                    int64_t at = ((i * j->n_models + w) * LEVELS + l) * j->horizon + h;
                    held += j->hits[at], all += j->used[i];
                }
                js_put_real(out, NULL, (double)held / (double)all);
            }
            js_end(out);
            js_end(out);
        }
    js_end(out);
}

/* One row per series and model: what it chose and how it did. */
static columns rows_of(const job *j, scope *s) {
    static const char *const first[] = {"series", "model", "chosen", "origins"};
    const char *names[4 + MEASURES];
    column_type types[4 + MEASURES] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_I32};
    for (int k = 0; k < 4; k++) names[k] = first[k];
    for (int k = 0; k < MEASURES; k++) names[4 + k] = measures[k], types[4 + k] = COLUMN_REAL;
    columns c = columns_new(&s->keep, 4 + MEASURES, names, types, (int64_t)j->t->n * j->n_models);
    for (int64_t row = 0; row < c.rows; row++) {
        const result *r = &j->result[row];
        c.at[0].text[row] = j->t->one[row / j->n_models].name;
        c.at[1].text[row] = slice_of(name_of(j, (int)(row % j->n_models)));
        c.at[2].text[row] = slice_of(r->chosen);
        c.at[3].i32[row] = j->used[row / j->n_models];
        for (int k = 0; k < MEASURES; k++)
            c.at[4 + k].real[row] = r->count[k] ? r->sum[k] / r->count[k] : NAN;
    }
    return c;
}

static bool parse_models(const char *said, job *j, scope *s, err *e) {
    slice rest = slice_of(said ? said : "auto");
    while (rest.n > 0) {
        const char *comma = memchr(rest.p, ',', rest.n);
        slice one = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        rest = comma ? (slice){comma + 1, rest.n - one.n - 1} : (slice){rest.p + rest.n, 0};
        if (j->n_models == MOST_MODELS - 2)
            return refuse(e, "--model takes at most %d names", MOST_MODELS - 2);
        if (!forecaster_find(slice_copy(&s->keep, slice_trim(one)), &j->kind[j->n_models++]))
            return refuse(e, "--model of evaluate forecast takes names among %s; got '%.*s'",
                          forecaster_list(&s->keep), (int)one.n, one.p);
    }
    if (j->n_models == 0) return refuse(e, "--model names no model");
    j->kind[j->n_models++] = FORECASTER_SNAIVE;
    j->kind[j->n_models++] = FORECASTER_NAIVE2;
    return true;
}

static bool parse(const args *a, job *j, scope *s, err *e) {
    j->horizon = (int)args_int(a, args_given(a, "holdout") ? "holdout" : "horizon");
    j->origins = (int)args_int(a, "origins");
    j->scale = (int)args_int(a, "scale");
    j->params.units = args_flag(a, "units");
    return parse_models(args_text(a, "model"), j, s, e) &&
           series_season_option(a, j->season, 1 + FORECASTER_MORE, e);
}

static bool put_report(const args *a, bench *b, const job *j, scope *s, js *out, err *e) {
    report *r = take(&s->keep, report, 1);
    *r = (report){.j = j, .seed = b->seed, .print = !args_json(a)};
    for (int k = 0; k < MEASURES; k++) {
        for (int w = 0; w < j->n_models; w++) r->score[k][w] = take(&s->keep, double, j->t->n);
        r->n[k] = packed(j, k, r->score[k]);
    }
    put_models(r, out, s->scratch);
    put_owa(r, out);
    put_wape(r, out);
    put_guards(r, out);
    put_comparisons(r, out, s->scratch);
    put_coverage(r, out);
    if (!args_text(a, "out")) return true;
    columns c = rows_of(j, s);
    return db_put(b->d, "ledger", &c, e) && verb_write(a, b, "ledger", e);
}

static void take_forecasts(job *j, arena *keep) {
    int64_t runs = (int64_t)j->t->n * j->origins;
    j->cells = take(keep, double, runs *j->n_models *j->horizon *(1 + 2 * LEVELS));
    j->scales = take(keep, int, runs);
    j->demand = take(keep, int, runs);
    int64_t scores = runs * j->params.origins * LEVELS * j->horizon;
    j->scores = take_raw(keep, double, scores);
    for (int64_t k = 0; k < scores; k++) j->scores[k] = NAN;
}

bool evaluate_forecast(const args *a, scope *s, js *out, err *e) {
    bench b;
    series_table t;
    timing times = {0};
    job j = {.t = &t, .params = FORECASTER_DEFAULTS};
    if (!parse(a, &j, s, e) || !series_set_option(a, &j.params, s, e) || !verb_open(a, s, &b, e))
        return false;
    double start = args_clock();
    if (!series_read(a, &b, s, &t, out, e)) return false;
    times.read_s = args_clock() - start;
    j.params.seed = seed_for(b.seed, "forecast");
    series_calendar calendar;
    for (int w = 0; w < j.n_models && !j.calendar; w++) {
        bool needs = j.kind[w] == FORECASTER_PROPHET ||
                     (j.kind[w] == FORECASTER_GLOBAL &&
                      (args_text(a, "regressors") || args_text(a, "holidays")));
        if (!needs) continue;
        if (!calendar_read(a, &b, s, &t, 0, &calendar, e)) return false;
        j.calendar = &calendar;
    }
    j.result = take(&s->keep, result, (int64_t)t.n * j.n_models);
    j.hits = take(&s->keep, uint8_t, (int64_t)t.n *j.n_models *LEVELS *j.horizon);
    take_forecasts(&j, &s->keep);
    j.wrong = take(&s->keep, double, j.n_models);
    j.size = take(&s->keep, double, 1);
    j.used = take(&s->keep, int, t.n);
    j.refused = take(&s->keep, bool, t.n);
    start = args_clock();
    pool_for(b.threads, t.n, run_series, &j);
    if (!all_done(&j, s->scratch, e)) return false;
    for (int w = 0; w < j.n_models; w++)
        if (j.kind[w] == FORECASTER_GLOBAL &&
            !run_global(&j, w, j.calendar, b.threads, s, e))
            return false;
    times.fit_s = args_clock() - start;
    for (int o = 0; o < j.origins; o++) calibrate(&j, o, s->scratch);
    score_all(&j);
    int scored = 0;
    for (int i = 0; i < t.n; i++) scored += j.used[i] > 0;
    if (scored == 0)
        return refuse(e, "no series has more than %d values, so none can hold out %d; use a "
                         "smaller --horizon", j.horizon + 1, j.horizon);
    js_putf(out, "split", "the last %d values of each series are held out, %d times",
            j.horizon, j.origins);
    js_put_int(out, "series", t.n);
    js_put_int(out, "scored", scored);
    if (!put_report(a, &b, &j, s, out, e)) return false;
    args_timing(out, &times);
    return true;
}
