/* kpis and kpis.json: a shop counted by hand, and a whole run against plain SQL of each figure. */
#include "desk.h"

#include <math.h>
#include <string.h>

#include "pipeline/insight.h"
#include "whole_run.h"

static const windows spring = {19783, 19830, 19838, 19848}; /* 2024-03-01 to 2024-05-05 */

/* Two articles of two categories. c0: shirt at 10 on 1 March (Friday), shirt at 8 and belt at 4 on
 * Monday 4 March, shirt back on 5 March. c1: two belts at 4 on 4 March. A guest: belt at 5 on
 * 4 May. In the log of 4 March c0 sees shirt and belt, puts the belt into the cart and buys it an
 * hour later; an unknown visitor puts the shirt into the cart at 23:50 and leaves it. */
static void make_shop(desk *t) {
    desk_sql(t,
             "CREATE TABLE articles AS SELECT * FROM (VALUES (0, 'Tops'), (1, 'Belts')) "
             "t(article, category);"
             "CREATE TABLE lines(day DATE, customer INTEGER, article INTEGER, order_id VARCHAR, "
             "price DECIMAL(18,6), quantity INTEGER, channel VARCHAR);"
             "INSERT INTO lines VALUES ('2024-03-01', 0, 0, 'a', 10, 1, 'store'), "
             "('2024-03-04', 0, 0, 'b', 8, 1, 'online'), "
             "('2024-03-04', 0, 1, 'b', 4, 1, 'online'), "
             "('2024-03-05', 0, 0, 'b', 8, -1, 'online'), "
             "('2024-03-04', 1, 1, 'c', 4, 2, 'store'), "
             "('2024-05-04', NULL, 1, 'd', 5, 1, 'store');"
             "CREATE VIEW transactions AS SELECT *, CAST(price * quantity AS DECIMAL(18,6)) AS "
             "revenue FROM lines WHERE customer IS NOT NULL;"
             "CREATE VIEW guest_sales AS SELECT *, CAST(price * quantity AS DECIMAL(18,6)) AS "
             "revenue FROM lines WHERE customer IS NULL;"
             "CREATE TABLE f_events(visitor INTEGER, customer INTEGER, session BIGINT, "
             "seq INTEGER, time TIMESTAMP, event VARCHAR, article INTEGER, channel VARCHAR);"
             "INSERT INTO f_events VALUES (0, 0, 0, 1, '2024-03-04 10:00', 'view', 0, 'mail'), "
             "(0, 0, 0, 2, '2024-03-04 10:01', 'view', 1, 'mail'), "
             "(0, 0, 0, 3, '2024-03-04 10:02', 'cart_add', 1, 'mail'), "
             "(0, 0, 1, 1, '2024-03-04 11:02', 'purchase', 1, NULL), "
             "(1, NULL, 2, 1, '2024-03-04 23:50', 'cart_add', 0, 'mail');"
             "CREATE VIEW f_sessions AS SELECT session, min(visitor) AS visitor, "
             "min(time) AS start, count(*) FILTER (WHERE event = 'purchase') AS purchases, "
             "min(channel) AS channel FROM f_events GROUP BY session;");
}

/* A figure of one row of kpis; NAN is NULL. */
static double figure(desk *t, const char *name, const char *grain, const char *period,
                     const char *dimension, const char *value) {
    columns c;
    err e = {0};
    check_ok(db_query(t->w.d, &t->s.keep, &c, &e,
                      "SELECT CAST(%s AS DOUBLE) AS x FROM kpis WHERE grain = '%s' AND "
                      "period = DATE '%s' AND dimension = '%s' AND value = '%s'",
                      name, grain, period, dimension, value),
             &e);
    check(c.rows == 1);
    return column_has(columns_find(&c, "x"), 0) ? columns_real(&c, "x")[0] : NAN;
}

CHECK(kpis_of_a_shop_counted_by_hand) {
    desk t;
    err e = {0};
    desk_open(&t, 2, "sales", spring);
    make_shop(&t);
    check_ok(insight_sales_write(&t.w, t.f, &t.s, &e), &e);
    static const struct {
        const char *name, *grain, *period, *dimension, *value;
        double wanted;
    } all[] = {
        {"units", "all", "2024-03-01", "all", "all", 6},
        {"net_revenue", "all", "2024-03-01", "all", "all", 27}, /* 10 + 12 - 8 + 8 + 5 */
        {"refunds", "all", "2024-03-01", "all", "all", 8},
        {"orders", "all", "2024-03-01", "all", "all", 4},
        {"aov", "all", "2024-03-01", "all", "all", 35.0 / 4},
        {"repeat_rate", "all", "2024-03-01", "all", "all", 0.5},
        {"orders", "week", "2024-03-04", "all", "all", 2},
        {"upt", "week", "2024-03-04", "all", "all", 2},
        {"asp", "week", "2024-03-04", "all", "all", 5},
        {"repeat_rate", "week", "2024-03-04", "all", "all", 0.5}, /* c0, who came before */
        {"repeat_rate", "day", "2024-03-01", "all", "all", 0},
        {"repeat_rate", "month", "2024-03-01", "category", "Tops", 1},
        {"return_rate", "week", "2024-03-04", "all", "all", 0.25},
        /* references: shirt 10, belt 4; a shirt at 8 is not full */
        {"full_price_share", "all", "2024-03-01", "all", "all", 5.0 / 6},
        {"markdown_depth", "week", "2024-03-04", "all", "all", 1 - 20.0 / 22},
        {"newness", "month", "2024-05-01", "all", "all", 0}, /* the belt is 61 days old */
        {"newness", "month", "2024-03-01", "all", "all", NAN}, /* all would seem new */
        {"units", "month", "2024-03-01", "channel", "store", 3},
        {"orders", "month", "2024-03-01", "category", "Belts", 2},
        {"complete", "month", "2024-03-01", "all", "all", 1},
        {"complete", "month", "2024-05-01", "all", "all", 0}, /* the sales end on the 5th */
        {"complete", "week", "2024-02-26", "all", "all", 0},
        {"conversion", "day", "2024-03-04", "all", "all", 1.0 / 3},
        {"visitor_conversion", "day", "2024-03-04", "all", "all", 0.5},
        {"view_to_cart", "day", "2024-03-04", "all", "all", 0.5},
        {"view_to_cart", "day", "2024-03-04", "category", "Tops", 0},
        {"cart_to_buy", "day", "2024-03-04", "all", "all", 0.5},
        {"abandonment", "day", "2024-03-04", "all", "all", 0.5},
        {"abandonment", "day", "2024-03-04", "traffic", "mail", 0.5},
        {"conversion", "day", "2024-03-04", "traffic", "(none)", 1},
        {"conversion", "day", "2024-03-04", "category", "Tops", NAN},
        {"conversion", "day", "2024-03-01", "all", "all", NAN},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        double got = figure(&t, all[i].name, all[i].grain, all[i].period, all[i].dimension,
                            all[i].value);
        if (isnan(all[i].wanted) ? !isnan(got) : !(fabs(got - all[i].wanted) < 1e-12))
            print_error("%s of %s %s is %g\n", all[i].name, all[i].grain, all[i].value, got);
        check(isnan(all[i].wanted) ? isnan(got) : fabs(got - all[i].wanted) < 1e-12);
    }
    desk_close(&t);
}

/* Customer 2 buys in January, February and April, 3 in February alone. */
CHECK(customers_by_month_counted_by_hand) {
    static const char *const kinds[] = {"customers", "new", "returning", "resurrected", "dormant"};
    static const double wanted[5][5] = {
        {1, 2, 0, 1, 0}, {1, 1, 0, 0, 0}, {0, 1, 0, 0, 0}, {0, 0, 0, 1, 0}, {0, 0, 2, 0, 1}};
    desk t;
    err e = {0};
    double got;
    desk_open(&t, 1, "sales-lifecycle", spring);
    make_shop(&t);
    desk_sql(&t, "DELETE FROM lines; INSERT INTO lines SELECT day, customer, 0, 'o' || day, 1, 1, "
                 "'store' FROM (VALUES (DATE '2024-01-31', 2), (DATE '2024-02-01', 2), "
                 "(DATE '2024-04-30', 2), (DATE '2024-02-29', 3), (DATE '2024-02-29', NULL)) "
                 "l(day, customer);");
    check_ok(insight_sales_write(&t.w, t.f, &t.s, &e), &e);
    const js_node *all = js_get(desk_tile(&t, "kpis.json"), "lifecycle");
    check(js_count(js_get(all, "month")) == 5); /* nobody in May, of which four days are known */
    for (int k = 0; k < 5; k++)
        for (int m = 0; m < 5; m++)
            check(js_real(js_at(js_get(all, kinds[k]), m), &got) && got == wanted[k][m]);
    desk_close(&t);
}

CHECK(kpis_json_tells_what_is_absent) {
    desk t;
    err e = {0};
    slice word;
    desk_open(&t, 1, "sales-absent", spring);
    make_shop(&t);
    desk_sql(&t, "DELETE FROM f_events; UPDATE lines SET channel = NULL;"
                 "DELETE FROM lines WHERE quantity < 0;");
    check_ok(insight_sales_write(&t.w, t.f, &t.s, &e), &e);
    const js_node *page = desk_tile(&t, "kpis.json"), *kpis = js_get(page, "kpis"),
                  *absent = js_get(page, "absent"), *month = js_get(js_get(page, "parts"), "month");
    check(js_count(absent) == 3);
    check(js_text(js_get(absent, "channel"), &word) &&
          slice_is(word, "the sales name no channel"));
    check(js_count(js_get(month, "category")) == 2 && !js_get(month, "traffic"));
    int64_t reasons = 0;
    for (int64_t i = 0; i < js_count(kpis); i++) {
        bool why = js_text(js_get(js_at(kpis, i), "why"), &word);
        check(js_text(js_get(js_at(kpis, i), "name"), &word));
        check(why == (slice_is(word, "sessions") || slice_is(word, "visitors") ||
                      slice_is(word, "conversion") || slice_is(word, "visitor_conversion") ||
                      slice_is(word, "view_to_cart") || slice_is(word, "cart_to_buy") ||
                      slice_is(word, "abandonment") || slice_is(word, "return_rate")));
        check(js_text(js_get(js_get(page, "definitions"),
                             arena_text(&t.s.keep, "%.*s", (int)word.n, word.p)),
                      &word));
        reasons += why;
    }
    check(reasons == 8);
    const js_node *all = js_at(js_get(month, "all"), 0);
    check(js_count(js_get(all, "period")) == 2);
    double orders = 0;
    check(js_real(js_at(js_get(all, "orders"), 0), &orders) && orders == 3);
    desk_close(&t);
}

/* ---- a whole run ---- */

static const char *const grains[][2] = {
    {"day", "day"}, {"week", "CAST(date_trunc('week', day) AS DATE)"},
    {"month", "CAST(date_trunc('month', day) AS DATE)"}, {"all", "DATE '1970-01-01'"}};
static const char *const dimensions[] = {"all", "category", "channel", "segment", "traffic"};

static void read_run(desk *t, const char *out) {
    static const char *const tables[] = {
        "02_clean/transactions", "02_clean/guest_sales", "02_clean/articles",
        "03_datasets/f_events", "03_datasets/f_sessions", "09_insight/segment_members",
        "09_insight/kpis"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        check_ok(db_runf(t->w.d, &t->e,
                         "CREATE VIEW %s AS SELECT * FROM read_parquet('%s/%s.parquet')",
                         strchr(tables[i], '/') + 1, out, tables[i]),
                 &t->e);
    desk_sql(t,
             "CREATE TABLE segment_of AS SELECT customer, name FROM segment_members "
             "WHERE method = 'rfm';"
             "CREATE TABLE sold AS SELECT l.*, 'all' AS \"all\", a.category, "
             "coalesce(l.chan, '(none)') AS channel, coalesce(g.name, '(none)') AS segment "
             "FROM (SELECT day, customer, article, order_id, price, quantity, revenue, channel AS "
             "chan FROM transactions UNION ALL SELECT day, NULL, article, order_id, price, "
             "quantity, revenue, channel FROM guest_sales) l JOIN articles a USING (article) "
             "LEFT JOIN segment_of g USING (customer);"
             "CREATE TABLE seen AS SELECT e.visitor, e.article, e.event, CAST(e.time AS DATE) AS "
             "day, 'all' AS \"all\", a.category, coalesce(g.name, '(none)') AS segment, "
             "coalesce(e.channel, '(none)') AS traffic FROM f_events e JOIN articles a USING "
             "(article) LEFT JOIN segment_of g USING (customer);"
             "CREATE TABLE visit AS SELECT s.*, CAST(start AS DATE) AS day, 'all' AS \"all\", "
             "coalesce(s.channel, '(none)') AS traffic, coalesce(g.name, '(none)') AS segment "
             "FROM f_sessions s LEFT JOIN (SELECT visitor, max(customer) AS customer FROM f_events "
             "GROUP BY visitor) p USING (visitor) LEFT JOIN segment_of g USING (customer);");
}

/* Rows of kpis with the named columns that plain SQL says otherwise, and how many plain SQL has. */
static void agrees(desk *t, const char *grain, const char *dimension, const char *names,
                   const char *plain) {
    int64_t wrong, rows;
    check_ok(db_runf(t->w.d, &t->e, "CREATE OR REPLACE TABLE plain AS %s", plain), &t->e);
    check_ok(db_count(t->w.d, &rows, &t->e, "SELECT count(*) FROM plain"), &t->e);
    check_ok(db_count(t->w.d, &wrong, &t->e,
                      "SELECT count(*) FROM (FROM plain EXCEPT ALL SELECT "
                      "CASE grain WHEN 'all' THEN DATE '1970-01-01' ELSE period END, value, %s "
                      "FROM kpis WHERE grain = '%s' AND dimension = '%s')",
                      names, grain, dimension),
             &t->e);
    if (wrong || !rows)
        print_error("%s by %s: %lld of %lld rows of (%s) differ\n", grain, dimension,
                    (long long)wrong, (long long)rows, names);
    check(wrong == 0 && rows > 0);
}

CHECK(kpis_of_a_run_equal_plain_sql) {
    desk t;
    desk_open(&t, 2, "sales-plain", spring);
    read_run(&t, whole_run_see()->out);
    for (int g = 0; g < 4; g++)
        for (int d = 0; d < 5; d++) {
            const char *period = grains[g][1], *by = dimensions[d];
            if (d != 4)
                agrees(&t, grains[g][0], by, "units, net_revenue, orders, buyers, articles",
                       arena_text(&t.s.keep,
                                  "SELECT %s AS period, \"%s\" AS value, CAST(sum(quantity) FILTER "
                                  "(WHERE quantity > 0) AS BIGINT), sum(revenue), count(DISTINCT "
                                  "order_id) FILTER (WHERE quantity > 0), count(DISTINCT customer) "
                                  "FILTER (WHERE quantity > 0), count(DISTINCT article) FILTER "
                                  "(WHERE quantity > 0) FROM sold GROUP BY 1, 2", period, by));
            if (d == 0 || d >= 3)
                agrees(&t, grains[g][0], by,
                       "sessions, buying_sessions, visitors, buying_visitors",
                       arena_text(&t.s.keep,
                                  "SELECT %s AS period, \"%s\" AS value, count(*), count(*) FILTER "
                                  "(WHERE purchases > 0), count(DISTINCT visitor), count(DISTINCT "
                                  "CASE WHEN purchases > 0 THEN visitor END) FROM visit "
                                  "GROUP BY 1, 2", period, by));
            if (d != 2 && d != 3)
                agrees(&t, grains[g][0], by, "viewed, view_carted",
                       arena_text(&t.s.keep,
                                  "SELECT period, value, count(*) FILTER (WHERE v), count(*) "
                                  "FILTER (WHERE v AND c) FROM (SELECT %s AS period, "
                                  "\"%s\" AS value, visitor, article, "
                                  "bool_or(event = 'view') AS v, "
                                  "bool_or(event = 'cart_add') AS c FROM seen GROUP BY ALL) "
                                  "GROUP BY 1, 2", period, by));
        }
    desk_close(&t);
}
