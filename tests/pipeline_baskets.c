/* baskets.json: pairs of a shop whose orders were counted by hand. */
#include "desk.h"

#include <math.h>

#include "pipeline/insight.h"

static const windows summer = {19723, 19940, 19968, 19996};

/* Orders: five of a customer and one of a guest with shirt and belt; two with both colours of the
 * shirt; two with a hat alone; one whose belt came back, of which the hat stays. */
static void make_orders(desk *t) {
    desk_sql(t,
             "CREATE TABLE b_articles AS SELECT * FROM (VALUES "
             "(0, 'red', 'Red shirt', 'p1', 'Shirt'), (1, 'blue', 'Blue shirt', 'p1', 'Shirt'), "
             "(2, 'belt', 'Belt', 'p2', 'Belt'), (3, 'hat', NULL, 'p3', 'Hat')) "
             "t(article, article_id, name, product_code, type);"
             "CREATE TABLE transactions AS SELECT 'o' || i AS order_id, article, 1 AS quantity "
             "FROM range(5) r(i), (VALUES (0), (2), (2)) l(article) UNION ALL "
             "SELECT 'v' || i, article, 2 FROM range(2) r(i), (VALUES (0), (1)) l(article) "
             "UNION ALL SELECT 'h' || i, 3, 1 FROM range(3) r(i) UNION ALL "
             "SELECT 'h0', 2, -1;"
             "CREATE TABLE guest_sales AS SELECT 'g' AS order_id, article, 1 AS quantity FROM "
             "(VALUES (0), (2)) l(article) UNION ALL SELECT NULL, 3, 1;");
}

CHECK(baskets_tell_the_pairs_counted_by_hand) {
    desk t;
    err e = {0};
    slice word;
    desk_open(&t, 2, "baskets", summer);
    make_orders(&t);
    check_ok(insight_baskets_write(&t.w, t.f, &t.s, &e), &e);
    const js_node *page = desk_tile(&t, "baskets.json"), *pairs = js_get(page, "articles"),
                  *one = js_at(pairs, 0);
    check_near(desk_real(page, "baskets"), 11, 0);
    check(js_count(pairs) == 1); /* once, not from either side; two colours are no pair */
    check(desk_real(page, "pairs") == 1);
    check(js_text(js_get(one, "id"), &word) && slice_is(word, "belt"));
    check(js_text(js_get(one, "other_name"), &word) && slice_is(word, "Red shirt"));
    check_near(desk_real(one, "n"), 6, 0);
    check_near(desk_real(one, "count"), 6, 0);
    check_near(desk_real(one, "other_count"), 8, 0);
    check_near(desk_real(one, "expected"), 6.0 * 8 / 11, 1e-12);
    check_near(desk_real(one, "support"), 6.0 / 11, 1e-12);
    check_near(desk_real(one, "lift"), 11.0 / 8, 1e-12);
    check_near(desk_real(one, "npmi"), log(11.0 / 8) / -log(6.0 / 11), 1e-12);
    /* both 6, belt alone 0, shirt alone 2, neither 3 */
    check_near(desk_real(one, "g2"),
               2 * (6 * log(11.0 / 8) + 2 * log(2 * 11 / (5.0 * 8)) + 3 * log(3 * 11 / (5.0 * 3))),
               1e-9);
    const js_node *types = js_get(page, "types");
    check(js_count(types) == 1);
    check(js_text(js_get(js_at(types, 0), "other"), &word) && slice_is(word, "Shirt"));
    desk_close(&t);
}

/* 30 orders of shirt and belt, 2 of both colours, 3 of shirt and hat, 60 of the hat alone. */
CHECK(beside_an_article_stands_what_surely_goes_with_it) {
    desk t;
    err e = {0};
    slice word;
    desk_open(&t, 1, "beside", summer);
    make_orders(&t);
    desk_sql(&t, "DELETE FROM guest_sales; CREATE OR REPLACE TABLE transactions AS "
                 "SELECT 'o' || i AS order_id, article, 1 AS quantity FROM range(30) r(i), "
                 "(VALUES (0), (2)) l(article) UNION ALL SELECT 'v' || i, article, 1 FROM "
                 "range(2) r(i), (VALUES (0), (1)) l(article) UNION ALL SELECT 's' || i, article, "
                 "1 FROM range(3) r(i), (VALUES (0), (3)) l(article) UNION ALL "
                 "SELECT 'h' || i, 3, 1 FROM range(60) r(i);");
    check_ok(insight_baskets_write(&t.w, t.f, &t.s, &e), &e);
    const js_node *beside = js_get(desk_tile(&t, "beside.json"), "articles");
    check(js_count(beside) == 4); /* hat 63 orders, red 35, belt 30, blue 2 */
    check(js_text(js_get(js_at(beside, 0), "id"), &word) && slice_is(word, "hat"));
    check_near(desk_real(js_at(beside, 0), "orders"), 63, 0);
    check(js_count(js_get(js_at(beside, 0), "others")) == 0); /* with the shirt less than chance */
    const js_node *others = js_get(js_at(beside, 1), "others"), *one = js_at(others, 0);
    check(js_text(js_get(one, "id"), &word) && slice_is(word, "belt"));
    check(js_count(others) == 1); /* no blue shirt beside the red one */
    check_near(desk_real(one, "share"), 30.0 / 35, 1e-12);
    check(desk_real(one, "low") > 1 && desk_real(one, "low") < desk_real(one, "shrunk"));
    desk_close(&t);
}

CHECK(baskets_of_no_orders_are_an_empty_page) {
    desk t;
    err e = {0};
    desk_open(&t, 1, "baskets-none", summer);
    make_orders(&t);
    desk_sql(&t, "DELETE FROM transactions; DELETE FROM guest_sales;");
    check_ok(insight_baskets_write(&t.w, t.f, &t.s, &e), &e);
    const js_node *page = desk_tile(&t, "baskets.json");
    check(js_count(js_get(page, "articles")) == 0 && js_count(js_get(page, "types")) == 0);
    check_near(desk_real(page, "baskets"), 0, 0);
    desk_close(&t);
}
