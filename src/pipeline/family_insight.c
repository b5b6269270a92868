/* family_insight: what rises and declines, and how demand answers to price. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/interval.h"
#include "models/metrics.h"
#include "pipeline/insight.h"
#include "pipeline/tile.h"
#include "pipeline/pairs.h"

#define USUAL_ELASTICITY (-2.0) /* of a shop whose prices say nothing */
#define LEAST_ARTICLES 30 /* fewest articles that a comparison speaks of */

static double mean(const double *x, int64_t n) {
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return n ? sum / (double)n : NAN;
}

static bool skip_without_sales(work *w, js *report, bool *skip, err *e) {
    int64_t n;
    *skip = false;
    if (!db_count(w->d, &n, e, "SELECT count(*) FROM d_sales")) return false;
    *skip = n == 0;
    if (*skip) js_put_word(report, "skipped", "the shop has no sales");
    return true;
}

static bool train(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    bool skip = false;
    insight_trend_score score;
    insight_prices prices;
    if (!skip_without_sales(w, report, &skip, e) || skip) return skip;
    if (!insight_trends_score(&score, w, w->days.valid_from, w->days.test_from,
                              INSIGHT_TRIAL_DEFAULTS, true, s, e) ||
        !insight_prices_fit(&prices, w, w->days.valid_from, s, e))
        return false;
    js_put_null(report, "skipped");
    js_put_int(report, "articles", score.check.n);
    js_object(report, "log_error");
    for (int m = 0; m < TREND_MODELS; m++)
        js_put_real(report, trend_trial_names[m], mean(score.check.error[m], score.check.n));
    js_end(report);
    js_object(report, "elasticity");
    js_put_word(report, "refused", prices.refused);
    js_put_real(report, "value", prices.refused ? NAN : prices.elasticity);
    js_put_real(report, "se", prices.refused ? NAN : prices.se);
    js_end(report);
    return true;
}

/* ---- tuning ---- */

typedef struct trial {
    insight_trial t;
    int64_t n;     /* articles judged, the same in every trial */
    double *error; /* [n] of shrunk growth */
    double loss;
} trial;

/* In a scope of its own: a panel of a large shop is big. */
static bool try_one(trial *out, work *w, arena *keep, err *e) {
    scope own;
    insight_trend_score score;
    if (!scope_open(&own, (size_t)8 << 30, (size_t)1 << 30, e)) return false;
    bool done = insight_trends_score(&score, w, w->days.valid_from, w->days.test_from, out->t,
                                     true, &own, e);
    if (done) {
        out->n = score.check.n;
        out->error = take(keep, double, out->n);
        for (int64_t i = 0; i < out->n; i++)
            out->error[i] = score.check.error[TREND_SHRUNK][i];
        out->loss = mean(out->error, out->n);
    }
    scope_close(&own);
    return done;
}

/* The trial of least error, when the validation shows that it is better than the defaults. */
static const trial *choose(const trial *all, int n, const trial *usual, metrics_interval *gain,
                           work *w, scope *s) {
    const trial *best = usual;
    *gain = (metrics_interval){0};
    if (usual->n < LEAST_ARTICLES) return usual;
    for (int i = 0; i < n; i++)
        if (all[i].loss < best->loss) best = &all[i];
    *gain = metrics_bootstrap_paired(best->error, usual->error, usual->n,
                                     seed_for(w->seed, "insight tune"), METRICS_RESAMPLES,
                                     s->scratch);
    return gain->high < 0 ? best : usual;
}

enum { TRIALS = 24 };

static bool tune(work *w, folder *f, scope *s, js *report, err *e) {
    (void)f;
    static const int weeks[] = {4, 8, 2};
    static const double strengths[] = {1.0, 0.5, 2.0, 4.0};
    bool skip = false;
    if (!skip_without_sales(w, report, &skip, e) || skip) return skip;
    trial *all = take(&s->keep, trial, TRIALS); /* the first is the defaults */
    js_put_null(report, "skipped");
    js_array(report, "trials");
    for (int i = 0; i < TRIALS; i++) {
        all[i].t = (insight_trial){weeks[i / 8], strengths[i / 2 % 4], i % 2 == 1};
        work_tick(w, "trends: windows and shrinkage", i, TRIALS);
        if (!try_one(&all[i], w, &s->keep, e)) return false;
        js_object(report, NULL);
        js_put_raw(report, "parameters", insight_trial_json(all[i].t, &s->keep));
        js_put_real(report, "log_error", all[i].loss);
        js_put_int(report, "articles", all[i].n);
        js_end(report);
    }
    js_end(report);
    metrics_interval gain;
    const trial *best = choose(all, TRIALS, all, &gain, w, s);
    js_object(report, "least_against_defaults");
    js_put_real(report, "difference", gain.mean);
    js_put_real(report, "low", gain.low);
    js_put_real(report, "high", gain.high);
    js_end(report);
    js_put_raw(report, "best", insight_trial_json(best->t, &s->keep));
    return true;
}

/* ---- evaluation ---- */

typedef struct judged {
    insight_trend_score trend;
    insight_price_score price;
    uint64_t seed;
    evaluation_comparison growth_to_raw, to_raw, to_none, one_price, by_category;
} judged;

static void put_trend_models(js *report, judged *j, slice parameters, scope *s) {
    const trend_trial *t = &j->trend.check;
    const insight_trend_kept *up = &j->trend.rising, *down = &j->trend.declining;
    for (int m = 0; m < TREND_MODELS; m++) {
        metrics_interval l = metrics_bootstrap(t->error[m], t->n, j->seed, METRICS_RESAMPLES,
                                               s->scratch);
        metrics_interval c = metrics_bootstrap(t->growth_error[m], t->n, j->seed,
                                               METRICS_RESAMPLES, s->scratch);
        evaluation_metric all[4] = {{"log_error", l.mean, l.low, l.high, l.n},
                                    {"growth_log_error", c.mean, c.low, c.high, c.n}};
        int n = 2;
        interval r = interval_wilson(m == TREND_RAW ? up->raw_kept : up->kept, up->called);
        interval d = interval_wilson(m == TREND_RAW ? down->raw_kept : down->kept, down->called);
        if (m != TREND_NONE && up->called)
            all[n++] = (evaluation_metric){"rising_kept", r.value, r.low, r.high, up->called};
        if (m != TREND_NONE && down->called)
            all[n++] = (evaluation_metric){"declining_kept", d.value, d.low, d.high, down->called};
        evaluation_model(report, trend_trial_names[m], m == TREND_SHRUNK ? "model" : "baseline",
                         m == TREND_SHRUNK ? parameters : SLICE("{}"), all, n);
    }
}

static void put_price_models(js *report, judged *j, scope *s) {
    const insight_price_score *p = &j->price;
    for (int m = 0; m < PRICE_MODELS && !p->refused; m++) {
        metrics_interval d = metrics_bootstrap_ratio(p->error[m], p->rows, p->n, j->seed,
                                                     METRICS_RESAMPLES, s->scratch);
        evaluation_metric one = {"deviance", d.mean, d.low, d.high, d.n};
        evaluation_model(report, insight_price_names[m], m == PRICE_NONE ? "baseline" : "model",
                         SLICE("{}"), &one, 1);
    }
}

static evaluation_comparison against(const judged *j, int baseline, bool growth, scope *s) {
    const trend_trial *t = &j->trend.check;
    double *const *error = growth ? t->growth_error : t->error;
    metrics_interval d = metrics_bootstrap_paired(error[TREND_SHRUNK], error[baseline], t->n,
                                                  j->seed, METRICS_RESAMPLES, s->scratch);
    return (evaluation_comparison){.model = trend_trial_names[TREND_SHRUNK],
                                   .baseline = trend_trial_names[baseline],
                                   .metric = growth ? "growth_log_error" : "log_error",
                                   .difference = d.mean, .low = d.low,
                                   .high = d.high, .less_is_better = true};
}

static evaluation_comparison price_against(const judged *j, int model, int baseline, scope *s) {
    const insight_price_score *p = &j->price;
    double *difference = take(&s->keep, double, p->n);
    for (int64_t i = 0; i < p->n; i++)
        difference[i] = p->error[model][i] - p->error[baseline][i];
    metrics_interval d = metrics_bootstrap_ratio(difference, p->rows, p->n, j->seed,
                                                 METRICS_RESAMPLES, s->scratch);
    return (evaluation_comparison){.model = insight_price_names[model],
                                   .baseline = insight_price_names[baseline],
                                   .metric = "deviance", .difference = d.mean, .low = d.low,
                                   .high = d.high, .less_is_better = true};
}

static void compare_kept(js *report, const char *metric, const insight_trend_kept *k) {
    if (k->called == 0) return;
    interval d = interval_newcombe(k->kept, k->called, k->raw_kept, k->raw_called);
    evaluation_comparison c = {.model = trend_trial_names[TREND_SHRUNK],
                               .baseline = trend_trial_names[TREND_RAW], .metric = metric,
                               .difference = d.value, .low = d.low, .high = d.high};
    evaluation_compare(report, &c);
}

static void put_comparisons(js *report, judged *j, scope *s) {
    const insight_trend_score *t = &j->trend;
    js_array(report, "comparisons");
    j->to_raw = against(j, TREND_RAW, false, s), j->to_none = against(j, TREND_NONE, false, s);
    j->growth_to_raw = against(j, TREND_RAW, true, s);
    evaluation_compare(report, &j->growth_to_raw);
    evaluation_compare(report, &j->to_raw);
    evaluation_compare(report, &j->to_none);
    compare_kept(report, "rising_kept", &t->rising);
    compare_kept(report, "declining_kept", &t->declining);
    if (!j->price.refused) {
        j->one_price = price_against(j, PRICE_ONE, PRICE_NONE, s);
        j->by_category = price_against(j, PRICE_CATEGORY, PRICE_ONE, s);
        evaluation_compare(report, &j->one_price);
        evaluation_compare(report, &j->by_category);
    }
    js_end(report);
}

static const char *kept_words(const insight_trend_score *t, arena *keep) {
    const insight_trend_kept *up = &t->rising, *down = &t->declining;
    if (up->called + down->called + up->ended + down->ended == 0)
        return "no article was called rising or declining";
    return arena_text(keep, "of the articles called and still on sale, %lld of %lld rising and "
                      "%lld of %lld declining kept their direction (%lld and %lld more ended)",
                      (long long)up->kept, (long long)up->called, (long long)down->kept,
                      (long long)down->called, (long long)up->ended, (long long)down->ended);
}

static const char *verdict_of(const judged *j, arena *keep) {
    const char *price =
        j->price.refused
            ? arena_text(keep, "no elasticity was tested: %s", j->price.refused)
            : arena_text(keep, "knowing the price predicts units %s than not knowing it",
                         strcmp(evaluation_verdict(&j->one_price), "no difference shown") == 0
                             ? "no differently"
                             : evaluation_verdict(&j->one_price));
    const char *raw = evaluation_verdict(&j->to_raw), *none = evaluation_verdict(&j->to_none);
    const char *growth = evaluation_verdict(&j->growth_to_raw);
    return arena_text(keep, "Shrunk growth against raw growth: %s; the units it foretells against "
                      "the recent rate: %s, against no growth: %s; %s; %s.",
                      growth, raw, none, kept_words(&j->trend, keep), price);
}

static bool evaluate(work *w, folder *f, scope *s, js *report, err *e) {
    bool skip = false;
    judged j = {.seed = seed_for(w->seed, "insight")};
    if (!skip_without_sales(w, report, &skip, e) || skip) return skip;
    insight_trial t = insight_tuned(w, s);
    if (!insight_trends_score(&j.trend, w, w->days.test_from, w->days.end, t, false, s, e) ||
        !insight_prices_score(&j.price, w, w->days.test_from, w->days.end, s, e))
        return false;
    if (j.trend.check.n < LEAST_ARTICLES) {
        js_putf(report, "skipped", "only %lld articles sold in the %d weeks before the test period",
                (long long)j.trend.check.n, 2 * t.weeks);
        return true;
    }
    js_put_null(report, "skipped");
    js_object(report, "data");
    js_put_int(report, "articles", j.trend.check.n);
    js_put_int(report, "rising", j.trend.rising.called);
    js_put_int(report, "declining", j.trend.declining.called);
    js_put_int(report, "ended", j.trend.check.ended);
    js_put_int(report, "price_articles", j.price.n);
    js_put_word(report, "price_refused", j.price.refused);
    js_end(report);
    js_put_word(report, "metric", "log_error");
    js_array(report, "models");
    put_trend_models(report, &j, insight_trial_json(t, &s->keep), s);
    put_price_models(report, &j, s);
    js_end(report);
    put_comparisons(report, &j, s);
    js_put_word(report, "verdict", verdict_of(&j, &s->keep));
    if (!insight_put_parts(&j.trend, w, w->days.test_from, w->days.end, s, report, e) ||
        !insight_put_learning(w, w->days.test_from, w->days.end, t, report, e))
        return false;
    const trend_trial *c = &j.trend.check;
    pairs kept = {trend_trial_names[TREND_SHRUNK], "log_error", true, c->n,
                  pairs_numbered(w, "d_sales b_articles", c->item, c->n, &s->keep, e),
                  c->error[TREND_SHRUNK], NULL};
    return kept.key && pairs_write(w, f, "insight", &kept, s, report, e);
}

/* ---- pages ---- */

static bool insight(work *w, folder *f, scope *s, js *report, err *e) {
    bool skip = false;
    int64_t called[3];
    insight_prices prices;
    if (!skip_without_sales(w, report, &skip, e) || skip) return skip;
    if (!insight_prices_write(w, f, &prices, s, e)) return false;
    double elasticity = prices.refused || !(prices.elasticity < 0) ? USUAL_ELASTICITY
                                                                   : prices.elasticity;
    if (!insight_trends_write(w, f, insight_tuned(w, s), elasticity, called, s, e)) return false;
    if (!insight_baskets_write(w, f, s, e) || !insight_products_write(w, f, s, e)) return false;
    js_put_null(report, "skipped");
    js_put_int(report, "rising", called[0]);
    js_put_int(report, "declining", called[1]);
    js_put_int(report, "ended", called[2]);
    js_put_word(report, "elasticity_refused", prices.refused);
    js_put_real(report, "elasticity", prices.refused ? NAN : prices.elasticity);
    return true;
}

/* The home tile tells what step 09 found: growth of the categories, and the counts. */
static bool publish(work *w, folder *f, scope *s, js *home, err *e) {
    (void)f;
    bool skip = false;
    if (!skip_without_sales(w, home, &skip, e) || skip) return skip;
    const js_node *trends = tile_read(w, s, "09_insight", "trends.json");
    const js_node *prices = js_get(tile_read(w, s, "09_insight", "elasticity.json"), "all");
    const js_node *report = work_report(w, s, "09_insight", "insight.json", "insight");
    int64_t rising = 0, declining = 0, n = js_count(js_get(trends, "categories"));
    double elasticity = 0;
    js_int(js_get(report, "rising"), &rising);
    js_int(js_get(report, "declining"), &declining);
    const char *price = js_real(js_get(prices, "elasticity"), &elasticity)
                            ? arena_text(&s->keep, "one per cent on the price moves units by %.1f "
                                         "per cent", elasticity)
                            : "no price elasticity could be told from these sales";
    tile_headline h = {"Rising articles", (double)rising, "integer",
                       arena_text(&s->keep, "%lld declining", (long long)declining)};
    tile_put(home, &h,
             arena_text(&s->keep, "%lld articles are rising and %lld declining; %s.",
                        (long long)rising, (long long)declining, price),
             tile_verdict(w, s, "insight"));
    if (n > 12) n = 12;
    slice *x = take(&s->keep, slice, n);
    double *values = take(&s->keep, double, 3 * n);
    for (int64_t i = 0; i < n; i++) {
        const js_node *one = js_at(js_get(trends, "categories"), i);
        js_text(js_get(one, "name"), &x[i]);
        js_real(js_get(one, "growth"), &values[i]);
        js_real(js_get(one, "low"), &values[n + i]);
        js_real(js_get(one, "high"), &values[2 * n + i]);
    }
    tile_put_chart(home, &(tile_chart){.kind = "bar", .x_title = "Category",
                                       .y_title = "Growth (1 = unchanged)", .series = "Growth",
                                       .n = (int)n, .x = x, .values = values,
                                       .low = values + n, .high = values + 2 * n});
    return true;
}

const family family_insight = {
    .name = "insight",
    .title = "Trends and prices",
    .train = train,
    .tune = tune,
    .evaluate = evaluate,
    .insight = insight,
    .publish = publish,
};
