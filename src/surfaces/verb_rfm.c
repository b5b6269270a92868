/* verb_rfm: recency, frequency and money scores of the customers in a table of purchases. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "surfaces/purchase_table.h"
#include "surfaces/rfm_files.h"
#include "surfaces/rfm_words.h"

static const contract_column table_columns[] = {
    {"customer", CONTRACT_TEXT, true, "customer_id|user_id|client_id|account_id|user|visitorid"},
    {"time", CONTRACT_TIME, true,
     "t_dat|date|day|timestamp|invoice_date|order_date|purchase_date|created_at"},
    {"amount", CONTRACT_REAL, false, "price|revenue|total|sales|value|unit_price|money"},
    {"quantity", CONTRACT_REAL, false, "qty|units|count"},
};
static const contract table_contract = {
    "purchases", sizeof table_columns / sizeof table_columns[0], table_columns};

/* "365d" or "all" -> the first day that counts, before as_of. */
static bool window_start(const args *a, int32_t as_of, int32_t *from, err *e) {
    const char *word = args_text(a, "window");
    size_t n = strlen(word);
    int64_t days;
    *from = day_of(1, 1, 1);
    if (strcmp(word, "all") == 0) return true;
    if (n < 2 || word[n - 1] != 'd' || !slice_int((slice){word, n - 1}, &days) || days < 1 ||
        days > 100000)
        return refuse(e, "--window must be a number of days like 365d, or all, got '%s'", word);
    *from = as_of - (int32_t)days;
    return true;
}

/* One row a customer. Money is amount x quantity (1 when there is none); rows of no positive
 * quantity or amount are returns: they lower the money and are no orders. Who did not order within
 * the window has no order days and no money in it, and is as far away as the last order. */
static bool sum_up(const args *a, bench *b, scope *s, columns *c, int32_t *as_of, err *e) {
    const char *asked = args_text(a, "as-of");
    int64_t latest;
    int32_t from;
    if (asked && !day_parse(slice_of(asked), as_of))
        return refuse(e, "--as-of must be a day like 2026-01-31, got '%s'", asked);
    if (!db_count(b->d, &latest, e,
                  "SELECT CAST(max(CAST(time AS DATE)) - DATE '1970-01-01' AS BIGINT) "
                  "FROM purchases"))
        return false;
    if (!asked) *as_of = (int32_t)latest + 1;
    if (!window_start(a, *as_of, &from, e)) return false;
    const char *day = day_text(&s->keep, *as_of), *since = day_text(&s->keep, from);
    if (!db_query(b->d, &s->keep, c, e,
                  "WITH p AS (SELECT customer, CAST(time AS DATE) AS day, CAST(coalesce(amount, 0) "
                  "AS DECIMAL(18,6)) * CAST(coalesce(quantity, 1) AS DECIMAL(18,6)) AS money, "
                  "coalesce(quantity, 1) > 0 AND coalesce(amount, 1) >= 0 AS bought "
                  "FROM purchases WHERE CAST(time AS DATE) < DATE '%s') "
                  "SELECT customer, "
                  "CAST(DATE '%s' - max(day) FILTER (WHERE bought) AS DOUBLE) AS recency_days, "
                  "CAST(count(DISTINCT day) FILTER (WHERE bought AND day >= DATE '%s') AS "
                  "DOUBLE) AS frequency, "
                  "CAST(coalesce(sum(money) FILTER (WHERE day >= DATE '%s'), 0) AS DOUBLE) AS "
                  "monetary FROM p GROUP BY customer HAVING count(*) FILTER (WHERE bought) > 0 "
                  "ORDER BY customer", day, day, since, since))
        return false;
    if (c->rows == 0) return refuse(e, "no purchase lies before %s", day);
    return true;
}

/* "1,2,4,9" -> four numbers. */
static bool own_cuts(const args *a, const char *option_name, double cut[RFM_CUTS], err *e) {
    const char *words = args_text(a, option_name);
    return !words || rfm_words_cuts(slice_of(words), cut) ||
           refuse(e, "--%s must be four ascending numbers like 1,2,4,9, got '%s'", option_name,
                  words);
}

static void put_cuts(js *out, const char *key, const double cut[RFM_CUTS]) {
    js_array(out, key);
    for (int i = 0; i < RFM_CUTS; i++) js_put_real(out, NULL, cut[i]);
    js_end(out);
}

/* Stored ones, else those of the data; then the asker's own. Where --cuts names a file that is not
 * there yet, it is written. */
static bool cuts_of(const args *a, bench *b, const rfm_data *data, scope *s, rfm_cuts *cuts,
                    js *out, err *e) {
    const char *path = args_text(a, "cuts");
    bool stored = path && access(path, F_OK) == 0;
    if (stored && !rfm_cuts_read(b, s, path, cuts, e)) return false;
    if (!stored) *cuts = rfm_cuts_of(data, s->scratch);
    if (!own_cuts(a, "recency-cuts", cuts->recency, e) ||
        !own_cuts(a, "frequency-cuts", cuts->frequency, e) ||
        !own_cuts(a, "money-cuts", cuts->money, e))
        return false;
    const char *why = rfm_cuts_check(cuts);
    if (why) return refuse(e, "%s", why);
    js_object(out, "cuts");
    put_cuts(out, "recency_days", cuts->recency);
    put_cuts(out, "frequency", cuts->frequency);
    put_cuts(out, "monetary", cuts->money);
    js_put_bool(out, "stored", stored);
    js_end(out);
    return !path || stored || rfm_cuts_write(b, s, path, cuts, e);
}

static bool map_of(const args *a, bench *b, scope *s, rfm_map *map, err *e) {
    const char *own = args_text(a, "cells");
    bool shopify = strcmp(args_text(a, "names"), "shopify") == 0;
    if (own) return rfm_cells_read(b, s, own, map, e);
    *map = shopify ? rfm_map_shopify() : rfm_map_default();
    return true;
}

static void put_names(js *out, const rfm_map *map, const int64_t *count, const double *money) {
    js_array(out, "segments");
    for (int i = 0; i < map->n; i++) {
        js_object(out, NULL);
        js_put_text(out, "name", map->name[i]);
        js_put_int(out, "customers", count[i]);
        js_put_fixed(out, "revenue", money[i], 4);
        js_end(out);
    }
    js_end(out);
}

static bool score(const args *a, bench *b, scope *s, const columns *c, js *out, err *e) {
    static const char *const names[] = {"customer", "recency_days", "frequency", "monetary",
                                        "r",        "f",            "m",         "name"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_I32,  COLUMN_I32,  COLUMN_I32,  COLUMN_TEXT};
    rfm_data data = {columns_real(c, "recency_days"), columns_real(c, "frequency"),
                     columns_real(c, "monetary"), c->rows};
    rfm_cuts cuts;
    rfm_map map;
    if (!map_of(a, b, s, &map, e) || !cuts_of(a, b, &data, s, &cuts, out, e)) return false;
    columns r = columns_new(&s->keep, 8, names, types, c->rows);
    int64_t count[RFM_CELLS] = {0};
    double money[RFM_CELLS] = {0};
    const slice *customer = columns_text(c, "customer");
    for (int64_t i = 0; i < c->rows; i++) {
        rfm_score one = rfm_score_one(&cuts, data.recency[i], data.frequency[i], data.money[i]);
        r.at[0].text[i] = customer[i];
        r.at[1].real[i] = data.recency[i];
        r.at[2].real[i] = data.frequency[i];
        r.at[3].real[i] = data.money[i];
        r.at[4].i32[i] = one.recency;
        r.at[5].i32[i] = one.frequency;
        r.at[6].i32[i] = one.money;
        int32_t name = rfm_map_name(&map, one);
        r.at[7].text[i] = map.name[name];
        count[name]++;
        money[name] += data.money[i];
    }
    put_names(out, &map, count, money);
    return db_put(b->d, "rfm", &r, e) && verb_write(a, b, "rfm", e);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    columns c;
    int32_t as_of = 0;
    timing took = {0};
    int64_t slips;
    double start = args_clock();
    if (!verb_open(a, s, &b, e) || !verb_read(a, &b, &table_contract, "purchases", out, e) ||
        !purchase_table_slips(&b, s, "purchases", "time", &slips, e))
        return false;
    js_put_int(out, "days_far_off", slips);
    took.read_s = args_clock() - start;
    start = args_clock();
    if (!sum_up(a, &b, s, &c, &as_of, e)) return false;
    took.fit_s = args_clock() - start;
    start = args_clock();
    js_put_word(out, "as_of", day_text(&s->keep, as_of));
    js_put_int(out, "customers", c.rows);
    if (!score(a, &b, s, &c, out, e)) return false;
    took.write_s = args_clock() - start;
    args_timing(out, &took);
    return true;
}

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"as-of", OPTION_TEXT, "DAY", "score as known before this day (default: after the last one)"},
    {"window", OPTION_TEXT, "SPAN", "orders and money that count: 365d, or all", .value = "all"},
    {"names", OPTION_CHOICE, "default|shopify", "eleven names of the 125 cells, or Shopify's ten",
     .value = "default"},
    {"cells", OPTION_TEXT, "FILE", "a table cell,name of one's own names of the 125 cells"},
    {"cuts", OPTION_TEXT, "FILE", "cut points: taken from FILE when it is there, else kept in it"},
    {"recency-cuts", OPTION_TEXT, "A,B,C,D", "days that part the scores 5|4|3|2|1 (default: "
                                             "quintiles)"},
    {"frequency-cuts", OPTION_TEXT, "A,B,C,D", "order days that part the scores 1|2|3|4|5"},
    {"money-cuts", OPTION_TEXT, "A,B,C,D", "money that parts the scores 1|2|3|4|5"},
    {0}};

const verb verb_rfm = {
    .name = "rfm",
    .words = "",
    .group = "table",
    .title = "Score customers by recency, frequency and money, with names.",
    .example = "atelier rfm --in transactions.csv --out rfm.csv",
    .options = options,
    .run = run,
};
