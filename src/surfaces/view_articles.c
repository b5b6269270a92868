/* view_articles: an article, those like it, bought with it and of its product; what is rising. */
#include "surfaces/view.h"

enum { ITEM_ID, ITEM_K };
enum { TRENDING_K, TRENDING_CATEGORY };

static void put_item(view *v, int32_t article, double score, int64_t rank) {
    js_object(v->j, NULL);
    view_article(v->j, v->b, article);
    view_number(v->j, "score", score);
    js_put_int(v->j, "rank", rank);
    js_end(v->j);
}

static void put_related(view *v, const char *key, const bundle_related *r, int64_t article,
                        int64_t most) {
    js_array(v->j, key);
    for (int64_t i = 0; i < r->k && i < most; i++) {
        int64_t at = article * r->k + i;
        if (r->items[at] < 0) break;
        put_item(v, r->items[at], (double)r->scores[at], i + 1);
    }
    js_end(v->j);
}

static void put_took(view *v) {
    js_put_int(v->j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
}

/* The article of the path, or -1 with *status set to a refusal. */
static int64_t find_article(view *v, int *status) {
    slice id = v->values[ITEM_ID].text;
    int64_t article = bundle_article(v->b, id);
    *status = 200;
    if (article < 0) *status = view_missing(v, "no article '%.*s' in this shop", (int)id.n, id.p);
    return article;
}

static int show_related(view *v, const bundle_related *r) {
    int status;
    if (!v->b->recommend.has) return view_missing(v, "this bundle has no recommendations");
    int64_t article = find_article(v, &status);
    if (article < 0) return status;
    view_model(v, "recommend");
    js_object(v->j, "article");
    view_article(v->j, v->b, article);
    js_end(v->j);
    put_related(v, "items", r, article, v->values[ITEM_K].number);
    put_took(v);
    return 200;
}

int view_recommend_similar(view *v) { return show_related(v, &v->b->recommend.similar); }
int view_recommend_together(view *v) { return show_related(v, &v->b->recommend.together); }

int view_recommend_trending(view *v) {
    const bundle_ranking *r = &v->b->recommend.trending;
    int32_t category = (int32_t)v->values[TRENDING_CATEGORY].number;
    if (!v->b->recommend.has) return view_missing(v, "this bundle has no recommendations");
    view_model(v, "recommend");
    js_array(v->j, "items");
    for (int64_t i = 0, n = 0; i < r->n && r->items[i] >= 0 && n < v->values[TRENDING_K].number;
         i++)
        if (category < 0 || v->b->category[r->items[i]] == category)
            put_item(v, r->items[i], (double)r->scores[i], ++n);
    js_end(v->j);
    put_took(v);
    return 200;
}

static void put_attributes(view *v, int64_t article) {
    static const char *const stocks[BUNDLE_STOCKS] = {"sold out", "in stock", NULL};
    const bundle *b = v->b;
    js_object(v->j, "article");
    view_article(v->j, b, article);
    js_put_text(v->j, "type", bundle_text(&b->article_type, article));
    js_put_text(v->j, "colour", bundle_text(&b->article_colour, article));
    js_put_text(v->j, "product_code", bundle_text(&b->article_product, article));
    if (b->first_day[article] == BUNDLE_NO_DAY) js_put_null(v->j, "first_day");
    else view_day(v->j, "first_day", b->first_day[article]);
    js_put_word(v->j, "stock", stocks[b->stock[article]]);
    js_end(v->j);
}

/* The other articles of the product. */
static void put_variants(view *v, int64_t article) {
    const bundle *b = v->b;
    int32_t product = b->product[article];
    js_array(v->j, "variants");
    for (int32_t i = b->variants_at[product]; i < b->variants_at[product + 1]; i++) {
        if (b->variants[i] == article) continue;
        js_object(v->j, NULL);
        view_article(v->j, b, b->variants[i]);
        js_put_text(v->j, "colour", bundle_text(&b->article_colour, b->variants[i]));
        js_end(v->j);
    }
    js_end(v->j);
}

int view_article_one(view *v) {
    enum { SHOWN = 12 };
    int status;
    const bundle_recommend *r = &v->b->recommend;
    int64_t article = find_article(v, &status);
    if (article < 0) return status;
    view_model(v, "recommend");
    put_attributes(v, article);
    put_related(v, "similar", &r->similar, article, r->has ? SHOWN : 0);
    put_related(v, "bought_together", &r->together, article, r->has ? SHOWN : 0);
    put_variants(v, article);
    put_took(v);
    return 200;
}
