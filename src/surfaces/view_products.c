/* view_products: articles by class, steadiness and launch, a page at a time; one article whole. */
#include <math.h>

#include "base/order.h"
#include "surfaces/view.h"

enum { LIST_SORT, LIST_ORDER, LIST_CATEGORY, LIST_ABC, LIST_XYZ, LIST_LAUNCH, LIST_LIMIT,
       LIST_OFFSET };
enum { ONE_ID };

static const char *const sorts[] = {"revenue", "units", "growth", "cv", "ratio"};

/* True when a wish is absent, or the member has its text. */
static bool fits(const view *v, int wish, const js_node *member) {
    slice has;
    return !v->values[wish].given ||
           (js_text(member, &has) && slice_compare(has, v->values[wish].text) == 0);
}

static bool is_wanted(const view *v, const js_node *one) {
    return fits(v, LIST_CATEGORY, js_get(one, "category")) &&
           fits(v, LIST_ABC, js_get(one, "abc")) && fits(v, LIST_XYZ, js_get(one, "xyz")) &&
           fits(v, LIST_LAUNCH, js_get(js_get(one, "launch"), "call"));
}

static double key_of(const js_node *one, int64_t sort) {
    const js_node *from = sort == 4 ? js_get(one, "launch") : one;
    double value = NAN;
    js_real(js_get(from, sorts[sort]), &value);
    return value;
}

/* All of an entry but the weeks, which one article shows. */
static void put_row(view *v, const js_node *one) {
    static const char *const shown[] = {"id",       "name",     "category", "revenue",
                                        "units",    "recent",   "previous", "growth",
                                        "abc",      "abc_before", "xyz",    "cv", "launch"};
    js_object(v->j, NULL);
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        js_put_node(v->j, shown[i], js_get(one, shown[i]));
    js_end(v->j);
}

static void put_rows(view *v, const js_node *list) {
    int64_t n = js_count(list), found = 0, first = v->values[LIST_OFFSET].number;
    const js_node **of = take(v->keep, const js_node *, n);
    double *key = take(v->keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        const js_node *one = js_at(list, i);
        if (!is_wanted(v, one)) continue;
        of[found] = one;
        key[found++] = key_of(one, v->values[LIST_SORT].number);
    }
    int32_t *order = order_count(found, v->keep);
    if (v->values[LIST_ORDER].number == 1) order_up(order, found, key, v->scratch);
    else order_down(order, found, key, v->scratch);
    js_put_int(v->j, "total", found);
    js_array(v->j, "articles");
    for (int64_t k = first; k < found && k < first + v->values[LIST_LIMIT].number; k++)
        put_row(v, of[order[k]]);
    js_end(v->j);
}

/* The curve of a category; of all articles where it has none of its own. */
static const js_node *curve_of(const js_node *root, slice category) {
    const js_node *list = js_get(root, "curves");
    int64_t n = js_count(list);
    slice has;
    for (int64_t i = 0; i + 1 < n; i++)
        if (js_text(js_get(js_at(list, i), "category"), &has) &&
            slice_compare(has, category) == 0)
            return js_at(list, i);
    return js_at(list, n - 1);
}

int view_products(view *v) {
    static const char *const shared[] = {"schema", "as_of",         "from",   "definitions",
                                         "cuts",   "concentration", "matrix", "moves"};
    const js_node *root = v->b->pages[BUNDLE_PRODUCTS].root;
    if (!root) return view_missing(v, "this bundle has no products.json");
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        js_put_node(v->j, shared[i], js_get(root, shared[i]));
    js_put_node(v->j, "curve", curve_of(root, v->values[LIST_CATEGORY].text));
    put_rows(v, js_get(root, "articles"));
    return 200;
}

/* The entry of an article in a list whose entries name it by `key`; null when it has none. */
static const js_node *find(const js_node *list, const char *key, slice id) {
    slice has;
    for (int64_t i = 0; i < js_count(list); i++)
        if (js_text(js_get(js_at(list, i), key), &has) &&
            slice_compare(bundle_key(has), id) == 0)
            return js_at(list, i);
    return NULL;
}

static void put_found(view *v, const char *key, const js_node *found) {
    if (found) js_put_node(v->j, key, found);
    else js_put_null(v->j, key);
}

static void put_alerts(view *v, slice id) {
    const js_node *list = js_get(v->b->pages[BUNDLE_ALERTS].root, "alerts");
    slice has;
    js_array(v->j, "alerts");
    for (int64_t i = 0; i < js_count(list); i++)
        if (js_text(js_get(js_at(list, i), "article"), &has) &&
            slice_compare(bundle_key(has), id) == 0)
            js_put_node(v->j, NULL, js_at(list, i));
    js_end(v->j);
}

int view_product(view *v) {
    const js_node *root = v->b->pages[BUNDLE_PRODUCTS].root;
    slice said = v->values[ONE_ID].text, id = bundle_key(said);
    int64_t article = bundle_article(v->b, said);
    if (!root) return view_missing(v, "this bundle has no products.json");
    if (article < 0)
        return view_missing(v, "no article '%.*s' in this shop", (int)said.n, said.p);
    js_put_node(v->j, "as_of", js_get(root, "as_of"));
    js_put_node(v->j, "definitions", js_get(root, "definitions"));
    js_object(v->j, "article");
    view_article(v->j, v->b, article);
    js_end(v->j);
    put_found(v, "product", find(js_get(root, "articles"), "id", id));
    put_found(v, "curve", curve_of(root, v->b->categories[v->b->category[article]]));
    put_found(v, "elasticity",
              find(js_get(v->b->pages[BUNDLE_PRICES].root, "articles"), "id", id));
    const js_node *funnel = js_get(v->b->pages[BUNDLE_FUNNEL].root, "articles");
    put_found(v, "funnel", find(js_get(js_get(funnel, "each"), "list"), "article", id));
    put_alerts(v, id);
    return 200;
}
