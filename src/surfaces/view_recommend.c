/* view_recommend: lists for customers and articles like an article. */
#include "surfaces/view.h"

typedef struct listed {
    int32_t article;
    float score;
    slice reason; /* p == NULL: none */
} listed;

enum { USER_ID, USER_K, USER_OFFSET, USER_CATEGORY };
enum { ITEM_ID, ITEM_K };

static bool fits(const bundle *b, int32_t article, int32_t category) {
    return category < 0 || b->category[article] == category;
}

/* The customer's own list, then popular articles that are not in it; returns how many. */
static int64_t gather(const bundle *b, int64_t customer, int32_t category, int64_t most,
                      listed *out) {
    const bundle_recommend *r = &b->recommend;
    const int32_t *own = customer >= 0 ? r->items + customer * r->k : NULL;
    int64_t n = 0, n_own = 0;
    while (own && n_own < r->k && own[n_own] >= 0) n_own++;
    for (int64_t i = 0; i < n_own && n < most; i++) {
        int64_t at = customer * r->k + i;
        if (!fits(b, own[i], category)) continue;
        out[n++] = (listed){own[i], r->scores[at], bundle_text(&r->reasons, r->reason[at])};
    }
    for (int64_t i = 0; i < r->n_popular && n < most; i++) {
        int32_t article = r->popular[i];
        bool there = article < 0 || !fits(b, article, category);
        for (int64_t x = 0; x < n_own && !there; x++) there = own[x] == article;
        if (!there)
            out[n++] = (listed){article, r->popular_scores[i], SLICE("popular in this shop")};
    }
    return n;
}

static void put_items(view *v, const listed *items, int64_t n, int64_t offset) {
    js_array(v->j, "items");
    for (int64_t i = 0; i < n; i++) {
        js_object(v->j, NULL);
        view_article(v->j, v->b, items[i].article);
        view_number(v->j, "score", (double)items[i].score);
        js_put_int(v->j, "rank", offset + i + 1);
        if (items[i].reason.p) {
            js_array(v->j, "reasons");
            js_put_text(v->j, NULL, items[i].reason);
            js_end(v->j);
        }
        js_end(v->j);
    }
    js_end(v->j);
    js_put_int(v->j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
}

int view_recommend_user(view *v) {
    const bundle *b = v->b;
    const bundle_recommend *r = &b->recommend;
    if (!r->has) return view_missing(v, "this bundle has no recommendations: the shop had no "
                                        "purchases or events to learn from");
    int64_t customer = bundle_customer(b, v->values[USER_ID].text);
    int32_t category = (int32_t)v->values[USER_CATEGORY].number;
    int64_t k = v->values[USER_K].number, offset = v->values[USER_OFFSET].number;
    int64_t most = k + offset < r->k + r->n_popular ? k + offset : r->k + r->n_popular;
    listed *items = take(v->keep, listed, most);
    int64_t n = gather(b, customer, category, most, items);
    bool cold = customer < 0 || r->cold[customer];
    slice by = customer < 0 ? SLICE("popularity") : bundle_text(&r->models, r->model[customer]);
    metrics_recommendation(v->counts, cold);
    view_model(v, "recommend");
    js_put_text(v->j, "served_by", by);
    js_put_bool(v->j, "cold_start", cold);
    js_put_text(v->j, "customer_id",
                customer < 0 ? v->values[USER_ID].text : bundle_text(&b->customer_id, customer));
    put_items(v, items + (offset < n ? offset : n), n > offset ? n - offset : 0, offset);
    return 200;
}

int view_recommend_similar(view *v) {
    const bundle *b = v->b;
    const bundle_recommend *r = &b->recommend;
    slice id = v->values[ITEM_ID].text;
    int64_t article = bundle_article(b, id), n = 0;
    if (!r->has) return view_missing(v, "this bundle has no recommendations");
    if (article < 0) return view_missing(v, "no article '%.*s' in this shop", (int)id.n, id.p);
    const int32_t *row = r->similar + article * r->n_similar;
    listed *items = take(v->keep, listed, r->n_similar);
    for (; n < r->n_similar && n < v->values[ITEM_K].number && row[n] >= 0; n++)
        items[n] = (listed){row[n], r->similar_scores[article * r->n_similar + n], {0}};
    view_model(v, "recommend");
    js_object(v->j, "article");
    view_article(v->j, b, article);
    js_end(v->j);
    put_items(v, items, n, 0);
    return 200;
}
