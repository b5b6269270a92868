/* view_impact: an article's served weeks around a day, against a blend of its siblings. */
#include "pipeline/impact_panel.h"
#include "surfaces/view.h"

enum { IMPACT_ID, IMPACT_FROM, IMPACT_BEFORE, IMPACT_AFTER };
enum { MOST = 400 }; /* siblings, those of nearest revenue: 52 weeks of them fit into a request */

typedef struct served {
    const js_node *list, *one;
    int64_t n, place;
    int32_t start; /* the day that the first week begins with */
    int weeks, at; /* at: the first week after */
} served;

static bool find_article(served *s, const js_node *root, slice id) {
    slice has;
    s->list = js_get(root, "articles");
    s->n = js_count(s->list);
    for (s->place = 0; s->place < s->n; s->place++) {
        s->one = js_at(s->list, s->place);
        if (js_text(js_get(s->one, "id"), &has) && slice_compare(bundle_key(has), id) == 0)
            return true;
    }
    return false;
}

/* The last price cut with weeks enough before it; -1: there is none. */
static int last_cut(const js_node *one) {
    const js_node *cuts = js_get(one, "cuts");
    int64_t week;
    for (int64_t k = js_count(cuts) - 1; k >= 0; k--)
        if (js_int(js_at(cuts, k), &week) && week >= IMPACT_LEAST_BEFORE) return (int)week;
    return -1;
}

static int no_day(view *v, const served *s, slice said) {
    return view_mistake(v, &(param_mistake){
        "value_error", "query", "from",
        arena_text(v->keep, "Value error, a day like %s is wanted, from %s to %s",
                   day_text(v->keep, s->start + 7 * s->weeks / 2), day_text(v->keep, s->start),
                   day_text(v->keep, s->start + 7 * s->weeks - 1)), NULL, said});
}

static double units_of(const js_node *one, int week) {
    double units = 0.0;
    js_real(js_at(js_get(one, "weeks"), week), &units);
    return units;
}

/* Sold in half of the weeks before at least, or the model would not look at it. */
static bool sells(const js_node *one, int first, int before) {
    int weeks = 0;
    for (int t = 0; t < before; t++) weeks += units_of(one, first + t) > 0;
    return 2 * weeks >= before;
}

static void read_weeks(double *to, const js_node *one, int first, int weeks) {
    for (int t = 0; t < weeks; t++) to[t] = units_of(one, first + t);
}

/* Siblings are looked for from the article's place in the list outward. */
static void read_panel(impact_panel *p, const served *s, int before, int after, arena *keep) {
    static const char *const names[] = {"item"};
    static const column_type types[] = {COLUMN_TEXT};
    int weeks = before + after, first = s->at - before;
    double *mine = take(keep, double, weeks), *all = take(keep, double, MOST * weeks);
    slice category = js_word(s->one, "category");
    *p = (impact_panel){.data = {.before = before, .after = after, .treated = mine, .sibling = all},
                        .names = columns_new(keep, 1, names, types, MOST),
                        .from = s->start + 7 * s->at};
    read_weeks(mine, s->one, first, weeks);
    for (int64_t k = 2; k < 2 * s->n + 2 && p->data.n < MOST; k++) {
        int64_t place = s->place + (k % 2 ? -(k / 2) : k / 2);
        if (place < 0 || place >= s->n) continue;
        const js_node *one = js_at(s->list, place);
        if (slice_compare(js_word(one, "category"), category) != 0 || !sells(one, first, before))
            continue;
        p->names.at[0].text[p->data.n] = js_word(one, "id");
        read_weeks(all + p->data.n++ * weeks, one, first, weeks);
    }
    p->names.rows = p->data.n;
}

/* Where the day falls among the served weeks; false with the answer of a mistake. */
static bool find_week(view *v, served *s, int *status) {
    slice said = v->values[IMPACT_FROM].text;
    int32_t day = 0;
    if (!v->values[IMPACT_FROM].given) {
        s->at = last_cut(s->one);
        return true;
    }
    bool is_day = day_parse(said, &day);
    if (!is_day || day < s->start || day >= s->start + 7 * s->weeks) {
        *status = no_day(v, s, said);
        return false;
    }
    s->at = (day - s->start) / 7;
    return true;
}

int view_impact(view *v) {
    const js_node *root = v->b->pages[BUNDLE_PRODUCTS].root;
    slice said = v->values[IMPACT_ID].text;
    served s = {0};
    impact_panel panel;
    impact found;
    int32_t end = 0;
    int status = 200;
    if (!root) return view_missing(v, "this bundle has no products.json");
    if (!find_article(&s, root, bundle_key(said)))
        return view_missing(v, "no weeks of an article '%.*s' here: it has sold nothing, or stands "
                            "behind the 20,000 of most revenue", (int)said.n, said.p);
    day_parse(js_word(root, "as_of"), &end);
    s.weeks = (int)js_count(js_get(s.one, "weeks"));
    s.start = end - 7 * s.weeks;
    if (!find_week(v, &s, &status)) return status;
    js_put_node(v->j, "as_of", js_get(root, "as_of"));
    js_put_node(v->j, "article", js_get(s.one, "id"));
    js_put_node(v->j, "category", js_get(s.one, "category"));
    if (s.at < 0) {
        js_put_word(v->j, "refused", "no price cut with six weeks before it: name a day");
        return 200;
    }
    int before = (int)v->values[IMPACT_BEFORE].number, after = (int)v->values[IMPACT_AFTER].number;
    if (before > s.at) before = s.at;
    if (after > s.weeks - s.at) after = s.weeks - s.at;
    read_panel(&panel, &s, before, after, v->keep);
    impact_fit(&found, &panel.data, v->keep, v->scratch);
    impact_panel_put(v->j, &panel, &found, v->scratch);
    js_put_int(v->j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
    return 200;
}
