/* insight_baskets: pairs of articles and of types that baskets hold more often than by chance. */
#include "base/order.h"
#include "models/insight/affinity.h"
#include "pipeline/insight.h"

enum { SHOWN = 500, ARTICLES_BESIDE = 2000, BESIDE = 5 };

typedef struct baskets {
    affinity_data data;
    columns items; /* id, name, product by item */
} baskets;

/* item: a column of b_articles; name: what to call it. Orders of customers and of guests. */
static bool read_baskets(baskets *b, work *w, const char *item, const char *name, scope *s,
                         err *e) {
    columns c;
    if (!db_runf(w->d, e,
                 "CREATE OR REPLACE TEMP TABLE basket_lines AS SELECT DISTINCT o.order_id, "
                 "a.%s AS id FROM (SELECT order_id, article, quantity FROM transactions "
                 "UNION ALL SELECT order_id, article, quantity FROM guest_sales) o "
                 "JOIN b_articles a ON a.article = o.article "
                 "WHERE o.quantity > 0 AND o.order_id IS NOT NULL AND a.%s IS NOT NULL;"
                 "CREATE OR REPLACE TEMP TABLE basket_items AS SELECT id, "
                 "CAST(row_number() OVER (ORDER BY id) - 1 AS INTEGER) AS item, name, "
                 "CAST(dense_rank() OVER (ORDER BY product) - 1 AS INTEGER) AS product FROM "
                 "(SELECT a.%s AS id, coalesce(min(a.%s), a.%s) AS name, "
                 "coalesce(min(a.product_code), a.%s) AS product FROM b_articles a "
                 "WHERE a.%s IN (SELECT id FROM basket_lines) GROUP BY a.%s)",
                 item, item, item, name, item, item, item, item) ||
        !db_query(w->d, &s->keep, &b->items, e,
                  "SELECT id, name, product FROM basket_items ORDER BY item") ||
        !db_query(w->d, &s->keep, &c, e,
                  "SELECT CAST(dense_rank() OVER (ORDER BY order_id) - 1 AS BIGINT) AS basket, "
                  "item FROM basket_lines l JOIN basket_items i ON i.id = l.id "
                  "ORDER BY basket, item"))
        return false;
    const int64_t *basket = columns_i64(&c, "basket");
    int64_t n = c.rows ? basket[c.rows - 1] + 1 : 0, *first = take(&s->keep, int64_t, n + 1);
    for (int64_t i = 0; i < c.rows; i++) first[basket[i] + 1] = i + 1;
    b->data = (affinity_data){.items = (int32_t)b->items.rows, .baskets = n, .first = first,
                              .item = columns_i32(&c, "item")};
    return true;
}

/* A pair stands in the lists of both its items when it is among the best of both. */
static bool told_before(const affinity_list *l, const affinity_rule *r) {
    if (r->other > r->item) return false;
    for (int64_t k = l->first[r->other]; k < l->first[r->other + 1]; k++)
        if (l->rule[k].other == r->item) return true;
    return false;
}

static void put_rule(js *j, const baskets *b, const affinity_list *l, const affinity_rule *r) {
    const slice *id = columns_text(&b->items, "id"), *name = columns_text(&b->items, "name");
    affinity_measures m = affinity_measure(l, r);
    js_object(j, NULL);
    js_put_text(j, "id", id[r->item]);
    js_put_text(j, "name", name[r->item]);
    js_put_text(j, "other", id[r->other]);
    js_put_text(j, "other_name", name[r->other]);
    js_put_int(j, "n", r->n);
    js_put_int(j, "count", l->count[r->item]);
    js_put_int(j, "other_count", l->count[r->other]);
    js_put_real(j, "expected", r->expected);
    js_put_real(j, "support", m.support);
    js_put_real(j, "lift", m.lift);
    js_put_real(j, "shrunk", m.shrunk);
    js_put_real(j, "low", m.low);
    js_put_real(j, "high", m.high);
    js_put_real(j, "npmi", m.npmi);
    js_put_real(j, "g2", m.g2);
    js_end(j);
}

/* Surest first; the number of pairs judged. */
static int64_t put_rules(js *j, const char *key, const baskets *b, const affinity_list *l,
                         scope *s) {
    int64_t n = l->first[b->data.items], m = 0;
    int32_t *order = take(&s->keep, int32_t, n);
    double *low = take(&s->keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        low[i] = affinity_measure(l, &l->rule[i]).low;
        if (!told_before(l, &l->rule[i])) order[m++] = (int32_t)i;
    }
    order_down(order, m, low, s->scratch);
    js_array(j, key);
    for (int64_t k = 0; k < m && k < SHOWN; k++) put_rule(j, b, l, &l->rule[order[k]]);
    js_end(j);
    return m;
}

/* ---- what to show beside an article ---- */

static void put_beside(js *j, const baskets *b, const affinity_list *l, int32_t item) {
    const slice *id = columns_text(&b->items, "id");
    int64_t at = l->first[item], end = l->first[item + 1];
    js_object(j, NULL);
    js_put_text(j, "id", id[item]);
    js_put_int(j, "orders", l->count[item]);
    js_array(j, "others");
    for (int shown = 0; at < end && shown < BESIDE; at++) {
        affinity_measures m = affinity_measure(l, &l->rule[at]);
        if (!(m.low > 1)) continue;
        js_object(j, NULL);
        js_put_text(j, "id", id[l->rule[at].other]);
        js_put_int(j, "n", l->rule[at].n);
        js_put_real(j, "share", m.confidence);
        js_put_real(j, "shrunk", m.shrunk);
        js_put_real(j, "low", m.low);
        js_put_real(j, "high", m.high);
        js_end(j);
        shown++;
    }
    js_end(j);
    js_end(j);
}

static bool write_beside(work *w, folder *f, const baskets *b, const affinity_list *l, scope *s,
                         err *e) {
    js *j = take(&s->keep, js, 1);
    int64_t n = b->data.items;
    int32_t *order = take(&s->keep, int32_t, n);
    double *orders = take(&s->keep, double, n);
    for (int32_t i = 0; i < n; i++) orders[i] = (double)l->count[i], order[i] = i;
    order_down(order, n, orders, s->scratch);
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.beside/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    js_array(j, "articles");
    for (int64_t i = 0; i < n && i < ARTICLES_BESIDE; i++) put_beside(j, b, l, order[i]);
    js_end(j);
    js_end(j);
    return folder_write(f, "beside.json", text_slice(&j->out), e);
}

/* ---- the page ---- */

/* What each number of the page is: {key: sentence}. */
static const char *const definitions[][2] = {
    {"n", "Orders of customers and guests that hold both, returned lines left out; an order of "
          "more than 60 articles is no basket and counts nowhere."},
    {"support", "Orders with both over all orders."},
    {"expected", "Orders with one times orders with the other over all orders: as many as chance "
                 "puts together."},
    {"lift", "Orders with both over expected. A pair seen once where a thousandth was expected "
             "has a lift of 1,000 and means nothing."},
    {"shrunk", "Lift under a prior that all pairs teach (two gammas); the interval holds 90 %."},
    {"low", "The 5 % quantile of the shrunk lift: surely so many times chance. Pairs are ranked "
            "by it."},
    {"npmi", "Logarithm of the lift over minus that of the support: 0 by chance, 1 when neither "
             "is ever bought without the other."},
    {"g2", "Log-likelihood ratio of the table of orders with and without either: over 10.8 "
           "chance alone would reach in one of 1,000 pairs."},
    {"beside", "The five articles that are surest to be in the orders of the chosen one more "
               "often than chance (low over 1); share is that of its orders which hold them. "
               "Colours of one product are not shown beside each other."},
};

bool insight_baskets_write(work *w, folder *f, scope *s, err *e) {
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    baskets articles = {0}, types = {0};
    affinity_list pairs, of_types;
    if (!read_baskets(&articles, w, "article_id", "name", s, e)) return false;
    articles.data.product = columns_i32(&articles.items, "product");
    if (!read_baskets(&types, w, "type", "type", s, e)) return false;
    affinity_together(&pairs, &articles.data, AFFINITY_DEFAULTS, w->threads, &s->keep, s->scratch);
    affinity_params every = AFFINITY_DEFAULTS;
    /* Types are few: their matrix shows what is rare together too. */
    if (types.data.items > 0) every.keep = types.data.items;
    affinity_together(&of_types, &types.data, every, w->threads, &s->keep, s->scratch);
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.baskets/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    js_put_word(j, "definition",
                "Pairs that one order holds; n orders have both, expected is as many as chance "
                "puts together. Lift is n over expected, shrunk under a prior that all pairs "
                "teach; pairs are ranked by low, its 5 % quantile. Variants of one product are "
                "no pair.");
    js_object(j, "definitions");
    for (size_t i = 0; i < sizeof definitions / sizeof definitions[0]; i++)
        js_put_word(j, definitions[i][0], definitions[i][1]);
    js_end(j);
    js_put_int(j, "baskets", pairs.total);
    js_put_int(j, "baskets_over_cap", pairs.left_out);
    js_put_int(j, "pairs", put_rules(j, "articles", &articles, &pairs, s));
    put_rules(j, "types", &types, &of_types, s);
    js_end(j);
    return folder_write(f, "baskets.json", text_slice(&j->out), e) &&
           write_beside(w, f, &articles, &pairs, s, e);
}
