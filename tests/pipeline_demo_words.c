/* demo words: funnel rates, the web log's agreement with the sales, and what reviews say come back
 * from the demo shop's raw files. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "demo_shop.h"

/* ---- the web log ---- */

/* One row per chance: an article in a session, and how far it came. */
static void make_chances(demo_shop *shop) {
    err e = {0};
    check_ok(db_runf(shop->d, &e,
                     "CREATE TABLE IF NOT EXISTS chances AS SELECT session_id, e.article_id, "
                     "any_value(e.channel) AS channel, any_value(a.category) AS category, "
                     "bool_or(event = 'view_item') AS v, bool_or(event = 'select_item') AS c, "
                     "bool_or(event = 'add_to_cart') AS k, bool_or(event = 'purchase') AS p "
                     "FROM events e JOIN articles a USING (article_id) GROUP BY 1, 2"),
             &e);
}

CHECK(demo_funnel_rates_come_back) {
    demo_shop *shop = demo_shop_see();
    const js_node *rates = js_get(js_get(shop->truth, "funnel"), "rates");
    double squares = 0, off[3] = {0}, weight[3] = {0};
    int cells = 0;
    make_chances(shop);
    check(demo_shop_count(shop, "SELECT count(*) FROM chances WHERE NOT v OR (k AND NOT c) "
                                "OR (p AND NOT k)") == 0);
    for (int64_t i = 0; i < js_count(rates); i++) {
        const js_node *r = js_at(rates, i);
        slice channel = truth_text(r, "channel"), category = truth_text(r, "category");
        char sql[400];
        snprintf(sql, sizeof sql,
                 "SELECT count(*) AS v, count(*) FILTER (c) AS c, count(*) FILTER (k) AS k, "
                 "count(*) FILTER (p) AS p FROM chances WHERE channel = '%.*s' "
                 "AND category = '%.*s'",
                 (int)channel.n, channel.p, (int)category.n, category.p);
        columns n = demo_shop_query(shop, sql);
        double reached[4];
        for (int step = 0; step < 4; step++) reached[step] = (double)n.at[step].i64[0];
        for (int step = 0; step < 3; step++) {
            double rate, from = reached[step];
            check(js_real(js_at(js_get(r, "steps"), step), &rate));
            if (from < 20) continue;
            double z = (reached[step + 1] - from * rate) / sqrt(from * rate * (1 - rate));
            check(fabs(z) < 4.5); /* 150 cells: a larger one comes once in 1,000 shops */
            squares += z * z;
            cells++;
            off[step] += reached[step + 1] - from * rate;
            weight[step] += from;
        }
    }
    /* The mean square of 150 independent z is 1 +- 0.115; the steps have 64,000, 34,000 and 13,000
     * chances with standard errors of 0.0020, 0.0027 and 0.0043: four of each. */
    static const double four[3] = {0.008, 0.011, 0.018};
    check(cells > 100);
    check_near(squares / cells, 1, 0.46);
    for (int step = 0; step < 3; step++) check_near(off[step] / weight[step], 0, four[step]);
}

CHECK(demo_web_purchases_are_the_online_sales) {
    demo_shop *shop = demo_shop_see();
    slice from = truth_text(js_get(shop->truth, "funnel"), "from");
    char sql[900];
    static const char *const sides[2] = {
        "SELECT user_id, article_id, moment::DATE AS day, price::DOUBLE AS price, "
        "quantity::INTEGER AS units FROM events WHERE event = 'purchase'",
        "SELECT customer_id, article_id, day, any_value(price), count(*)::INTEGER FROM sales "
        "WHERE channel = '2' AND day >= DATE '%.*s' GROUP BY 1, 2, 3"};
    char online[500];
    snprintf(online, sizeof online, sides[1], (int)from.n, from.p);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM ((%s) EXCEPT ALL (%s))", sides[0], online);
    check(demo_shop_count(shop, sql) == 0);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM ((%s) EXCEPT ALL (%s))", online, sides[0]);
    check(demo_shop_count(shop, sql) == 0);
    check(demo_shop_count(shop, "SELECT count(*) FROM events WHERE event = 'purchase'") > 3000);
}

CHECK(demo_sessions_hold_together) {
    demo_shop *shop = demo_shop_see();
    check(demo_shop_count(shop, "SELECT count(*) FROM (SELECT session_id FROM events GROUP BY 1 "
                                "HAVING count(DISTINCT user_id) > 1 OR count(DISTINCT channel) > 1 "
                                "OR count(DISTINCT platform) > 1)") == 0);
    check(demo_shop_count(shop, "SELECT count(*) FROM (SELECT moment - lag(moment) OVER "
                                "(PARTITION BY session_id ORDER BY moment) AS gap FROM events) "
                                "WHERE gap > INTERVAL 30 MINUTE") == 0);
}

/* ---- reviews ---- */

CHECK(demo_reviews_come_from_buyers_after_the_purchase) {
    demo_shop *shop = demo_shop_see();
    check(demo_shop_count(shop, "SELECT count(*) FROM reviews r WHERE NOT EXISTS (SELECT 1 FROM "
                                "sales s WHERE s.customer_id = r.customer_id AND s.article_id = "
                                "r.article_id AND s.day + 3 <= r.date::DATE)") == 0);
    check(demo_shop_count(shop, "SELECT count(*) - count(DISTINCT review_id) FROM reviews") == 0);
}

CHECK(demo_reviews_are_varied_and_counted_by_topic) {
    demo_shop *shop = demo_shop_see();
    err e = {0};
    int64_t told = 0;
    const js_node *topics = js_get(shop->truth, "topics");
    for (int64_t i = 0; i < js_count(topics); i++) {
        const js_node *t = js_at(topics, i);
        told += truth_int(t, "good_sentences") + truth_int(t, "bad_sentences");
        check(truth_int(t, "good_sentences") > truth_int(t, "bad_sentences"));
        check(truth_int(t, "bad_sentences") > 100);
    }
    check_ok(db_runf(shop->d, &e,
                     "CREATE OR REPLACE TABLE sentences AS SELECT unnest(string_split_regex(text, "
                     "'[.!] ?')) AS said FROM reviews; DELETE FROM sentences WHERE said = ''"),
             &e);
    check(demo_shop_count(shop, "SELECT count(*) FROM sentences") == told);
    check(demo_shop_count(shop, "SELECT count(DISTINCT said) FROM sentences") > 3500);
    check(demo_shop_count(shop, "SELECT count(*) FROM sentences WHERE said LIKE '%{%' "
                                "OR said LIKE '%}%' OR said LIKE '%  %'") == 0);
}

/* Naive Bayes on words: learnt on reviews with an even number, tried on the odd ones. */
CHECK(demo_sentiment_is_there_but_not_perfect) {
    demo_shop *shop = demo_shop_see();
    double auc = demo_shop_real(
        shop,
        "WITH w AS (SELECT review_id, review_id::BIGINT % 2 AS part, stars >= 4 AS good, "
        "unnest(string_split_regex(lower(text), '[^a-z]+')) AS word FROM reviews "
        "WHERE stars <> 3), odds AS (SELECT word, ln((count(*) FILTER (good) + 1.0) / "
        "sum(count(*) FILTER (good)) OVER ()) - ln((count(*) FILTER (NOT good) + 1.0) / "
        "sum(count(*) FILTER (NOT good)) OVER ()) AS o FROM w WHERE part = 0 GROUP BY 1), "
        "scored AS (SELECT review_id, good, sum(coalesce(o, 0)) AS score FROM w LEFT JOIN odds "
        "USING (word) WHERE part = 1 GROUP BY 1, 2), ranked AS (SELECT good, rank() OVER "
        "(ORDER BY score) AS r FROM scored) SELECT (sum(r) FILTER (good) - count(*) FILTER (good) "
        "* (count(*) FILTER (good) + 1) / 2.0) / (count(*) FILTER (good) * "
        "count(*) FILTER (NOT good)) FROM ranked");
    check(auc > 0.88 && auc < 0.985);
    double five = demo_shop_real(shop, "SELECT avg((stars = 5)::INTEGER) FROM reviews");
    double one = demo_shop_real(shop, "SELECT avg((stars = 1)::INTEGER) FROM reviews");
    check(five > 0.40 && five < 0.65 && one > 0.02 && one < 0.08);
}
