/* pipeline_alerts: a planted shop's alerts, what a run remembers, and the demo's stock-outs. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo_shop.h"
#include "pipeline/forecast_alerts.h"
#include "pipeline/forecast_parts.h"
#include "shop.h"

static void close_pool(void *what) { pool_close(what); }

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, (size_t)512 << 20, (size_t)64 << 20, &e), &e);
}

static work open_work(scope *s, const char *name, int threads) {
    err e = {0};
    work w = shop_open(s, name, threads);
    w.threads = pool_open(threads, (size_t)64 << 20, &e);
    check(w.threads != NULL);
    scope_defer(s, close_pool, w.threads);
    return w;
}

/* 60 weeks before 2024-01-01. A and B sell 3 a day and are variants of P1, C sells 1 a day, D sold
 * 1 a day until 2023-10-01. Counts at the start of 2023-12-28, four days before the end: A has 15
 * (12 are sold since), B none, C 300, D 40; E was never sold. One of A is of next year. */
static work planted(scope *s, const char *name, int threads) {
    err e = {0};
    work w = open_work(s, name, threads);
    shop_sql(&w, "%s",
             "CREATE TABLE windows AS SELECT * FROM (VALUES "
             "('train', DATE '2022-11-07', DATE '2023-11-06'), "
             "('valid', DATE '2023-11-06', DATE '2023-12-04'), "
             "('test', DATE '2023-12-04', DATE '2024-01-01')) AS t(name, from_day, to_day);"
             "CREATE TABLE articles AS SELECT * FROM (VALUES "
             "(0, 'A', 'Anorak', 'Coats', 'P1'), (1, 'B', 'Blazer', 'Coats', 'P1'), "
             "(2, 'C', NULL, 'Caps', 'P2'), (3, 'D', 'Dress', 'Caps', NULL), "
             "(4, 'E', 'Eternal', 'Caps', NULL)) "
             "AS t(article, article_id, name, category, product_code);"
             "ALTER TABLE articles ADD COLUMN price DECIMAL(18,6) DEFAULT 20;"
             "CREATE TABLE stock AS SELECT * FROM (VALUES "
             "(DATE '2023-12-28', 0, 15, 30, 10), (DATE '2023-12-28', 1, 0, 0, 10), "
             "(DATE '2023-12-28', 2, 300, 0, NULL), (DATE '2023-12-28', 3, 40, 0, 10), "
             "(DATE '2023-11-20', 4, 9, 0, 10), (DATE '2023-12-28', 4, 9, 0, 10), "
             "(DATE '2024-02-01', 0, 999, 0, 10), (DATE '2023-12-27', 0, 999, 0, 10)) "
             "AS t(day, article, on_hand, on_order, lead_time_days);"
             "ALTER TABLE stock ADD COLUMN receipt_date DATE DEFAULT NULL;"
             "ALTER TABLE stock ADD COLUMN src_file INTEGER DEFAULT 1;"
             "ALTER TABLE stock ADD COLUMN src_line BIGINT DEFAULT 1;"
             "CREATE TABLE sold AS SELECT article_id, category, day, CASE article_id WHEN 'C' THEN "
             "1 WHEN 'D' THEN CASE WHEN day < DATE '2023-10-01' THEN 1 ELSE 0 END ELSE 3 END AS "
             "units FROM articles, (SELECT CAST(range AS DATE) AS day FROM range(DATE "
             "'2022-11-07', DATE '2024-01-01', INTERVAL 1 DAY)) AS days WHERE article_id <> 'E';"
             "CREATE TABLE d_sales AS SELECT level, series, day, CAST(sum(units) AS BIGINT) AS "
             "units, CAST(10 AS DECIMAL(18,6)) AS avg_price FROM (SELECT 'total' AS level, 'total' "
             "AS series, day, units FROM sold UNION ALL SELECT 'category', category, day, units "
             "FROM sold UNION ALL SELECT 'article', article_id, day, units FROM sold) AS x "
             "GROUP BY ALL HAVING sum(units) > 0 ORDER BY level, series, day");
    check_ok(work_windows(&w, &e), &e);
    return w;
}

/* Forecasts the shop at `day` by window means and finds its alerts. */
static forecast_alerts alerts_of(work *w, scope *s, int32_t day, const forecast_open *before) {
    err e = {0};
    forecast_panel p;
    forecast_result r;
    forecast_alerts a;
    forecast_factors f = {.horizon = 4};
    forecast_policy policy = FORECAST_POLICY;
    policy = forecast_everywhere(policy, FORECASTER_MEAN, false), policy.window = 8;
    check_ok(forecast_panel_load(w, day, 4, &s->keep, &p, &e), &e);
    forecast_panel_run(w, &p, policy, &s->keep, &r);
    check_ok(forecast_alerts_load(w, &p, s, &a, &e), &e);
    forecast_alerts_find(w, &p, &r, &f, before, s, &a);
    return a;
}

/* The elasticity of the category where its interval lies below zero, else of all, else none. */
CHECK(alerts_cut_prices_by_the_shops_own_elasticity) {
    scope s;
    open(&s);
    insight_price caps = {.category = SLICE("Caps"), .elasticity = -3, .se = 0.5};
    insight_prices prices = {.elasticity = -1.5, .se = 0.1, .n = 1, .category = &caps};
    columns facts = columns_new(&s.keep, 1, (const char *const[]){"category"},
                                (const column_type[]){COLUMN_TEXT}, 2);
    facts.at[0].text[0] = SLICE("Caps"), facts.at[0].text[1] = SLICE("Coats");
    forecast_alerts a = {.facts = facts, .prices = &prices};
    double own;
    check(strcmp(forecast_alerts_elasticity(&a, 0, &own), "category") == 0 && own == -3);
    check(strcmp(forecast_alerts_elasticity(&a, 1, &own), "shop") == 0 && own == -1.5);
    caps.se = 1.6; /* -3 + 1.96 * 1.6 is above zero */
    check(strcmp(forecast_alerts_elasticity(&a, 0, &own), "shop") == 0 && own == -1.5);
    prices.refused = "too few";
    check(strcmp(forecast_alerts_elasticity(&a, 0, &own), "assumed") == 0 && own == 0);
    a.prices = NULL;
    check(strcmp(forecast_alerts_elasticity(&a, 0, &own), "assumed") == 0 && own == 0);
    scope_close(&s);
}

static const alert *find(const forecast_alerts *a, alert_type t, const char *article) {
    for (int64_t i = 0; i < a->n; i++)
        if (a->at[i].type == t &&
            slice_is(columns_text(&a->facts, "article_id")[a->row[i]], article))
            return &a->at[i];
    return NULL;
}

CHECK(alerts_of_a_planted_shop) {
    scope s;
    open(&s);
    work w = planted(&s, "alerts-planted", 1);
    forecast_alerts a = alerts_of(&w, &s, w.days.end, NULL);
    check(a.counted == 5 && a.facts.rows == 5);
    /* A: 3 left of 15, and the receipt of what is on order 10 - 4 days away: 18 are wanted */
    const alert *one = find(&a, ALERT_STOCK_OUT, "A");
    check(one && one->probability > 0.99);
    check_near(one->units, 15, 0.1);
    check_near(one->money, 15 * 10 * 0.6, 1);
    /* B: sold out, 3 a day wanted for the 10 days until goods can come; nothing on order */
    one = find(&a, ALERT_STOCK_OUT, "B");
    check(one && one->cover_days == 0);
    check_near(one->units, 30, 0.1);
    check(one->order >= 51 && one->order < 60); /* 17 days of 3 and what pays above them */
    one = find(&a, ALERT_BROKEN, "B"); /* half of P1 */
    check(one && fabs(one->probability - 0.5) < 0.01);
    /* C: 300 less 4 for 182 days of one a day */
    one = find(&a, ALERT_OVERSTOCK, "C");
    check(one != NULL);
    check_near(one->units, 296 - 182, 1);
    check(!find(&a, ALERT_STOCK_OUT, "C") && !find(&a, ALERT_REORDER, "C"));
    check(find(&a, ALERT_DEAD, "D") && find(&a, ALERT_DEAD, "D")->units == 40);
    check(find(&a, ALERT_DEAD, "E") && !find(&a, ALERT_OVERSTOCK, "E")); /* never sold since Nov. */
    for (int64_t i = 1; i < a.n; i++) check(a.at[i].money <= a.at[i - 1].money);
    scope_close(&s);
}

/* Writes alerts.json of a day as step 09 would, by window means. */
static slice run_day(work *w, scope *s, int32_t end) {
    err e = {0};
    slice bytes;
    w->days.end = end;
    folder *f = folder_begin(s, w->out, "09_insight", &e);
    check(f != NULL);
    const forecast_open *before = forecast_open_read(w, s);
    forecast_alerts a = alerts_of(w, s, end, before);
    check_ok(forecast_alerts_write(w, f, &a, before, s, &e), &e);
    folder_key key = {.seed = 1};
    check_ok(folder_commit(f, &key, &e), &e);
    const char *file = work_path(w, &s->keep, "09_insight", "alerts.json");
    check_ok(file_read(file, s, 1 << 20, &bytes, &e), &e);
    return bytes;
}

static const js_node *entry(const js_node *root, const char *id) {
    const js_node *list = js_get(root, "alerts");
    slice said;
    for (int64_t i = 0; i < js_count(list); i++)
        if (js_text(js_get(js_at(list, i), "id"), &said) && slice_is(said, id))
            return js_at(list, i);
    return NULL;
}

CHECK(alerts_remember_what_was_open_and_a_rerun_does_not_change_them) {
    scope s;
    open(&s);
    err e = {0};
    work w = planted(&s, "alerts-memory", 2);
    int32_t end = w.days.end;
    slice first = run_day(&w, &s, end - 3), said;
    const js_node *root = js_parse(&s, first, &e), *b = entry(root, "stock_out/B");
    bool fresh;
    check(b && js_bool(js_get(b, "new"), &fresh) && fresh);
    check(js_text(js_get(b, "since"), &said) && slice_is(said, "2023-12-29"));
    check(js_text(js_get(b, "action"), &said));
    check_has(said, "Order ");
    check_has(first, "\"before\":{\"as_of\":null,\"open\":[]}");
    slice second = run_day(&w, &s, end), again = run_day(&w, &s, end);
    check(slice_compare(second, again) == 0);
    b = entry(js_parse(&s, second, &e), "stock_out/B");
    check(b && js_bool(js_get(b, "new"), &fresh) && !fresh);
    check(js_text(js_get(b, "since"), &said) && slice_is(said, "2023-12-29"));
    check_has(second, "\"before\":{\"as_of\":\"2023-12-29\"");
    slice back = run_day(&w, &s, end - 3); /* of an earlier day: what came later is not known */
    check(slice_compare(back, first) == 0);
    scope_close(&s);
}

CHECK(alerts_of_a_shop_without_stock_say_what_it_would_add) {
    scope s;
    open(&s);
    work w = planted(&s, "alerts-nostock", 1);
    shop_sql(&w, "DELETE FROM stock");
    slice json = run_day(&w, &s, w.days.end);
    check_has(json, "A stock file (time, article_id, on_hand");
    check_has(json, "\"counted\":0");
    shop_sql(&w, "DELETE FROM d_sales");
    json = run_day(&w, &s, w.days.end);
    check_has(json, "\"total\":0,\"alerts\":[]");
    scope_close(&s);
}

CHECK(alerts_are_the_same_for_any_thread_count) {
    static const int threads[] = {1, 2, 8};
    scope s;
    open(&s);
    slice first = {0};
    for (int i = 0; i < 3; i++) {
        work w = planted(&s, arena_text(&s.keep, "alerts-threads-%d", i), threads[i]);
        slice json = run_day(&w, &s, w.days.end);
        if (i == 0) first = json;
        check(json.n == first.n && memcmp(json.p, first.p, json.n) == 0);
    }
    scope_close(&s);
}

/* ---- the demo shop's stock-outs ---- */

static const char demo_sql[] =
    "CREATE TABLE windows AS SELECT * FROM (VALUES "
    "('train', DATE '2023-10-02', DATE '2025-08-04'), ('valid', DATE '2025-08-04', "
    "DATE '2025-09-01'), ('test', DATE '2025-09-01', DATE '2025-09-29')) "
    "AS t(name, from_day, to_day);"
    "CREATE TABLE articles AS SELECT CAST(row_number() OVER (ORDER BY article_id) AS INTEGER) AS "
    "article, article_id, any_value(prod_name) AS name, any_value(product_group_name) AS category, "
    "any_value(product_code) AS product_code, max(TRY_CAST(price AS DECIMAL(18,6))) AS price "
    "FROM read_csv('build/tests-tmp/demo-truth/a.csv', header = true, all_varchar = true, "
    "delim = ',', quote = '\"', escape = '\"') WHERE article_id <> '' GROUP BY article_id;"
    "CREATE TABLE stock AS SELECT CAST(s.time AS DATE) AS day, a.article, CAST(s.on_hand AS "
    "INTEGER) AS on_hand, CAST(s.on_order AS INTEGER) AS on_order, CAST(s.lead_time_days AS "
    "INTEGER) AS lead_time_days, TRY_CAST(s.receipt_date AS DATE) AS receipt_date, "
    "1 AS src_file, row_number() OVER () AS src_line FROM "
    "read_csv('build/tests-tmp/demo-truth/s.csv', header = true, all_varchar = true, delim = ',', "
    "quote = '\"', escape = '\"') s JOIN articles a ON a.article_id = s.article_id WHERE "
    "TRY_CAST(s.on_hand AS INTEGER) IS NOT NULL AND TRY_CAST(s.time AS DATE) IS NOT NULL;"
    "CREATE TABLE sold AS SELECT CAST(t_dat AS DATE) AS day, article_id, CAST(price AS DOUBLE) AS "
    "price FROM read_csv('build/tests-tmp/demo-truth/t.csv', header = true, all_varchar = true, "
    "delim = ',', quote = '\"', escape = '\"') WHERE TRY_CAST(t_dat AS DATE) <= DATE '2025-09-28' "
    "AND TRY_CAST(price AS DOUBLE) BETWEEN 0 AND 1e6 AND length(customer_id) = 64;"
    "CREATE TABLE d_sales AS SELECT 'article' AS level, article_id AS series, day, count(*) AS "
    "units, max(price) AS avg_price FROM sold GROUP BY ALL UNION ALL SELECT 'category', "
    "a.category, s.day, count(*), 1 FROM sold s JOIN articles a ON a.article_id = s.article_id "
    "GROUP BY ALL UNION ALL SELECT 'total', 'total', day, count(*), 1 FROM sold GROUP BY ALL";

static void put_truth(work *w, scope *s) {
    err e = {0};
    static const char *const names[] = {"article_id", "day", "lost"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_I64};
    const js_node *list = js_get(demo_shop_see()->truth, "stock_outs");
    columns c = columns_new(&s->keep, 3, names, types, js_count(list));
    for (int64_t i = 0; i < c.rows; i++) {
        c.at[0].text[i] = truth_text(js_at(list, i), "article_id");
        c.at[1].text[i] = truth_text(js_at(list, i), "from");
        c.at[2].i64[i] = truth_int(js_at(list, i), "units_lost");
    }
    check(c.rows > 50);
    check_ok(db_put(w->d, "planted", &c, &e), &e);
}

/* The counted articles of a day as a table: id, days until goods can come, had an alert. */
static void put_called(work *w, const forecast_alerts *a, scope *s) {
    err e = {0};
    static const char *const names[] = {"article_id", "days", "called"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_I32, COLUMN_I32};
    columns c = columns_new(&s->keep, 3, names, types, a->facts.rows);
    for (int64_t i = 0; i < a->facts.rows; i++) {
        c.at[0].text[i] = columns_text(&a->facts, "article_id")[i];
        c.at[1].i32[i] = (int32_t)ceil(alert_wait(&a->item[i], a->params));
        if (!a->item[i].stocked) c.at[1].i32[i] = -1;
    }
    for (int64_t i = 0; i < a->n; i++)
        if (a->at[i].type == ALERT_STOCK_OUT) c.at[2].i32[a->row[i]] = 1;
    check_ok(db_put(w->d, "called", &c, &e), &e);
}

/* Every third Monday of the last year: which of the articles that somebody
 * wanted in vain before goods could come had an alert, and which alerts came true. Who is not
 * counted again was taken off sale: nobody can know. Alerts begin at one expected unit, so two lost
 * ones count as an event. */
CHECK(alerts_find_the_demo_shops_stock_outs) {
    scope s;
    open(&s);
    err e = {0};
    double called = 0, right = 0, wanted = 0, met = 0;
    demo_shop_see();
    work w = open_work(&s, "alerts-demo", 2);
    shop_sql(&w, "%s", demo_sql);
    check_ok(work_windows(&w, &e), &e);
    put_truth(&w, &s);
    for (int back = 2; back <= 52; back += 3) {
        scope own;
        columns c;
        open(&own);
        int32_t day = w.days.end - 7 * back;
        const char *from = day_text(&own.keep, day);
        forecast_alerts a = alerts_of(&w, &own, day, NULL);
        put_called(&w, &a, &own);
        check_ok(db_query(w.d, &own.keep, &c, &e,
                          "WITH met AS (SELECT c.article_id, c.called, coalesce(sum(p.lost), 0) AS "
                          "lost FROM called c LEFT JOIN planted p ON p.article_id = c.article_id "
                          "AND CAST(p.day AS DATE) >= DATE '%s' AND CAST(p.day AS DATE) < DATE "
                          "'%s' + c.days WHERE c.days >= 0 AND c.article_id IN (SELECT "
                          "a.article_id FROM stock s JOIN articles a ON a.article = s.article "
                          "WHERE s.day >= DATE '%s') GROUP BY ALL) SELECT "
                          "CAST(count(*) FILTER (WHERE called = 1) AS DOUBLE) AS called, "
                          "CAST(count(*) FILTER (WHERE called = 1 AND lost > 0) AS DOUBLE) AS "
                          "good, CAST(count(*) FILTER (WHERE lost > 1) AS DOUBLE) AS wanted, "
                          "CAST(count(*) FILTER (WHERE called = 1 AND lost > 1) AS DOUBLE) AS met "
                          "FROM met", from, from, from), &e);
        called += columns_real(&c, "called")[0], right += columns_real(&c, "good")[0];
        wanted += columns_real(&c, "wanted")[0], met += columns_real(&c, "met")[0];
        scope_close(&own);
    }
    if (getenv("VERBOSE"))
        printf("called %g right %g wanted %g met %g\n", called, right, wanted, met);
    check(called >= 10 && wanted >= 10);
    check(right >= 0.7 * called); /* floors: 9 of 10, by means of eight weeks */
    check(met >= 0.4 * wanted);   /* 9 of 18 */
    scope_close(&s);
}

typedef struct wanted {
    int n;               /* weeks foretold */
    double bias, units;  /* foretold less wanted; wanted */
    double lost, missed; /* units lost in sold-out weeks, and absolute errors of what was added */
} wanted;

/* Means of eight weeks against what was wanted (sold and lost) in each of the four weeks after
 * `day` in which an article was on sale, of articles that lost something in the eight weeks before;
 * and what was added to the four weeks before against what they lost. */
static void judge_wanted(work *w, int32_t day, wanted *to) {
    scope s;
    columns c;
    err e = {0};
    forecast_panel p;
    forecast_result r;
    forecast_policy policy = FORECAST_POLICY;
    open(&s);
    const char *from = day_text(&s.keep, day);
    policy = forecast_everywhere(policy, FORECASTER_MEAN, false), policy.window = 8;
    policy.method = FORECAST_AS_THEY_ARE;
    check_ok(db_query(w->d, &s.keep, &c, &e,
                      "WITH lost AS (SELECT article_id, CAST(day AS DATE) AS day, lost FROM "
                      "planted)"
                      ", short AS (SELECT DISTINCT article_id FROM lost WHERE day < DATE '%s' AND "
                      "day >= DATE '%s' - 56) SELECT k.article_id, CAST((k.day - DATE '%s') "
                      "// 7 AS "
                      "INTEGER) AS week, CAST(coalesce(l.lost, 0) AS DOUBLE) AS lost FROM kept k "
                      "JOIN short s ON s.article_id = k.article_id LEFT JOIN lost l ON "
                      "l.article_id = k.article_id AND l.day = k.day WHERE k.day >= DATE '%s' - 28 "
                      "AND k.day < DATE '%s' + 28 ORDER BY 1, "
                      "2", from, from, from, from, from), &e);
    check_ok(forecast_panel_load(w, day, 4, &s.keep, &p, &e), &e);
    forecast_panel_run(w, &p, policy, &s.keep, &r);
    for (int64_t k = 0; k < c.rows; k++)
        for (int i = forecast_panel_upper(&p); i < p.full; i++) {
            if (slice_compare(p.series[i], columns_text(&c, "article_id")[k]) != 0) continue;
            int week = columns_i32(&c, "week")[k], t = p.weeks[i] + week;
            double lost = columns_real(&c, "lost")[k];
            if (week >= 0) {
                double asked = p.actual[i * 4 + week] + lost;
                to->bias += r.mean[i * 4 + week] - asked, to->units += asked, to->n++;
            } else if (t >= 0 && lost > 0) {
                to->lost += lost, to->missed += fabs(p.y[i][t] - p.sold[i][t] - lost);
            }
        }
    scope_close(&s);
}

CHECK(forecasts_after_the_demo_shops_stock_outs_count_what_was_lost) {
    scope s;
    open(&s);
    err e = {0};
    wanted all[2] = {{0}, {0}};
    demo_shop_see();
    work w = open_work(&s, "alerts-censored", 2);
    shop_sql(&w, "%s", demo_sql);
    check_ok(work_windows(&w, &e), &e);
    put_truth(&w, &s);
    shop_sql(&w, "CREATE TABLE kept AS SELECT s.day, a.article_id FROM stock s JOIN articles a "
                 "ON a.article = s.article");
    for (int with = 1; with >= 0; with--) {
        if (!with) shop_sql(&w, "DELETE FROM stock");
        for (int back = 4; back <= 72; back += 8)
            judge_wanted(&w, w.days.end - 7 * back, &all[with]);
    }
    check(all[0].n == all[1].n && all[0].n > 50 && all[0].lost > 100);
    check(all[0].missed == all[0].lost && all[1].missed < 0.75 * all[1].lost);
    check(all[1].bias > all[0].bias + 0.05 * all[0].units);
    scope_close(&s);
}

static double correlation(const double *x, const double *y, int n) {
    double mx = 0, my = 0, xy = 0, xx = 0, yy = 0;
    for (int t = 0; t < n; t++) mx += x[t] / n, my += y[t] / n;
    for (int t = 0; t < n; t++) {
        xy += (x[t] - mx) * (y[t] - my);
        xx += (x[t] - mx) * (x[t] - mx), yy += (y[t] - my) * (y[t] - my);
    }
    return xy / sqrt(xx * yy);
}

/* Two years of weeks of a category: those whose planted season moves sales two to one have a season
 * of a year, and it is like the planted one. */
CHECK(forecast_parts_find_the_demo_shops_seasons) {
    enum { WEEKS = 104 };
    scope s;
    open(&s);
    err e = {0};
    forecast_panel p;
    int strong = 0;
    demo_shop_see();
    work w = open_work(&s, "parts-demo", 2);
    shop_sql(&w, "%s", demo_sql);
    check_ok(work_windows(&w, &e), &e);
    check_ok(forecast_panel_load(&w, w.days.end, 4, &s.keep, &p, &e), &e);
    slice *found = take(&s.keep, slice, p.n);
    forecast_parts(&w, &p, true, &s, found);
    const js_node *all = js_get(demo_shop_see()->truth, "categories");
    for (int64_t k = 0; k < js_count(all); k++) {
        slice name = truth_text(js_at(all, k), "name");
        const js_node *planted_one = js_get(js_at(all, k), "season");
        for (int i = 0; i < forecast_panel_upper(&p); i++) {
            double season[WEEKS], part[WEEKS], high = 0, low = 100;
            if (slice_compare(p.series[i], name) != 0 || p.weeks[i] != WEEKS) continue;
            const js_node *one = js_parse(&s, found[i], &e);
            for (int t = 0; t < WEEKS; t++) {
                check(js_real(js_at(planted_one, t), &season[t]));
                check(js_real(js_at(js_get(one, "season_units"), t), &part[t]));
                high = fmax(high, season[t]), low = fmin(low, season[t]);
            }
            if (high < 2 * low) continue;
            check(truth_int(js_at(js_get(one, "seasons"), 0), "weeks") == 52);
            check(correlation(season, part, WEEKS) > 0.6); /* 0.69 to 0.95 */
            if (getenv("VERBOSE"))
                fprintf(stderr, "season %.*s %.3f\n", (int)name.n, name.p,
                        correlation(season, part, WEEKS));
            strong++;
        }
    }
    check(strong >= 3);
    scope_close(&s);
}
