/* insight: a planted shop through the hooks and panels without birth bias. */
#include "desk.h"

#include <math.h>
#include <string.h>

#include "demo_shop.h"
#include "pipeline/insight.h"

static const windows summer = {19723, 19940, 19968, 19996}; /* 2024-01-01 to 2024-09-30 */

/* 60 articles of two categories over 39 weeks, all born in week 0. Price steps 20, 17, 14 by
 * article and month; weekly units = round of base · (price / 20)^b, b = -2 in A and -1 in B. In the
 * last 8 weeks, at one price, articles 0 to 4 double, 5 to 9 more than halve. All articles are of
 * one age, so age is no column of the fit. */
static void make_shop(desk *t) {
    desk_sql(t,
            "CREATE TABLE b_articles AS SELECT CAST(i AS INTEGER) AS article, 'a' || i AS "
            "article_id, 'Name ' || i AS name, CASE WHEN i % 2 = 0 THEN 'A' ELSE 'B' END AS "
            "category, 'T' AS type, 'p' || (i // 2) AS product_code, "
            "CAST(20 AS DECIMAL(18,6)) AS price, "
            "CASE WHEN i < 10 THEN 'Red' ELSE 'Blue' END AS colour, CAST(NULL AS VARCHAR) AS "
            "pattern, 'wool' AS material FROM range(60) r(i);"
            "CREATE TABLE stock(day DATE, article INTEGER, on_hand INTEGER);"
            "INSERT INTO stock SELECT DATE '2024-09-02' + CAST(k AS INTEGER), 5, 0 FROM "
            "range(21) d(k);"
            "INSERT INTO stock SELECT DATE '2024-08-05' + CAST(k AS INTEGER), 5, 9 FROM "
            "range(28) d(k);"
            "CREATE TABLE f_events(time TIMESTAMP, event VARCHAR, article INTEGER);"
            "CREATE TABLE f_sessions AS SELECT DATE '2024-01-01' + INTERVAL (i) DAY AS start FROM "
            "range(273) r(i);"
            "CREATE TABLE guest_sales(day DATE, order_id VARCHAR, article INT, quantity INT);"
            "CREATE TABLE rows AS SELECT article, article_id, category, DATE '2024-01-01' + "
            "CAST(7 * k AS INTEGER) AS week, price, "
            "CAST(round((20 + CAST(hash(article * 31 + k) % 9 AS INTEGER)) * "
            "power(price / 20.0, CASE category WHEN 'A' THEN -2 ELSE -1 END) * (CASE WHEN k < 31 "
            "THEN 1 WHEN article < 5 THEN CASE WHEN k < 35 THEN 1.5 ELSE 3 END WHEN article < 10 "
            "THEN CASE WHEN k < 35 THEN 0.8 ELSE 0.3 END ELSE 1 END)) AS BIGINT) AS units FROM ("
            "SELECT a.* EXCLUDE (price), k, CASE WHEN article < 10 AND k >= 31 THEN 17 ELSE "
            "[20, 17, 14][1 + CAST(hash(article * 7 + k // 4) % 3 AS INTEGER)] END AS price "
            "FROM b_articles a, range(39) w(k));"
            "CREATE TABLE transactions AS SELECT week + 2 AS day, 'o' || article || week AS "
            "order_id, article, CAST(units AS INTEGER) AS quantity FROM rows;"
            "CREATE TABLE d_sales AS SELECT 'article' AS level, article_id AS series, week + 2 AS "
            "day, units, CAST(units * price AS DECIMAL(28,6)) AS revenue, CAST(price AS DOUBLE) AS "
            "avg_price FROM rows UNION ALL SELECT 'category', category, week + 2, "
            "CAST(sum(units) AS BIGINT), CAST(sum(units * price) AS DECIMAL(28,6)), 0 FROM rows "
            "GROUP BY category, week;"
            "CREATE TABLE weekly_sales AS SELECT 'article' AS level, article_id AS series, week, "
            "units, CAST(price AS DOUBLE) AS avg_price FROM rows;");
}

static double real(const js_node *n) {
    double value = -1e300;
    check(js_real(n, &value));
    return value;
}

static slice tile_bytes(desk *t, const char *file) {
    slice bytes;
    err e = {0};
    check_ok(file_read(folder_path(t->f, file), &t->s, 1 << 24, &bytes, &e), &e);
    return bytes;
}

/* Four weeks, two categories, articles of 5 units and more: a row for each of two models; what the
 * windows see is 2 to 16 weeks; the eight weeks of twice the tuned window are the family's own. */
static void check_parts(const js_node *score) {
    const js_node *parts = js_get(score, "parts"), *learning = js_get(score, "learning");
    const js_node *calibration = js_get(score, "calibration");
    double articles = real(js_get(js_get(score, "data"), "articles")), sum = 0;
    check(js_count(parts) == 2 * (4 + 2 + 1) && js_count(learning) == 4);
    for (int64_t i = 0; i < js_count(parts); i++) {
        const js_node *row = js_at(parts, i);
        check(js_number(row, "low") <= js_number(row, "value"));
        check(js_number(row, "value") <= js_number(row, "high"));
        if (slice_is(js_word(row, "by"), "category")) sum += js_number(row, "n");
    }
    check(sum == 2 * articles);
    for (int64_t i = 0; i < 4; i++)
        check(js_number(js_at(learning, i), "at") == 2 << i);
    check(js_count(calibration) == 2);
    for (int64_t i = 0; i < 2; i++)
        check(js_number(js_at(calibration, i), "n") == articles);
    /* steady articles in a shop of planted growth: wide intervals hold at least as many */
    const js_node *levels = js_get(js_at(calibration, 0), "rows");
    for (int64_t i = 1; i < js_count(levels); i++)
        check(js_number(js_at(levels, i), "observed") >=
              js_number(js_at(levels, i - 1), "observed"));
}

static bool has_article(const js_node *board, const char *id) {
    slice found;
    for (int64_t i = 0; i < js_count(board); i++)
        if (js_text(js_get(js_at(board, i), "id"), &found) && slice_is(found, id)) return true;
    return false;
}

static const js_node *entry(const js_node *list, const char *key, const char *wanted) {
    slice found;
    for (int64_t i = 0; i < js_count(list); i++)
        if (js_text(js_get(js_at(list, i), key), &found) && slice_is(found, wanted))
            return js_at(list, i);
    check(!"entry is there");
    return NULL;
}

/* Revenue against plain SQL, parts that add up, an attribute that moves, a reason that was planted.
 */
static void story_agrees(desk *t, const js_node *trends) {
    err e = {0};
    columns c;
    const js_node *previous = js_get(js_get(trends, "revenue"), "previous"),
                  *all = js_get(previous, "all"), *of = js_get(previous, "categories");
    check_ok(db_query(t->w.d, &t->s.keep, &c, &e,
                      "SELECT CAST(sum(revenue) FILTER (WHERE day >= DATE '2024-09-02') AS DOUBLE) "
                      "AS now, CAST(sum(revenue) FILTER (WHERE day < DATE '2024-09-02') AS DOUBLE) "
                      "AS before, CAST(sum(units) FILTER (WHERE day >= DATE '2024-09-02') AS "
                      "BIGINT) AS units FROM d_sales WHERE level = 'article' AND "
                      "day >= DATE '2024-08-05'"), &e);
    check_near(desk_real(all, "revenue"), columns_real(&c, "now")[0], 0);
    check_near(desk_real(all, "before"), columns_real(&c, "before")[0], 0);
    check_near(desk_real(all, "units"), (double)columns_i64(&c, "units")[0], 0);
    static const char *const keys[] = {"revenue", "before", "price", "volume", "mix"};
    for (int k = 0; k < 5; k++) { /* doubles of millionths: exact to far under a cent */
        double sum = 0;
        for (int64_t i = 0; i < js_count(of); i++) sum += desk_real(js_at(of, i), keys[k]);
        check_near(sum, desk_real(all, keys[k]), 1e-6);
    }
    check_near(desk_real(all, "price") + desk_real(all, "volume") + desk_real(all, "mix"),
               desk_real(all, "change"), 1e-6);
    double parts = 0;
    for (int i = 0; i < 3; i++)
        parts += desk_real(js_at(js_get(previous, "shapley"), i), "part");
    check_near(parts, desk_real(all, "change"), 1e-6);
    check(!js_is_object(js_get(js_get(trends, "revenue"), "year"))); /* sales of 39 weeks */
    /* 28 visits, 240 orders a window: no conversion, so orders, units, price */
    slice word;
    check(js_text(js_get(js_at(js_get(previous, "shapley"), 0), "factor"), &word));
    check(slice_is(word, "orders"));
    const js_node *colours = js_get(entry(js_get(trends, "attributes"), "attribute", "colour"),
                                    "values");
    check(js_count(colours) == 2 && js_count(js_get(trends, "attributes")) == 2);
    check(desk_real(entry(colours, "value", "Red"), "growth") > 1.02);
    const js_node *shares = js_get(entry(colours, "value", "Blue"), "shares");
    double blue = 0;
    check(js_count(shares) == 7 && js_real(js_at(shares, 6), &blue) && blue > 0.5 && blue < 1);
    const js_node *out = entry(js_get(trends, "declining"), "id", "a5");
    const js_node *reason = js_at(js_get(out, "reasons"), 0);
    check(js_text(js_get(reason, "reason"), &word) && slice_is(word, "stock"));
    check_near(desk_real(reason, "fact"), 1.0, 1e-12);
    check(js_text(js_get(out, "stage"), &word) && slice_is(word, "decline"));
}

/* Article i answers by -2 if it is even, else by -1; the movers move at one price. */
static void articles_answer(const js_node *prices) {
    const js_node *list = js_get(prices, "articles"), *checks = js_get(prices, "checks");
    slice id, name;
    check(js_count(list) > 50 && js_count(checks) == 6); /* a few never had the third price */
    for (int64_t i = 0; i < js_count(list); i++) {
        const js_node *one = js_at(list, i);
        int64_t number;
        check(js_text(js_get(one, "id"), &id) && js_text(js_get(one, "category"), &name));
        check(slice_int((slice){id.p + 1, id.n - 1}, &number));
        check(slice_is(name, number % 2 ? "B" : "A"));
        check_near(real(js_get(one, "elasticity")), number % 2 ? -1 : -2, 0.3);
        if (number >= 10) check_near(real(js_get(one, "own")), number % 2 ? -1 : -2, 0.8);
        check(real(js_get(one, "weight")) < 0.9);
        check(real(js_get(one, "points")) == 3);
    }
    /* ways that see the weeks agree with the shop's figure, -1.5 or so */
    check_near(real(js_get(entry(checks, "way", "double_ml"), "elasticity")), -1.5, 0.2);
    check_near(real(js_get(entry(checks, "way", "log_log"), "elasticity")), -1.5, 0.2);
    check_near(real(js_get(entry(checks, "way", "next_week"), "elasticity")), 0, 0.1);
    const js_node *cross = js_get(js_at(js_get(prices, "categories"), 0), "cross");
    check_near(real(js_get(cross, "own")), 0, 0.5);
}

CHECK(insight_finds_the_planted_movers_and_slopes) {
    desk t;
    desk_open(&t, 2, "insight-tiles", summer);
    make_shop(&t);
    desk_hook(&t, family_insight.insight);
    err e = {0};
    const js_node *trends = js_parse(&t.s, tile_bytes(&t, "trends.json"), &e);
    const js_node *rising = js_get(trends, "rising"), *declining = js_get(trends, "declining");
    char id[8] = "a0";
    for (int i = 0; i < 10; i++) {
        id[1] = (char)('0' + i);
        check(has_article(i < 5 ? rising : declining, id));
        check(!has_article(i < 5 ? declining : rising, id));
    }
    check(js_count(js_get(trends, "categories")) == 2);
    check(js_count(js_get(js_at(rising, 0), "weeks")) == 26);
    story_agrees(&t, trends);
    const js_node *prices = js_parse(&t.s, tile_bytes(&t, "elasticity.json"), &e);
    const js_node *a = js_at(js_get(prices, "categories"), 0),
                  *b = js_at(js_get(prices, "categories"), 1);
    /* rounding units of about 20 and the movers leave some hundredths */
    check_near(real(js_get(a, "own")), -2, 0.15), check_near(real(js_get(b, "own")), -1, 0.15);
    check(real(js_get(js_get(prices, "all"), "elasticity")) < -1.2);
    articles_answer(js_parse(&t.s, tile_bytes(&t, "prices.json"), &e));
    desk_close(&t);
}

CHECK(insight_evaluates_against_baselines) {
    desk t;
    desk_open(&t, 2, "insight-evaluate", summer);
    make_shop(&t);
    desk_sql(&t, "DELETE FROM weekly_sales WHERE length(series) = 2"); /* the movers: no price */
    const js_node *score = desk_hook(&t, family_insight.evaluate);
    slice word;
    check(js_count(js_get(score, "models")) == 6);
    /* prices explain what is left: the last two models against effects alone */
    const js_node *models = js_get(score, "models");
    double none = real(js_get(js_get(js_get(js_at(models, 3), "metrics"), "deviance"), "value"));
    double by = real(js_get(js_get(js_get(js_at(models, 5), "metrics"), "deviance"), "value"));
    check(by < 0.5 * none);
    check(js_text(js_get(score, "verdict"), &word));
    check_has(word, "knowing the price predicts units better");
    /* at least the planted five each way; month-long prices move others. Nothing ended. */
    check_has(word, " declining kept their direction (0 and 0 more ended)");
    check(real(js_get(js_get(score, "data"), "rising")) >= 5);
    check(real(js_get(js_get(score, "data"), "declining")) >= 5);
    check_parts(score);
    const js_node *trained = desk_hook(&t, family_insight.train);
    check(real(js_get(js_get(trained, "elasticity"), "value")) < -1);
    desk_close(&t);
}

/* Windows of 2, 4 and 8 weeks are compared on the same units of the same articles. */
CHECK(insight_trials_share_their_target) {
    desk t;
    desk_open(&t, 2, "insight-tune", summer);
    make_shop(&t);
    const js_node *report = desk_hook(&t, family_insight.tune), *trials = js_get(report, "trials");
    int64_t n, weeks, of_weeks[9] = {0};
    check(js_count(trials) == 24);
    for (int64_t i = 0; i < 24; i++) {
        const js_node *p = js_get(js_at(trials, i), "parameters");
        check(js_int(js_get(js_at(trials, i), "articles"), &n) && n == 60);
        check(js_int(js_get(p, "weeks"), &weeks) && weeks >= 2 && weeks <= 8);
        of_weeks[weeks]++;
        /* units of 20 to 28 by hash: half a unit more or less in the logarithm is 2 %, a wrong
         * length of a window in the target would be a factor of two */
        check(real(js_get(js_at(trials, i), "log_error")) < 0.3);
    }
    check(of_weeks[2] == 8 && of_weeks[4] == 8 && of_weeks[8] == 8);
    check(real(js_get(js_get(report, "least_against_defaults"), "difference")) <= 0);
    desk_close(&t);
}

CHECK(insight_bytes_do_not_depend_on_threads) {
    once_is_enough();
    slice first[3] = {{0}};
    desk one, eight;
    desk_open(&one, 1, "insight-threads", summer);
    desk_open(&eight, 8, "insight-threads-8", summer);
    for (int i = 0; i < 2; i++) {
        desk *t = i ? &eight : &one;
        make_shop(t);
        desk_hook(t, family_insight.insight);
        slice now[3] = {tile_bytes(t, "trends.json"), tile_bytes(t, "elasticity.json"),
                        tile_bytes(t, "prices.json")};
        for (int k = 0; k < 3; k++) {
            if (i) check(now[k].n == first[k].n && !memcmp(now[k].p, first[k].p, now[k].n));
            first[k] = now[k];
        }
    }
    desk_close(&one);
    desk_close(&eight);
}

CHECK(insight_without_sales_says_so) {
    desk t;
    desk_open(&t, 1, "insight-none", summer);
    make_shop(&t);
    desk_sql(&t, "DELETE FROM d_sales");
    slice word;
    check(js_text(js_get(desk_hook(&t, family_insight.evaluate), "skipped"), &word));
    check(slice_is(word, "the shop has no sales"));
    check(js_text(js_get(desk_hook(&t, family_insight.publish), "skipped"), &word));
    desk_close(&t);
}

/* Items are known from their first sale on; at constant rates nothing may seem to move. */
CHECK(trend_panel_leaves_the_first_sale_out) {
    desk t;
    err e = {0};
    trend_panel p;
    desk_open(&t, 1, "trend-panel", summer);
    desk_sql(&t, "CREATE TABLE s AS SELECT * FROM (VALUES ('x', 'c', DATE '2024-01-01', 5), "
                "('x', 'c', DATE '2024-03-05', 2), ('x', 'c', DATE '2024-03-12', 3), "
                "('y', 'c', DATE '2024-03-06', 9), ('y', 'c', DATE '2024-03-14', 1), "
                "('z', 'd', DATE '2024-01-02', 1), ('y', 'c', DATE '2024-03-15', 50)"
                ") t(item, category, day, units)");
    int32_t end = day_of(2024, 3, 15); /* blocks 03-01 … 03-07 and 03-08 … 03-14 */
    check_ok(trend_panel_read(&p, t.w.d, "SELECT * FROM s", end, 1, false, &t.s.keep, &e), &e);
    check(p.items.n == 2 && p.n_categories == 1); /* z sold too long ago */
    check(p.items.units[0] == 2 && p.items.units[1] == 3);
    check(p.items.units[2] == 0 && p.items.units[3] == 1); /* not the 9 of the first day */
    check(p.items.exposure[0] == 1 && p.items.exposure[3] == 1);
    check_near(p.items.exposure[2], 1.0 / 7, 1e-12); /* one day after the first sale */
    double *next;
    check_ok(trend_panel_units(&p, t.w.d, "SELECT * FROM s", end, end + 7, &next, &t.s.keep, &e),
             &e);
    check(next[0] == 0 && next[1] == 50);
    desk_close(&t);
}

/* ---- the demo shop's movers ---- */

static bool is_planted(const demo_shop *shop, const char *direction, slice name) {
    const js_node *ids = js_get(js_get(shop->truth, "trends"), direction);
    slice id;
    for (int64_t k = 0; k < js_count(ids); k++)
        if (js_text(js_at(ids, k), &id) && id.n == name.n && !memcmp(id.p, name.p, id.n))
            return true;
    return false;
}

/* Articles of one call, those of them planted to go that way, and those planted to go the other. */
typedef struct calls {
    int64_t all, right, wrong;
} calls;

static calls count_calls(const demo_shop *shop, const insight_trends *t, const columns *names,
                         trend_call call) {
    static const char *const ways[] = {[TREND_RISING] = "rising", [TREND_DECLINING] = "declining"};
    calls c = {0};
    for (int64_t i = 0; i < t->panel.items.n; i++) {
        int32_t article = columns_i32(&t->panel.names, "item")[i];
        slice name = columns_text(names, "article_id")[article];
        if (t->item[i].call != call) continue;
        c.all++, c.right += is_planted(shop, ways[call], name);
        c.wrong += is_planted(shop, ways[TREND_RISING + TREND_DECLINING - call], name);
    }
    return c;
}

/* Seven articles rise and seven decline by 18 % a week in the shop's last eight weeks, at about
 * three units a week before; others live, fade and leave the shop meanwhile. */
CHECK(insight_finds_the_movers_of_the_demo_shop) {
    demo_shop *shop = demo_shop_see();
    desk t;
    err e = {0};
    insight_trends trends;
    desk_open(&t, 2, "insight-demo", summer);
    check_ok(db_run(shop->d, SLICE("CREATE OR REPLACE TABLE b_articles AS SELECT "
                                   "CAST(row_number() OVER (ORDER BY article_id) - 1 AS INTEGER) "
                                   "AS article, article_id, category FROM articles;"
                                   "CREATE OR REPLACE TABLE d_sales AS SELECT 'article' AS level, "
                                   "article_id AS series, day, count(*) AS units FROM sold "
                                   "GROUP BY article_id, day"), &e), &e);
    columns names = demo_shop_query(shop, "SELECT article_id FROM b_articles ORDER BY article");
    work w = t.w;
    w.d = shop->d;
    check_ok(insight_trends_fit(&trends, &w, day_of(2025, 9, 29), INSIGHT_TRIAL_DEFAULTS, true,
                                &t.s, &e), &e);
    calls up = count_calls(shop, &trends, &names, TREND_RISING),
          down = count_calls(shop, &trends, &names, TREND_DECLINING);
    /* Chance calls at most one in twenty of the 300 articles each; others may move too, as
     * seasons, categories and lives go up and down (7 of 10 and 5 of 14 are planted). */
    check(up.right >= 5 && up.wrong == 0 && up.right * 2 >= up.all);
    check(down.right >= 5 && down.wrong == 0 && down.right * 4 >= down.all);
    int64_t ended = 0;
    for (int64_t i = 0; i < trends.panel.items.n; i++) ended += trends.item[i].call == TREND_ENDED;
    check(ended * 5 > trends.panel.items.n); /* a tenth of the articles on sale leaves each week */
    check_ok(db_run(shop->d, SLICE("DROP TABLE b_articles; DROP TABLE d_sales"), &e), &e);
    desk_close(&t);
}
