/* verb_affinity: what is bought with what, or next, in a table of purchases. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/insight/affinity.h"
#include "surfaces/verbs.h"

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"kind", OPTION_CHOICE, "together|next",
     "in one basket, or in a later basket of the customer", .value = "together"},
    {"level", OPTION_TEXT, "COLUMN", "pairs of this column's values (a product, a type)"},
    {"product", OPTION_TEXT, "COLUMN", "articles of one value are variants and no pair"},
    {"top", OPTION_INT, "N", "best pairs of each item", .value = "20", .low = 1, .high = 1000},
    {"least", OPTION_INT, "N", "fewest baskets (next: customers) of a pair", .value = "2",
     .low = 1, .high = 1000000},
    {"cap", OPTION_INT, "N", "larger baskets are left out", .value = "60", .low = 2,
     .high = 10000},
    {"days", OPTION_INT, "N", "next: most days between", .value = "30", .low = 1, .high = 3650},
    {0}};

enum { ITEM, BASKET, CUSTOMER, TIME, MONEY, QUANTITY, N_BASE };

static const contract_column base_columns[N_BASE] = {
    {.name = "item", .type = CONTRACT_TEXT, .required = true,
     .aliases = "article_id|article|product_id|item_id|itemid|stock_code|sku|asin|product"},
    {.name = "basket", .type = CONTRACT_TEXT,
     .aliases = "basket_id|order_id|invoice_no|invoice|order|order_no|transaction_id"},
    {.name = "customer", .type = CONTRACT_TEXT,
     .aliases = "customer_id|user_id|user|client_id|member_id|buyer_id|uid|visitorid"},
    {.name = "time", .type = CONTRACT_TIME,
     .aliases = "t_dat|date|day|invoice_date|order_date|purchase_date|transaction_date|"
                "created_at|timestamp"},
    {.name = "money", .type = CONTRACT_REAL,
     .aliases = "price|amount|revenue|unit_price|sale_price|value"},
    {.name = "quantity", .type = CONTRACT_REAL, .aliases = "qty|units|count"},
};

typedef struct baskets {
    affinity_data data;
    columns items; /* name, product */
    bool next, has_customers;
    int64_t returns; /* rows of no positive quantity, or of negative money */
} baskets;

static bool has_values(bench *b, const char *name, bool *has, scope *s, err *e) {
    int64_t n;
    if (!db_count(b->d, &n, e, "SELECT count(%s) FROM bought", db_name(&s->keep, slice_of(name))))
        return false;
    *has = n > 0;
    return true;
}

/* Tables items and lines (basket, item) of the purchases that count. */
static bool make_tables(const args *a, bench *b, baskets *k, scope *s, err *e) {
    const char *item = args_text(a, "level") ? args_text(a, "level") : "item";
    const char *product = args_text(a, "product"), *basket;
    bool has_basket, has_time;
    if (!verb_need_column(a, b, "bought", item, args_text(a, "level") ? "--level" : "affinity", s,
                          e) ||
        (product && !verb_need_column(a, b, "bought", product, "--product", s, e)))
        return false;
    if (!has_values(b, "basket", &has_basket, s, e) || !has_values(b, "time", &has_time, s, e) ||
        !has_values(b, "customer", &k->has_customers, s, e))
        return false;
    if (k->next && !(k->has_customers && has_time))
        return refuse(e, "--kind next needs columns customer and time; %s lacks one: name it with "
                      "--map", args_text(a, "in"));
    if (!has_basket && !(k->has_customers && has_time))
        return refuse(e, "%s has neither a column basket nor customer and time, which make a "
                      "basket of a day: name it with --map", args_text(a, "in"));
    basket = has_basket && !k->next ? "basket" : "customer || chr(31) || CAST(time AS DATE)";
    item = db_name(&s->keep, slice_of(item));
    return db_count(b->d, &k->returns, e,
                    "SELECT count(*) FROM bought WHERE coalesce(quantity, 1) <= 0 OR "
                    "coalesce(money, 0) < 0") &&
           db_runf(b->d, e,
                   "CREATE TABLE lines AS SELECT DISTINCT who, day, key AS basket, name FROM "
                   "(SELECT %s AS who, %s AS day, %s AS key, %s AS name FROM bought WHERE "
                   "coalesce(quantity, 1) > 0 AND coalesce(money, 0) >= 0) WHERE key IS NOT NULL "
                   "AND who IS NOT NULL AND name IS NOT NULL",
                   k->next ? "customer" : "''",
                   k->next ? "CAST(time AS DATE)" : "DATE '1970-01-01'", basket, item) &&
           db_runf(b->d, e,
                   "CREATE TABLE items AS SELECT name, CAST(row_number() OVER (ORDER BY name) - 1 "
                   "AS INTEGER) AS item, CAST(dense_rank() OVER (ORDER BY product) - 1 AS INTEGER) "
                   "AS product FROM (SELECT l.name, %s AS product FROM lines l GROUP BY l.name)",
                   product ? arena_text(&s->keep, "(SELECT min(%s) FROM bought WHERE %s = l.name)",
                                        db_name(&s->keep, slice_of(product)), item)
                           : "l.name");
}

static bool read_baskets(const args *a, bench *b, baskets *k, scope *s, err *e) {
    columns c;
    if (!db_query(b->d, &s->keep, &k->items, e, "SELECT name, product FROM items ORDER BY item") ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT CAST(dense_rank() OVER (ORDER BY who) - 1 AS BIGINT) AS who, day, "
                  "CAST(dense_rank() OVER (ORDER BY who, day, basket) - 1 AS BIGINT) AS basket, "
                  "item FROM lines JOIN items ON lines.name = items.name "
                  "ORDER BY basket, item"))
        return false;
    const int64_t *who = columns_i64(&c, "who"), *basket = columns_i64(&c, "basket");
    int64_t n = c.rows, n_baskets = n ? basket[n - 1] + 1 : 0;
    int64_t customers = n ? who[n - 1] + 1 : 0;
    int64_t *first = take(&s->keep, int64_t, n_baskets + 1);
    int64_t *of = take(&s->keep, int64_t, customers + 1);
    int32_t *day = take(&s->keep, int32_t, n_baskets);
    for (int64_t i = 0; i < n; i++) {
        first[basket[i] + 1] = i + 1;
        of[who[i] + 1] = basket[i] + 1;
        day[basket[i]] = columns_i32(&c, "day")[i];
    }
    k->data = (affinity_data){.items = (int32_t)k->items.rows, .baskets = n_baskets, .first = first,
                              .item = columns_i32(&c, "item"), .customers = customers,
                              .customer_first = of, .day = day};
    if (args_text(a, "product")) k->data.product = columns_i32(&k->items, "product");
    return true;
}

/* Table rules, best first. */
static bool put_rules(bench *b, const baskets *k, const affinity_list *l, scope *s, err *e) {
    static const char *const names[] = {"item", "other", "n", "reverse", "item_count",
                                        "other_count", "expected", "support", "confidence", "lift",
                                        "shrunk_lift", "lift_low", "lift_high", "g2", "npmi",
                                        "conviction"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_I32,  COLUMN_I32,
                                        COLUMN_I64,  COLUMN_I64,  COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_REAL, COLUMN_REAL};
    int64_t n = l->first[k->data.items];
    columns c = columns_new(&s->keep, 16, names, types, n);
    const slice *name = columns_text(&k->items, "name");
    c.at[15].valid = take(&s->keep, uint8_t, n);
    for (int64_t i = 0; i < n; i++) {
        const affinity_rule *r = &l->rule[i];
        affinity_measures m = affinity_measure(l, r);
        double values[] = {r->expected, m.support, m.confidence, m.lift, m.shrunk,
                           m.low,       m.high,    m.g2,         m.npmi, m.conviction};
        c.at[0].text[i] = name[r->item], c.at[1].text[i] = name[r->other];
        c.at[2].i32[i] = r->n, c.at[3].i32[i] = r->reverse;
        c.at[4].i64[i] = l->count[r->item], c.at[5].i64[i] = l->count[r->other];
        c.at[15].valid[i] = isfinite(m.conviction);
        for (int v = 0; v < 10; v++) c.at[6 + v].real[i] = isfinite(values[v]) ? values[v] : 0;
    }
    return db_put(b->d, "found", &c, e) &&
           db_run(b->d, SLICE("CREATE TABLE rules AS SELECT * FROM found ORDER BY lift_low DESC, "
                              "item, other"), e);
}

static void say(const args *a, js *out, const baskets *k, const affinity_list *l) {
    const char *what = k->next ? "customers" : "baskets";
    int64_t n = l->first[k->data.items];
    const char *counted = "n baskets have both; expected: as often as chance puts both into one.";
    if (k->next)
        counted = "n customers of the item bought the other in a later basket within the days; "
                  "expected: the other's share of all that is bought next.";
    js_putf(out, "definition", "%s Ranked by the 5 %% quantile of the lift under a prior that all "
            "pairs teach.", counted);
    if (k->next) js_put_int(out, "days", args_int(a, "days"));
    js_put_int(out, "items", k->data.items);
    js_put_int(out, "baskets", k->data.baskets);
    js_put_int(out, "baskets_over_cap", l->left_out);
    js_put_int(out, "rows_returned", k->returns);
    js_put_int(out, "pairs", n);
    js_array(out, "prior");
    for (int part = 0; part < 2; part++) {
        js_object(out, NULL);
        js_put_real(out, "share_of_pairs", l->prior.w[part]);
        js_put_real(out, "mean_lift", l->prior.a[part] / l->prior.b[part]);
        js_put_real(out, "a", l->prior.a[part]);
        js_put_real(out, "b", l->prior.b[part]);
        js_end(out);
    }
    js_end(out);
    if (!args_json(a))
        fprintf(stderr, "%lld pairs of %d items in %lld %s; %lld baskets over the cap and %lld "
                "rows of returns left out\n", (long long)n, (int)k->data.items,
                (long long)l->total, what, (long long)l->left_out, (long long)k->returns);
}

/* The base columns, and those that --level and --product name. */
static contract contract_of(const args *a, contract_column *room, arena *keep) {
    contract c = {"purchases", N_BASE, room};
    const char *named[] = {args_text(a, "level"), args_text(a, "product")};
    memcpy(room, base_columns, sizeof base_columns);
    for (int i = 0; i < 2; i++) {
        bool known = !named[i];
        for (int k = 0; k < c.n && !known; k++) known = strcmp(room[k].name, named[i]) == 0;
        if (!known)
            room[c.n++] = (contract_column){.name = slice_copy(keep, slice_of(named[i])),
                                            .type = CONTRACT_TEXT};
    }
    return c;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    baskets k = {.next = strcmp(args_text(a, "kind"), "next") == 0};
    affinity_list l;
    timing t = {0};
    double clock = args_clock();
    contract_column room[N_BASE + 2];
    contract c = contract_of(a, room, &s->keep);
    affinity_params p = {.keep = (int)args_int(a, "top"), .least = (int)args_int(a, "least"),
                         .cap = (int)args_int(a, "cap"), .days = (int)args_int(a, "days")};
    if (!verb_open(a, s, &b, e) || !verb_read(a, &b, &c, "bought", out, e) ||
        !make_tables(a, &b, &k, s, e) || !read_baskets(a, &b, &k, s, e))
        return false;
    t.read_s = args_lap(&clock);
    if (k.next) affinity_next(&l, &k.data, p, b.threads, &s->keep, s->scratch);
    else affinity_together(&l, &k.data, p, b.threads, &s->keep, s->scratch);
    t.fit_s = args_lap(&clock);
    say(a, out, &k, &l);
    if (!put_rules(&b, &k, &l, s, e) || !verb_write(a, &b, "rules", e)) return false;
    t.write_s = args_lap(&clock);
    args_timing(out, &t);
    return true;
}

const verb verb_affinity = {
    .name = "affinity",
    .words = "",
    .group = "table",
    .title = "Find what is bought together, or next, more often than by chance.",
    .example = "atelier affinity --in transactions.csv --top 10 --out rules.csv",
    .options = options,
    .run = run,
};
