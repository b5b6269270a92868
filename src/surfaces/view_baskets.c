/* view_baskets: pairs that orders hold, and what to show beside an article. */
#include "surfaces/view.h"

enum { BASKETS_ARTICLE };

/* The entry of an article in a list by id; NULL when it has none. */
static const js_node *find(const js_node *list, slice id) {
    slice has, key = bundle_key(id);
    for (int64_t i = 0; i < js_count(list); i++)
        if (js_text(js_get(js_at(list, i), "id"), &has) &&
            slice_compare(bundle_key(has), key) == 0)
            return js_at(list, i);
    return NULL;
}

static void put_other(view *v, const js_node *one) {
    static const char *const measures[] = {"n", "share", "shrunk", "low", "high"};
    slice id;
    int64_t other = js_text(js_get(one, "id"), &id) ? bundle_article(v->b, id) : -1;
    if (other < 0) return;
    js_object(v->j, NULL);
    view_article(v->j, v->b, other);
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
        js_put_node(v->j, measures[i], js_get(one, measures[i]));
    js_end(v->j);
}

int view_baskets(view *v) {
    slice id = v->values[BASKETS_ARTICLE].text;
    const js_node *root = v->b->pages[BUNDLE_BESIDE].root;
    if (!v->values[BASKETS_ARTICLE].given) return view_page(v, BUNDLE_BASKETS);
    if (!root) return view_missing(v, "this bundle has no beside.json");
    int64_t article = bundle_article(v->b, id), orders = 0;
    if (article < 0)
        return view_missing(v, "no article '%.*s' in this shop", (int)id.n, id.p);
    const js_node *one = find(js_get(root, "articles"), id), *others = js_get(one, "others");
    js_int(js_get(one, "orders"), &orders);
    js_put_node(v->j, "as_of", js_get(root, "as_of"));
    js_object(v->j, "article");
    view_article(v->j, v->b, article);
    js_end(v->j);
    js_put_bool(v->j, "judged", one != NULL); /* among the articles of most orders */
    js_put_int(v->j, "orders", orders);
    js_array(v->j, "items");
    for (int64_t i = 0; i < js_count(others); i++) put_other(v, js_at(others, i));
    js_end(v->j);
    return 200;
}
