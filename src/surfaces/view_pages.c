/* view_pages: the JSON files of the bundle, whole or in part: home, evaluation, funnel, trends. */
#include <string.h>
#include <strings.h>

#include "surfaces/view.h"

/* The file's object with "request_id" put in front of its members. */
static int show_page(view *v, bundle_page_name name) {
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

int view_home(view *v) { return show_page(v, BUNDLE_HOME); }
int view_evaluation(view *v) { return show_page(v, BUNDLE_EVALUATION); }
int view_elasticity(view *v) { return show_page(v, BUNDLE_ELASTICITY); }
int view_reviews(view *v) { return show_page(v, BUNDLE_LANGUAGE); }

/* A part that the shop's reviews did not feed is told as such, for pages that ask for all parts. */
static int show_part(view *v, bundle_page_name name, const char *what) {
    if (v->b->pages[name].root) return show_page(v, name);
    js_putf(v->j, "skipped", "This bundle has no %s of reviews.", what);
    return 200;
}

int view_review_topics(view *v) { return show_part(v, BUNDLE_TOPICS, "topics"); }
int view_review_aspects(view *v) { return show_part(v, BUNDLE_ASPECTS, "aspects"); }
int view_review_toxicity(view *v) { return show_part(v, BUNDLE_TOXICITY, "toxicity"); }
int view_review_trends(view *v) { return show_part(v, BUNDLE_REVIEWS, "trends"); }

/* ---- funnel ---- */

static bool same_text(slice a, slice b) {
    return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

/* The entry of by.DIMENSION whose value is `wanted`; NULL when there is none. */
static const js_node *find_entry(const js_node *funnel, const char *dimension, slice wanted) {
    const js_node *entries = js_get(js_get(funnel, "by"), dimension);
    for (int64_t i = 0; i < js_count(entries); i++) {
        slice value;
        if (js_text(js_get(js_at(entries, i), "value"), &value) && same_text(value, wanted))
            return js_at(entries, i);
    }
    return NULL;
}

static int no_such_value(view *v, const char *dimension, slice input) {
    const js_node *entries = js_get(js_get(v->b->pages[BUNDLE_FUNNEL].root, "by"), dimension);
    const char *known = "";
    for (int64_t i = 0; i < js_count(entries) && i < 20; i++) {
        slice value;
        if (js_text(js_get(js_at(entries, i), "value"), &value))
            known = arena_text(v->keep, "%s%s'%.*s'", known, i ? ", " : "", (int)value.n, value.p);
    }
    return view_mistake(v, &(param_mistake){
        "enum", "query", dimension,
        *known ? arena_text(v->keep, "Input should be one of %s", known)
               : arena_text(v->keep, "Input should be absent: the funnel is not split by %s",
                            dimension), NULL, input});
}

int view_funnel(view *v) {
    static const char *const dimensions[] = {"category", "channel", "platform"};
    const js_node *funnel = v->b->pages[BUNDLE_FUNNEL].root;
    int chosen = -1;
    for (int i = 0; i < 3; i++) {
        if (!v->values[i].given) continue;
        if (chosen >= 0)
            return view_mistake(v, &(param_mistake){
                "value_error", "query", dimensions[i],
                "Value error, the funnel is split by one of category, channel and platform at a "
                "time", NULL, v->values[i].text});
        chosen = i;
    }
    if (chosen < 0 || !funnel) return show_page(v, BUNDLE_FUNNEL);
    const js_node *entry = find_entry(funnel, dimensions[chosen], v->values[chosen].text);
    if (!entry) return no_such_value(v, dimensions[chosen], v->values[chosen].text);
    static const char *const shared[] = {"schema", "definition", "hash", "steps", "missing"};
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (js_get(funnel, shared[i])) js_put_node(v->j, shared[i], js_get(funnel, shared[i]));
    js_object(v->j, "filter");
    js_put_node(v->j, dimensions[chosen], js_get(entry, "value"));
    js_end(v->j);
    js_put_node(v->j, "all", entry);
    return 200;
}

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
    if (!root || part == TRENDS_PAGE) return show_page(v, BUNDLE_TRENDS);
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
