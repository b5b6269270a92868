/* trends_story: what `atelier trends` tells of a table beside growth: stages, reasons, money. */
#include "surfaces/trends_story.h"

#include <stdio.h>

#include "data/folder.h"
#include "pipeline/trend_alarms.h"
#include "pipeline/trend_evolution.h"

static const contract_column columns_of[] = {
    {.name = "item", .type = CONTRACT_TEXT, .required = true,
     .aliases = "article_id|product_id|item_id|sku|stock_code|asin|series|article"},
    {.name = "time", .type = CONTRACT_TIME, .required = true,
     .aliases = "day|date|t_dat|invoice_date|order_date|timestamp|sold_at|created_at|week"},
    {.name = "units", .type = CONTRACT_REAL, .aliases = "quantity|qty|sales|count|units_sold"},
    {.name = "category", .type = CONTRACT_TEXT,
     .aliases = "product_group_name|product_category|group|department|class"},
    {.name = "price", .type = CONTRACT_REAL, .low = 0, .high = 1e9,
     .aliases = "unit_price|sales_price"},
    {.name = "revenue", .type = CONTRACT_REAL, .aliases = "amount|turnover|line_total|total"},
    {.name = "order", .type = CONTRACT_TEXT, .aliases = "order_id|invoice_no|invoice|receipt"},
    {.name = "customer", .type = CONTRACT_TEXT, .aliases = "customer_id|user_id|user|buyer"},
    {.name = "name", .type = CONTRACT_TEXT, .aliases = "prod_name|title|description"},
    {.name = "product", .type = CONTRACT_TEXT, .aliases = "product_code|style|parent"},
    {.name = "colour", .type = CONTRACT_TEXT, .aliases = "color|colour_group_name"},
    {.name = "pattern", .type = CONTRACT_TEXT, .aliases = "graphical_appearance_name|print"},
    {.name = "material", .type = CONTRACT_TEXT, .aliases = "fabric"},
    {.name = "on_hand", .type = CONTRACT_REAL, .aliases = "stock|inventory|stock_on_hand"},
};
const contract trends_sales = {"sales", sizeof columns_of / sizeof columns_of[0], columns_of};

const char trends_source[] =
    "SELECT item, coalesce(category, '(none)') AS category, CAST(time AS DATE) AS day, "
    "coalesce(units, 1) AS units FROM sales";

/* List price: TREND_EVIDENCE_LIST, so that single dear lines make none. An order without a number
 * is what one customer bought on one day, or else one line. */
static const char tables_sql[] =
    "CREATE OR REPLACE TEMP TABLE story_sales AS SELECT item, min(coalesce(category, '(none)')) "
    "OVER (PARTITION BY item) AS category, CAST(time AS DATE) AS day, "
    "CAST(coalesce(units, 1) AS DECIMAL(18,3)) AS units, "
    "CAST(coalesce(revenue, price * coalesce(units, 1)) AS DECIMAL(28,6)) AS revenue FROM sales "
    "WHERE time < DATE '%s';"
    "CREATE OR REPLACE TEMP TABLE story_items AS SELECT s.item, s.item AS id, "
    "coalesce(min(s.name), s.item) AS name, min(s.product) AS product, min(l.list) AS list "
    "FROM sales s LEFT JOIN (" TREND_EVIDENCE_LIST ") l ON l.item = s.item GROUP BY s.item;"
    "CREATE OR REPLACE TEMP VIEW story_stock AS SELECT item, CAST(time AS DATE) AS day, "
    "min(on_hand) AS on_hand FROM sales WHERE on_hand IS NOT NULL GROUP BY item, "
    "CAST(time AS DATE);"
    "CREATE OR REPLACE TEMP TABLE story_views(item VARCHAR, day DATE, views BIGINT);"
    "CREATE OR REPLACE TEMP TABLE story_attributes AS "
    "SELECT item, 'colour' AS attribute, min(colour) AS value FROM sales WHERE colour IS NOT NULL "
    "GROUP BY item UNION ALL SELECT item, 'pattern', min(pattern) FROM sales WHERE pattern IS NOT "
    "NULL GROUP BY item UNION ALL SELECT item, 'material', min(material) FROM sales WHERE material "
    "IS NOT NULL GROUP BY item;"
    "CREATE OR REPLACE TEMP TABLE story_days AS SELECT day, CAST(NULL AS BIGINT) AS visits, "
    "count(DISTINCT id) AS orders FROM (SELECT CAST(time AS DATE) AS day, "
    "coalesce('o' || \"order\", 'c' || customer, CAST(row_number() OVER () AS VARCHAR)) AS id "
    "FROM sales WHERE coalesce(units, 1) > 0) GROUP BY day;";

bool trends_last(bench *b, int32_t *end, scope *s, err *e) {
    columns c;
    /* a few mistyped years must not move the windows */
    if (!db_query(b->d, &s->keep, &c, e,
                  "SELECT CAST(max(time) FILTER (WHERE time <= most) AS DATE) AS day, "
                  "count(*) FILTER (WHERE time > most) AS late FROM sales, (SELECT "
                  "quantile_disc(time, 0.99) + INTERVAL 400 DAY AS most FROM sales)"))
        return false;
    *end = columns_i32(&c, "day")[0] + 1;
    if (columns_i64(&c, "late")[0])
        fprintf(stderr, "%lld rows are over 400 days later than nearly all others and left out\n",
                (long long)columns_i64(&c, "late")[0]);
    return true;
}

bool trends_end(const args *a, bench *b, int32_t *end, scope *s, err *e) {
    const char *said = args_text(a, "as-of");
    if (said && !day_parse(slice_of(said), end))
        return refuse(e, "--as-of wants a day like 2020-09-22, got '%s'", said);
    return said || trends_last(b, end, s, e);
}

bool trends_story_make(db *d, int32_t end, arena *keep, err *e) {
    return db_runf(d, e, tables_sql, day_text(keep, end));
}

static void say(const js_node *root) {
    const js_node *all = js_get(js_get(js_get(root, "revenue"), "previous"), "all");
    double before = 0, now = 0, price = 0, volume = 0, mix = 0;
    if (js_real(js_get(all, "before"), &before) && js_real(js_get(all, "revenue"), &now) &&
        js_real(js_get(all, "price"), &price) && js_real(js_get(all, "volume"), &volume) &&
        js_real(js_get(all, "mix"), &mix))
        fprintf(stderr, "revenue %.2f after %.2f: price %+.2f, volume %+.2f, mix %+.2f\n", now,
                before, price, volume, mix);
    fprintf(stderr, "%lld odd days or spells, %lld changes of level (--story FILE tells them)\n",
            (long long)js_count(js_get(js_get(root, "anomalies"), "list")),
            (long long)js_count(js_get(root, "shifts")));
}

static void put_stages(js *j, const trend_evidence *t) {
    js_object(j, "stages");
    for (int k = 0; k < LIFE_STAGES; k++) js_put_int(j, life_words[k], t->stages[k]);
    js_end(j);
}

bool trends_story_put(js *out, bench *b, const trend_evidence *t, int32_t end, int weeks,
                      const char *path, scope *s, err *e) {
    js *parts = take(&s->keep, js, 1); /* its text is freed with s */
    js_open(parts, s);
    js_object(parts, NULL);
    js_put_word(parts, "schema", "atelier.trends-story/1");
    js_put_word(parts, "as_of", day_text(&s->keep, end));
    put_stages(parts, t);
    if (!trend_evolution_revenue(parts, b->d, end, weeks, &s->keep, e) ||
        !trend_evolution_attributes(parts, b->d, end, weeks, b->threads, &s->keep, e) ||
        !trend_alarms_put(parts, b->d, end, b->threads, &s->keep, s->scratch, e))
        return false;
    js_end(parts);
    const js_node *root = js_parse(s, text_slice(&parts->out), e);
    if (!root || (path && !file_replace(path, text_slice(&parts->out), e))) return false;
    put_stages(out, t);
    js_put_node(out, "revenue", js_get(root, "revenue"));
    js_put_node(out, "attributes", js_get(root, "attributes"));
    say(root);
    return true;
}
