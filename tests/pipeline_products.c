/* products.json: classes, steadiness and launches of a shop whose sales were made by hand. */
#include "desk.h"

#include <math.h>

#include "pipeline/insight.h"

/* 2024-01-01 … 2024-12-30: 52 weeks */
static const windows year = {19723, 20031, 20059, 20087};

/* old: 5 a week at 10 on average all year; eleven launches in week 10: ten sell 2 a week at 5, one
 * 8; gone: 3 in week 2 at 1 and 2 back. */
static void make_sales(desk *t) {
    desk_sql(t,
             "CREATE TABLE b_articles AS SELECT CAST(i AS INTEGER) AS article, CASE i WHEN 0 THEN "
             "'old' WHEN 1 THEN 'star' WHEN 12 THEN 'gone' ELSE 'n' || i END AS article_id, "
             "'Name ' || i AS name, 'Tops' AS category FROM range(13) r(i);"
             "CREATE TABLE d_sales AS SELECT 'article' AS level, a.article_id AS series, "
             "DATE '2024-01-01' + CAST(7 * k AS INTEGER) AS day, CASE article WHEN 0 THEN 5 WHEN 1 "
             "THEN 8 ELSE 2 END AS units, CASE article WHEN 0 THEN "
             "CASE WHEN k < 20 THEN 50.0 WHEN k < 36 THEN 60.0 ELSE 40.0 END WHEN 1 THEN 40.0 "
             "ELSE 10.0 END AS revenue FROM b_articles a, range(52) w(k) WHERE article < 12 AND "
             "(article = 0 OR k >= 10) UNION ALL SELECT 'article', 'gone', DATE '2024-01-15', 3, "
             "3.0 UNION ALL SELECT 'article', 'gone', DATE '2024-01-16', -2, -2.0 UNION ALL "
             "SELECT 'category', 'Tops', DATE '2024-01-15', 99, 9.0;");
}

CHECK(products_tell_the_classes_and_launches_made_by_hand) {
    desk t;
    err e = {0};
    slice word;
    desk_open(&t, 1, "products", year);
    make_sales(&t);
    check_ok(insight_products_write(&t.w, t.f, &t.s, &e), &e);
    const js_node *page = desk_tile(&t, "products.json"), *list = js_get(page, "articles"),
                  *old = js_at(list, 0), *star = js_at(list, 1), *gone = js_at(list, 12);
    check(js_count(list) == 13);
    check(js_text(js_get(old, "id"), &word) && slice_is(word, "old"));
    check_near(desk_real(old, "revenue"), 2600, 1e-9);
    check(js_text(js_get(old, "xyz"), &word) && slice_is(word, "X"));
    check(js_text(js_get(js_get(old, "launch"), "call"), &word) && slice_is(word, "unknown"));
    check_near(desk_real(old, "growth"), 1, 1e-12);
    check(js_text(js_get(star, "id"), &word) && slice_is(word, "star"));
    check(js_text(js_get(js_get(star, "launch"), "call"), &word) && slice_is(word, "ahead"));
    check_near(desk_real(js_get(star, "launch"), "units"), 8 * 26, 1e-9);
    check_near(desk_real(js_get(star, "launch"), "usual"), 2 * 26, 1e-9);
    /* 2600 + 1680 + 10 · 420 + 1 = 8481: 80 % lie in the sixth of the ten, 95 % in the ninth */
    static const char *const classes[] = {[7] = "A", [8] = "B", [10] = "B", [11] = "C"};
    for (int k = 7; k < 12; k++)
        check(!classes[k] || (js_text(js_get(js_at(list, k), "abc"), &word) &&
                              slice_compare(word, slice_of(classes[k])) == 0));
    check(js_text(js_get(gone, "abc"), &word) && slice_is(word, "C"));
    check_near(desk_real(gone, "revenue"), 1, 1e-12);
    check(js_count(js_get(gone, "weeks")) == 52);
    const js_node *curves = js_get(page, "curves"),
                  *launches = js_get(js_at(curves, 0), "launches");
    int64_t n = 0;
    check(js_count(curves) == 2 && js_int(js_at(launches, 0), &n) && n == 11);
    /* 10, then 12, then 8 a unit: 36 of the weeks are below nine tenths of 12, one of them a cut */
    check_near(desk_real(star, "list"), 5, 1e-12);
    check(js_count(js_get(old, "cuts")) == 1 && js_count(js_get(old, "reduced")) == 36);
    check(js_int(js_at(js_get(old, "cuts"), 0), &n) && n == 36);
    check_near(desk_real(old, "list"), 12, 1e-12);
    double price;
    check(js_real(js_at(js_get(old, "prices"), 19), &price) && price == 10);
    check(js_real(js_at(js_get(old, "prices"), 51), &price) && price == 8);
    check(!js_real(js_at(js_get(star, "prices"), 9), &price)); /* not yet on sale */
    check(isnan(desk_real(gone, "list")) && js_count(js_get(gone, "cuts")) == 0);
    check_near(desk_real(js_get(page, "concentration"), "articles"), 13, 0);
    desk_close(&t);
}
