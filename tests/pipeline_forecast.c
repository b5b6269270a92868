/* pipeline_forecast: the forecast family on a planted shop and on the real sample. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/store.h"
#include "pipeline/family.h"
#include "pipeline/forecast_panel.h"
#include "shop.h"

static void close_pool(void *what) { pool_close(what); }

static void add_pool(work *w, scope *s, int threads) {
    err e = {0};
    w->threads = pool_open(threads, (size_t)64 << 20, &e);
    check(w->threads != NULL);
    scope_defer(s, close_pool, w->threads);
}

/* Runs one hook into STEP/FILE of w->out as {"forecast": {…}}; the report stays in s. */
static const js_node *run_hook(work *w, scope *s, const char *step, const char *file,
                               family_hook *hook) {
    err e = {0};
    js *report = take(&s->keep, js, 1); /* its text is freed with s */
    check_ok(work_windows(w, &e), &e);
    folder *f = folder_begin(s, w->out, step, &e);
    check(f != NULL);
    js_open(report, s);
    js_object(report, NULL);
    js_object(report, "forecast");
    scope own;
    check_ok(scope_open(&own, (size_t)256 << 20, (size_t)64 << 20, &e), &e);
    check_ok(hook(w, f, &own, report, &e), &e);
    scope_close(&own);
    js_end(report);
    js_end(report);
    folder_key key = {.seed = 1};
    check_ok(folder_write(f, file, text_slice(&report->out), &e) && folder_commit(f, &key, &e), &e);
    const js_node *root = js_parse(s, text_slice(&report->out), &e);
    check(root != NULL);
    return js_get(root, "forecast");
}

/* 130 weeks before 2024-01-01 of three articles: A sells 10 a day; B sold 2 a day and for the last
 * 20 weeks 6; C sells by the week of the year, the same every 52 weeks, 0 to 49 a week. Stock: A
 * has 28 left. */
static work planted(scope *s, const char *name, int threads) {
    work w = shop_open(s, name, threads);
    add_pool(&w, s, threads);
    shop_sql(&w, "%s",
             "CREATE TABLE windows AS SELECT * FROM (VALUES "
             "('train', DATE '2021-07-05', DATE '2023-11-06'), "
             "('valid', DATE '2023-11-06', DATE '2023-12-04'), "
             "('test', DATE '2023-12-04', DATE '2024-01-01')) AS t(name, from_day, to_day);"
             "CREATE TABLE articles AS SELECT * FROM (VALUES (0, 'A', 'Anorak', 'Coats'), "
             "(1, 'B', 'Blazer', 'Coats'), (2, 'C', NULL, 'Caps')) "
             "AS t(article, article_id, name, category);"
             "ALTER TABLE articles ADD COLUMN product_code VARCHAR;"
             "ALTER TABLE articles ADD COLUMN price DECIMAL(18,6) DEFAULT 10;"
             "CREATE TABLE stock AS SELECT DATE '2023-12-31' AS day, article, 28 * (1 + 99 * "
             "article) AS on_hand, 40 AS on_order, 9 AS lead_time_days, "
             "CAST(NULL AS DATE) AS receipt_date, 1 AS src_file, "
             "CAST(article AS BIGINT) AS src_line FROM articles;"
             "CREATE TABLE sold AS SELECT article_id, category, day, "
             "CASE article_id WHEN 'A' THEN 10 WHEN 'B' THEN CASE WHEN day < DATE '2023-08-14' "
             "THEN 2 ELSE 6 END ELSE CAST(floor((DATE '2024-01-01' - day - 1) / 7) AS BIGINT) "
             "* 37 % 52 / 7 END AS units FROM articles, (SELECT CAST(range AS DATE) AS day FROM "
             "range(DATE '2021-07-05', DATE '2024-01-01', INTERVAL 1 DAY)) AS days;"
             "CREATE TABLE d_sales AS SELECT level, series, day, CAST(sum(units) AS BIGINT) AS "
             "units, CAST(10 AS DECIMAL(18,6)) AS avg_price FROM (SELECT "
             " 'total' AS level, 'total' AS series, day, units FROM sold UNION "
             "ALL SELECT 'category', category, day, units FROM sold UNION ALL SELECT 'article', "
             "article_id, day, units FROM sold) AS x GROUP BY ALL HAVING sum(units) > 0 "
             "ORDER BY level, series, day;"
             "CREATE TABLE b_articles AS SELECT *, 'T' AS type FROM articles;"
             "CREATE TABLE weekly_sales AS SELECT level, series, CAST(date_trunc('week', day) AS "
             "DATE) AS week, sum(units) AS units, CAST(10 AS DOUBLE) AS avg_price FROM d_sales "
             "GROUP BY ALL");
    err e = {0};
    check_ok(work_windows(&w, &e), &e);
    return w;
}

static int find(const forecast_panel *p, const char *level, const char *series) {
    for (int i = 0; i < p->n; i++)
        if (slice_is(p->level[i], level) && slice_is(p->series[i], series)) return i;
    check(false);
    return -1;
}

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, (size_t)64 << 20, 1 << 20, &e), &e);
}

CHECK(forecast_panel_cuts_whole_weeks_before_and_after_the_origin) {
    scope s;
    open(&s);
    err e = {0};
    work w = planted(&s, "forecast-panel", 1);
    forecast_panel p;
    check_ok(forecast_panel_load(&w, w.days.test_from, 4, &s.keep, &p, &e), &e);
    check(p.n == 6 && p.full == 6 && p.weeks_known == 126);
    check(slice_is(p.level[0], "total"));
    int a = find(&p, "article", "A"), b = find(&p, "article", "B");
    check(slice_is(p.name[a], "Anorak") && slice_is(p.name[find(&p, "article", "C")], "C"));
    check(p.weeks[a] == 126 && p.y[a][0] == 70 && p.y[a][125] == 70);
    check(p.y[b][109] == 14 && p.y[b][110] == 42); /* since week -16 of the test's origin */
    check(p.actual[a * 4] == 70 && p.actual[b * 4 + 3] == 42);
    /* Coats: A and B have its factors, theirs end where its weeks end; C has those of Caps */
    int coats = find(&p, "category", "Coats"), caps = find(&p, "category", "Caps");
    check(p.factor[a] == p.factor[coats] && p.factor[b] == p.factor[coats]);
    int c = find(&p, "article", "C");
    check(p.factor[c] + p.weeks[c] == p.factor[caps] + p.weeks[caps]);
    /* three days later no week is whole at the old borders: the sums move, nothing is lost */
    forecast_panel late;
    check_ok(forecast_panel_load(&w, w.days.test_from + 3, 1, &s.keep, &late, &e), &e);
    check(late.weeks_known == 126 && late.y[b][110] == 3 * 6 + 4 * 6);
    check(late.y[b][109] == 4 * 2 + 3 * 6);
    scope_close(&s);
}

CHECK(forecast_policies_meet_planted_truths) {
    scope s;
    open(&s);
    err e = {0};
    work w = planted(&s, "forecast-planted", 2);
    forecast_panel p;
    forecast_result r;
    check_ok(forecast_panel_load(&w, w.days.test_from, 4, &s.keep, &p, &e), &e);
    forecast_policy policy = FORECAST_POLICY;
    forecast_panel_run(&w, &p, policy, &s.keep, &r);
    int a = find(&p, "article", "A"), b = find(&p, "article", "B"), c = find(&p, "article", "C");
    for (int h = 0; h < 4; h++) {
        check_near(r.mean[a * 4 + h], 70, 1e-6); /* constant: exact but for rounding */
        check_near(r.mean[b * 4 + h], 42, 1);    /* the level since 16 weeks; 1: 2 % */
        check_near(r.mean[c * 4 + h], p.actual[c * 4 + h], 1e-9); /* last year's week */
    }
    check(r.told[c].kind == FORECASTER_SNAIVE);
    check_near(r.total[a], 280, 1e-5);
    policy = forecast_everywhere(policy, FORECASTER_MEAN, false), policy.window = 32;
    forecast_panel_run(&w, &p, policy, &s.keep, &r);
    check_near(r.mean[b * 4], (16 * 14 + 16 * 42) / 32.0, 1e-9);
    scope_close(&s);
}

CHECK(forecast_knows_nothing_of_later_days) {
    scope s;
    open(&s);
    err e = {0};
    work w = planted(&s, "forecast-leak", 1);
    forecast_panel p[2];
    forecast_result r[2];
    forecast_policy policy = FORECAST_POLICY;
    for (int i = 0; i < 2; i++) {
        check_ok(forecast_panel_load(&w, w.days.test_from, 4, &s.keep, &p[i], &e), &e);
        forecast_panel_run(&w, &p[i], policy, &s.keep, &r[i]);
        shop_sql(&w, "INSERT INTO d_sales SELECT level, series, day, 1000, avg_price "
                     "FROM d_sales WHERE day >= DATE '2023-12-04'");
    }
    size_t bytes = sizeof(double) * (size_t)(p[0].n * 4);
    check(p[0].n == p[1].n && memcmp(r[0].mean, r[1].mean, bytes) == 0);
    check(memcmp(r[0].low, r[1].low, bytes) == 0 && memcmp(r[0].high, r[1].high, bytes) == 0);
    check(p[0].actual[0] != p[1].actual[0]);
    scope_close(&s);
}

CHECK(forecast_is_the_same_for_any_thread_count) {
    once_is_enough();
    static const int threads[] = {1, 2, 8};
    scope s;
    open(&s);
    err e = {0};
    forecast_result r[3];
    forecast_panel p;
    forecast_policy blend = {.window = 8, .trend = true};
    blend = forecast_everywhere(blend, FORECASTER_BLEND, true);
    for (int i = 0; i < 3; i++) {
        work w = planted(&s, arena_text(&s.keep, "forecast-threads-%d", i), threads[i]);
        check_ok(forecast_panel_load(&w, w.days.end, 4, &s.keep, &p, &e), &e);
        forecast_panel_run(&w, &p, blend, &s.keep, &r[i]);
        size_t bytes = sizeof(double) * (size_t)(p.n * 4);
        check(memcmp(r[0].mean, r[i].mean, bytes) == 0);
        check(memcmp(r[0].low, r[i].low, bytes) == 0);
        check(memcmp(r[0].high, r[i].high, bytes) == 0);
        check(memcmp(r[0].total, r[i].total, sizeof(double) * (size_t)p.n) == 0);
    }
    scope_close(&s);
}

static double number(const js_node *n, const char *key) {
    double x = NAN;
    js_real(js_get(n, key), &x);
    return x;
}

/* B broke on 2023-08-14, from 14 to 42 a week; C goes up and down; A has nothing. */
static void check_parts_of_planted(const js_node *top) {
    int seen = 0;
    for (int64_t i = 0; i < js_count(top); i++) {
        slice series, said, week;
        const js_node *found = js_get(js_at(top, i), "detections");
        check(js_text(js_get(js_at(top, i), "series"), &series));
        const js_node *breaks = js_get(found, "breaks"), *seasons = js_get(found, "seasons");
        check(js_text(js_get(found, "sentence"), &said) && number(found, "weeks") > 100);
        if (slice_is(series, "A")) {
            check(js_count(breaks) == 0 && js_count(seasons) == 0);
            seen++;
            check_text(said, "Sales show no season. They show no trend beyond chance.");
        } else if (slice_is(series, "B")) {
            check(js_count(breaks) == 1 && js_count(seasons) == 0);
            seen++;
            check(js_text(js_get(js_at(breaks, 0), "week"), &week));
            check_text(week, "2023-08-14");
            check_near(number(js_at(breaks, 0), "before"), 14, 1e-9);
            check_near(number(js_at(breaks, 0), "after"), 42, 1e-9);
            check_has(said, "broke in the week of 2023-08-14: 14.0 a week before, 42.0 after.");
        } else if (slice_is(series, "C")) { /* 37 k mod 52: up and down every seven weeks */
            check(js_count(seasons) == 1 && number(js_at(seasons, 0), "weeks") == 7);
            check(number(js_at(seasons, 0), "strength") > 0.8);
            seen++;
        }
    }
    check(seen == 3);
}

CHECK(forecast_family_tunes_judges_and_publishes) {
    scope s;
    open(&s);
    err e = {0};
    work w = planted(&s, "forecast-family", 2);
    const js_node *trained = run_hook(&w, &s, "06_train", "train.json", family_forecast.train);
    check(js_count(js_get(trained, "validation")) == 5 && number(trained, "series") == 6);
    const js_node *tuned = run_hook(&w, &s, "07_tune", "tune.json", family_forecast.tune);
    slice model, said;
    check(js_text(js_at(js_at(js_get(js_get(tuned, "best"), "models"), 0), 0), &model));
    const js_node *judged =
        run_hook(&w, &s, "08_evaluate", "evaluation.json", family_forecast.evaluate);
    const js_node *served = js_at(js_get(judged, "models"), 3);
    check(js_text(js_get(served, "role"), &said) && slice_is(said, "served"));
    check(js_text(js_at(js_at(js_get(js_get(served, "parameters"), "models"), 0), 0), &said));
    check(slice_compare(said, model) == 0);
    /* each article follows one model exactly; the total is a sum of three that no one model is */
    const js_node *metrics = js_get(served, "metrics");
    check(number(js_get(metrics, "rmse_article"), "value") < 0.5);
    const js_node *naive = js_get(js_at(js_get(judged, "models"), 0), "metrics");
    check(number(js_get(metrics, "rmse"), "value") < number(js_get(naive, "rmse"), "value") / 2);
    const js_node *parts = js_get(judged, "parts"); /* four weeks ahead, classes, categories */
    check(js_count(parts) >= 2 * 4 + 2 && number(js_at(parts, 0), "n") == 6);
    check(js_text(js_get(js_at(parts, 1), "model"), &said) && slice_is(said, "chosen"));
    check(number(js_at(parts, 1), "value") < number(js_at(parts, 0), "value") / 2);
    /* six series of four weeks; more weeks of an exact model are no worse */
    const js_node *c = js_get(judged, "calibration"), *l = js_get(judged, "learning");
    check(js_count(c) == 2 && js_count(l) >= 3);
    check(number(js_at(c, 0), "n") + number(js_at(c, 1), "n") == 6 * 4);
    const js_node *all = js_at(l, js_count(l) - 1);
    check(number(all, "at") == number(js_get(judged, "data"), "weeks_before"));
    check(number(all, "value") <= number(js_at(l, 0), "value"));
    check(js_text(js_get(judged, "verdict"), &said));
    check_has(said, "better than seasonal naive");
    run_hook(&w, &s, "09_insight", "insight.json", family_forecast.insight);
    const js_node *home = run_hook(&w, &s, "10_serve", "home.json", family_forecast.publish);
    check(js_count(js_get(js_get(home, "chart"), "x")) == 30);
    slice bytes;
    const char *tile = work_path(&w, &s.keep, "09_insight", "forecasts.json");
    check_ok(file_read(tile, &s, 1 << 20, &bytes, &e), &e);
    const js_node *root = js_parse(&s, bytes, &e);
    check(js_count(js_get(root, "top")) == 6);
    check_parts_of_planted(js_get(root, "top"));
    const char *alerts = work_path(&w, &s.keep, "09_insight", "alerts.json");
    check_ok(file_read(alerts, &s, 1 << 20, &bytes, &e), &e);
    /* A: 28 counted yesterday, 10 sold since; in 9 - 1 days 80 are wanted; B and C have plenty */
    check_has(bytes, "\"id\":\"stock_out/A\"");
    check_has(bytes, "18 on hand last about 2 days at 70.0 a week; goods can be here in 8 days");
    check(!memmem(bytes.p, bytes.n, "stock_out/B", 11));
    const js_node *coherence = js_get(judged, "coherence"), *coverage = js_get(judged, "coverage");
    check(js_count(js_get(coherence, "levels")) == 3 && js_get(coherence, "method"));
    check(js_count(js_get(coverage, "steps")) == 4 && number(coverage, "origins") == 3);
    check(number(js_get(judged, "guards"), "not_finite") == 0);
    check(number(js_get(judged, "stock_out_alerts"), "origins") == 3 ||
          !js_get(judged, "stock_out_alerts")); /* the count is younger than the test */
    const store *m = store_open(&s, work_path(&w, &s.keep, "10_serve", "forecast.atm"),
                                "forecast", &e);
    int64_t rows, cols;
    check(m && store_texts(m, "series") == 6);
    const float *history = store_get(m, "history", STORE_F32, &rows, &cols);
    check(history && rows == 6 && cols == 104);
    const int32_t *start = store_get(m, "start", STORE_I32, &rows, &cols);
    check(start && start[0] == w.days.end);
    const float *mean = store_get(m, "mean", STORE_F32, &rows, &cols);
    check(mean && cols == 4);
    scope_close(&s);
}

CHECK(forecast_family_says_what_is_missing) {
    scope s;
    open(&s);
    work w = planted(&s, "forecast-empty", 1);
    shop_sql(&w, "DELETE FROM d_sales; DELETE FROM stock");
    slice why;
    const js_node *judged =
        run_hook(&w, &s, "08_evaluate", "evaluation.json", family_forecast.evaluate);
    check(js_text(js_get(judged, "skipped"), &why));
    check_has(why, "no sales");
    const js_node *home = run_hook(&w, &s, "10_serve", "home.json", family_forecast.publish);
    check(js_text(js_get(home, "skipped"), &why));
    err e = {0};
    slice bytes;
    run_hook(&w, &s, "09_insight", "insight.json", family_forecast.insight);
    const char *tile = work_path(&w, &s.keep, "09_insight", "alerts.json");
    check_ok(file_read(tile, &s, 1 << 20, &bytes, &e), &e);
    check_has(bytes, "A stock file");
    shop_sql(&w, "UPDATE windows SET to_day = from_day + 2 WHERE name = 'test'");
    judged = run_hook(&w, &s, "08_evaluate", "evaluation.json", family_forecast.evaluate);
    check(js_text(js_get(judged, "skipped"), &why));
    check_has(why, "shorter than");
    scope_close(&s);
}
