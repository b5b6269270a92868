/* pipeline_stock_outs: weeks without goods in the history of a planted shop. */
#include "check.h"

#include <string.h>

#include "pipeline/forecast_panel.h"
#include "shop.h"

/* 40 weeks before 2024-01-01, counted every Monday. A sells two a day, but for the week of
 * 2023-10-02 (nothing there, -13) and that of 2023-11-06 (five counted: the third sale of that
 * Wednesday could not be, -8). B sells one a day until 2023-07-31 and is counted as 0 from then on
 * for twelve weeks, then sells again. C is never counted and sold nothing in one week. D sells two
 * a day; one week it has 4 counted and goods come on Friday. */
static work planted(scope *s, const char *name) {
    err e = {0};
    work w = shop_open(s, name, 1);
    shop_sql(&w, "%s",
             "CREATE TABLE windows AS SELECT * FROM (VALUES "
             "('train', DATE '2023-03-27', DATE '2023-11-06'), "
             "('valid', DATE '2023-11-06', DATE '2023-12-04'), "
             "('test', DATE '2023-12-04', DATE '2024-01-01')) AS t(name, from_day, to_day);"
             "CREATE TABLE articles AS SELECT * FROM (VALUES (0, 'A', 'Anorak', 'Coats'), "
             "(1, 'B', 'Blazer', 'Coats'), (2, 'C', NULL, 'Caps'), (3, 'D', NULL, 'Caps')) "
             "AS t(article, article_id, name, category);"
             "CREATE TABLE days AS SELECT CAST(range AS DATE) AS day FROM range(DATE "
             "'2023-03-27', DATE '2024-01-01', INTERVAL 1 DAY);"
             "CREATE TABLE stock AS SELECT day, article, CASE WHEN article = 0 AND day = DATE "
             "'2023-10-02' THEN 0 WHEN article = 0 AND day = DATE '2023-11-06' THEN 5 "
             "WHEN article = 1 AND day >= DATE '2023-07-31' AND day < DATE '2023-10-23' THEN 0 "
             "WHEN article = 3 AND day = DATE '2023-11-13' THEN 4 ELSE 99 END AS on_hand, "
             "1 AS src_file, CAST(1 AS BIGINT) AS src_line FROM days, articles "
             "WHERE (day - DATE '2023-03-27') % 7 = 0 AND article <> 2;"
             "CREATE TABLE sold AS SELECT article_id, category, day, CASE "
             "WHEN article_id = 'A' AND day >= DATE '2023-10-02' AND day < DATE "
             "'2023-10-09' THEN 0 "
             "WHEN article_id = 'A' AND day = DATE '2023-11-08' THEN 1 "
             "WHEN article_id = 'A' AND day > DATE '2023-11-08' AND day < DATE '2023-11-13' THEN 0 "
             "WHEN article_id = 'B' AND day >= DATE '2023-07-31' AND day < DATE "
             "'2023-10-23' THEN 0 "
             "WHEN article_id = 'C' AND day >= DATE '2023-11-13' AND day < DATE "
             "'2023-11-20' THEN 0 "
             "WHEN article_id = 'D' AND day >= DATE '2023-11-15' AND day < DATE "
             "'2023-11-17' THEN 0 "
             "WHEN article_id IN ('A', 'D') THEN 2 ELSE 1 END AS units FROM articles, days;"
             "CREATE TABLE d_sales AS SELECT level, series, day, CAST(sum(units) AS BIGINT) AS "
             "units, CAST(10 AS DECIMAL(18,6)) AS avg_price FROM (SELECT 'total' AS level, 'total' "
             "AS series, day, units FROM sold UNION ALL SELECT 'category', category, day, units "
             "FROM sold UNION ALL SELECT 'article', article_id, day, units FROM sold) AS x "
             "GROUP BY ALL HAVING sum(units) > 0 ORDER BY level, series, day");
    check_ok(work_windows(&w, &e), &e);
    return w;
}

static int find(const forecast_panel *p, const char *level, const char *series) {
    for (int i = 0; i < p->n; i++)
        if (slice_is(p->level[i], level) && slice_is(p->series[i], series)) return i;
    check(false);
    return -1;
}

/* Week `back` before the origin: units asked for and sold. */
static double asked(const forecast_panel *p, int i, int back) {
    return p->y[i][p->weeks[i] - back];
}
static double sold(const forecast_panel *p, int i, int back) {
    return p->sold[i][p->weeks[i] - back];
}

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, (size_t)64 << 20, 1 << 20, &e), &e);
}

CHECK(stock_outs_are_no_weeks_without_demand) {
    scope s;
    open(&s);
    err e = {0};
    forecast_panel p;
    work w = planted(&s, "stock-outs");
    check_ok(forecast_panel_load(&w, w.days.end, 4, &s.keep, &p, &e), &e);
    int a = find(&p, "article", "A"), b = find(&p, "article", "B"), c = find(&p, "article", "C");
    int d = find(&p, "article", "D"), coats = find(&p, "category", "Coats");
    check(p.sold_out[a] == 2 && p.sold_out[b] == 0 && p.sold_out[c] == 0);
    /* nothing there: 14 a week on the shelf, by 11 whole weeks of the twelve about it and the 2.5
     * days of the other, which sold 5 */
    check(sold(&p, a, 13) == 0);
    check_near(asked(&p, a, 13), (11 * 14 + 5) / (11 + 2.5 / 7), 1e-12);
    /* sold out on Wednesday: 4.5 of 7 days are added */
    check(sold(&p, a, 8) == 5);
    check_near(asked(&p, a, 8), 5 + 4.5 / 7 * (11 * 14 + 5) / (11 + 2.5 / 7), 1e-12);
    check(asked(&p, a, 7) == 14 && sold(&p, a, 7) == 14);
    /* twelve weeks without goods are no stock-out; a week without a sale and a count is nothing */
    check(asked(&p, b, 15) == 0 && asked(&p, c, 7) == 0);
    /* 4 counted were gone on Tuesday evening; Friday's sale shows that goods had come */
    check(p.sold_out[d] == 1 && sold(&p, d, 7) == 10);
    check_near(asked(&p, d, 7), 10 + 2.5 / 7 * (12 * 14 + 10) / (12 + 4.5 / 7), 1e-12);
    /* the category and the total are the sums of their articles still */
    for (int back = 1; back <= 40; back++) {
        check_near(asked(&p, coats, back), asked(&p, a, back) + asked(&p, b, back), 1e-9);
        double all = 0;
        for (int i = forecast_panel_upper(&p); i < p.rest; i++) all += asked(&p, i, back);
        check_near(asked(&p, 0, back), all, 1e-9);
    }
    check(p.filled_weeks == 3 && p.rest == p.n);
    check_near(p.filled, asked(&p, a, 13) + asked(&p, a, 8) - 5 + asked(&p, d, 7) - 10, 1e-9);
    scope_close(&s);
}

/* Thirteen weeks of which two were sold out, one wholly: 14 a week are foretold, not 12.2. */
CHECK(stock_outs_do_not_lower_the_forecast) {
    scope s;
    open(&s);
    err e = {0};
    forecast_panel p;
    forecast_result r;
    forecast_policy policy = FORECAST_POLICY;
    policy = forecast_everywhere(policy, FORECASTER_MEAN, false);
    policy.method = FORECAST_AS_THEY_ARE;
    work w = planted(&s, "stock-outs-forecast");
    w.threads = pool_open(1, (size_t)64 << 20, &e);
    check(w.threads != NULL);
    for (int with = 1; with >= 0; with--) {
        if (!with) shop_sql(&w, "DELETE FROM stock");
        check_ok(forecast_panel_load(&w, w.days.end, 4, &s.keep, &p, &e), &e);
        forecast_panel_run(&w, &p, policy, &s.keep, &r);
        /* 1 %: a rate about a week is not exactly that of all weeks */
        double wanted = with ? 4 * 14 : 4 * (11 * 14 + 5) / 13.0;
        check_near(r.total[find(&p, "article", "A")], wanted, 0.01 * wanted);
        check((p.filled_weeks > 0) == with);
    }
    pool_close(w.threads);
    scope_close(&s);
}

CHECK(stock_outs_know_nothing_of_later_days) {
    scope s;
    open(&s);
    err e = {0};
    forecast_panel early, late;
    work w = planted(&s, "stock-outs-later");
    check_ok(forecast_panel_load(&w, w.days.test_from, 4, &s.keep, &early, &e), &e);
    shop_sql(&w, "%s",
             "UPDATE stock SET on_hand = 0 WHERE day >= DATE '2023-12-04';"
             "DELETE FROM d_sales WHERE day >= DATE '2023-12-11'");
    check_ok(forecast_panel_load(&w, w.days.test_from, 4, &s.keep, &late, &e), &e);
    check(early.n == late.n && early.filled_weeks == 3);
    for (int i = 0; i < early.n; i++)
        check(early.weeks[i] == late.weeks[i] &&
              memcmp(early.y[i], late.y[i], sizeof(double) * (size_t)early.weeks[i]) == 0);
    scope_close(&s);
}
