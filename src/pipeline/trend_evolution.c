/* trend_evolution: how categories and attributes change their share, and why revenue changed. */
#include "pipeline/trend_evolution.h"

#include <math.h>

#include "models/insight/decompose.h"
#include "pipeline/trend_panel.h"

#define MILLION 1e6
enum { BLOCKS = 7, VALUES = 12 }; /* of four weeks; of an attribute */

/* ---- revenue ---- */

typedef struct period {
    const char *from0, *to0, *from1, *to1; /* days; to is exclusive */
} period;

static period period_of(int32_t end, int weeks, int32_t back, arena *keep) {
    return (period){day_text(keep, end - back - 7 * weeks), day_text(keep, end - back),
                    day_text(keep, end - 7 * weeks), day_text(keep, end)};
}

static double money(int64_t millionths) { return (double)millionths / MILLION; }

static void put_parts(js *j, const decompose_pvm *p, const decompose_pvm *all) {
    const decompose_sales *a = &p->of;
    js_put_int(j, "units_before", a->units0);
    js_put_int(j, "units", a->units1);
    js_put_real(j, "before", money(a->money0));
    js_put_real(j, "revenue", money(a->money1));
    js_put_real(j, "change", money(a->money1 - a->money0));
    js_put_real(j, "price", money(p->price));
    js_put_real(j, "volume", money(p->volume));
    js_put_real(j, "mix", money(p->mix));
    js_put_real(j, "share_before", (double)a->money0 / (double)all->of.money0);
    js_put_real(j, "share", (double)a->money1 / (double)all->of.money1);
    js_put_real(j, "contribution",
                (double)(a->money1 - a->money0) / (double)all->of.money0); /* to growth */
}

/* Traffic, conversion and basket where the shop knows its visits; else orders, units, price. */
static bool put_shapley(js *j, db *d, period p, const decompose_pvm *all, arena *keep, err *e) {
    columns c;
    if (!db_query(d, keep, &c, e,
                  "SELECT CAST(w.late AS INTEGER) AS late, CAST(coalesce(sum(s.visits), 0) AS "
                  "DOUBLE) AS visits, CAST(coalesce(sum(s.orders), 0) AS DOUBLE) AS orders "
                  "FROM (VALUES (0, DATE '%s', DATE '%s'), (1, DATE '%s', DATE '%s')) "
                  "w(late, a, b) LEFT JOIN story_days s ON s.day >= w.a AND s.day < w.b "
                  "GROUP BY w.late ORDER BY w.late",
                  p.from0, p.to0, p.from1, p.to1))
        return false;
    static const char *const names[2][3] = {{"traffic", "conversion", "basket"},
                                            {"orders", "units_per_order", "unit_price"}};
    const double *visits = columns_real(&c, "visits"), *orders = columns_real(&c, "orders");
    const decompose_sales *a = &all->of;
    double units[2] = {(double)a->units0, (double)a->units1}, x[2][3];
    double paid[2] = {money(a->money0), money(a->money1)};
    bool whole = true, seen = true;
    for (int k = 0; k < 2; k++) {
        whole &= orders[k] > 0 && units[k] > 0;
        seen &= visits[k] >= orders[k];
    }
    js_array(j, "shapley");
    for (int k = 0; k < 2 && whole; k++) {
        double by_visits[3] = {visits[k], orders[k] / visits[k], paid[k] / orders[k]};
        double by_units[3] = {orders[k], units[k] / orders[k], paid[k] / units[k]};
        for (int i = 0; i < 3; i++) x[k][i] = seen ? by_visits[i] : by_units[i];
    }
    int64_t part[3];
    if (whole) decompose_shapley(part, x[0], x[1], a->money1 - a->money0);
    for (int i = 0; i < 3 && whole; i++) {
        js_object(j, NULL);
        js_put_word(j, "factor", names[!seen][i]);
        js_put_real(j, "before", x[0][i]);
        js_put_real(j, "now", x[1][i]);
        js_put_real(j, "part", money(part[i]));
        js_end(j);
    }
    js_end(j);
    return true;
}

static bool read_sales(db *d, period p, columns *c, arena *keep, err *e) {
    return db_query(d, keep, c, e,
                    "SELECT category, code, units0, units1, money0, money1 FROM (SELECT item, "
                    "category, CAST(dense_rank() OVER (ORDER BY category) - 1 AS INTEGER) AS code, "
                    "CAST(coalesce(sum(units) FILTER (WHERE day < DATE '%s'), 0) AS BIGINT) AS "
                    "units0, CAST(coalesce(sum(units) FILTER (WHERE day >= DATE '%s'), 0) AS "
                    "BIGINT) AS units1, CAST(coalesce(sum(revenue) FILTER (WHERE day < DATE '%s'), "
                    "0) * 1000000 AS BIGINT) AS money0, CAST(coalesce(sum(revenue) FILTER (WHERE "
                    "day >= DATE '%s'), 0) * 1000000 AS BIGINT) AS money1 FROM story_sales "
                    "WHERE (day >= DATE '%s' AND day < DATE '%s') OR (day >= DATE '%s' AND day < "
                    "DATE '%s') GROUP BY item, category) ORDER BY category, item",
                    p.from1, p.from1, p.from1, p.from1, p.from0, p.to0, p.from1, p.to1);
}

static bool put_period(js *j, const char *key, db *d, period p, arena *keep, err *e) {
    columns c;
    if (!read_sales(d, p, &c, keep, e)) return false;
    const int32_t *code = columns_i32(&c, "code");
    int groups = c.rows ? code[c.rows - 1] + 1 : 0;
    decompose_sales *article = take(keep, decompose_sales, c.rows);
    for (int64_t i = 0; i < c.rows; i++)
        article[i] = (decompose_sales){columns_i64(&c, "units0")[i], columns_i64(&c, "units1")[i],
                                       columns_i64(&c, "money0")[i], columns_i64(&c, "money1")[i]};
    decompose_pvm *of = take(keep, decompose_pvm, groups), all;
    decompose_groups(of, &all, article, code, c.rows, groups);
    js_object(j, key);
    js_put_word(j, "from", p.from1);
    js_put_word(j, "to", p.to1);
    js_put_word(j, "before_from", p.from0);
    js_put_word(j, "before_to", p.to0);
    js_object(j, "all");
    put_parts(j, &all, &all);
    js_end(j);
    js_array(j, "categories");
    for (int64_t i = 0; i < c.rows; i++) {
        if (i > 0 && code[i] == code[i - 1]) continue;
        js_object(j, NULL);
        js_put_text(j, "category", columns_text(&c, "category")[i]);
        put_parts(j, &of[code[i]], &all);
        js_end(j);
    }
    js_end(j);
    bool done = put_shapley(j, d, p, &all, keep, e);
    js_end(j);
    return done;
}

bool trend_evolution_revenue(js *j, db *d, int32_t end, int weeks, arena *keep, err *e) {
    columns c;
    period year = period_of(end, weeks, 364, keep);
    if (!db_query(d, keep, &c, e,
                  "SELECT count(revenue) AS paid, CAST(coalesce(min(day) <= DATE '%s', FALSE) AS "
                  "INTEGER) AS reaches FROM story_sales",
                  year.from0))
        return false;
    if (columns_i64(&c, "paid")[0] == 0) {
        js_put_null(j, "revenue");
        return true;
    }
    js_object(j, "revenue");
    bool done = put_period(j, "previous", d, period_of(end, weeks, 7 * weeks, keep), keep, e);
    if (done && columns_i32(&c, "reaches")[0]) done = put_period(j, "year", d, year, keep, e);
    else js_put_null(j, "year");
    js_end(j);
    return done;
}

/* ---- attributes ---- */

/* Exposure of every value: the shop's units in the same weeks, so that growth is of the share. */
static const double *shop_exposure(const trend_panel *p, const double *shop, arena *keep) {
    int both = 2 * p->items.weeks;
    double *x = take(keep, double, p->items.n * both), mean = 0;
    for (int w = 0; w < both; w++) mean += shop[w] / both;
    for (int64_t i = 0; i < p->items.n; i++)
        for (int w = 0; w < both; w++)
            x[i * both + w] = p->items.exposure[i * both + w] * fmax(shop[w], 0.5) / mean;
    return x;
}

/* Units of the shop by block of seven days before end: [4 * BLOCKS], oldest first. */
static bool read_shop(db *d, int32_t end, double *shop, arena *keep, err *e) {
    columns c;
    const char *day = day_text(keep, end);
    if (!db_query(d, keep, &c, e,
                  "SELECT CAST((DATE '%s' - 1 - day) // 7 AS INTEGER) AS back, CAST(sum(units) AS "
                  "DOUBLE) AS units FROM story_sales WHERE day < DATE '%s' AND day >= DATE '%s' "
                  "GROUP BY back ORDER BY back",
                  day, day, day_text(keep, end - 28 * BLOCKS)))
        return false;
    for (int64_t r = 0; r < c.rows; r++)
        shop[4 * BLOCKS - 1 - columns_i32(&c, "back")[r]] = columns_real(&c, "units")[r];
    return true;
}

/* The values of attribute `code`, most units first, at most VALUES; returns how many. */
static int largest(const trend_panel *p, const int32_t *weeks, int code, int32_t at[VALUES]) {
    double size[VALUES];
    int n = 0;
    for (int64_t i = 0; i < p->items.n; i++) {
        if (p->items.category[i] != code) continue;
        double sum = 0;
        for (int w = 0; w < 4 * BLOCKS; w++) sum += weeks[i * 4 * BLOCKS + w];
        if (n == VALUES && !(sum > size[n - 1])) continue;
        int k = n < VALUES ? n++ : n - 1;
        while (k > 0 && size[k - 1] < sum) size[k] = size[k - 1], at[k] = at[k - 1], k--;
        size[k] = sum, at[k] = (int32_t)i;
    }
    return n;
}

static void put_value(js *j, slice value, const int32_t *weeks, const double *shop,
                      const trend_item *one) {
    js_object(j, NULL);
    js_put_text(j, "value", value);
    js_put_int(j, "recent", one->recent);
    js_put_int(j, "previous", one->previous);
    js_put_real(j, "growth", one->growth);
    js_put_real(j, "low", one->low);
    js_put_real(j, "high", one->high);
    js_put_real(j, "lfsr", one->lfsr);
    js_put_word(j, "call", trend_call_words[one->call]);
    for (int shares = 0; shares < 2; shares++) {
        js_array(j, shares ? "shares" : "units");
        for (int b = 0; b < BLOCKS; b++) {
            double units = 0, all = 0;
            for (int w = 4 * b; w < 4 * b + 4; w++) units += weeks[w], all += shop[w];
            if (shares) js_put_real(j, NULL, all > 0 ? units / all : NAN);
            else js_put_int(j, NULL, (int64_t)units);
        }
        js_end(j);
    }
    js_end(j);
}

bool trend_evolution_attributes(js *j, db *d, int32_t end, int weeks, pool *threads, arena *keep,
                                err *e) {
    static const char source[] =
        "SELECT a.attribute || ': ' || a.value AS item, a.attribute AS category, s.day, s.units "
        "FROM story_sales s JOIN story_attributes a ON a.item = s.item";
    trend_panel p;
    trend_model m = {0};
    int32_t *units;
    double *shop = take(keep, double, 4 * BLOCKS);
    js_array(j, "attributes");
    if (!trend_panel_read(&p, d, source, end, weeks, false, keep, e)) return false;
    if (p.items.n > 0 && 2 * weeks <= 4 * BLOCKS) {
        if (!trend_panel_weeks(&p, d, source, end, 4 * BLOCKS, &units, keep, e) ||
            !read_shop(d, end, shop, keep, e))
            return false;
        p.items.exposure = shop_exposure(&p, shop + 4 * BLOCKS - 2 * weeks, keep);
        trend_fit(&m, &p.items, TREND_DEFAULTS, threads, keep);
    }
    for (int code = 0; m.item && code < p.n_categories; code++) {
        int32_t at[VALUES];
        int n = largest(&p, units, code, at);
        js_object(j, NULL);
        js_put_text(j, "attribute", p.category[code]);
        js_array(j, "values");
        for (int k = 0; k < n; k++) {
            slice name = columns_text(&p.names, "item")[at[k]];
            size_t skip = p.category[code].n + 2;
            put_value(j, (slice){name.p + skip, name.n - skip}, units + at[k] * 4 * BLOCKS, shop,
                      &m.item[at[k]]);
        }
        js_end(j);
        js_end(j);
    }
    js_end(j);
    return true;
}
