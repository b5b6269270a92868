/* segment_previous: which segments of the run before live on in this one, and under which ids. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/segment_present.h"

/* One method of a segment.atm: labels of its customers (by number there), ids and names. */
typedef struct past {
    bool has;
    const int32_t *label; /* [customers, stride] at column `at` */
    int64_t stride, at;
    int64_t k;
    slice *ids, *names; /* [k] */
    int32_t next;
} past;

typedef struct bundle_files {
    const store *segment, *ids;
    int64_t customers;
    int32_t *row; /* [n] of today's customers: number there, -1 = not there */
} bundle_files;

static slice *texts(const store *m, const char *name, int64_t *n, arena *keep) {
    *n = store_texts(m, name);
    slice *out = take(keep, slice, *n > 0 ? *n : 0);
    for (int64_t i = 0; i < *n; i++) out[i] = store_text(m, name, i);
    return out;
}

/* The method in the run that wrote the file (prefix "") or in the one before it ("before."). */
static past past_of(const bundle_files *f, const char *prefix, const char *method, arena *keep) {
    past p = {0};
    int64_t methods, rows, cols, names, one;
    slice *all = texts(f->segment, "methods", &methods, keep);
    for (p.at = 0; p.at < methods && !slice_is(all[p.at], method); p.at++) continue;
    p.label = store_get(f->segment, arena_text(keep, "%ssegment", prefix), STORE_I32, &rows,
                        &p.stride);
    p.ids = texts(f->segment, arena_text(keep, "%sids.%s", prefix, method), &p.k, keep);
    p.names = texts(f->segment, arena_text(keep, "%snames.%s", prefix, method), &names, keep);
    const int32_t *next = store_get(f->segment, "next", STORE_I32, &cols, &one);
    p.has = p.at < methods && p.label && rows == f->customers && p.stride == methods && p.k > 0 &&
            names == p.k && next && cols == methods && one == 1;
    if (p.has) p.next = next[p.at];
    return p;
}

/* The files of the folder's last run, and where today's customers are in them: by id. */
static bool open_files(bundle_files *f, const segment_present *p, const work *w, scope *s,
                       err *e) {
    err none = {0};
    columns now, then;
    const char *path = work_path(w, &s->keep, "10_serve", "segment.atm");
    const char *ids = work_path(w, &s->keep, "10_serve", "ids.atm");
    *f = (bundle_files){0};
    if (!file_exists(path) || !file_exists(ids)) return true;
    const store *segment = store_open(s, path, "segment", &none);
    f->ids = segment ? store_open(s, ids, "ids", &none) : NULL;
    if (!f->ids) return true; /* a broken file is no run before */
    f->customers = store_texts(f->ids, "customer_id");
    if (f->customers <= 0) return true;
    static const char *const names[] = {"place", "customer_id"};
    static const column_type types[] = {COLUMN_I32, COLUMN_TEXT};
    then = columns_new(&s->keep, 2, names, types, f->customers);
    for (int64_t i = 0; i < f->customers; i++) {
        then.at[0].i32[i] = (int32_t)i;
        then.at[1].text[i] = store_text(f->ids, "customer_id", i);
    }
    if (!db_put(w->d, "segment_previous", &then, e) ||
        !db_query(w->d, &s->keep, &now, e,
                  "SELECT c.customer, o.place FROM customers c JOIN segment_previous o "
                  "ON o.customer_id = c.customer_id ORDER BY c.customer, o.place") ||
        !db_runf(w->d, e, "DROP TABLE segment_previous"))
        return false;
    const int32_t *customer = columns_i32(&now, "customer"), *place = columns_i32(&now, "place");
    int64_t at = 0;
    f->row = take(&s->keep, int32_t, p->b.n);
    for (int64_t i = 0; i < p->b.n; i++) {
        while (at < now.rows && customer[at] < p->b.customer[i]) at++;
        f->row[i] = at < now.rows && customer[at] == p->b.customer[i] ? place[at] : -1;
    }
    f->segment = segment;
    return true;
}

/* Labels of today's customers then. Those out of range are none: the file is only read. */
static int32_t *labels_then(const bundle_files *f, const past *p, int64_t n, arena *keep) {
    int32_t *label = take(keep, int32_t, n);
    for (int64_t i = 0; i < n; i++) {
        int32_t of = f->row[i] < 0 ? -1 : p->label[f->row[i] * p->stride + p->at];
        label[i] = of >= 0 && of < p->k ? of : -1;
    }
    return label;
}

/* Whether the file holds this very run: the same customers in the same groups by every method. */
static bool same_run(const bundle_files *f, const segment_present *p, arena scratch) {
    int64_t filed = 0, now = 0;
    for (int g = 0; g < SEGMENT_METHODS; g++) {
        past one = past_of(f, "", p->methods[g].name, &scratch);
        if (!one.has || one.k != p->methods[g].k) return false;
        int32_t *then = labels_then(f, &one, p->b.n, &scratch);
        if (memcmp(then, p->methods[g].label, sizeof *then * (size_t)p->b.n) != 0) return false;
        for (int64_t i = 0; i < f->customers; i++) filed += one.label[i * one.stride + one.at] >= 0;
        for (int64_t i = 0; i < p->b.n; i++) now += then[i] >= 0;
    }
    return filed == now;
}

static slice slug(slice name, arena *keep) {
    text t = {0};
    text_addf(&t, "rfm-");
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        text_add_char(&t, isalnum((unsigned char)c) ? (char)tolower((unsigned char)c) : '-');
    }
    slice out = {slice_copy(keep, text_slice(&t)), t.n};
    text_free(&t);
    return out;
}

/* A name that no other segment of the method has so far: "frequent", "frequent (2)", … */
static slice unlike(const segment_method *m, int index, arena *keep) {
    slice name = m->names[index];
    for (int number = 2;; number++) {
        bool taken = false;
        for (int o = 0; o < m->k; o++)
            taken = taken ||
                    (m->ids[o].n > 0 && o != index && slice_compare(m->names[o], name) == 0);
        if (!taken) return name;
        name = slice_of(arena_text(keep, "%.*s (%d)", (int)m->names[index].n, m->names[index].p,
                                   number));
    }
}

/* Ids and names: kept ones first, then new numbers in the order of the segments. */
static void name_all(segment_method *m, arena *keep) {
    for (int c = 0; c < m->k; c++) {
        int old = m->k_before ? m->match.segments[c].old : -1;
        if (old < 0) continue;
        m->ids[c] = m->ids_before[old];
        m->names[c] = m->names_before[old];
    }
    for (int c = 0; c < m->k; c++) {
        if (m->ids[c].n > 0) continue;
        m->ids[c] = slice_of(arena_text(keep, "%s-%d", m->name, m->next++));
        m->names[c] = unlike(m, c, keep);
    }
}

bool segment_previous_name(segment_present *p, work *w, scope *s, err *e) {
    bundle_files f;
    if (!open_files(&f, p, w, s, e)) return false;
    bool again = f.segment && same_run(&f, p, s->scratch);
    for (int g = 0; g < SEGMENT_METHODS; g++) {
        segment_method *m = &p->methods[g];
        past before = {0};
        if (f.segment) before = past_of(&f, again ? "before." : "", m->name, &s->keep);
        m->ids = take(&s->keep, slice, m->k);
        m->next = before.has ? before.next : 1;
        if (f.segment && again) { /* new numbers as when this run was first made */
            past own = past_of(&f, "", m->name, &s->keep);
            int64_t rows, cols;
            const int32_t *first = store_get(f.segment, "before.next", STORE_I32, &rows, &cols);
            m->next = first && own.has && own.at < rows ? first[own.at] : 1;
        }
        if (before.has) {
            m->k_before = (int)before.k;
            m->ids_before = before.ids;
            m->names_before = before.names;
            m->before = labels_then(&f, &before, p->b.n, &s->keep);
            m->match = identity_match(m->before, m->k_before, m->label, m->k, p->b.n,
                                      IDENTITY_DEFAULTS, &s->keep, s->scratch);
        }
        if (g == SEGMENT_BY_RFM)
            for (int c = 0; c < m->k; c++) m->ids[c] = slug(m->names[c], &s->keep);
        else name_all(m, &s->keep);
    }
    return true;
}

static bool put_method(const segment_method *m, store_writer *out, scope *s, err *e) {
    const char *ids = arena_text(&s->keep, "ids.%s", m->name);
    const char *names = arena_text(&s->keep, "names.%s", m->name);
    if (!store_put_texts(out, ids, m->ids, m->k, e) ||
        !store_put_texts(out, names, m->names, m->k, e))
        return false;
    if (m->k_before == 0) return true;
    ids = arena_text(&s->keep, "before.ids.%s", m->name);
    names = arena_text(&s->keep, "before.names.%s", m->name);
    return store_put_texts(out, ids, m->ids_before, m->k_before, e) &&
           store_put_texts(out, names, m->names_before, m->k_before, e);
}

bool segment_previous_put(const segment_present *p, store_writer *out, int64_t customers,
                          scope *s, err *e) {
    slice methods[SEGMENT_METHODS];
    int32_t next[SEGMENT_METHODS], first[SEGMENT_METHODS];
    int32_t *label = take(&s->keep, int32_t, customers * SEGMENT_METHODS);
    int32_t *before = take(&s->keep, int32_t, customers * SEGMENT_METHODS);
    float *strength = take(&s->keep, float, customers * SEGMENT_METHODS);
    const double *odd = p->methods[SEGMENT_BY_HDBSCAN].outlier;
    float *outlier = take(&s->keep, float, customers);
    bool was = false;
    for (int64_t i = 0; i < customers * SEGMENT_METHODS; i++) label[i] = before[i] = -1;
    for (int64_t i = 0; i < customers; i++) outlier[i] = (float)NAN;
    for (int64_t i = 0; i < p->b.n; i++) outlier[p->b.customer[i]] = (float)odd[i];
    for (int g = 0; g < SEGMENT_METHODS; g++) {
        const segment_method *m = &p->methods[g];
        methods[g] = slice_of(m->name);
        next[g] = m->next;
        first[g] = m->next;
        for (int c = 0; c < m->k; c++)
            first[g] -= g != SEGMENT_BY_RFM && (!m->k_before || m->match.segments[c].old < 0);
        was = was || m->k_before > 0;
        for (int64_t i = 0; i < p->b.n; i++) {
            int64_t at = p->b.customer[i] * (int64_t)SEGMENT_METHODS + g;
            label[at] = m->label[i];
            if (m->k_before) before[at] = m->before[i];
            strength[at] = m->strength ? (float)m->strength[i] : 1;
        }
        if (!put_method(m, out, s, e)) return false;
    }
    return store_put_texts(out, "methods", methods, SEGMENT_METHODS, e) &&
           store_put(out, "segment", STORE_I32, customers, SEGMENT_METHODS, label, e) &&
           store_put(out, "strength", STORE_F32, customers, SEGMENT_METHODS, strength, e) &&
           (p->density.k == 0 ||
            store_put(out, "outlier", STORE_F32, customers, 1, outlier, e)) &&
           store_put(out, "next", STORE_I32, SEGMENT_METHODS, 1, next, e) &&
           store_put(out, "before.next", STORE_I32, SEGMENT_METHODS, 1, first, e) &&
           (!was || store_put(out, "before.segment", STORE_I32, customers, SEGMENT_METHODS,
                              before, e));
}
