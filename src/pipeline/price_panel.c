/* price_panel: weeks of the articles that were sold at several prices, as data of a fit. */
#include "pipeline/price_panel.h"

#include <string.h>

#define LEAST_WEEKS   8    /* weeks with sales of an article */
#define MOST_ARTICLES 4000 /* those sold in most weeks: beyond them only time is lost */

bool price_panel_read(columns *c, work *w, int32_t known, int32_t from, int32_t to, arena *keep,
                      err *e) {
    return db_query(
        w->d, keep, c, e,
        "WITH raw AS (SELECT a.article, a.category, a.type, w.week, "
        "CAST(greatest(w.units, 0) AS DOUBLE) AS units, w.avg_price, "
        "greatest(last_value(w.avg_price IGNORE NULLS) OVER (PARTITION BY a.article "
        "ORDER BY w.week ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), "
        "first_value(CASE WHEN w.week + 7 <= DATE '%s' THEN w.avg_price END IGNORE NULLS) OVER "
        "(PARTITION BY a.article ORDER BY w.week ROWS BETWEEN CURRENT ROW AND UNBOUNDED "
        "FOLLOWING)) AS price, "
        "(w.week - min(w.week) OVER (PARTITION BY a.article)) // 7 AS age FROM weekly_sales w "
        "JOIN b_articles a ON a.article_id = w.series WHERE w.level = 'article' "
        "AND w.week + 7 <= DATE '%s'), "
        "fit AS (SELECT article FROM raw WHERE units > 0 AND avg_price > 0 AND "
        "week + 7 <= DATE '%s' GROUP BY article HAVING count(*) >= %d AND "
        "count(DISTINCT CAST(round(ln(avg_price) / 0.03) AS INTEGER)) >= 3 "
        "ORDER BY count(*) DESC, article LIMIT %d), "
        "tiers AS (SELECT article, ntile(3) OVER (PARTITION BY type ORDER BY max(price), article) "
        "AS tier FROM raw WHERE article IN (SELECT article FROM fit) GROUP BY article, type), "
        "counts AS (SELECT article, CAST(date_trunc('week', day) AS DATE) AS week, "
        "min_by(on_hand, day) AS on_hand FROM stock GROUP BY ALL), "
        "kept AS (SELECT r.*, t.tier, coalesce(ln(1.0 + greatest(k.on_hand, 0)), "
        "CAST('NaN' AS DOUBLE)) AS stock FROM raw r JOIN tiers t ON t.article = r.article "
        "LEFT JOIN counts k ON k.article = r.article AND k.week = r.week WHERE r.price > 0 "
        "AND r.age >= 1), "
        "coded AS (SELECT article, category, week, units, ln(price) AS x, "
        "ln(CAST(age AS DOUBLE)) AS age, stock, "
        "CAST(dense_rank() OVER (ORDER BY article) - 1 AS INTEGER) AS place, "
        "CAST(dense_rank() OVER (ORDER BY category) - 1 AS INTEGER) AS code, "
        "CAST(dense_rank() OVER (ORDER BY category, week) - 1 AS INTEGER) AS cell, "
        "CAST(dense_rank() OVER (ORDER BY category, type, tier) - 1 AS INTEGER) AS nest FROM kept) "
        "SELECT * FROM coded WHERE week >= DATE '%s' ORDER BY article, week",
        day_text(keep, known), day_text(keep, to), day_text(keep, known), LEAST_WEEKS,
        MOST_ARTICLES, day_text(keep, from));
}

int32_t price_panel_levels(const int32_t *x, int64_t n) {
    int32_t levels = 0;
    for (int64_t i = 0; i < n; i++)
        if (x[i] >= levels) levels = x[i] + 1;
    return levels;
}

/* True when two articles of one category and week differ in age; else the week says it all. */
static bool ages_differ(const columns *c, int32_t category, arena scratch) {
    const int32_t *code = columns_i32(c, "code"), *cell = columns_i32(c, "cell");
    const double *age = columns_real(c, "age");
    double *seen = take(&scratch, double, price_panel_levels(cell, c->rows));
    for (int64_t i = 0; i < c->rows; i++) {
        if (category >= 0 && code[i] != category) continue;
        if (seen[cell[i]] > 0 && seen[cell[i]] != age[i] + 1.0) return true;
        seen[cell[i]] = age[i] + 1.0; /* ln age is at least 0 */
    }
    return false;
}

elasticity_data price_panel_data(const columns *c, int32_t category, bool with_price, scope *s) {
    arena *keep = &s->keep;
    bool with_age = ages_differ(c, category, s->scratch);
    const int32_t *code = columns_i32(c, "code"), *place = columns_i32(c, "place"),
                  *cell = columns_i32(c, "cell");
    int64_t n = 0;
    for (int64_t i = 0; i < c->rows; i++) n += category < 0 || code[i] == category;
    int k = with_price + with_age;
    double *y = take(keep, double, n), *x = take(keep, double, n * k);
    int32_t *article = take(keep, int32_t, n), *week = take(keep, int32_t, n);
    int64_t at = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        if (category >= 0 && code[i] != category) continue;
        y[at] = columns_real(c, "units")[i];
        if (with_price) x[at] = columns_real(c, "x")[i];
        if (with_age) x[(k - 1) * n + at] = columns_real(c, "age")[i];
        article[at] = place[i], week[at++] = cell[i];
    }
    int32_t articles = price_panel_levels(place, c->rows);
    return (elasticity_data){.n = n, .k = k, .y = y, .x = x, .effects = 2,
                             .effect = {article, week},
                             .levels = {articles, price_panel_levels(cell, c->rows)},
                             .cluster = article, .clusters = articles};
}

