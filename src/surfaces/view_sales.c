/* view_sales: the shop's key figures of one kind of period and group. */
#include "surfaces/view.h"

enum { SALES_GRAIN, SALES_BY };
static const char *const grains[] = {"day", "week", "month"};
static const char *const groups[] = {"category", "channel", "segment", "traffic"};

/* A list of the page, or an empty one. */
static void put_list(js *j, const char *key, const js_node *list) {
    if (list) {
        js_put_node(j, key, list);
        return;
    }
    js_array(j, key);
    js_end(j);
}

int view_sales(view *v) {
    static const char *const shared[] = {"schema", "as_of",       "from",
                                         "kpis",   "definitions", "absent"};
    const js_node *root = v->b->pages[BUNDLE_KPIS].root, *parts = js_get(root, "parts");
    if (!root) return view_page(v, BUNDLE_KPIS); /* which says that it is missing */
    const char *grain = grains[v->values[SALES_GRAIN].number];
    const char *by = groups[v->values[SALES_BY].number];
    const js_node *days = js_at(js_get(js_get(parts, "day"), "all"), 0);
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        js_put_node(v->j, shared[i], js_get(root, shared[i]));
    js_put_word(v->j, "grain", grain);
    js_put_word(v->j, "by", by);
    put_list(v->j, "total", js_get(js_get(parts, grain), "all"));
    put_list(v->j, "groups", js_get(js_get(parts, grain), by));
    js_object(v->j, "calendar");
    put_list(v->j, "day", js_get(days, "period"));
    put_list(v->j, "net_revenue", js_get(days, "net_revenue"));
    js_end(v->j);
    if (js_get(root, "lifecycle")) js_put_node(v->j, "lifecycle", js_get(root, "lifecycle"));
    js_put_node(v->j, "revenue", js_get(v->b->pages[BUNDLE_TRENDS].root, "revenue"));
    return 200;
}
