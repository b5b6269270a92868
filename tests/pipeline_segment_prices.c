/* segment_prices: planted answers to prices come back, segment by segment. */
#include <math.h>

#include "desk.h"
#include "pipeline/segment_prices.h"

enum { FIRST = 19723, WEEKS = 60 }; /* 2024-01-01, a Monday */

/* 12 articles at four prices that change every fourth week; customer 0 buys by price^-3, customer 1
 * by price^-0.5, customer 2 next to nothing. */
static void sell(desk *t) {
    desk_sql(t, "CREATE TABLE b_articles AS SELECT CAST(i AS INTEGER) AS article, 'x' || i AS "
                "article_id, CASE WHEN i < 6 THEN 'A' ELSE 'B' END AS category, 'top' AS type "
                "FROM range(12) r(i);"
                "CREATE TABLE stock(article INT, day DATE, on_hand INT);"
                "CREATE TABLE shelf AS SELECT article, DATE '2024-01-01' + CAST(7 * k AS INTEGER) "
                "AS week, [20, 17, 14, 12][1 + CAST(hash(article * 7 + k // 4) % 4 AS INTEGER)] AS "
                "price FROM b_articles, range(60) w(k);"
                "CREATE TABLE transactions AS SELECT c AS customer, week + 2 AS day, article, "
                "price, CAST(round(40 * power(price / 20.0, [-3, -0.5][1 + c])) AS INTEGER) AS "
                "quantity FROM shelf, (VALUES (0), (1)) v(c) UNION ALL "
                "SELECT 2, week + 2, article, price, 1 FROM shelf WHERE week = DATE '2024-02-05';"
                "CREATE TABLE weekly_sales AS SELECT 'article' AS level, 'x' || article AS series, "
                "CAST(day - 2 AS DATE) AS week, CAST(sum(quantity) AS BIGINT) AS units, "
                "CAST(max(price) AS DOUBLE) AS avg_price FROM transactions GROUP BY article, day;"
                "CREATE TABLE segment_labels AS SELECT * FROM (VALUES (0, 1, 0), (1, 1, 1), "
                "(2, 1, 2), (0, 3, 1), (1, 3, 0)) AS l(customer, method, segment)");
}

CHECK(segment_prices_are_those_that_were_planted) {
    desk t;
    columns panel;
    segment_price by[3], turned[2];
    desk_open(&t, 2, "segment-prices", (windows){FIRST, FIRST + 350, FIRST + 385,
                                                 FIRST + 7 * WEEKS});
    sell(&t);
    check_ok(segment_prices_open(&panel, &t.w, &t.s, &t.e), &t.e);
    check(panel.rows > 600);
    check_ok(segment_prices_of(by, 3, 1, &panel, &t.w, &t.s, &t.e), &t.e);
    check_near(by[0].elasticity, -3, 0.03); /* whole units: off by 1 in 80 at most */
    check_near(by[1].elasticity, -0.5, 0.03);
    for (int c = 0; c < 2; c++) {
        check(by[c].low < by[c].elasticity && by[c].elasticity < by[c].high);
        check(by[c].high - by[c].low < 0.1);
    }
    check(isnan(by[2].elasticity) && isnan(by[2].low)); /* 12 units */
    check_ok(segment_prices_of(turned, 2, 3, &panel, &t.w, &t.s, &t.e), &t.e);
    check(turned[0].elasticity == by[1].elasticity && turned[1].high == by[0].high);
    desk_close(&t);
}

CHECK(segment_prices_of_a_shop_of_one_price_are_not_known) {
    desk t;
    columns panel;
    segment_price by[2];
    desk_open(&t, 1, "segment-prices-none", (windows){FIRST, FIRST + 350, FIRST + 385,
                                                      FIRST + 7 * WEEKS});
    sell(&t);
    desk_sql(&t, "UPDATE weekly_sales SET avg_price = 20");
    check_ok(segment_prices_open(&panel, &t.w, &t.s, &t.e), &t.e);
    check_ok(segment_prices_of(by, 2, 1, &panel, &t.w, &t.s, &t.e), &t.e);
    check(panel.rows == 0 && isnan(by[0].elasticity) && isnan(by[1].high));
    desk_close(&t);
}
