/* insight_sales: key figures by period and group, customers by month: two tables, kpis.json. */
#include "pipeline/insight.h"
#include "pipeline/prelude.h"

enum { DAYS_OF_GROUPS = 92 }; /* in kpis.json; the table has all */

/* What a figure is made of decides by what it can be split. */
typedef enum fed { FED_SALES, FED_SESSIONS, FED_PAIRS, FEDS } fed;
static const char *const splits[FEDS][5] = {
    [FED_SALES] = {"all", "category", "channel", "segment"},
    [FED_SESSIONS] = {"all", "segment", "traffic"},
    [FED_PAIRS] = {"all", "category", "segment", "traffic"},
};

/* One row a figure: a column of sql/09_insight/kpis.sql. */
static const struct figure {
    const char *name, *title, *format;
    fed from;
    const char *definition, *missing;
} figures[] = {
    {"net_revenue", "Revenue, returns taken off", "money", FED_SALES,
     "What was paid for what was sold in the period, less what was paid back in it.",
     "the shop has no sales"},
    {"revenue", "Revenue", "money", FED_SALES,
     "What was paid for what was sold in the period, returns left in.", "the shop has no sales"},
    {"units", "Units", "integer", FED_SALES, "Units sold in the period, returns left in.",
     "the shop has no sales"},
    {"orders", "Orders", "integer", FED_SALES,
     "Orders, each on the day of its first line; an order of two categories counts in both. "
     "Without order numbers a customer's day is an order.", "the shop has no sales"},
    {"buyers", "Buyers", "integer", FED_SALES,
     "Customers who bought in the period; guests are none.", "the shop has no sales"},
    {"articles", "Articles sold", "integer", FED_SALES,
     "Articles of which a unit was sold in the period.", "the shop has no sales"},
    {"aov", "Average order value", "money", FED_SALES, "Revenue over orders.",
     "the shop has no sales"},
    {"upt", "Units per order", "decimal", FED_SALES, "Units over orders.", "the shop has no sales"},
    {"asp", "Average selling price", "money", FED_SALES, "Revenue over units.",
     "the shop has no sales"},
    {"depth", "Units per article", "decimal", FED_SALES, "Units over articles sold.",
     "the shop has no sales"},
    {"repeat_rate", "Buyers who bought before", "percent", FED_SALES,
     "Share of the period's buyers who had two orders or more by its end, as far back as the "
     "sales reach.", "the shop has no sales of known customers"},
    {"full_price_share", "Units at full price", "percent", FED_SALES,
     "Share of units sold at 98 % or more of the article's reference price: the 95th percentile "
     "of its prices in the first 28 days.", "the shop has no sales"},
    {"markdown_depth", "Discount on reference prices", "percent", FED_SALES,
     "1 less revenue over what the units would have brought at reference prices.",
     "the shop has no sales"},
    {"newness", "Revenue of new articles", "percent", FED_SALES,
     "Share of revenue of articles first sold under 8 weeks before. Not told in the first 8 weeks "
     "of the sales, when all articles seem new.", "the sales are not longer than 8 weeks"},
    {"return_rate", "Units returned", "percent", FED_SALES,
     "Units returned in the period over units sold in it.",
     "the sales have no returns (negative quantities)"},
    {"sessions", "Sessions", "integer", FED_SESSIONS,
     "Sessions of the log that began in the period.", "the shop has no event log"},
    {"visitors", "Visitors", "integer", FED_SESSIONS,
     "Visitors with a session that began in the period.", "the shop has no event log"},
    {"conversion", "Sessions with a purchase", "percent", FED_SESSIONS,
     "Sessions with a purchase over sessions.", "the shop has no event log with purchases"},
    {"visitor_conversion", "Visitors who buy", "percent", FED_SESSIONS,
     "Visitors with a purchase over visitors of the period.",
     "the shop has no event log with purchases"},
    {"view_to_cart", "Viewers who put the article into the cart", "percent", FED_PAIRS,
     "Pairs of visitor and article with a view and an addition to the cart in the period, over "
     "pairs with a view.", "the log has no views and cart additions that name articles"},
    {"cart_to_buy", "Carts of an article that are bought", "percent", FED_PAIRS,
     "Pairs of visitor and article with an addition to the cart and a purchase in the period, over "
     "pairs with an addition.", "the log has no cart additions and purchases that name articles"},
    {"abandonment", "Carts not bought within 24 hours", "percent", FED_SESSIONS,
     "1 less carts whose visitor purchases within 24 hours of the first addition over sessions "
     "with an addition.", "the log has no cart additions or no purchases"},
};
enum { FIGURES = sizeof figures / sizeof figures[0] };

/* Why a shop cannot be split so. */
static const char *const absent[][2] = {
    {"channel", "the sales name no channel"},
    {"segment", "the run made no segments of customers"},
    {"traffic", "the event log names no channel"},
};

/* ---- the table ---- */

static bool make_segments(work *w, folder *f, scope *s, err *e) {
    const char *path = folder_path(f, "segment_members.parquet");
    if (!file_exists(path))
        return db_runf(w->d, e,
                       "CREATE OR REPLACE TEMP TABLE kpi_segments(customer INTEGER, "
                       "segment VARCHAR)");
    return db_runf(w->d, e,
                   "CREATE OR REPLACE TEMP TABLE kpi_segments AS SELECT customer, name AS segment "
                   "FROM read_parquet(%s) WHERE method = 'rfm'",
                   db_literal(&s->keep, slice_of(path)));
}

/* ---- kpis.json ---- */

static bool is_known(const columns *c, const char *name) {
    const column *of = columns_find(c, name);
    const slice *dimension = columns_text(c, "dimension");
    for (int64_t i = 0; i < c->rows; i++)
        if (slice_is(dimension[i], "all") && column_has(of, i)) return true;
    return false;
}

static void put_figures(js *j, const columns *c) {
    js_array(j, "kpis");
    for (int k = 0; k < FIGURES; k++) {
        const struct figure *one = &figures[k];
        js_object(j, NULL);
        js_put_word(j, "name", one->name);
        js_put_word(j, "title", one->title);
        js_put_word(j, "format", one->format);
        js_array(j, "by");
        for (int i = 0; i < 5 && splits[one->from][i]; i++)
            js_put_word(j, NULL, splits[one->from][i]);
        js_end(j);
        js_put_word(j, "why", is_known(c, one->name) ? NULL : one->missing);
        js_end(j);
    }
    js_end(j);
    js_object(j, "definitions");
    for (int k = 0; k < FIGURES; k++) js_put_word(j, figures[k].name, figures[k].definition);
    js_end(j);
}

static void put_absent(js *j, const columns *c) {
    const slice *dimension = columns_text(c, "dimension");
    js_object(j, "absent");
    for (size_t k = 0; k < sizeof absent / sizeof absent[0]; k++) {
        bool there = false;
        for (int64_t i = 0; i < c->rows && !there; i++)
            there = slice_is(dimension[i], absent[k][0]);
        if (!there) js_put_word(j, absent[k][0], absent[k][1]);
    }
    js_end(j);
}

static void put_cell(js *j, const column *c, int64_t row) {
    if (!column_has(c, row)) js_put_null(j, NULL);
    else if (c->type == COLUMN_I64) js_put_int(j, NULL, c->i64[row]);
    else js_put_real(j, NULL, c->real[row]);
}

/* Rows [from, to): the periods of one group, a list a column. */
static void put_group(js *j, const columns *c, int64_t from, int64_t to, arena scratch) {
    const int32_t *period = columns_i32(c, "period"), *complete = columns_i32(c, "complete");
    js_object(j, NULL);
    js_put_text(j, "value", columns_text(c, "value")[from]);
    js_array(j, "period");
    for (int64_t i = from; i < to; i++) {
        arena once = scratch;
        js_put_word(j, NULL, day_text(&once, period[i]));
    }
    js_end(j);
    js_array(j, "complete");
    for (int64_t i = from; i < to; i++) js_put_bool(j, NULL, complete[i] != 0);
    js_end(j);
    for (int k = 0; k < FIGURES; k++) {
        const column *of = columns_find(c, figures[k].name);
        js_array(j, figures[k].name);
        for (int64_t i = from; i < to; i++) put_cell(j, of, i);
        js_end(j);
    }
    js_end(j);
}

static const char *word(slice name, arena *keep) {
    return arena_text(keep, "%.*s", (int)name.n, name.p);
}

/* {"day": {"all": [groups], "category": [...]}, "week": ...}: rows come in that order. */
static void put_parts(js *j, const columns *c, arena scratch) {
    const slice *grain = columns_text(c, "grain"), *dimension = columns_text(c, "dimension"),
                *value = columns_text(c, "value");
    js_object(j, "parts");
    for (int64_t i = 0; i < c->rows;) {
        bool new_grain = i == 0 || slice_compare(grain[i], grain[i - 1]) != 0;
        bool new_list = new_grain || slice_compare(dimension[i], dimension[i - 1]) != 0;
        arena once = scratch;
        if (i > 0 && new_list) js_end(j);
        if (i > 0 && new_grain) js_end(j);
        if (new_grain) js_object(j, word(grain[i], &once));
        if (new_list) js_array(j, word(dimension[i], &once));
        int64_t to = i + 1;
        while (to < c->rows && slice_compare(value[to], value[i]) == 0 &&
               slice_compare(dimension[to], dimension[i]) == 0 &&
               slice_compare(grain[to], grain[i]) == 0)
            to++;
        put_group(j, c, i, to, scratch);
        i = to;
    }
    if (c->rows) js_end(j), js_end(j);
    js_end(j);
}

/* Members month, complete and a list of customers for each kind. */
static bool put_lifecycle(js *j, work *w, arena *keep, err *e) {
    static const char *const kinds[] = {"customers", "new", "returning", "resurrected", "dormant"};
    columns c;
    if (!db_query(w->d, keep, &c, e, "SELECT * FROM customer_lifecycle ORDER BY month"))
        return false;
    js_object(j, "lifecycle");
    js_array(j, "month");
    for (int64_t i = 0; i < c.rows; i++)
        js_put_word(j, NULL, day_text(keep, columns_i32(&c, "month")[i]));
    js_end(j);
    js_array(j, "complete");
    for (int64_t i = 0; i < c.rows; i++) js_put_bool(j, NULL, columns_i32(&c, "complete")[i] != 0);
    js_end(j);
    for (int k = 0; k < 5; k++) {
        js_array(j, kinds[k]);
        for (int64_t i = 0; i < c.rows; i++) js_put_int(j, NULL, columns_i64(&c, kinds[k])[i]);
        js_end(j);
    }
    js_end(j);
    return true;
}

bool insight_sales_write(work *w, folder *f, scope *s, err *e) {
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    columns c;
    if (!prelude_run(w->d, e) || !make_segments(w, f, s, e) ||
        !work_table(w, f, "09_insight", "kpis", e) ||
        !work_table(w, f, "09_insight", "customer_lifecycle", e) ||
        !db_query(w->d, &s->keep, &c, e,
                  "SELECT * FROM kpis WHERE grain <> 'day' OR dimension = 'all' OR "
                  "period >= DATE '%s'",
                  day_text(&s->keep, w->days.end - DAYS_OF_GROUPS)))
        return false;
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.sales/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    js_put_word(j, "from", day_text(&s->keep, w->days.first));
    put_figures(j, &c);
    put_absent(j, &c);
    put_parts(j, &c, s->scratch);
    if (!put_lifecycle(j, w, &s->keep, e)) return false;
    js_end(j);
    return folder_write(f, "kpis.json", text_slice(&j->out), e);
}
