/* view_prices: elasticities of articles and categories, and markdown plans on demand. */
#include <math.h>

#include "surfaces/markdown_say.h"
#include "surfaces/view.h"

enum { PRICES_ARTICLE, PRICES_CATEGORY, PRICES_LIMIT };
enum { PLAN_PRICE, PLAN_STOCK, PLAN_DEMAND, PLAN_ELASTICITY, PLAN_SE, PLAN_WEEKS, PLAN_LADDER,
       PLAN_CUT, PLAN_DECAY, PLAN_SALVAGE, PLAN_DEMAND_SE };

static bool is_wanted(const view *v, const js_node *one) {
    static const char *const keys[] = {[PRICES_ARTICLE] = "id", [PRICES_CATEGORY] = "category"};
    for (int i = PRICES_ARTICLE; i <= PRICES_CATEGORY; i++) {
        slice has;
        if (!v->values[i].given) continue;
        if (!js_text(js_get(one, keys[i]), &has) ||
            slice_compare(bundle_key(has), bundle_key(v->values[i].text)) != 0)
            return false;
    }
    return true;
}

/* Without a wish the whole page; else the articles that match. */
int view_prices(view *v) {
    const js_node *root = v->b->pages[BUNDLE_PRICES].root, *list = js_get(root, "articles");
    bool all = !v->values[PRICES_ARTICLE].given && !v->values[PRICES_CATEGORY].given &&
               !v->values[PRICES_LIMIT].given;
    if (!root || all) return view_page(v, BUNDLE_PRICES);
    int64_t found = 0;
    js_put_node(v->j, "as_of", js_get(root, "as_of"));
    js_put_node(v->j, "all", js_get(root, "all"));
    js_array(v->j, "articles");
    for (int64_t i = 0; i < js_count(list); i++) {
        if (!is_wanted(v, js_at(list, i))) continue;
        if (found++ < v->values[PRICES_LIMIT].number) js_put_node(v->j, NULL, js_at(list, i));
    }
    js_end(v->j);
    js_put_int(v->j, "total", found);
    return 200;
}

static int no_ladder(view *v, const char *name, const char *why) {
    return view_mistake(v, &(param_mistake){
        "value_error", "query", name, arena_text(v->keep, "Value error, %s", why), NULL,
        v->values[PLAN_LADDER].text});
}

int view_prices_plan(view *v) {
    const param_value *p = v->values;
    double cut[MARKDOWN_CUTS], base[MARKDOWN_WEEKS];
    int cuts;
    if (!markdown_ladder(p[PLAN_LADDER].text, cut, &cuts) || cuts > 10)
        return no_ladder(v, "ladder", "cuts are at most 10 ascending per cents from 0 to 99");
    int now = markdown_rung(cut, cuts, p[PLAN_CUT].real);
    if (now < 0) return no_ladder(v, "cut", "today's cut is none of the ladder");
    markdown_case m = {.price = p[PLAN_PRICE].real, .stock = p[PLAN_STOCK].number,
                       .elasticity = p[PLAN_ELASTICITY].real, .elasticity_se = p[PLAN_SE].real,
                       .base_se = p[PLAN_DEMAND_SE].real, .weeks = (int)p[PLAN_WEEKS].number,
                       .salvage = p[PLAN_SALVAGE].real * p[PLAN_PRICE].real, .base = base,
                       .cut = cut, .cuts = cuts, .now = now};
    for (int t = 0; t < m.weeks; t++) base[t] = p[PLAN_DEMAND].real * pow(p[PLAN_DECAY].real, t);
    markdown_answer a = markdown_ask(&m, 1, v->scratch);
    markdown_put(v->j, &m, &a);
    return 200;
}
