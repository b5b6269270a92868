/* pipeline_forecast_coherent: forecasts of a planted shop that add up, and intervals that hold. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/forecast_panel.h"
#include "shop.h"

static void close_pool(void *what) { pool_close(what); }

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, (size_t)256 << 20, (size_t)64 << 20, &e), &e);
}

/* 100 weeks before 2024-01-01 from rows (article_id, category, week, units) of `sold_sql`, in which
 * week 0 is the first of them and 96 the first of the test. */
static work planted(scope *s, const char *name, int threads, const char *sold_sql) {
    err e = {0};
    work w = shop_open(s, name, threads);
    w.threads = pool_open(threads, (size_t)64 << 20, &e);
    check(w.threads != NULL);
    scope_defer(s, close_pool, w.threads);
    shop_sql(&w,
             "CREATE TABLE windows AS SELECT * FROM (VALUES "
             "('train', DATE '2022-01-31', DATE '2023-11-06'), "
             "('valid', DATE '2023-11-06', DATE '2023-12-04'), "
             "('test', DATE '2023-12-04', DATE '2024-01-01')) AS t(name, from_day, to_day);"
             "CREATE TABLE sold AS %s;"
             "CREATE TABLE stock (day DATE, article INTEGER, on_hand INTEGER, src_file INTEGER, "
             "src_line BIGINT);"
             "CREATE TABLE articles AS SELECT CAST(row_number() OVER (ORDER BY article_id) AS "
             "INTEGER) AS article, article_id, article_id AS name, category FROM "
             "(SELECT DISTINCT article_id, category FROM sold) AS x;"
             "CREATE TABLE d_sales AS SELECT level, series, day, CAST(sum(units) AS BIGINT) AS "
             "units FROM (SELECT 'total' AS level, 'total' AS series, week, units FROM sold UNION "
             "ALL SELECT 'category', category, week, units FROM sold UNION ALL SELECT 'article', "
             "article_id, week, units FROM sold) AS x, LATERAL (SELECT CAST(DATE '2022-01-31' + "
             "CAST(7 * week AS INTEGER) AS DATE) AS day) AS d GROUP BY ALL HAVING sum(units) > 0 "
             "ORDER BY level, series, day",
             sold_sql);
    check_ok(work_windows(&w, &e), &e);
    return w;
}

/* Coats: A sells 20 a week, and every fourth week begins an article that sells 8 a week for four
 * weeks. Caps: C sells 5 a week. */
static const char launches[] =
    "SELECT 'A' AS article_id, 'Coats' AS category, range AS week, 20 AS units FROM range(100) "
    "UNION ALL SELECT 'C', 'Caps', range, 5 FROM range(100) "
    "UNION ALL SELECT 'N' || (range // 4), 'Coats', range, 8 FROM range(100)";

static int find(const forecast_panel *p, const char *level, const char *series) {
    for (int i = 0; i < p->n; i++)
        if (slice_is(p->level[i], level) && slice_is(p->series[i], series)) return i;
    check(false);
    return -1;
}

CHECK(forecast_panel_expects_what_nobody_knows_yet) {
    scope s;
    open(&s);
    err e = {0};
    work w = planted(&s, "coherent-rest", 1, launches);
    forecast_panel p;
    check_ok(forecast_panel_load(&w, w.days.test_from, 4, &s.keep, &p, &e), &e);
    check(p.rest == p.n - 1); /* Coats has launches, Caps has none */
    int rest = find(&p, "rest", "Coats"), coats = find(&p, "category", "Coats");
    check(p.parent[rest] == coats && p.parent[find(&p, "article", "A")] == coats);
    check(p.parent[find(&p, "article", "C")] == find(&p, "category", "Caps"));
    check(p.parent[coats] == 0 && p.parent[0] == -1);
    for (int h = 0; h < 4; h++) {
        check_near(p.newcomer[h], 8, 1e-12); /* after each of three earlier origins the same */
        check_near(p.actual[rest * 4 + h], 8, 1e-12);
    }
    check_near(p.newcomer_variance[0], 8, 1e-12); /* Poisson's: the three agree */
    scope_close(&s);
}

static void check_adds_up(const forecast_panel *p, const forecast_result *r) {
    for (int i = 0; i < p->n; i++)
        for (int h = 0; h < p->horizon; h++) {
            double sum = 0;
            int parts = 0;
            for (int k = i + 1; k < p->n; k++)
                if (p->parent[k] == i) sum += r->mean[k * p->horizon + h], parts++;
            int at = i * p->horizon + h;
            check(r->mean[at] >= 0 && r->low[at] >= 0 && r->low[at] <= r->high[at]);
            check(r->low95[at] <= r->low[at] && r->high95[at] >= r->high[at]);
            if (parts) check_near(r->mean[at], sum, 1e-9 * fmax(sum, 1)); /* rounding of sums */
        }
}

CHECK(forecast_methods_all_add_up_and_keep_what_is_known) {
    scope s;
    open(&s);
    err e = {0};
    work w = planted(&s, "coherent-methods", 2, launches);
    forecast_panel p;
    forecast_policy policy = FORECAST_POLICY;
    check_ok(forecast_panel_load(&w, w.days.test_from, 4, &s.keep, &p, &e), &e);
    for (int m = 1; m < FORECAST_METHODS; m++) {
        forecast_result r;
        policy.method = (forecast_method)m;
        forecast_panel_run(&w, &p, policy, &s.keep, &r);
        check_adds_up(&p, &r);
        int a = find(&p, "article", "A");
        for (int h = 0; h < 4; h++) {
            /* 20 + 8 + 5; bottom-up has 8 more: no model knows that the youngest has ended. The
             * others lie between the two. */
            if (m == FORECAST_BOTTOM_UP) check_near(r.mean[h], 41, 0.1);
            else if (m == FORECAST_TOP_DOWN) check_near(r.mean[h], 33, 0.1);
            else check(r.mean[h] > 32.9 && r.mean[h] < 41);
            check_near(r.mean[a * 4 + h], 20, 6); /* A is sure, the short-lived ones are not */
        }
    }
    scope_close(&s);
}

/* 80 articles of Poisson-like sales about levels 1 … 40: the number of hashes below a limit. */
static const char noisy[] =
    "SELECT 'K' || a.range AS article_id, 'Cat' || (a.range % 4) AS category, w.range AS week, "
    "(SELECT count(*) FROM range(60) AS d WHERE hash(a.range * 1000003 + w.range * 1009 + d.range) "
    "% 1000 < 17 + 8 * a.range) AS units FROM range(80) AS a, range(100) AS w";

static double inside(const forecast_panel *p, const double *low, const double *high) {
    double in = 0;
    for (int at = 0; at < p->full * p->horizon; at++)
        in += p->actual[at] >= low[at] && p->actual[at] <= high[at];
    return in / (p->full * p->horizon);
}

CHECK(forecast_factors_make_intervals_hold) {
    scope s;
    open(&s);
    err e = {0};
    work w = planted(&s, "coherent-factors", 2, noisy);
    forecast_panel p;
    forecast_result r;
    forecast_factors f;
    forecast_policy policy = FORECAST_POLICY;
    policy = forecast_everywhere(policy, FORECASTER_NAIVE, false); /* too wide: level with noise */
    policy.method = FORECAST_BOTTOM_UP;
    check_ok(forecast_panel_load(&w, w.days.test_from, 4, &s.keep, &p, &e), &e);
    forecast_panel_run(&w, &p, policy, &s.keep, &r);
    double before = inside(&p, r.low, r.high), sd = r.sum_sd[40 * 4 + 3];
    check_ok(forecast_factors_fit(&w, p.origin, 4, policy, &s, &f, &e), &e);
    check(f.origins == 3 && f.articles == 80);
    forecast_factors_apply(&f, &p, &r);
    check(before > 0.9);
    /* 340 weeks: 0.8 +- 0.065 is three standard errors */
    check_near(inside(&p, r.low, r.high), 0.80, 0.065);
    check_near(inside(&p, r.low95, r.high95), 0.95, 0.04);
    check(f.ratio[FORECAST_KINDS > 1 ? 4 + 3 : 0] < 0.8 && r.sum_sd[40 * 4 + 3] < sd);
    double bias = 0, wrong = 0;
    for (int i = 0; i < f.articles; i++) bias += fabs(f.bias[i]), wrong += f.wrong[i];
    check(f.errors[0] == 12 && bias > 0 && bias <= wrong);
    scope_close(&s);
}

CHECK(forecast_factors_and_methods_are_the_same_for_any_thread_count) {
    once_is_enough();
    static const int threads[] = {1, 2, 8};
    scope s;
    open(&s);
    err e = {0};
    forecast_result r[3];
    for (int i = 0; i < 3; i++) {
        work w = planted(&s, arena_text(&s.keep, "coherent-threads-%d", i), threads[i], noisy);
        forecast_panel p;
        forecast_factors f;
        forecast_policy policy = FORECAST_POLICY;
        policy = forecast_only(policy, FORECAST_ARTICLE, (forecast_part){FORECASTER_MEAN, false});
        policy.method = FORECAST_SHRINK;
        check_ok(forecast_panel_load(&w, w.days.end, 4, &s.keep, &p, &e), &e);
        forecast_panel_run(&w, &p, policy, &s.keep, &r[i]);
        check_ok(forecast_factors_fit(&w, p.origin, 4, policy, &s, &f, &e), &e);
        forecast_factors_apply(&f, &p, &r[i]);
        size_t bytes = sizeof(double) * (size_t)(p.n * 4);
        check(memcmp(r[0].mean, r[i].mean, bytes) == 0);
        check(memcmp(r[0].high95, r[i].high95, bytes) == 0);
        check(memcmp(r[0].sum_sd, r[i].sum_sd, bytes) == 0);
    }
    scope_close(&s);
}
