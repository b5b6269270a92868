/* view_alerts: what forecast and stock oblige a buyer to do: alerts.json of the run, filtered. */
#include <string.h>

#include "surfaces/view.h"

enum { ALERTS_TYPE, ALERTS_ARTICLE, ALERTS_LIMIT };

static bool wanted(const js_node *one, slice type, slice article) {
    slice said;
    if (type.n > 0 && js_text(js_get(one, "type"), &said) && slice_compare(said, type) != 0)
        return false;
    return article.n == 0 || (js_text(js_get(one, "article"), &said) &&
                              slice_compare(bundle_key(said), bundle_key(article)) == 0);
}

int view_alerts(view *v) {
    const js_node *root = v->b->pages[BUNDLE_ALERTS].root;
    if (!root) return view_missing(v, "this bundle has no alerts.json: run the shop again");
    static const char *const shared[] = {"schema",  "as_of", "assumed", "articles",
                                         "counted", "note",  "types",   "total"};
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (js_get(root, shared[i])) js_put_node(v->j, shared[i], js_get(root, shared[i]));
    const param_value *p = v->values;
    slice type = p[ALERTS_TYPE].given ? p[ALERTS_TYPE].text : (slice){"", 0};
    slice article = p[ALERTS_ARTICLE].given ? p[ALERTS_ARTICLE].text : (slice){"", 0};
    const js_node *list = js_get(root, "alerts");
    int64_t found = 0;
    js_array(v->j, "alerts");
    for (int64_t i = 0; i < js_count(list); i++) {
        const js_node *one = js_at(list, i);
        if (!wanted(one, type, article)) continue;
        if (found++ < p[ALERTS_LIMIT].number) js_put_node(v->j, NULL, one);
    }
    js_end(v->j);
    js_put_int(v->j, "found", found);
    return 200;
}
