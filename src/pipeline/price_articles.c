/* price_articles: the elasticity of each article, drawn toward its category's; prices.json. */
#include "pipeline/price_articles.h"

#include <math.h>

#include "base/order.h"
#include "models/interval.h"

enum { ROUNDS = 2, SHOWN = 1000 };

/* ---- fit ---- */

/* offset[rows] = what the row sells apart from article level and price, given slopes by article. */
static bool offsets_given(double *offset, const columns *c, const double *slope_of, work *w,
                          scope *s, const char **why) {
    elasticity_fit f;
    err e = {0};
    elasticity_params p = ELASTICITY_DEFAULTS;
    elasticity_data d = price_panel_data(c, -1, false, s);
    const int32_t *place = columns_i32(c, "place"), *cell = columns_i32(c, "cell");
    double *known = take(&s->keep, double, c->rows);
    p.poisson = true, p.tolerance = 1e-8;
    for (int64_t i = 0; i < c->rows; i++)
        known[i] = slope_of[place[i]] * columns_real(c, "x")[i];
    d.offset = known;
    if (!elasticity_run(&f, &d, p, w->threads, &s->keep, s->scratch, &e)) {
        *why = arena_text(&s->keep, "%s", e.text);
        return false;
    }
    for (int64_t i = 0; i < c->rows; i++)
        offset[i] = f.value[1][cell[i]] + (d.k ? f.beta[0] * columns_real(c, "age")[i] : 0.0);
    return true;
}

bool price_articles_fit(price_articles *out, const insight_prices *p, const columns *c, work *w,
                        scope *s, const char **why) {
    const int32_t *place = columns_i32(c, "place"), *code = columns_i32(c, "code");
    int32_t n = price_panel_levels(place, c->rows), *category = take(&s->keep, int32_t, n);
    double *now = take(&s->keep, double, n), *mean = take(&s->keep, double, p->n),
           *se = take(&s->keep, double, p->n), *offset = take(&s->keep, double, c->rows);
    *out = (price_articles){.n = n, .slope = take(&s->keep, slope, n), .category = category};
    for (int64_t i = 0; i < c->rows; i++) category[place[i]] = code[i];
    for (int k = 0; k < p->n; k++) { /* no category has its own: all have the shop's */
        bool own = p->category[k].se > 0;
        mean[k] = own ? p->category[k].elasticity : p->elasticity;
        se[k] = own ? p->category[k].se : p->se;
    }
    for (int32_t a = 0; a < n; a++) now[a] = mean[category[a]];
    for (int round = 0; round < ROUNDS; round++) {
        if (!offsets_given(offset, c, now, w, s, why)) return false;
        slopes_fit(out->slope,
                   &(slope_rows){c->rows, n, place, columns_real(c, "units"),
                                 columns_real(c, "x"), offset}, s->scratch);
        out->tau = sqrt(slopes_shrink(out->slope, n, category, p->n, mean, se, s->scratch));
        for (int32_t a = 0; a < n; a++) now[a] = out->slope[a].value;
    }
    return true;
}

/* ---- names and last weeks ---- */

/* In order of article, as `place` counts them. */
static bool query_facts(columns *facts, const work *w, const columns *c, arena *keep, err *e) {
    columns id = *c;
    column only[2] = {*columns_find(c, "article"), *columns_find(c, "place")};
    id.at = only, id.n = 2;
    return db_put(w->d, "price_places", &id, e) &&
           db_query(w->d, keep, facts, e,
                    "SELECT a.article_id, coalesce(a.name, '') AS name, w.price, w.top, w.rate, "
                    "coalesce(CAST(k.on_hand AS DOUBLE), CAST('NaN' AS DOUBLE)) AS stock "
                    "FROM (SELECT DISTINCT article, place FROM price_places) p "
                    "JOIN b_articles a ON a.article = p.article JOIN (SELECT series, "
                    "CAST(max_by(avg_price, week) FILTER (WHERE avg_price > 0) AS DOUBLE) AS "
                    "price, CAST(max(avg_price) AS DOUBLE) AS top, CAST(coalesce(sum(units) "
                    "FILTER (WHERE week >= DATE '%s'), 0) / 4.0 AS DOUBLE) AS rate "
                    "FROM weekly_sales WHERE level = 'article' GROUP BY series) w "
                    "ON w.series = a.article_id LEFT JOIN (SELECT article, "
                    "max_by(on_hand, day) AS on_hand FROM stock GROUP BY article) k "
                    "ON k.article = p.article ORDER BY p.place",
                    day_text(keep, w->days.end - 28)) &&
           db_run(w->d, SLICE("DROP TABLE price_places"), e);
}

/* ---- prices.json ---- */

static void put_interval(js *j, double value, double se) {
    js_put_real(j, "elasticity", value);
    js_put_real(j, "low", value - INTERVAL_Z95 * se);
    js_put_real(j, "high", value + INTERVAL_Z95 * se);
}

static const char *verdict_of(const slope *a) {
    double low = a->value - INTERVAL_Z95 * a->se, high = a->value + INTERVAL_Z95 * a->se;
    return high < -1.0 ? "elastic" : low > -1.0 && high < 0.0 ? "inelastic" : "unsure";
}

static void put_definitions(js *j) {
    static const char *const all[][2] = {
        {"elasticity", "Change in an article's weekly units, in per cent, for one per cent on its "
                       "price, with the category's week and the article's age held fixed; drawn "
                       "toward its category by weight. Intervals hold 95 %."},
        {"own", "The same from the article's own weeks alone; refused below three prices 3 % apart "
                "or eight weeks, and where all sold at one end of the prices."},
        {"weight", "Share of the article's own weeks in its elasticity; the rest is its "
                   "category's."},
        {"points", "Prices 3 % apart that it was sold at."},
        {"verdict", "elastic: surely below -1, a cut raises revenue. inelastic: surely between -1 "
                    "and 0, a cut lowers revenue. unsure: the interval holds both."},
        {"poisson", "Poisson with effects of article and of category and week, and age: the "
                    "figure that is used."},
        {"poisson_without_age", "The same without age."},
        {"naive", "Logarithm of units on logarithm of price, nothing held fixed: compares dear "
                  "with cheap articles."},
        {"log_log", "Least squares on logarithms with the same effects, age and stock; weeks "
                    "without sales are lost, which bends it toward 0 where units are few."},
        {"double_ml", "Price and units each freed of a curve of age, of stock and of the prices "
                      "around, foretold from other articles, then compared; on the weeks of "
                      "log_log, from which it must not differ by two standard errors."},
        {"next_week", "What next week's price explains of this week's units beside this week's "
                      "price. It cannot be a cause: unless it is near 0, prices follow demand and "
                      "elasticities are not to be trusted as causes."},
        {"cross", "Change in units for one per cent on the mean price of the other articles of "
                  "the same type and third of the prices, drawn toward 0.26 (standard deviation "
                  "0.30), the mean of published estimates; their median is 0.10."}};
    js_object(j, "definitions");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) js_put_word(j, all[i][0], all[i][1]);
    js_end(j);
}

static void put_checks(js *j, const price_checks *k) {
    js_array(j, "checks");
    for (int i = 0; i < PRICE_WAYS; i++) {
        const price_check *one = &k->way[i];
        js_object(j, NULL);
        js_put_word(j, "way", price_way_names[i]);
        put_interval(j, one->value, one->se);
        js_put_real(j, "se", one->se);
        js_put_int(j, "n", one->n);
        js_put_word(j, "refused", one->refused);
        js_end(j);
    }
    js_end(j);
    js_put_bool(j, "prices_follow_demand", k->leads);
    js_put_bool(j, "ways_disagree", k->disagrees);
}

static void put_categories(js *j, const insight_prices *p, const price_cross *cross) {
    js_array(j, "categories");
    for (int k = 0; k < p->n; k++) {
        const insight_price *one = &p->category[k];
        bool known = one->se > 0;
        js_object(j, NULL);
        js_put_text(j, "category", one->category);
        put_interval(j, known ? one->elasticity : NAN, one->se);
        js_put_int(j, "articles", one->articles);
        js_put_word(j, "refused", one->refused);
        js_object(j, "cross");
        put_interval(j, cross[k].value, cross[k].se);
        js_put_real(j, "own", cross[k].own);
        js_put_int(j, "n", cross[k].n);
        js_end(j);
        js_end(j);
    }
    js_end(j);
}

static void put_article(js *j, const slope *a, slice category, const columns *facts, int32_t i) {
    js_object(j, NULL);
    js_put_text(j, "id", columns_text(facts, "article_id")[i]);
    js_put_text(j, "name", columns_text(facts, "name")[i]);
    js_put_text(j, "category", category);
    put_interval(j, a->value, a->se);
    js_put_real(j, "se", a->se);
    js_put_real(j, "own", a->own);
    js_put_real(j, "own_se", a->own_se);
    js_put_real(j, "weight", a->weight);
    js_put_int(j, "points", a->points);
    js_put_int(j, "weeks", a->weeks);
    js_put_real(j, "units", a->units);
    js_put_word(j, "verdict", verdict_of(a));
    js_put_word(j, "refused", slope_words[a->verdict]);
    js_put_real(j, "price", columns_real(facts, "price")[i]);
    js_put_real(j, "full_price", columns_real(facts, "top")[i]);
    js_put_real(j, "rate", columns_real(facts, "rate")[i]);
    js_put_real(j, "stock", columns_real(facts, "stock")[i]);
    js_end(j);
}

/* The articles of most units; how many of those with a slope of their own have it above 0. */
static void put_articles(js *j, const price_articles *a, const insight_prices *p,
                         const columns *facts, scope *s) {
    double *units = take(&s->keep, double, a->n);
    int32_t *order = order_count(a->n, &s->keep);
    int64_t own = 0, above = 0;
    for (int32_t i = 0; i < a->n; i++) {
        units[i] = a->slope[i].units;
        own += a->slope[i].verdict == SLOPE_OWN, above += a->slope[i].own > 0;
    }
    order_down(order, a->n, units, s->scratch);
    js_put_int(j, "articles_with_price_steps", a->n);
    js_put_int(j, "articles_with_own", own);
    js_put_real(j, "share_above_zero", own ? (double)above / (double)own : NAN);
    js_put_real(j, "spread_within_category", a->tau);
    js_array(j, "articles");
    for (int32_t i = 0; i < a->n && i < SHOWN; i++)
        put_article(j, &a->slope[order[i]], p->category[a->category[order[i]]].category, facts,
                    order[i]);
    js_end(j);
}

/* ---- price_elasticities.parquet ---- */

static bool write_table(const work *w, folder *f, const price_articles *a, const insight_prices *p,
                        const columns *facts, scope *s, err *e) {
    static const char *const names[] = {"article_id", "category", "elasticity", "se", "own",
                                        "own_se",     "weight",   "points",     "weeks", "verdict"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_REAL, COLUMN_I32,
                                        COLUMN_I32,  COLUMN_TEXT};
    columns c = columns_new(&s->keep, 10, names, types, a->n);
    c.at[4].valid = take(&s->keep, uint8_t, a->n);
    c.at[5].valid = c.at[4].valid;
    for (int32_t i = 0; i < a->n; i++) {
        const slope *one = &a->slope[i];
        c.at[0].text[i] = columns_text(facts, "article_id")[i];
        c.at[1].text[i] = p->category[a->category[i]].category;
        c.at[2].real[i] = one->value, c.at[3].real[i] = one->se;
        c.at[4].valid[i] = one->verdict == SLOPE_OWN;
        c.at[4].real[i] = c.at[4].valid[i] ? one->own : 0.0;
        c.at[5].real[i] = c.at[4].valid[i] ? one->own_se : 0.0;
        c.at[6].real[i] = one->weight, c.at[7].i32[i] = one->points, c.at[8].i32[i] = one->weeks;
        c.at[9].text[i] = slice_of(verdict_of(one));
    }
    return db_put(w->d, "price_elasticities", &c, e) &&
           db_write_parquet(w->d, "price_elasticities",
                            folder_path(f, "price_elasticities.parquet"), e) &&
           folder_rows(f, "price_elasticities.parquet", a->n) &&
           db_run(w->d, SLICE("DROP TABLE price_elasticities"), e);
}

bool price_articles_write(work *w, folder *f, const insight_prices *p, const columns *c, scope *s,
                          err *e) {
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    price_articles a = {0};
    columns facts = {0};
    const char *refused = p->refused;
    if (!refused && !price_articles_fit(&a, p, c, w, s, &refused)) a.n = 0;
    if (!query_facts(&facts, w, c, &s->keep, e)) return false;
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.prices/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    put_definitions(j);
    js_object(j, "all");
    put_interval(j, refused ? NAN : p->elasticity, p->se);
    js_put_word(j, "refused", refused);
    js_end(j);
    if (!refused) {
        price_cross *cross = take(&s->keep, price_cross, p->n);
        price_checks checks = price_checks_run(c, w, s);
        price_cross_run(cross, p->n, c, w, s);
        put_categories(j, p, cross);
        put_checks(j, &checks);
        put_articles(j, &a, p, &facts, s);
    }
    js_end(j);
    return folder_write(f, "prices.json", text_slice(&j->out), e) &&
           write_table(w, f, &a, p, &facts, s, e);
}
