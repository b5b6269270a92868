/* demo demand: elasticities, seasons, trends, lives, stock, segments and tastes come back from the
 * demo shop's raw files. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "demo_shop.h"
#include "models/insight/elasticity.h"

/* Weekly units and price ratio of every article in its weeks with sales. */
static void make_weekly(demo_shop *shop) {
    err e = {0};
    check_ok(db_runf(shop->d, &e,
                     "CREATE TABLE IF NOT EXISTS weekly AS SELECT category, article_id, week, "
                     "count(*) AS units, any_value(price) / any_value(list) AS ratio FROM sold "
                     "GROUP BY ALL"),
             &e);
}

/* ---- price ---- */

typedef struct panel {
    int64_t n;
    const int32_t *article, *week; /* [n] */
    const double *units, *log_price, *log_units;
    int32_t articles;
} panel;

static panel read_panel(demo_shop *shop, slice category) {
    char sql[600];
    snprintf(sql, sizeof sql,
             "SELECT (dense_rank() OVER (ORDER BY article_id) - 1)::INTEGER AS article, "
             "week::INTEGER AS week, units::DOUBLE AS units, ln(ratio) AS log_price, "
             "ln(units) AS log_units FROM weekly WHERE category = '%.*s' ORDER BY article_id, week",
             (int)category.n, category.p);
    columns c = demo_shop_query(shop, sql);
    return (panel){.n = c.rows,
                   .article = columns_i32(&c, "article"),
                   .week = columns_i32(&c, "week"),
                   .units = columns_real(&c, "units"),
                   .log_price = columns_real(&c, "log_price"),
                   .log_units = columns_real(&c, "log_units"),
                   .articles = columns_i32(&c, "article")[c.rows - 1] + 1};
}

/* Poisson regression of units on log price with article and week effects: each effect in closed
 * form, then a Newton step for the slope; *se is the standard error of counts that are Poisson. */
static double fit_poisson(const panel *p, arena scratch, double *se) {
    double *a = take(&scratch, double, p->articles), *x = take(&scratch, double, p->articles);
    double *ya = take(&scratch, double, p->articles), yw[104] = {0}, w[104], beta = 0, step = 1;
    for (int64_t i = 0; i < p->n; i++) {
        ya[p->article[i]] += p->units[i];
        yw[p->week[i]] += p->units[i];
    }
    for (int i = 0; i < 104; i++) w[i] = 1;
    for (int round = 0; round < 500 && fabs(step) > 1e-7; round++) {
        double sum[104] = {0}, slope = 0, curve = 0;
        memset(a, 0, sizeof *a * (size_t)p->articles);
        memset(x, 0, sizeof *x * (size_t)p->articles);
        for (int64_t i = 0; i < p->n; i++) {
            double mu = exp(beta * p->log_price[i]) * w[p->week[i]];
            a[p->article[i]] += mu;
            x[p->article[i]] += mu * p->log_price[i];
        }
        for (int64_t i = 0; i < p->n; i++) {
            int32_t k = p->article[i];
            double mu = exp(beta * p->log_price[i]) * ya[k] / a[k];
            double centred = p->log_price[i] - x[k] / a[k];
            sum[p->week[i]] += mu;
            slope += (p->units[i] - mu * w[p->week[i]]) * centred;
            curve += mu * w[p->week[i]] * centred * centred;
        }
        for (int i = 0; i < 104; i++) w[i] = sum[i] > 0 ? yw[i] / sum[i] : 0;
        step = slope / curve;
        beta += step;
        *se = 1 / sqrt(curve);
    }
    return beta;
}

CHECK(demo_elasticities_come_back) {
    demo_shop *shop = demo_shop_see();
    err e = {0};
    pool *one = pool_open(1, 64 << 20, &e);
    const js_node *categories = js_get(shop->truth, "categories");
    double off[2] = {0}, weight = 0;
    make_weekly(shop);
    for (int64_t i = 0; i < js_count(categories); i++) {
        const js_node *c = js_at(categories, i);
        panel p = read_panel(shop, truth_text(c, "name"));
        double se = 0, planted = truth_real(c, "elasticity");
        double poisson = fit_poisson(&p, shop->s.scratch, &se);
        /* Hunters answer 1.8 times as much; twice in a week and what is owned take some of it. */
        double share = truth_real(c, "elasticity_in_effect") / planted;
        check(share > 1.02 && share < 1.15); /* 1.05 to 1.10 were seen */
        elasticity_data data = {.n = p.n,
                                .k = 1,
                                .y = p.log_units,
                                .x = p.log_price,
                                .effects = 2,
                                .effect = {p.article, p.week},
                                .levels = {p.articles, 104}};
        elasticity_fit f;
        check_ok(elasticity_run(&f, &data, ELASTICITY_DEFAULTS, one, &shop->s.keep,
                                shop->s.scratch, &e),
                 &e);
        /* Three standard errors of the smallest category (0.08 to 0.15) and a bias of up to 0.15:
         * weeks without a sale are missing, people do not buy what they own, stock runs out. */
        check_near(poisson, planted, 0.15 + 3 * se);
        check_near(f.beta[0], planted, 0.15 + 3 * f.se[0]);
        off[0] += (poisson - planted) / (se * se);
        off[1] += (f.beta[0] - planted) / (se * se);
        weight += 1 / (se * se);
    }
    check_near(off[0] / weight, 0, 0.10); /* the common bias alone; 0.04 was seen */
    check_near(off[1] / weight, 0, 0.10);
    pool_close(one);
}

CHECK(demo_prices_have_several_points_and_never_exceed_the_list) {
    demo_shop *shop = demo_shop_see();
    check(demo_shop_count(shop, "SELECT count(*) FROM sold WHERE price > list + 1e-9") == 0);
    /* Among the articles sold in eight weeks or more, nearly all had three prices. */
    double share = demo_shop_real(
        shop, "SELECT avg((p >= 3)::INTEGER) FROM (SELECT article_id, count(DISTINCT price) AS p "
              "FROM sold GROUP BY 1 HAVING count(DISTINCT week) >= 8)");
    check(share > 0.6);
    check(demo_shop_count(shop, "SELECT count(*) FROM (SELECT article_id, week FROM sold GROUP BY "
                                "ALL HAVING count(DISTINCT price) > 1)") == 0);
}

/* ---- time ---- */

static double list_real(const js_node *list, int64_t i) {
    double x = NAN;
    check(js_real(js_at(list, i), &x));
    return x;
}

/* Share of each category in four weeks against share * season * growth of the truth. */
CHECK(demo_seasons_come_back_by_category) {
    demo_shop *shop = demo_shop_see();
    const js_node *categories = js_get(shop->truth, "categories");
    double expected[10][26], seen[10][26] = {{0}}, sum[26] = {0}, all[26] = {0}, squares = 0;
    int64_t n = js_count(categories);
    check(n == 10);
    for (int64_t c = 0; c < n; c++) {
        const js_node *at = js_at(categories, c);
        double growth = truth_real(at, "growth_a_week"), drift = truth_real(at, "drift_a_year");
        char sql[300];
        slice name = truth_text(at, "name");
        for (int b = 0; b < 26; b++) {
            expected[c][b] = 0;
            for (int w = 4 * b; w < 4 * b + 4; w++)
                expected[c][b] += truth_real(at, "share") * list_real(js_get(at, "season"), w) *
                                  exp(drift * (w - 52) / 52 + (w >= 96 ? growth * (w - 95) : 0));
            sum[b] += expected[c][b];
        }
        snprintf(sql, sizeof sql,
                 "SELECT (week // 4)::INTEGER AS b, count(*) AS n FROM sold WHERE category = "
                 "'%.*s' GROUP BY 1 ORDER BY 1",
                 (int)name.n, name.p);
        columns got = demo_shop_query(shop, sql);
        for (int64_t r = 0; r < got.rows; r++) {
            int b = columns_i32(&got, "b")[r];
            all[b] += seen[c][b] = (double)columns_i64(&got, "n")[r];
        }
    }
    for (int64_t c = 0; c < n; c++) {
        double xy = 0, xx = 0, yy = 0, mx = 0, my = 0;
        for (int b = 0; b < 26; b++) {
            mx += log(expected[c][b] / sum[b]) / 26;
            my += log(seen[c][b] / all[b]) / 26;
        }
        for (int b = 0; b < 26; b++) {
            double x = log(expected[c][b] / sum[b]) - mx, y = log(seen[c][b] / all[b]) - my;
            xy += x * y, xx += x * x, yy += y * y;
            squares += (x - y) * (x - y) / 260;
        }
        /* Where the season moves a category's share by a third or more, it explains most of it. */
        if (sqrt(xx / 26) > 0.3) check(xy / sqrt(xx * yy) > 0.85);
    }
    /* Promotions come and go in a small range of articles: 0.14 was seen. */
    check(sqrt(squares) < 0.20);
}

CHECK(demo_weekdays_come_back_by_category) {
    demo_shop *shop = demo_shop_see();
    const js_node *categories = js_get(shop->truth, "categories");
    for (int64_t c = 0; c < js_count(categories); c++) {
        const js_node *at = js_at(categories, c), *days = js_get(at, "weekday");
        slice name = truth_text(at, "name");
        char sql[300];
        snprintf(sql, sizeof sql,
                 "SELECT avg((isodow(day) >= 6)::INTEGER) FROM sold WHERE category = '%.*s'",
                 (int)name.n, name.p);
        /* Three standard errors of 2,500 purchases and the pull of a shared order: 0.03 + 0.01 */
        check_near(demo_shop_real(shop, sql), list_real(days, 5) + list_real(days, 6), 0.04);
    }
}

/* Units of the planted articles in weeks [from, to). */
static double planted_units(demo_shop *shop, const char *direction, int from, int to) {
    const js_node *ids = js_get(js_get(shop->truth, "trends"), direction);
    double units = 0;
    check(js_count(ids) >= 3);
    for (int64_t i = 0; i < js_count(ids); i++) {
        char sql[300];
        slice id;
        check(js_text(js_at(ids, i), &id));
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM sold WHERE article_id = '%.*s' AND week >= %d AND week < %d",
                 (int)id.n, id.p, from, to);
        units += (double)demo_shop_count(shop, sql);
    }
    return units;
}

CHECK(demo_trends_come_back) {
    demo_shop *shop = demo_shop_see();
    double up = planted_units(shop, "rising", 100, 104) / planted_units(shop, "rising", 92, 96);
    double down = planted_units(shop, "declining", 100, 104) /
                  planted_units(shop, "declining", 92, 96);
    /* Weeks 100 to 103 have the fifth to eighth week of growth: exp(0.18 * 6.5) = 3.2 one way and
     * the other. People who own an article do not buy it again, and counts are some 100 units. */
    check(up > 1.3 && down < 0.75 && up / down > 3.5);
}

CHECK(demo_range_renews_itself_by_a_tenth_a_week) {
    demo_shop *shop = demo_shop_see();
    double share = demo_shop_real(
        shop, "SELECT avg(x) FROM (SELECT week, avg((f = week)::INTEGER) AS x FROM (SELECT "
              "DISTINCT week, article_id, min(week) OVER (PARTITION BY article_id) AS f FROM sold) "
              "WHERE week >= 4 GROUP BY week)");
    /* Slow articles are missing in weeks without a sale, so the new ones weigh a little more. */
    check_near(share, truth_real(shop->truth, "new_article_share"), 0.025);
}

/* ---- people ---- */

CHECK(demo_repurchases_come_back) {
    demo_shop *shop = demo_shop_see();
    const char *again = "SELECT avg((day > f)::INTEGER) FROM (SELECT DISTINCT customer_id, "
                        "article_id, day, min(day) OVER (PARTITION BY customer_id, article_id) "
                        "AS f FROM sold)";
    double share = demo_shop_real(shop, again);
    check(share > 0.03 && share < 0.06);
    /* The generator remembers 250 articles a person; a handful of people bought more. */
    check_near(share, truth_real(shop->truth, "repurchase_share"), 0.001);
}

/* The planted chances must rank better than the week's best sellers known in hindsight, and the
 * counts are those of the files. */
CHECK(demo_best_possible_lists_beat_hindsight) {
    demo_shop *shop = demo_shop_see();
    columns c = demo_shop_query(
        shop,
        "WITH buys AS (SELECT DISTINCT week, customer_id, article_id FROM sold WHERE week >= 100), "
        "top AS (SELECT week, article_id, row_number() OVER (PARTITION BY week ORDER BY count(*) "
        "        DESC, article_id) AS place FROM buys GROUP BY week, article_id "
        "        QUALIFY place <= 12), "
        "hits AS (SELECT b.*, t.place, sum(1) OVER (PARTITION BY b.week, b.customer_id ORDER BY "
        "         t.place) AS found FROM buys b JOIN top t USING (week, article_id)), "
        "ap AS (SELECT b.week, b.customer_id, coalesce((SELECT sum(found / place) FROM hits h "
        "       WHERE h.week = b.week AND h.customer_id = b.customer_id), 0) "
        "       / least(count(*), 12) AS ap FROM buys b GROUP BY b.week, b.customer_id) "
        "SELECT count(*) AS customers, avg(ap) AS map FROM ap GROUP BY week ORDER BY week");
    const js_node *best = js_get(shop->truth, "best_possible_lists");
    check(js_count(best) == 4 && c.rows == 4);
    for (int64_t i = 0; i < 4; i++) {
        double map = truth_real(js_at(best, i), "map_at_12");
        double hindsight = columns_real(&c, "map")[i];
        check(truth_int(js_at(best, i), "customers") == columns_i64(&c, "customers")[i]);
        check(hindsight > 0.02 && map > 1.5 * hindsight && map < 0.5);
    }
}

static void make_segments(demo_shop *shop) {
    err e = {0};
    const js_node *people = js_get(shop->truth, "customers");
    static const char *const names[] = {"customer_id", "segment", "style"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_I32};
    columns c = columns_new(&shop->s.keep, 3, names, types, js_count(people));
    for (int64_t i = 0; i < c.rows; i++) {
        const char *id = js_key(people, i);
        const js_node *p = js_get(people, id);
        c.at[0].text[i] = slice_of(id);
        c.at[1].text[i] = truth_text(p, "segment");
        c.at[2].i32[i] = (int32_t)truth_int(p, "style");
    }
    check_ok(db_put(shop->d, "planted", &c, &e), &e);
    check_ok(db_runf(shop->d, &e,
                     "CREATE OR REPLACE TABLE people AS SELECT p.*, count(s.day) AS lines, "
                     "count(DISTINCT s.day) AS days, min(s.week) AS first_week, "
                     "max(s.week) AS last_week, avg(s.price / s.list) AS ratio FROM planted p "
                     "LEFT JOIN sold s USING (customer_id) GROUP BY ALL"),
             &e);
}

CHECK(demo_segments_behave_as_planted) {
    demo_shop *shop = demo_shop_see();
    make_segments(shop);
    check(demo_shop_count(shop, "SELECT count(*) FROM people WHERE segment = 'never' "
                                "AND lines > 0") == 0);
    check(demo_shop_count(shop, "SELECT count(*) FROM people WHERE segment = 'one-off' "
                                "AND days > 1") == 0);
    check(demo_shop_count(shop, "SELECT count(*) FROM people WHERE segment = 'churned' "
                                "AND last_week > 70") == 0);
    check(demo_shop_count(shop, "SELECT count(*) FROM people WHERE segment = 'new' "
                                "AND first_week < 77") == 0);
    check(demo_shop_count(shop, "SELECT count(*) FROM people p JOIN sold s USING (customer_id) "
                                "WHERE segment = 'seasonal' "
                                "AND month(s.day) IN (1, 2, 3, 4, 8, 9, 10)") == 0);
    /* Bargain hunters pay a smaller part of the list price than the loyal, by five points: the
     * standard error of the difference is half a point (400 people, 0.1 apart). */
    double loyal = demo_shop_real(shop, "SELECT avg(ratio) FROM people WHERE segment = 'loyal'");
    check(loyal - demo_shop_real(shop, "SELECT avg(ratio) FROM people WHERE segment = 'bargain'") >
          0.035);
    double lines = demo_shop_real(shop, "SELECT avg(lines) FROM people WHERE segment = 'loyal'");
    check(lines > 2.5 * demo_shop_real(shop, "SELECT avg(lines) FROM people "
                                             "WHERE segment <> 'loyal'"));
}

/* The twelve best sellers of weeks 92…99 among people of one's own style hit more of what is
 * bought in the last four weeks than the shop's twelve best sellers: tastes can be learnt. */
CHECK(demo_tastes_beat_popularity) {
    demo_shop *shop = demo_shop_see();
    make_segments(shop);
    static const char hits[] =
        "SELECT avg((best.article_id IS NOT NULL)::INTEGER) FROM (SELECT DISTINCT p.style, "
        "s.customer_id, s.article_id FROM sold s JOIN planted p USING (customer_id) "
        "WHERE week >= 100) AS t LEFT JOIN (SELECT * FROM (SELECT %s AS style, article_id, "
        "row_number() OVER (PARTITION BY %s ORDER BY count(*) DESC, article_id) AS place FROM sold "
        "JOIN planted p USING (customer_id) WHERE week BETWEEN 92 AND 99 GROUP BY 1, 2) "
        "WHERE place <= 12) AS best ON best.article_id = t.article_id AND best.style = %s";
    char styled[900], plain[900];
    snprintf(styled, sizeof styled, hits, "p.style", "p.style", "t.style");
    snprintf(plain, sizeof plain, hits, "0", "1", "0");
    double own = demo_shop_real(shop, styled), all = demo_shop_real(shop, plain);
    check(all > 0.03 && own > 1.2 * all);
}

/* ---- stock ---- */

CHECK(demo_stock_moves_with_sales) {
    demo_shop *shop = demo_shop_see();
    err e = {0};
    check_ok(db_runf(shop->d, &e,
                     "CREATE OR REPLACE TABLE moves AS SELECT a.article_id, a.on_hand, a.on_order, "
                     "coalesce(s.units, 0) AS units, b.on_hand AS next, "
                     "b.on_hand - (a.on_hand - coalesce(s.units, 0)) AS came FROM stock a "
                     "LEFT JOIN stock b ON b.article_id = a.article_id AND b.day = a.day + 7 "
                     "LEFT JOIN (SELECT article_id, week, count(*) AS units FROM sales "
                     "GROUP BY ALL) s ON s.article_id = a.article_id "
                     "AND s.week = (a.day - DATE '2023-10-02') // 7"),
             &e);
    check(demo_shop_count(shop, "SELECT count(*) FROM moves WHERE units > on_hand") == 0);
    check(demo_shop_count(shop, "SELECT count(*) FROM moves WHERE came < 0 "
                                "OR came > on_order") == 0);
    double out = demo_shop_real(shop, "SELECT avg((units = on_hand)::INTEGER) FROM moves");
    check(out > 0.005 && out < 0.10);
    check(truth_int(shop->truth, "units_lost_to_stock_outs") > 100);
}
