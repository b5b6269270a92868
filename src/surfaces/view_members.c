/* view_members: the customers of a segment: a page of them in some order, or all as CSV. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "surfaces/view_segment.h"

enum { MEMBERS_ID, MEMBERS_Q, MEMBERS_ORDER, MEMBERS_LIMIT, MEMBERS_OFFSET };
enum { BY_CUSTOMER, BY_STRENGTH, BY_OUTLIER, BY_P_ALIVE, BY_CLV }; /* MEMBERS_ORDER */
enum { ORDERED_MOST = 100000 }; /* rows that an order reaches: they fit a request's memory */

/* ---- who belongs ---- */

typedef struct members {
    const bundle *b;
    int method;
    int64_t index;
    slice q; /* part of the id; n = 0: any */
} members;

static bool belongs(const members *m, int64_t customer) {
    const bundle_segment *s = &m->b->segment;
    if (s->of[customer * s->n_methods + m->method] != m->index) return false;
    slice id = bundle_text(&m->b->customer_id, customer);
    return m->q.n == 0 || memmem(id.p, id.n, m->q.p, m->q.n);
}

/* What members are ordered by; NaN = not known, which comes last. */
static double rank(const members *m, int64_t order, int64_t customer) {
    const bundle_segment *s = &m->b->segment;
    const float *value = s->value ? s->value + customer * BUNDLE_VALUES : NULL;
    switch (order) {
    case BY_STRENGTH:
        return s->strength ? (double)s->strength[customer * s->n_methods + m->method] : NAN;
    case BY_OUTLIER: return s->outlier ? (double)s->outlier[customer] : NAN;
    case BY_P_ALIVE: return value ? (double)value[BUNDLE_P_ALIVE] : NAN;
    default: return value ? (double)value[BUNDLE_CLV] : NAN;
    }
}

/* ---- the first so many by an order: a heap whose root is the last of them ---- */

typedef struct placed {
    double rank;
    int64_t customer;
} placed;

/* Below 0 when a comes before b: larger first, unknown last, then the smaller number. */
static int compare(const void *x, const void *y) {
    const placed *a = x, *b = y;
    if (isnan(a->rank) != isnan(b->rank)) return isnan(a->rank) ? 1 : -1;
    if (!isnan(a->rank) && a->rank < b->rank) return 1;
    if (!isnan(a->rank) && a->rank > b->rank) return -1;
    return a->customer < b->customer ? -1 : 1;
}

static void sink(placed *heap, int64_t n, placed one) {
    int64_t at = 0;
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && compare(&heap[child + 1], &heap[child]) > 0) child++;
        if (compare(&one, &heap[child]) > 0) break;
        heap[at] = heap[child];
    }
    heap[at] = one;
}

static void rise(placed *heap, int64_t at, placed one) {
    for (int64_t up; at > 0 && compare(&one, &heap[up = (at - 1) / 2]) > 0; at = up)
        heap[at] = heap[up];
    heap[at] = one;
}

/* Fills `to` with the first `most` members by the order; *n of them, the result is how many
 * members there are. */
static int64_t first_members(const members *m, int64_t order, int64_t most, placed *to,
                             int64_t *n) {
    int64_t total = 0;
    *n = 0;
    for (int64_t c = 0; c < m->b->customers; c++) {
        if (!belongs(m, c)) continue;
        total++;
        placed one = {rank(m, order, c), c};
        if (*n < most) rise(to, (*n)++, one);
        else if (compare(&one, &to[0]) < 0) sink(to, most, one);
    }
    qsort(to, (size_t)*n, sizeof *to, compare);
    return total;
}

/* ---- a page ---- */

static void put_member(js *j, const members *m, int64_t customer) {
    const bundle_segment *s = &m->b->segment;
    js_object(j, NULL);
    js_put_text(j, "customer_id", bundle_text(&m->b->customer_id, customer));
    js_put_int(j, "recency", s->rfm[customer * 3]);
    js_put_int(j, "frequency", s->rfm[customer * 3 + 1]);
    js_put_int(j, "monetary", s->rfm[customer * 3 + 2]);
    if (s->strength)
        view_number(j, "strength", (double)s->strength[customer * s->n_methods + m->method]);
    if (s->outlier) view_number(j, "outlier", (double)s->outlier[customer]);
    for (int i = 0; i < BUNDLE_VALUES && s->value; i++)
        view_number(j, view_value_names[i], (double)s->value[customer * BUNDLE_VALUES + i]);
    js_end(j);
}

static int too_far(view *v) {
    return view_mistake(v, &(param_mistake){
        "value_error", "query", "offset",
        "Value error, an order reaches 100000 customers; without one, or as members.csv, all are "
        "given", NULL, {0}});
}

int view_segment_members(view *v) {
    const param_value *p = v->values;
    int64_t from = p[MEMBERS_OFFSET].number, limit = p[MEMBERS_LIMIT].number, total = 0;
    int64_t order = p[MEMBERS_ORDER].number;
    members m = {.b = v->b, .q = p[MEMBERS_Q].text};
    m.index = view_segment_find(v, &m.method);
    if (m.index < 0) return (int)-m.index;
    if (order > BY_CUSTOMER && from + limit > ORDERED_MOST) return too_far(v);
    js_put_text(v->j, "id", bundle_text(&v->b->segment.methods[m.method].ids, m.index));
    js_array(v->j, "members");
    if (order <= BY_CUSTOMER) {
        for (int64_t c = 0; c < v->b->customers; c++) {
            if (!belongs(&m, c)) continue;
            int64_t at = total++;
            if (at >= from && at < from + limit) put_member(v->j, &m, c);
        }
    } else {
        int64_t n;
        placed *all = take_raw(&v->scratch, placed, from + limit);
        total = first_members(&m, order, from + limit, all, &n);
        for (int64_t i = from; i < n; i++) put_member(v->j, &m, all[i].customer);
    }
    js_end(v->j);
    js_put_int(v->j, "total", total);
    return 200;
}

/* ---- all, as CSV (RFC 4180) ---- */

static void add_cell(text *t, slice cell) {
    bool plain = true;
    for (size_t i = 0; i < cell.n && plain; i++) plain = !memchr(",\"\r\n", cell.p[i], 4);
    if (plain) {
        text_add(t, cell);
        return;
    }
    text_add_char(t, '"');
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '"') text_add_char(t, '"');
        text_add_char(t, cell.p[i]);
    }
    text_add_char(t, '"');
}

/* A number behind a comma; nothing where it is not known. */
static void add_real(text *t, float value) {
    if (isfinite(value)) text_addf(t, ",%.6g", (double)value);
    else text_add_char(t, ',');
}

static void add_row(text *t, const members *m, int64_t customer) {
    const bundle_segment *s = &m->b->segment;
    const bundle_method *method = &s->methods[m->method];
    add_cell(t, bundle_text(&m->b->customer_id, customer));
    text_add_char(t, ',');
    add_cell(t, bundle_text(&method->ids, m->index));
    text_add_char(t, ',');
    add_cell(t, bundle_text(&method->names, m->index));
    for (int i = 0; i < 3; i++) text_addf(t, ",%d", s->rfm[customer * 3 + i]);
    if (s->strength) add_real(t, s->strength[customer * s->n_methods + m->method]);
    if (s->outlier) add_real(t, s->outlier[customer]);
    for (int i = 0; i < BUNDLE_VALUES && s->value; i++)
        add_real(t, s->value[customer * BUNDLE_VALUES + i]);
    text_add(t, SLICE("\r\n"));
}

int view_segment_csv(view *v) {
    const bundle_segment *s = &v->b->segment;
    text *t = &v->j->out;
    members m = {.b = v->b};
    m.index = view_segment_find(v, &m.method);
    if (m.index < 0) return (int)-m.index;
    text_clear(t);
    text_add(t, SLICE("customer_id,segment,name,recency,frequency,monetary"));
    if (s->strength) text_add(t, SLICE(",strength"));
    if (s->outlier) text_add(t, SLICE(",outlier"));
    for (int i = 0; i < BUNDLE_VALUES && s->value; i++) text_addf(t, ",%s", view_value_names[i]);
    text_add(t, SLICE("\r\n"));
    for (int64_t c = 0; c < v->b->customers; c++)
        if (belongs(&m, c)) add_row(t, &m, c);
    v->whole = true;
    return 200;
}
