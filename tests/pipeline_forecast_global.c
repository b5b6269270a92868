/* pipeline_forecast_global: the model of all series and the analogues in the pipeline, planted. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "pipeline/forecast_panel.h"
#include "base/random.h"
#include "shop.h"

enum { CATEGORIES = 9, ARTICLES = 60, WEEKS = 100, AHEAD = 4, SERIES = CATEGORIES + ARTICLES };

static void close_pool(void *what) { pool_close(what); }

static void open(scope *s, work *w, int threads) {
    err e = {0};
    check_ok(scope_open(s, (size_t)256 << 20, (size_t)64 << 20, &e), &e);
    *w = (work){.seed = 1, .n_threads = threads};
    w->threads = pool_open(threads, (size_t)64 << 20, &e);
    check(w->threads != NULL);
    scope_defer(s, close_pool, w->threads);
}

/* Categories of two years and articles of 30 weeks, all with a season of 52 weeks that no article
 * has seen once. */
static forecast_panel planted(scope *s) {
    int n = SERIES;
    forecast_panel p = {.n = n, .full = n, .rest = n, .horizon = AHEAD, .weeks_known = WEEKS};
    p.level = take(&s->keep, slice, n), p.series = take(&s->keep, slice, n);
    p.name = p.series, p.weeks = take(&s->keep, int, n), p.y = take(&s->keep, double *, n);
    p.factor = take(&s->keep, double *, n), p.parent = take(&s->keep, int32_t, n);
    p.actual = take(&s->keep, double, n *AHEAD);
    for (int i = 0; i < n; i++) {
        bool article = i >= CATEGORIES;
        int weeks = p.weeks[i] = article ? 30 : WEEKS;
        p.level[i] = slice_of(i == 0 ? "total" : article ? "article" : "category");
        p.series[i] = slice_of(arena_text(&s->keep, "s%d", i));
        p.parent[i] = article ? 1 + i % (CATEGORIES - 1) : i ? 0 : -1;
        p.y[i] = take(&s->keep, double, weeks);
        for (int t = 0; t < weeks + AHEAD; t++) {
            int place = WEEKS - weeks + t;
            rng r = rng_open(9, (uint64_t)(i * 1000 + place));
            double mean = (article ? 20 : 300) * (1 + 0.8 * sin(2 * acos(-1) * place / 13));
            double y = (double)rng_poisson(&r, mean);
            if (t < weeks) p.y[i][t] = y;
            else p.actual[i * AHEAD + t - weeks] = y;
        }
    }
    return p;
}

/* A wave of 13 weeks that smoothing does not follow: the model of all series gets it all. */
CHECK(forecast_shares_go_to_the_model_that_was_right) {
    scope s;
    work w;
    err e = {0};
    open(&s, &w, 2);
    forecast_panel p = planted(&s);
    forecast_policy policy = FORECAST_POLICY;
    policy = forecast_everywhere(policy, FORECASTER_MEAN, false);
    js *report = take(&s.keep, js, 1);
    js_open(report, &s);
    js_object(report, NULL);
    forecast_choose_shares(&w, &p, 1, &policy, report, &s.keep, s.scratch);
    js_end(report);
    const js_node *root = js_parse(&s, text_slice(&report->out), &e), *level;
    check(root != NULL);
    check(policy.global[1] >= 0.75 && policy.global[2] >= 0.75);
    level = js_at(js_get(js_get(root, "global"), "levels"), 2);
    double alone, all;
    check(js_real(js_at(js_get(level, "rmse_by_share"), 0), &alone));
    check(js_real(js_at(js_get(level, "rmse_by_share"), 4), &all));
    check(all < 0.7 * alone);
    check_has(text_slice(&report->out), "over earlier origins");
    scope_close(&s);
}

/* Eight series at least: below that nothing is mixed, and it says why. */
CHECK(forecast_shares_stay_local_where_there_are_too_few_series) {
    scope s;
    work w;
    open(&s, &w, 1);
    forecast_panel p = planted(&s);
    p.n = p.full = p.rest = 5;
    forecast_policy policy = FORECAST_POLICY;
    js *report = take(&s.keep, js, 1);
    js_open(report, &s);
    js_object(report, NULL);
    forecast_choose_shares(&w, &p, 1, &policy, report, &s.keep, s.scratch);
    js_end(report);
    check(policy.global[0] == 0 && policy.global[1] == 0 && policy.global[2] == 0);
    check_has(text_slice(&report->out), "series are too few for a model of all of them");
    scope_close(&s);
}

CHECK(forecast_mix_takes_its_part_of_means_and_bounds) {
    scope s;
    work w;
    open(&s, &w, 1);
    forecast_panel p = planted(&s);
    p.n = p.full = p.rest = 2, p.horizon = 1;
    double two[5][2] = {{10, 10}, {4, 4}, {16, 16}, {0, 0}, {20, 20}};
    double all[5][2] = {{20, NAN}, {8, 0}, {40, 0}, {1, 0}, {60, 0}};
    forecast_result r = {.mean = two[0], .low = two[1], .high = two[2], .low95 = two[3],
                         .high95 = two[4]};
    forecast_global g = {all[0], all[1], all[2], all[3], all[4]};
    const double share[] = {0.25, 1, 0};
    forecast_mix(&p, &g, share, &r); /* series 0 is the total, 1 a category without that model */
    check(two[0][0] == 12.5 && two[1][0] == 5 && two[2][0] == 22 && two[4][0] == 30);
    check(two[3][0] == 0); /* a quarter of a unit is none */
    check(two[0][1] == 10 && two[4][1] == 20);
    scope_close(&s);
}

CHECK(forecast_global_is_the_same_for_any_thread_count) {
    once_is_enough();
    static const int threads[] = {1, 2, 8};
    static const double share[] = {1, 1, 1};
    double first[SERIES * AHEAD];
    for (int k = 0; k < 3; k++) {
        scope s;
        work w;
        err e = {0};
        open(&s, &w, threads[k]);
        forecast_panel p = planted(&s);
        forecast_global g;
        check_ok(forecast_global_fit(&w, &p, share, &s.keep, &g, &e), &e);
        if (k == 0) memcpy(first, g.mean, sizeof first);
        check(memcmp(first, g.mean, sizeof first) == 0);
        for (int i = 0; i < SERIES * AHEAD; i++)
            check(g.low95[i] <= g.low[i] && g.low[i] <= g.mean[i] && g.mean[i] <= g.high[i] &&
                  g.high[i] <= g.high95[i]);
        scope_close(&s);
    }
}

/* 80 articles launched one a week; red ones sell 14 a week, blue ones 70, all half as much after
 * four weeks; the last ones are new. N0 is blue and was sold for two weeks, at 70. */
static void plant_launches(work *w) {
    shop_sql(w, "%s",
             "CREATE TABLE windows AS SELECT * FROM (VALUES "
             "('train', DATE '2022-01-03', DATE '2023-11-06'), "
             "('valid', DATE '2023-11-06', DATE '2023-12-04'), "
             "('test', DATE '2023-12-04', DATE '2024-01-01')) AS t(name, from_day, to_day);"
             "CREATE TABLE articles AS SELECT CAST(range AS INTEGER) AS article, "
             "'N' || range AS article_id, 'x' AS name, 'Coats' AS category, "
             "CASE WHEN range % 2 = 0 THEN 'blue' ELSE 'red' END AS colour, "
             "CAST(20 AS DECIMAL(18,6)) AS price FROM range(0, 80);"
             "CREATE TABLE stock AS SELECT DATE '2023-12-31' AS day, article, 0 AS on_hand, "
             "1 AS src_file, CAST(article AS BIGINT) AS src_line FROM articles WHERE false;"
             "CREATE TABLE sold AS SELECT a.article_id AS series, d.day, "
             "(CASE WHEN a.colour = 'blue' THEN 10 ELSE 2 END) / CASE WHEN d.day >= DATE "
             "'2023-11-20' - a.article * 7 + 28 THEN 2 ELSE 1 END AS units FROM articles a, "
             "(SELECT CAST(range AS DATE) AS day FROM range(DATE '2022-01-03', DATE '2024-01-01', "
             "INTERVAL 1 DAY)) AS d WHERE d.day >= DATE '2023-11-20' - a.article * 7;"
             "CREATE TABLE d_sales AS SELECT 'article' AS level, series, day, "
             "CAST(units AS BIGINT) AS units FROM sold UNION ALL SELECT 'category', 'Coats', day, "
             "CAST(sum(units) AS BIGINT) FROM sold GROUP BY day UNION ALL SELECT 'total', 'total', "
             "day, CAST(sum(units) AS BIGINT) FROM sold GROUP BY day");
}

CHECK(forecast_cold_follows_the_curve_of_those_like_it) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, (size_t)256 << 20, (size_t)64 << 20, &e), &e);
    work w = shop_open(&s, "forecast-cold", 2);
    w.threads = pool_open(2, (size_t)64 << 20, &e);
    scope_defer(&s, close_pool, w.threads);
    plant_launches(&w);
    check_ok(work_windows(&w, &e), &e);
    forecast_panel p;
    forecast_result r;
    check_ok(forecast_panel_load(&w, w.days.test_from, 4, &s.keep, &p, &e), &e);
    forecast_policy policy = FORECAST_POLICY;
    policy = forecast_everywhere(policy, FORECASTER_NAIVE, false);
    forecast_panel_run(&w, &p, policy, &s.keep, &r);
    check(forecast_cold(&w, &p, 4, false, &r, s.scratch) == 2); /* of 2 and 3 weeks */
    for (int i = 0; i < p.rest; i++) {
        const double *f = r.mean + i * 4, *y = p.actual + i * 4;
        if (!slice_is(p.series[i], "N0")) continue;
        check(p.weeks[i] == 2 && y[0] == 70 && y[2] == 35);
        check_near(f[0], 70, 7); /* the others' level, by 30 neighbours and a prior of 5 units */
        check_near(f[1], 70, 7);
        check_near(f[2], 35, 3.5);
        check(r.low[i * 4] < f[0] && r.high[i * 4] > f[0]);
        check_text(slice_of(r.told[i].model), "analogues");
    }
    check(forecast_cold(&w, &p, 0, false, &r, s.scratch) == 0);
    js *report = take(&s.keep, js, 1);
    js_open(report, &s);
    js_object(report, NULL);
    forecast_choose_cold(&w, &p, 1, &policy, report, s.scratch);
    forecast_judge_cold(&w, &p, policy, report, s.scratch);
    js_end(report);
    check(policy.cold > 0);
    check_has(text_slice(&report->out), "category mean");
    scope_close(&s);
}
