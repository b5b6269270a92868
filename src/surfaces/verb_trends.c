/* verb_trends: which items of a sales table are rising or declining. */
#include <stdio.h>

#include "models/insight/trend.h"
#include "surfaces/verbs.h"

#define MOST_WEEKS 26

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"as-of", OPTION_TEXT, "DATE", "judge what was known before this day (default: day after the "
                                   "last sale)"},
    {"weeks", OPTION_INT, "N", "weeks of each of the two windows", .value = "4", .low = 1,
     .high = MOST_WEEKS},
    {"rising", OPTION_REAL, "G", "growth that is worth a name", .value = "1.25", .low = 1,
     .high = 100},
    {"declining", OPTION_REAL, "G", "the same downward", .value = "0.8", .low = 0.01, .high = 1},
    {"sure", OPTION_REAL, "P", "largest chance that the direction is wrong", .value = "0.05",
     .low = 0.0001, .high = 0.5},
    {"strength", OPTION_REAL, "X", "multiplies the fitted shrinkage", .value = "1", .low = 0.001,
     .high = 1000},
    {0}};

static const contract_column sales_columns[] = {
    {.name = "item", .type = CONTRACT_TEXT, .required = true,
     .aliases = "article_id|product_id|item_id|sku|stock_code|asin|series|article|product"},
    {.name = "time", .type = CONTRACT_TIME, .required = true,
     .aliases = "day|date|t_dat|invoice_date|order_date|timestamp|sold_at|created_at|week"},
    {.name = "units", .type = CONTRACT_REAL, .aliases = "quantity|qty|sales|count|units_sold"},
    {.name = "category", .type = CONTRACT_TEXT,
     .aliases = "product_group_name|product_category|group|department|class"},
};
static const contract sales = {"sales", sizeof sales_columns / sizeof sales_columns[0],
                               sales_columns};

static bool find_end(const args *a, bench *b, int32_t *end, scope *s, err *e) {
    const char *said = args_text(a, "as-of");
    columns c;
    if (said && !day_parse(slice_of(said), end))
        return refuse(e, "--as-of wants a day like 2020-09-22, got '%s'", said);
    if (said) return true;
    if (!db_query(b->d, &s->keep, &c, e, "SELECT CAST(max(time) AS DATE) AS day FROM sales"))
        return false;
    *end = columns_i32(&c, "day")[0] + 1;
    return true;
}

/* Items with a sale in the two windows; weeks are blocks of seven days that end before `end`.
 * An item is on sale from its first row on, by share of days. */
static bool read_items(const args *a, bench *b, trend_items *items, columns *names, int32_t end,
                       scope *s, err *e) {
    int weeks = (int)args_int(a, "weeks"), both = 2 * weeks;
    columns c;
    const char *day = day_text(&s->keep, end);
    if (!db_runf(b->d, e,
                 "CREATE TABLE weekly AS SELECT item, (DATE '%s' - 1 - CAST(time AS DATE)) // 7 AS "
                 "back, sum(CAST(coalesce(units, 1) AS DECIMAL(18,3))) AS units FROM sales "
                 "WHERE time < DATE '%s' AND time >= DATE '%s' GROUP BY item, back;"
                 "CREATE TABLE items AS SELECT item, coalesce(min(category), '(none)') AS category,"
                 " CAST(min(time) AS DATE) AS born FROM sales WHERE time < DATE '%s' GROUP BY item "
                 "HAVING item IN (SELECT item FROM weekly)",
                 day, day, day_text(&s->keep, end - 7 * both), day) ||
        !db_query(b->d, &s->keep, names, e,
                  "SELECT item, category, CAST(dense_rank() OVER (ORDER BY category) - 1 AS "
                  "INTEGER) AS code, born FROM items ORDER BY item") ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT CAST(i.place AS INTEGER) AS place, CAST(back AS INTEGER) AS back, "
                  "CAST(round(units) AS INTEGER) AS units FROM weekly w JOIN (SELECT item, "
                  "row_number() OVER (ORDER BY item) - 1 AS place FROM items) i ON i.item = w.item "
                  "ORDER BY place, back"))
        return false;
    int32_t *units = take(&s->keep, int32_t, names->rows * both);
    double *exposure = take(&s->keep, double, names->rows * both);
    const int32_t *place = columns_i32(&c, "place"), *back = columns_i32(&c, "back"),
                  *sold = columns_i32(&c, "units"), *born = columns_i32(names, "born");
    for (int64_t r = 0; r < c.rows; r++) units[place[r] * both + both - 1 - back[r]] = sold[r];
    *items = (trend_items){.n = names->rows, .weeks = weeks, .units = units, .exposure = exposure,
                           .category = columns_i32(names, "code")};
    for (int64_t i = 0; i < items->n; i++) {
        if (items->category[i] >= items->categories) items->categories = items->category[i] + 1;
        for (int w = 0; w < both; w++) {
            int days = end - 7 * (both - 1 - w) - born[i]; /* of the week's end since birth */
            exposure[i * both + w] = days >= 7 ? 1.0 : days > 0 ? days / 7.0 : 0.0;
        }
    }
    return items->n > 0 || refuse(e, "no sale in the %d weeks before %s", both, day);
}

static const char *const call_words[] = {"steady", "rising", "declining", "new"};

/* Table trends: rising first, then declining, each surest first; then the rest by name. */
static bool put_rows(bench *b, const trend_items *items, const trend_model *m,
                     const columns *names, int64_t *n_called, scope *s, err *e) {
    static const char *const headers[] = {"item", "category", "call", "previous", "recent", "raw",
                                          "growth", "low", "high", "lfsr"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_I64,
                                        COLUMN_I64,  COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL};
    static const trend_call order_of[] = {TREND_RISING, TREND_DECLINING, TREND_STEADY, TREND_NEW};
    columns c = columns_new(&s->keep, 10, headers, types, items->n);
    int32_t *order = take(&s->keep, int32_t, items->n);
    int64_t n = 0;
    for (int k = 0; k < 4; k++) {
        if (k < 2) n_called[k] = trend_ranking(m, items->n, order_of[k], order + n, s->scratch);
        if (k < 2) n += n_called[k];
        for (int32_t i = 0; k >= 2 && i < items->n; i++)
            if (m->item[i].call == order_of[k]) order[n++] = i;
    }
    for (int64_t r = 0; r < items->n; r++) {
        const trend_item *one = &m->item[order[r]];
        c.at[0].text[r] = columns_text(names, "item")[order[r]];
        c.at[1].text[r] = columns_text(names, "category")[order[r]];
        c.at[2].text[r] = slice_of(call_words[one->call]);
        c.at[3].i64[r] = one->previous, c.at[4].i64[r] = one->recent;
        c.at[5].real[r] = one->raw, c.at[6].real[r] = one->growth;
        c.at[7].real[r] = one->low, c.at[8].real[r] = one->high, c.at[9].real[r] = one->lfsr;
    }
    return db_put(b->d, "trends", &c, e);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    trend_items items;
    trend_model m;
    columns names;
    int32_t end = 0;
    int64_t called[2] = {0};
    timing t = {0};
    double start = args_clock();
    trend_params p = TREND_DEFAULTS;
    p.strength = args_real(a, "strength"), p.sure = args_real(a, "sure");
    p.rising = args_real(a, "rising"), p.declining = args_real(a, "declining");
    const char *wrong = trend_check(p);
    if (wrong) return refuse(e, "%s", wrong);
    if (!verb_open(a, s, &b, e) || !verb_read(a, &b, &sales, "sales", out, e) ||
        !find_end(a, &b, &end, s, e) || !read_items(a, &b, &items, &names, end, s, e))
        return false;
    t.read_s = args_clock() - start;
    trend_fit(&m, &items, p, b.threads, &s->keep);
    t.fit_s = args_clock() - start - t.read_s;
    if (!put_rows(&b, &items, &m, &names, called, s, e) || !verb_write(a, &b, "trends", e))
        return false;
    t.write_s = args_clock() - start - t.read_s - t.fit_s;
    fprintf(stderr, "%lld items sold in the %d weeks before %s: %lld rising, %lld declining\n",
            (long long)items.n, 2 * items.weeks, day_text(&s->keep, end), (long long)called[0],
            (long long)called[1]);
    js_put_word(out, "as_of", day_text(&s->keep, end));
    js_put_int(out, "items", items.n);
    js_put_int(out, "rising", called[0]);
    js_put_int(out, "declining", called[1]);
    js_object(out, "prior");
    js_put_real(out, "growth", m.all.mu);
    js_put_real(out, "strength", m.all.strength);
    js_put_real(out, "dispersion", m.all.dispersion);
    js_end(out);
    args_timing(out, &t);
    return true;
}

const verb verb_trends = {
    .name = "trends",
    .words = "",
    .group = "table",
    .title = "Find rising and declining items in a sales table.",
    .example = "atelier trends --in sales.csv --map item=sku,time=date,units=qty --out trends.csv",
    .options = options,
    .run = run,
};
