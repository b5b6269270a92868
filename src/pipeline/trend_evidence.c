/* trend_evidence: for every item of a panel what may have moved it, its stage and its shape. */
#include "pipeline/trend_evidence.h"

#include <math.h>

enum { H = TREND_HISTORY, ITEMS_PER_CHUNK = 256 };

/* One row an item: prices, stock-outs, views and new variants of the two windows. `now` is the
 * first day of the recent window, `before` that of the previous one. */
static const char facts_sql[] =
    "WITH priced AS (SELECT i.place, "
    "CAST(sum(s.revenue) FILTER (WHERE s.day >= DATE '%s') AS DOUBLE) / "
    "nullif(CAST(sum(s.units) FILTER (WHERE s.day >= DATE '%s') AS DOUBLE), 0) AS price, "
    "CAST(sum(s.revenue) FILTER (WHERE s.day < DATE '%s') AS DOUBLE) / "
    "nullif(CAST(sum(s.units) FILTER (WHERE s.day < DATE '%s') AS DOUBLE), 0) AS old_price "
    "FROM panel_items i JOIN story_sales s ON s.item = i.item "
    "WHERE s.day >= DATE '%s' AND s.day < DATE '%s' AND s.units > 0 GROUP BY i.place), "
    "stocked AS (SELECT i.place, "
    "avg(CAST(k.on_hand <= 0 AS INTEGER)) FILTER (WHERE k.day >= DATE '%s') AS out_now, "
    "avg(CAST(k.on_hand <= 0 AS INTEGER)) FILTER (WHERE k.day < DATE '%s') AS out_before "
    "FROM panel_items i JOIN story_stock k ON k.item = i.item "
    "WHERE k.day >= DATE '%s' AND k.day < DATE '%s' GROUP BY i.place), "
    "seen AS (SELECT i.place, "
    "CAST(sum(v.views) FILTER (WHERE v.day >= DATE '%s') AS DOUBLE) AS now, "
    "CAST(sum(v.views) FILTER (WHERE v.day < DATE '%s') AS DOUBLE) AS before "
    "FROM panel_items i JOIN story_views v ON v.item = i.item "
    "WHERE v.day >= DATE '%s' AND v.day < DATE '%s' GROUP BY i.place), "
    "fresh AS (SELECT a.product, count(*) AS n FROM story_items a JOIN panel_items i "
    "ON i.item = a.item WHERE i.born >= DATE '%s' AND a.product IS NOT NULL GROUP BY a.product) "
    "SELECT i.place, a.list, p.price, p.old_price, k.out_now, k.out_before, "
    "v.now AS views, v.before AS old_views, sum(v.now) OVER () AS all_views, "
    "sum(v.before) OVER () AS all_old_views, "
    "CAST(CASE WHEN i.born < DATE '%s' THEN coalesce(f.n, 0) ELSE 0 END AS DOUBLE) AS fresh "
    "FROM panel_items i LEFT JOIN story_items a ON a.item = i.item "
    "LEFT JOIN priced p ON p.place = i.place LEFT JOIN stocked k ON k.place = i.place "
    "LEFT JOIN seen v ON v.place = i.place LEFT JOIN fresh f ON f.product = a.product "
    "ORDER BY i.place";

/* Units of a category in the two windows a year (364 days) ago, where the sales reach that far. */
static const char season_sql[] =
    "SELECT c.code, CAST(sum(s.units) FILTER (WHERE s.day >= DATE '%s') AS DOUBLE) AS now, "
    "CAST(sum(s.units) FILTER (WHERE s.day < DATE '%s') AS DOUBLE) AS before "
    "FROM (SELECT DISTINCT category, code FROM panel_items) c "
    "JOIN story_sales s ON s.category = c.category "
    "WHERE s.day >= DATE '%s' AND s.day < DATE '%s' AND DATE '%s' >= "
    "(SELECT min(day) FROM story_sales) GROUP BY c.code ORDER BY c.code";

#define LEAST_VIEWS  20.0 /* of both windows */
#define LEAST_SEASON 20.0 /* units of each window of a category */
#define FRESH_DAYS   56

static double fact(const columns *c, const char *name, int64_t row) {
    const column *one = columns_find(c, name);
    return column_has(one, row) ? one->real[row] : NAN;
}

static void fill_facts(trend_evidence *t, const columns *c, double elasticity) {
    for (int64_t i = 0; i < c->rows; i++) {
        double list = fact(c, "list", i), price = fact(c, "price", i);
        double views = fact(c, "views", i), old = fact(c, "old_views", i);
        double share = views / fact(c, "all_views", i), before = old / fact(c, "all_old_views", i);
        t->price[i] = price, t->depth[i] = list > 0 ? fmax(1.0 - price / list, 0.0) : NAN;
        t->facts[i] = (reason_facts){
            .price = log(price / fact(c, "old_price", i)), .category = NAN, .season = NAN,
            .featured = views + old >= LEAST_VIEWS ? log(share / before) : NAN,
            .variant = fact(c, "fresh", i), .out_now = fact(c, "out_now", i),
            .out_before = fact(c, "out_before", i), .elasticity = elasticity};
    }
}

static bool read_facts(trend_evidence *t, db *d, int32_t end, int weeks, double elasticity,
                       arena *keep, err *e) {
    columns c;
    const char *last = day_text(keep, end), *now = day_text(keep, end - 7 * weeks),
               *before = day_text(keep, end - 14 * weeks),
               *fresh = day_text(keep, end - FRESH_DAYS);
    if (!db_query(d, keep, &c, e, facts_sql, now, now, now, now, before, last, now, now, before,
                  last, now, now, before, last, fresh, fresh))
        return false;
    fill_facts(t, &c, elasticity);
    return true;
}

static bool read_season(trend_evidence *t, const trend_panel *p, db *d, int32_t end, arena *keep,
                        err *e) {
    columns c;
    int weeks = p->items.weeks;
    const char *now = day_text(keep, end - 364 - 7 * weeks),
               *before = day_text(keep, end - 364 - 14 * weeks);
    if (!db_query(d, keep, &c, e, season_sql, now, now, before, day_text(keep, end - 364), before))
        return false;
    double *season = take(keep, double, p->n_categories);
    for (int k = 0; k < p->n_categories; k++) season[k] = NAN;
    for (int64_t r = 0; r < c.rows; r++) {
        double a = fact(&c, "before", r), b = fact(&c, "now", r);
        if (a >= LEAST_SEASON && b >= LEAST_SEASON)
            season[columns_i32(&c, "code")[r]] = log(b / a);
    }
    for (int64_t i = 0; i < t->n; i++) t->facts[i].season = season[p->items.category[i]];
    return true;
}

/* Rate of the last four weeks over that of the best four. */
static double of_peak(const int32_t *weeks) {
    double last = 0, peak = 0;
    for (int k = 3; k < H; k++) {
        double sum = 0;
        for (int m = k - 3; m <= k; m++) sum += fmax(weeks[m], 0);
        if (sum > peak) peak = sum;
        last = sum;
    }
    return peak > 0 ? last / peak : NAN;
}

/* Weeks of the history in which the item was on sale. */
static int weeks_seen(const trend_evidence *t, int64_t i) {
    int age = (t->end - t->born[i]) / 7;
    return age < H ? age : H;
}

typedef struct job {
    trend_evidence *t;
    const trend_item *item;
} job;

static void live_chunk(void *what, int64_t chunk, arena scratch) {
    job *j = what;
    trend_evidence *t = j->t;
    for (int64_t i = chunk * ITEMS_PER_CHUNK; i < t->n && i < (chunk + 1) * ITEMS_PER_CHUNK; i++) {
        const int32_t *weeks = t->weeks + i * H;
        int age = (t->end - t->born[i]) / 7, seen = weeks_seen(t, i), silent = 0;
        while (silent < H && weeks[H - 1 - silent] <= 0) silent++;
        life_facts f = {.call = j->item[i].call, .weeks = age, .silent = silent,
                        .depth = t->depth[i]};
        if (f.call == TREND_STEADY) f.z = life_sure(weeks + H - seen, NULL, seen, scratch);
        t->stage[i] = life_of(f);
        t->facts[i].life = age >= 12 ? of_peak(weeks) : NAN;
    }
}

bool trend_evidence_read(trend_evidence *out, const trend_panel *p, const trend_item *item, db *d,
                         int32_t end, double elasticity, pool *threads, arena *keep, err *e) {
    int64_t n = p->items.n;
    *out = (trend_evidence){.n = n, .born = columns_i32(&p->names, "born"), .end = end,
                            .stage = take(keep, life_stage, n),
                            .facts = take(keep, reason_facts, n),
                            .price = take(keep, double, n), .depth = take(keep, double, n)};
    if (!trend_panel_weeks(p, d, "SELECT item, day, units FROM story_sales", end, H, &out->weeks,
                           keep, e) ||
        !read_facts(out, d, end, p->items.weeks, elasticity, keep, e) ||
        !read_season(out, p, d, end, keep, e))
        return false;
    job j = {out, item};
    pool_for(threads, (n + ITEMS_PER_CHUNK - 1) / ITEMS_PER_CHUNK, live_chunk, &j);
    for (int64_t i = 0; i < n; i++) out->stages[out->stage[i]]++;
    return true;
}

/* ---- words ---- */

static double percent(double ln) { return 100.0 * expm1(ln); }

static void put_sentence(js *j, const reason_one *r, const reason_facts *f) {
    static const char *const words[REASONS] = {
        [REASON_PRICE] = "its price moved by %+.0f %%",
        [REASON_CATEGORY] = "its category moved by %+.0f %%",
        [REASON_SEASON] = "in these weeks of last year the category moved by %+.0f %%",
        [REASON_FEATURED] = "its share of the views moved by %+.0f %%",
    };
    if (r->name == REASON_STOCK)
        js_putf(j, "text", "it was out of stock on %.0f %% of the days, %.0f %% before",
                100 * f->out_now, 100 * f->out_before);
    else if (r->name == REASON_VARIANT)
        js_putf(j, "text", "%.0f new %s of the product came", f->variant,
                f->variant > 1 ? "variants" : "variant");
    else if (r->name == REASON_LIFE)
        js_putf(j, "text", "it sells %.0f %% of what it sold in its best four weeks",
                100 * f->life);
    else js_putf(j, "text", words[r->name], percent(r->fact));
}

void trend_evidence_put(js *j, const trend_evidence *t, int64_t i, const trend_item *one,
                        arena scratch) {
    int seen = weeks_seen(t, i);
    kendall_result shape = life_shape(t->weeks + (i + 1) * H - seen, NULL, seen, scratch);
    js_put_word(j, "stage", life_words[t->stage[i]]);
    js_object(j, "slope");
    js_put_real(j, "per_week", expm1(shape.slope));
    js_put_real(j, "low", expm1(shape.low));
    js_put_real(j, "high", expm1(shape.high));
    js_put_real(j, "p", shape.p);
    js_end(j);
    js_put_real(j, "price", t->price[i]);
    js_put_real(j, "depth", t->depth[i]);
    js_put_real(j, "of_peak", of_peak(t->weeks + i * H));
    reason_one all[REASONS];
    int n = reason_find(all, t->facts[i], one->growth >= 1 ? 1 : -1);
    js_array(j, "reasons");
    for (int k = 0; k < n; k++) {
        js_object(j, NULL);
        js_put_word(j, "reason", reason_words[all[k].name]);
        put_sentence(j, &all[k], &t->facts[i]);
        js_put_real(j, "fact", all[k].fact);
        js_put_real(j, "explains", all[k].explains);
        js_end(j);
    }
    js_end(j);
}
