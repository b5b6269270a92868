/* pipeline_forecast_upper: which models forecast total and categories, on planted series. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "pipeline/forecast_panel.h"

enum { WEEKS = 120, AHEAD = 2, SERIES = 3 };

static void close_pool(void *what) { pool_close(what); }

static void open(scope *s, work *w, int threads) {
    err e = {0};
    check_ok(scope_open(s, (size_t)64 << 20, (size_t)32 << 20, &e), &e);
    *w = (work){.seed = 1, .n_threads = threads};
    w->threads = pool_open(threads, (size_t)32 << 20, &e);
    check(w->threads != NULL);
    scope_defer(s, close_pool, w->threads);
}

/* The total is the same every 52 weeks; of the categories one has a level and noise, one began two
 * weeks ago. */
static forecast_panel planted(scope *s) {
    forecast_panel p = {.n = SERIES, .full = SERIES, .rest = SERIES, .horizon = AHEAD,
                        .weeks_known = WEEKS};
    static const int weeks[] = {WEEKS, WEEKS, 2};
    p.level = take(&s->keep, slice, SERIES), p.series = take(&s->keep, slice, SERIES);
    p.name = p.series, p.weeks = take(&s->keep, int, SERIES);
    p.y = take(&s->keep, double *, SERIES);
    p.sold = p.y, p.sold_out = take(&s->keep, int, SERIES);
    p.factor = take(&s->keep, double *, SERIES), p.parent = take(&s->keep, int32_t, SERIES);
    p.actual = take(&s->keep, double, SERIES *AHEAD);
    rng r = rng_open(3, 1);
    for (int i = 0; i < SERIES; i++) {
        p.level[i] = slice_of(i ? "category" : "total");
        p.series[i] = slice_of(arena_text(&s->keep, "s%d", i));
        p.weeks[i] = weeks[i], p.parent[i] = i ? 0 : -1;
        p.y[i] = take(&s->keep, double, weeks[i]);
        for (int t = 0; t < weeks[i] + AHEAD; t++) {
            double y = i == 0 ? 100 + (t % 52) * 37 % 52 : (double)rng_below(&r, 21) + 30;
            if (t < weeks[i]) p.y[i][t] = y;
            else p.actual[i * AHEAD + t - weeks[i]] = y;
        }
    }
    return p;
}

static double number(const js_node *n, const char *key) {
    double x = NAN;
    js_real(js_get(n, key), &x);
    return x;
}

CHECK(forecast_upper_takes_what_many_origins_say_thread_or_not) {
    scope s;
    work w;
    err e = {0};
    open(&s, &w, 2);
    forecast_panel p = planted(&s);
    forecast_policy policy = FORECAST_POLICY;
    js *report = take(&s.keep, js, 1);
    js_open(report, &s);
    js_object(report, NULL);
    forecast_choose_upper(&w, &p, &policy, report, s.scratch);
    js_end(report);
    const js_node *upper = js_get(js_parse(&s, text_slice(&report->out), &e), "upper");
    check(number(upper, "origins") == 9);
    int often = 0;
    for (int k = 0; k < FORECAST_MIX; k++) { /* best and auto find it, too; nothing else is added */
        forecaster_kind model = policy.part[FORECAST_TOTAL][k].model;
        check(model == FORECASTER_SNAIVE || model == FORECASTER_BEST || model == FORECASTER_AUTO);
        for (int j = 0; j < k; j++) /* of the noise no model is the best: each once */
            often += memcmp(&policy.part[FORECAST_CATEGORY][j], &policy.part[FORECAST_CATEGORY][k],
                            sizeof(forecast_part)) == 0;
    }
    check(often == 0);
    check_near(number(js_at(js_get(upper, "levels"), 0), "rmse"), 0, 1e-9); /* 1e-9: rounding */
    const js_node *level = js_at(js_get(upper, "levels"), 1), *trials = js_get(level, "trials");
    slice name;
    double least = INFINITY;
    check(js_text(js_get(level, "level"), &name) && slice_is(name, "categories"));
    for (int k = 0; k < js_count(trials); k++)
        least = fmin(least, number(js_at(trials, k), "rmse"));
    /* a mean of models is taken when it is better than each; noise of 0 to 20 has sd 6.06 */
    check(number(level, "rmse") <= least && least > 4 && least < 7);
    check(policy.part[FORECAST_ARTICLE][0].model == FORECASTER_BEST); /* as it was */
    scope_close(&s);
}

CHECK(forecast_of_a_mix_is_the_mean_of_its_parts) {
    static const forecast_part parts[] = {{FORECASTER_SNAIVE, false}, {FORECASTER_MEAN, false}};
    scope s;
    work w;
    open(&s, &w, 1);
    forecast_panel p = planted(&s);
    forecast_policy policy = {.window = 8};
    forecast_result alone[2], mix;
    for (int k = 0; k < 2; k++)
        forecast_panel_run(&w, &p, forecast_everywhere(policy, parts[k].model, false), &s.keep,
                           &alone[k]);
    for (int k = 0; k < FORECAST_MIX; k++)
        policy.part[FORECAST_CATEGORY][k] = parts[k == 2],
        policy.part[FORECAST_TOTAL][k] = parts[1];
    forecast_panel_run(&w, &p, policy, &s.keep, &mix);
    for (int h = 0; h < AHEAD; h++) { /* 1e-12: rounding of sums of four */
        int at = AHEAD + h;
        check_near(mix.mean[h], alone[1].mean[h], 1e-12);
        check_near(mix.mean[at], 0.75 * alone[0].mean[at] + 0.25 * alone[1].mean[at], 1e-12);
        check_near(mix.low[at], 0.75 * alone[0].low[at] + 0.25 * alone[1].low[at], 1e-12);
        check_near(mix.high95[at], 0.75 * alone[0].high95[at] + 0.25 * alone[1].high95[at], 1e-12);
    }
    check_text(slice_of(mix.told[1].model), "3/4 snaive, 1/4 mean");
    check_text(slice_of(mix.told[0].model), "mean");
    arena keep = s.keep;
    check_text(slice_of(forecast_part_words(policy.part[FORECAST_CATEGORY], &keep)),
               "snaive 3/4, mean 1/4");
    scope_close(&s);
}
