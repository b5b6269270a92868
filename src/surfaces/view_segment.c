/* view_segment: all segments, one of them, the parts of the page, and where a customer is. */
#include "surfaces/view_segment.h"

#include <math.h>

static const char no_segments[] = "this bundle has no segments: the shop had no purchases";

const char *const view_value_names[BUNDLE_VALUES] = {
    "p_alive", "expected_purchases", "expected_money", "clv", "clv_low", "clv_high"};

/* ---- rows of segments.json ---- */

static const js_node *file_of(const bundle *b) { return b->pages[BUNDLE_SEGMENTS].root; }

/* The element of `list` whose text `key` is `wanted`. */
static const js_node *find(const js_node *list, const char *key, slice wanted) {
    slice is;
    for (int64_t i = 0; i < js_count(list); i++)
        if (js_text(js_get(js_at(list, i), key), &is) && slice_compare(is, wanted) == 0)
            return js_at(list, i);
    return NULL;
}

/* What the file says of a segment; an older one has its RFM names and clusters apart. */
static const js_node *row_of(const bundle *b, int method, int64_t index) {
    const bundle_method *m = &b->segment.methods[method];
    const js_node *root = file_of(b), *clusters = js_get(root, "clusters");
    if (js_get(root, "segments"))
        return find(js_get(root, "segments"), "id", bundle_text(&m->ids, index));
    if (slice_is(m->name, "rfm"))
        return find(js_get(root, "rfm"), "name", bundle_text(&m->names, index));
    int64_t is;
    for (int64_t i = 0; i < js_count(clusters); i++)
        if (js_int(js_get(js_at(clusters, i), "index"), &is) && is == index)
            return js_at(clusters, i);
    return NULL;
}

/* Members of a node that are not written otherwise: names[] ends with NULL. */
static void put_rest(js *j, const js_node *node, const char *const *names) {
    for (int64_t i = 0; js_key(node, i); i++) {
        const char *key = js_key(node, i);
        bool skip = false;
        for (int n = 0; names[n] && !skip; n++) skip = slice_is(slice_of(key), names[n]);
        if (!skip) js_put_node(j, key, js_get(node, key));
    }
}

static void put_name(js *j, const bundle *b, int method, int64_t index) {
    const bundle_method *m = &b->segment.methods[method];
    js_put_text(j, "id", bundle_text(&m->ids, index));
    js_put_text(j, "method", m->name);
    js_put_int(j, "index", index);
    js_put_text(j, "name", bundle_text(&m->names, index));
}

static void put_row(js *j, const bundle *b, int method, int64_t index) {
    static const char *const named[] = {"id", "method", "index", "name", NULL};
    put_name(j, b, method, index);
    put_rest(j, row_of(b, method, index), named);
}

/* ---- the list, and what else the page shows ---- */

enum { LIST_METHOD, LIST_PART };
enum { PART_OVERVIEW, PART_GRID, PART_VALUE = 4 }; /* of LIST_PART */

/* The parts of LIST_PART, in its order, with the members of the file that each is made of. */
static const struct {
    const char *name, *what, *members[4];
} parts[] = {
    {"overview", "", {NULL}},
    {"grid", "cells of RFM scores", {"grid", NULL}},
    {"explorer", "projection of its customers", {"projection", "outliers", "sweep", NULL}},
    {"choose_k", "comparison of numbers of clusters", {"choose_k", NULL}},
    {"value", "customer lifetime value", {"clv", NULL}},
    {"retention", "retention", {"retention", "survival", NULL}},
    {"migration", "migration between segments", {"migration", NULL}},
    {"drift", "drift of features", {"drift", NULL}},
};

enum { SAMPLE = 5000 }; /* most customers whose values a page draws */

/* Every so many-th customer with a value, so that the same bundle always shows the same. */
static void put_sample(view *v) {
    const bundle *b = v->b;
    const float *value = b->segment.value;
    int64_t step = (b->customers + SAMPLE - 1) / SAMPLE;
    js_object(v->j, "sample");
    js_put_int(v->j, "of", b->customers);
    js_array(v->j, "customer_id");
    for (int64_t c = 0; c < b->customers; c += step)
        if (isfinite(value[c * BUNDLE_VALUES + BUNDLE_CLV]))
            js_put_text(v->j, NULL, bundle_text(&b->customer_id, c));
    js_end(v->j);
    for (int i = 0; i < BUNDLE_VALUES; i++) {
        js_array(v->j, view_value_names[i]);
        for (int64_t c = 0; c < b->customers; c += step)
            if (isfinite(value[c * BUNDLE_VALUES + BUNDLE_CLV]))
                view_number(v->j, NULL, (double)value[c * BUNDLE_VALUES + i]);
        js_end(v->j);
    }
    js_end(v->j);
}

/* The cells of RFM scores that occur, where the file has none: how many customers are in each. */
static void put_grid(view *v) {
    const bundle_segment *s = &v->b->segment;
    int64_t in[5][5][5] = {{{0}}};
    int32_t name[5][5][5] = {{{0}}};
    for (int64_t c = 0; c < v->b->customers; c++) {
        const int32_t *rfm = s->rfm + 3 * c;
        if (rfm[0] == 0 || rfm[1] == 0 || rfm[2] == 0) continue;
        in[rfm[0] - 1][rfm[1] - 1][rfm[2] - 1]++;
        name[rfm[0] - 1][rfm[1] - 1][rfm[2] - 1] = s->rfm_name[c];
    }
    js_object(v->j, "grid");
    js_array(v->j, "cells");
    for (int i = 124; i >= 0; i--) {
        int r = i / 25, f = i / 5 % 5, m = i % 5;
        if (in[r][f][m] == 0) continue;
        js_object(v->j, NULL);
        js_put_int(v->j, "r", r + 1);
        js_put_int(v->j, "f", f + 1);
        js_put_int(v->j, "m", m + 1);
        if (name[r][f][m] >= 0)
            js_put_text(v->j, "name", bundle_text(&s->rfm_names, name[r][f][m]));
        else js_put_null(v->j, "name");
        js_put_int(v->j, "customers", in[r][f][m]);
        js_end(v->j);
    }
    js_end(v->j);
    js_end(v->j);
}

static int show_part(view *v, int64_t part) {
    const js_node *root = file_of(v->b);
    bool any = false;
    for (int i = 0; parts[part].members[i]; i++) {
        const js_node *member = js_get(root, parts[part].members[i]);
        if (!member) continue;
        js_put_node(v->j, parts[part].members[i], member);
        any = true;
    }
    if (!any && part == PART_GRID) {
        put_grid(v);
        any = true;
    }
    if (any && part == PART_VALUE && v->b->segment.value) put_sample(v);
    if (!any) js_putf(v->j, "skipped", "This bundle has no %s.", parts[part].what);
    return 200;
}

/* Which parts there are, for the tabs of a page. */
static void put_parts(view *v) {
    js_array(v->j, "parts");
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
        bool any = p == PART_OVERVIEW || p == PART_GRID; /* these need no file */
        for (int i = 0; parts[p].members[i] && !any; i++)
            any = js_get(file_of(v->b), parts[p].members[i]) != NULL;
        if (any) js_put_word(v->j, NULL, parts[p].name);
    }
    js_end(v->j);
}

static int no_method(view *v, slice method) {
    const bundle_segment *s = &v->b->segment;
    const char *has = "";
    for (int k = 0; k < s->n_methods; k++)
        has = arena_text(v->keep, "%s%s%.*s", has, k ? ", " : "", (int)s->methods[k].name.n,
                         s->methods[k].name.p);
    return view_missing(v, "this bundle has no segments by %.*s; it has %s", (int)method.n,
                        method.p, has);
}

int view_segments(view *v) {
    static const char *const apart[] = {
        "schema", "as_of", "segments", "passports", "grid", "projection", "outliers", "sweep",
        "choose_k", "clv", "retention", "survival", "migration", "drift", NULL};
    const bundle_segment *s = &v->b->segment;
    const js_node *root = file_of(v->b);
    const param_value *method = &v->values[LIST_METHOD];
    int64_t part = v->values[LIST_PART].number;
    if (!root || !s->has) return view_missing(v, "%s", no_segments);
    int only = method->given ? bundle_method_of(v->b, method->text) : -1;
    if (method->given && only < 0) return no_method(v, method->text);
    js_put_node(v->j, "schema", js_get(root, "schema"));
    js_put_node(v->j, "as_of", js_get(root, "as_of"));
    if (part > PART_OVERVIEW) return show_part(v, part);
    put_rest(v->j, root, apart);
    put_parts(v);
    js_array(v->j, "segments");
    for (int k = 0; k < s->n_methods; k++)
        for (int64_t i = 0; i < s->methods[k].ids.n; i++) {
            if ((only >= 0 && k != only) || !row_of(v->b, k, i)) continue;
            js_object(v->j, NULL);
            put_row(v->j, v->b, k, i);
            js_end(v->j);
        }
    js_end(v->j);
    return 200;
}

/* ---- one ---- */

int64_t view_segment_find(view *v, int *method) {
    slice id = v->values[0].text;
    if (!v->b->segment.has) return -view_missing(v, "%s", no_segments);
    int64_t index = bundle_segment_find(v->b, id, method);
    return index >= 0 ? index
                      : -view_missing(v, "no segment '%.*s'; GET /v1/segments lists their ids",
                                      (int)id.n, id.p);
}

int view_segment_one(view *v) {
    static const char *const said[] = {"id", "method", "index", "name", NULL};
    int method = 0;
    int64_t index = view_segment_find(v, &method);
    if (index < 0) return (int)-index;
    const js_node *root = file_of(v->b);
    slice id = bundle_text(&v->b->segment.methods[method].ids, index);
    js_put_node(v->j, "as_of", js_get(root, "as_of"));
    put_row(v->j, v->b, method, index);
    put_rest(v->j, find(js_get(root, "passports"), "id", id), said);
    const js_node *curve = find(js_get(root, "survival"), "id", id);
    if (curve) js_put_node(v->j, "survival", curve);
    return 200;
}

/* ---- a customer ---- */

static void put_rfm(js *j, const bundle_segment *s, int64_t customer) {
    if (customer < 0 || s->rfm[customer * 3] == 0) {
        js_put_null(j, "rfm");
        return;
    }
    int32_t name = s->rfm_name[customer];
    js_object(j, "rfm");
    js_put_int(j, "recency", s->rfm[customer * 3]);
    js_put_int(j, "frequency", s->rfm[customer * 3 + 1]);
    js_put_int(j, "monetary", s->rfm[customer * 3 + 2]);
    if (name >= 0) js_put_text(j, "name", bundle_text(&s->rfm_names, name));
    else js_put_null(j, "name");
    js_end(j);
}

static void put_cluster(js *j, const bundle_segment *s, int64_t customer) {
    int32_t cluster = customer < 0 ? -1 : s->cluster[customer];
    if (cluster < 0) {
        js_put_null(j, "cluster");
        return;
    }
    js_object(j, "cluster");
    js_put_int(j, "index", cluster);
    js_put_text(j, "name", bundle_text(&s->cluster_names, cluster));
    js_end(j);
}

static void put_segments(js *j, const bundle *b, int64_t customer) {
    const bundle_segment *s = &b->segment;
    js_array(j, "segments");
    for (int k = 0; k < s->n_methods && customer >= 0; k++) {
        int64_t at = customer * s->n_methods + k;
        if (s->of[at] < 0) continue;
        js_object(j, NULL);
        put_name(j, b, k, s->of[at]);
        if (s->strength) view_number(j, "strength", (double)s->strength[at]);
        js_end(j);
    }
    js_end(j);
}

static void put_value(js *j, const bundle_segment *s, int64_t customer) {
    const float *value = customer >= 0 && s->value ? s->value + customer * BUNDLE_VALUES : NULL;
    bool known = false;
    for (int i = 0; i < BUNDLE_VALUES && value; i++) known |= isfinite(value[i]);
    if (!known) {
        js_put_null(j, "value");
        return;
    }
    js_object(j, "value");
    for (int i = 0; i < BUNDLE_VALUES; i++) view_number(j, view_value_names[i], (double)value[i]);
    js_end(j);
}

int view_segment_user(view *v) {
    const bundle *b = v->b;
    const bundle_segment *s = &b->segment;
    slice id = v->values[0].text;
    if (!s->has) return view_missing(v, "%s", no_segments);
    int64_t customer = bundle_customer(b, id);
    js_put_text(v->j, "customer_id", customer < 0 ? id : bundle_text(&b->customer_id, customer));
    js_put_bool(v->j, "known", customer >= 0);
    put_rfm(v->j, s, customer);
    put_cluster(v->j, s, customer);
    put_segments(v->j, b, customer);
    if (customer >= 0 && s->outlier)
        view_number(v->j, "outlier", (double)s->outlier[customer]);
    put_value(v->j, s, customer);
    view_alive(v, customer);
    return 200;
}
