/* segment_tiles: what step 09 says of the customers, and what step 10 publishes of them. */
#include "pipeline/segment_tiles.h"

#include <math.h>
#include <string.h>

#include "data/store.h"
#include "pipeline/customer_retention.h"
#include "pipeline/segment_bought.h"
#include "pipeline/segment_history.h"
#include "pipeline/segment_parts.h"
#include "pipeline/tile.h"

typedef struct sums {
    int64_t customers;
    double revenue, recency, frequency;
} sums;

static void add(sums *to, const segment_block *b, int64_t i) {
    to->customers++;
    to->revenue += b->rfm.money[i];
    to->recency += b->rfm.recency[i];
    to->frequency += b->rfm.frequency[i];
}

static void put_sums(js *out, const sums *g, const sums *all) {
    js_put_int(out, "customers", g->customers);
    js_put_fixed(out, "share", (double)g->customers / (double)all->customers, 6);
    js_put_fixed(out, "revenue", g->revenue, 4);
    js_put_fixed(out, "revenue_share", all->revenue > 0 ? g->revenue / all->revenue : 0, 6);
}

static void put_rfm(js *out, const segment_present *p, const sums *all) {
    sums by[RFM_NAMES] = {{0}};
    for (int64_t i = 0; i < p->b.n; i++) add(&by[p->rfm[i].name], &p->b, i);
    js_array(out, "rfm");
    for (int k = 0; k < RFM_NAMES; k++) {
        double n = (double)by[k].customers;
        if (by[k].customers == 0) continue;
        js_object(out, NULL);
        js_put_word(out, "name", rfm_names[k]);
        put_sums(out, &by[k], all);
        js_put_fixed(out, "recency_days", by[k].recency / n, 1);
        js_put_fixed(out, "frequency", by[k].frequency / n, 2);
        js_put_fixed(out, "monetary", by[k].revenue / n, 4);
        js_end(out);
    }
    js_end(out);
}

static void put_clusters(js *out, const segment_present *p, const sums *all, scope *s) {
    const segment_method *m = &p->methods[SEGMENT_BY_KMEANS];
    sums *by = take(&s->keep, sums, m->k);
    for (int64_t i = 0; i < p->b.n; i++) add(&by[m->label[i]], &p->b, i);
    js_array(out, "clusters");
    for (int c = 0; c < m->k; c++) {
        segment_trait traits[3];
        int n = segmentation_traits(&p->m, &p->b, c, traits);
        js_object(out, NULL);
        js_put_int(out, "index", c);
        js_put_text(out, "name", m->names[c]);
        put_sums(out, &by[c], all);
        js_array(out, "what");
        for (int i = 0; i < n; i++) {
            js_object(out, NULL);
            js_put_word(out, "feature", traits[i].feature);
            js_put_word(out, "direction", traits[i].z > 0 ? "high" : "low");
            js_put_fixed(out, "z", traits[i].z, 3);
            js_end(out);
        }
        js_end(out);
        js_put_fixed(out, "stability", p->m.quality.overlap[c], 4);
        js_end(out);
    }
    js_end(out);
}

static void put_chosen(js *out, const work *w, const segment_present *p, scope *s) {
    slice why = SLICE("The default; the grid has not been run.");
    js_text(js_get(work_tuned(w, s, "segment"), "why"), &why);
    js_object(out, "chosen");
    js_put_int(out, "k", p->m.clusters.k);
    js_put_fixed(out, "silhouette", p->m.quality.silhouette, 4);
    js_put_fixed(out, "stability", p->m.quality.stability, 4);
    js_put_text(out, "why", why);
    js_end(out);
}

static bool put_retention(const work *w, const segment_present *p, js *out, scope *s, err *e) {
    const segment_method *m = &p->methods[SEGMENT_BY_KMEANS];
    retention_groups g = {p->b.n, p->b.customer, m->label, m->k, m->ids, m->names};
    return customer_retention_put(w, &g, out, s, e);
}

static bool put_parts(js *out, const segment_present *p, work *w, scope *s, err *e) {
    customer_value *of = take(&s->keep, customer_value, 1);
    if (!segment_labels_make(p, w, s, e) || !customer_value_of(of, w, true, s, e)) return false;
    segment_value v = segment_value_of(of, p, w, s);
    if (!segment_put_overview(out, p, &v, w, s, e) || !segment_put_passports(out, p, w, s, e) ||
        !segment_put_explorer(out, p, w, s, e) || !segment_put_moves(out, p, w, s, e) ||
        !put_retention(w, p, out, s, e))
        return false;
    customer_value_put(of, w, out);
    return true;
}

bool segment_insight(work *w, folder *f, scope *s, js *report, err *e) {
    segment_present *p = take(&s->keep, segment_present, 1);
    sums all = {0};
    js *out = take(&s->keep, js, 1); /* as long as s, which frees its text */
    if (!segment_present_see(p, w, s, true, e)) return false;
    if (segment_skips(&p->b, report)) return true;
    for (int64_t i = 0; i < p->b.n; i++) add(&all, &p->b, i);
    js_open(out, s);
    js_object(out, NULL);
    js_put_word(out, "schema", "atelier.segments/2");
    js_put_word(out, "as_of", day_text(&s->keep, w->days.end));
    js_put_int(out, "customers", p->b.n);
    put_rfm(out, p, &all);
    put_clusters(out, p, &all, s);
    put_chosen(out, w, p, s);
    if (!put_parts(out, p, w, s, e)) return false;
    js_end(out);
    text_add_char(&out->out, '\n');
    js_put_word(report, "file", "segments.json");
    return folder_write(f, "segments.json", text_slice(&out->out), e) &&
           segment_put_members(p, f, w, s, e);
}

/* ---- step 10 ---- */

static bool write_model(work *w, folder *f, const segment_present *p, scope *s, err *e) {
    int64_t customers = 0;
    slice names[RFM_NAMES];
    customer_value v;
    for (int i = 0; i < RFM_NAMES; i++) names[i] = slice_of(rfm_names[i]);
    if (!customer_value_of(&v, w, false, s, e) ||
        !db_count(w->d, &customers, e, "SELECT count(*) FROM customers"))
        return false;
    int32_t *rfm = take(&s->keep, int32_t, customers * 3);
    int32_t *name = take(&s->keep, int32_t, customers);
    int32_t *cluster = take(&s->keep, int32_t, customers);
    for (int64_t i = 0; i < customers; i++) name[i] = cluster[i] = -1;
    for (int64_t i = 0; i < p->b.n; i++) {
        int32_t at = p->b.customer[i];
        rfm[at * (int64_t)3] = p->rfm[i].recency;
        rfm[at * (int64_t)3 + 1] = p->rfm[i].frequency;
        rfm[at * (int64_t)3 + 2] = p->rfm[i].money;
        name[at] = p->rfm[i].name;
        cluster[at] = p->m.clusters.label[i];
    }
    store_writer *out = store_create(s, folder_path(f, "segment.atm"), "segment", e);
    return out && store_put(out, "rfm", STORE_I32, customers, 3, rfm, e) &&
           store_put(out, "rfm_name", STORE_I32, customers, 1, name, e) &&
           store_put(out, "cluster", STORE_I32, customers, 1, cluster, e) &&
           store_put_texts(out, "rfm_names", names, RFM_NAMES, e) &&
           store_put_texts(out, "cluster_names", p->methods[SEGMENT_BY_KMEANS].names,
                           p->m.clusters.k, e) &&
           segment_previous_put(p, out, customers, s, e) &&
           segment_bought_put(p, out, w, s, e) &&
           segment_history_put(p, out, w, customers, s, e) &&
           store_put(out, "value", STORE_F32, customers, BUNDLE_VALUES,
                     customer_value_rows(&v, customers, &s->keep), e) &&
           store_close(out, e);
}

static void put_tile(work *w, js *home, const segment_present *p, scope *s) {
    sums by[RFM_NAMES] = {{0}}, all = {0};
    slice x[RFM_NAMES];
    double share[RFM_NAMES];
    int n = 0, top = -1;
    for (int64_t i = 0; i < p->b.n; i++) {
        add(&by[p->rfm[i].name], &p->b, i);
        add(&all, &p->b, i);
    }
    for (int k = 0; k < RFM_NAMES; k++) {
        if (by[k].customers == 0) continue;
        if (top < 0 || by[k].revenue > by[top].revenue) top = k;
        x[n] = slice_of(rfm_names[k]);
        share[n++] = (double)by[k].customers / (double)all.customers;
    }
    double champions = (double)by[0].customers / (double)all.customers;
    double revenue = all.revenue > 0 ? by[0].revenue / all.revenue : 0;
    double most = all.revenue > 0 ? by[top].revenue / all.revenue : 0;
    tile_headline h = {"champions' share of revenue", revenue, "percent",
                       arena_text(&s->keep, "from %.1f %% of the customers", 100 * champions)};
    const char *sentence = arena_text(
        &s->keep, "%s bring %.0f %% of all revenue; the customers fall into %d clusters.",
        rfm_names[top], 100 * most, p->m.clusters.k);
    tile_put(home, &h, sentence, tile_verdict(w, s, "segment"));
    tile_chart chart = {"bar", "segment", "share of customers", "customers", n, x, share, NULL,
                        NULL};
    tile_put_chart(home, &chart);
}

bool segment_publish(work *w, folder *f, scope *s, js *home, err *e) {
    segment_present *p = take(&s->keep, segment_present, 1);
    if (!segment_present_see(p, w, s, false, e)) return false;
    if (segment_skips(&p->b, home)) return true;
    if (!write_model(w, f, p, s, e)) return false;
    put_tile(w, home, p, s);
    return true;
}
