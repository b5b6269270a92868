/* view_pages: the JSON files of the bundle, whole or in part: home, evaluation, trends. */
#include <string.h>
#include <strings.h>

#include "surfaces/view.h"

int view_page(view *v, bundle_page_name name) {
    const bundle_page *page = &v->b->pages[name];
    if (!page->root) return view_missing(v, "this bundle has no %s", page->file);
    slice inside = slice_trim((slice){page->bytes.p + 1, page->bytes.n - 2});
    text *out = &v->j->out;
    text_clear(out);
    text_addf(out, "{\"request_id\":\"%s\"%s", v->request_id, inside.n ? "," : "");
    text_add(out, inside);
    text_add_char(out, '}');
    v->whole = true;
    return 200;
}

int view_home(view *v) { return view_page(v, BUNDLE_HOME); }
int view_evaluation(view *v) { return view_page(v, BUNDLE_EVALUATION); }
int view_elasticity(view *v) { return view_page(v, BUNDLE_ELASTICITY); }
int view_insights(view *v) { return view_page(v, BUNDLE_INSIGHTS); }
int view_data(view *v) { return view_page(v, BUNDLE_DATA); }
int view_reviews(view *v) { return view_page(v, BUNDLE_LANGUAGE); }

int view_weekly(view *v) {
    slice html = v->b->weekly;
    if (html.n == 0) return view_missing(v, "this bundle has no weekly.html");
    text_clear(&v->j->out);
    text_add(&v->j->out, html);
    v->whole = true;
    return 200;
}

/* A part that the shop's reviews did not feed is told as such, for pages that ask for all parts. */
static int show_part(view *v, bundle_page_name name, const char *what) {
    if (v->b->pages[name].root) return view_page(v, name);
    js_putf(v->j, "skipped", "This bundle has no %s of reviews.", what);
    return 200;
}

int view_review_topics(view *v) { return show_part(v, BUNDLE_TOPICS, "topics"); }
int view_review_aspects(view *v) { return show_part(v, BUNDLE_ASPECTS, "aspects"); }
int view_review_toxicity(view *v) { return show_part(v, BUNDLE_TOXICITY, "toxicity"); }
int view_review_trends(view *v) { return show_part(v, BUNDLE_REVIEWS, "trends"); }

/* ---- trends ---- */

enum { TRENDS_DIRECTION, TRENDS_LEVEL, TRENDS_LIMIT, TRENDS_PART };

/* Entries of `list` whose growth has the sign of `direction` (0 = any), at most `limit`. */
static void put_movers(js *j, const char *key, const js_node *list, int direction, int64_t limit) {
    js_array(j, key);
    for (int64_t i = 0, n = 0; i < js_count(list) && n < limit; i++) {
        const js_node *one = js_at(list, i);
        double growth;
        if (direction != 0 &&
            (!js_real(js_get(one, "growth"), &growth) || growth * direction <= 0))
            continue;
        js_put_node(j, NULL, one);
        n++;
    }
    js_end(j);
}

static const char *const trends_parts[] = {"boards",     "categories", "spread",
                                           "stages",     "revenue",    "attributes",
                                           "anomalies",  "shifts",     "page"};
enum { TRENDS_BOARDS = 0, TRENDS_PAGE = 8 };

int view_trends(view *v) {
    int part = (int)v->values[TRENDS_PART].number;
    const js_node *root = v->b->pages[BUNDLE_TRENDS].root;
    const param_value *direction = &v->values[TRENDS_DIRECTION];
    bool categories = v->values[TRENDS_LEVEL].number == 1;
    int64_t limit = v->values[TRENDS_LIMIT].number;
    if (!root || part == TRENDS_PAGE) return view_page(v, BUNDLE_TRENDS);
    static const char *const shared[] = {"schema", "as_of", "definition", "definitions"};
    static const char *const keys[] = {"rising", "declining"};
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (js_get(root, shared[i])) js_put_node(v->j, shared[i], js_get(root, shared[i]));
    if (part != TRENDS_BOARDS) {
        js_put_node(v->j, trends_parts[part], js_get(root, trends_parts[part]));
        return 200;
    }
    js_put_word(v->j, "level", categories ? "category" : "article");
    for (int i = 0; i < 2; i++) {
        if (direction->number >= 0 && direction->number != i) continue;
        const js_node *list = js_get(root, categories ? "categories" : keys[i]);
        put_movers(v->j, keys[i], list, categories ? (i == 0 ? 1 : -1) : 0, limit);
    }
    return 200;
}
