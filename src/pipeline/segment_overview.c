/* segment_overview: sizes, money and fate of every segment, by every method, and the RFM grid. */
#include <math.h>
#include <string.h>

#include "pipeline/rfm_grid.h"
#include "pipeline/segment_parts.h"
#include "pipeline/segment_shape.h"

enum { ACTIVE = 90, A_MONTH = 28 };

typedef struct sums {
    int64_t customers, active;
    double revenue, recency, orders;
} sums;

static void add(sums *to, const segment_block *b, int64_t i) {
    to->customers++;
    to->active += b->rfm.recency[i] <= ACTIVE;
    to->revenue += b->rfm.money[i];
    to->recency += b->rfm.recency[i];
    to->orders += b->rfm.frequency[i];
}

static double over(double a, double b) { return b > 0 ? a / b : 0; }

static void put_clv(js *out, const worth_total *g, bool mean) {
    js_object(out, "clv");
    js_put_fixed(out, "sum", g->value.value, 4);
    js_put_fixed(out, "low", g->value.low, 4);
    js_put_fixed(out, "high", g->value.high, 4);
    if (mean) js_put_fixed(out, "mean", over(g->value.value, (double)g->customers), 4);
    js_end(out);
}

static void put_totals(js *out, const segment_present *p, const segment_value *v, sums *all) {
    for (int64_t i = 0; i < p->b.n; i++) add(all, &p->b, i);
    js_object(out, "totals");
    js_put_int(out, "customers", all->customers);
    js_put_int(out, "active_90", all->active);
    js_put_fixed(out, "revenue", all->revenue, 4);
    js_put_fixed(out, "orders", all->orders, 0);
    js_put_fixed(out, "aov", over(all->revenue, all->orders), 4);
    if (v->totals[0] && !v->of->no_money) put_clv(out, &v->of->w.all, true);
    else js_put_null(out, "clv");
    js_end(out);
}

segment_value segment_value_of(const customer_value *of, const segment_present *p, const work *w,
                               scope *s) {
    segment_value v = {.of = of};
    worth_params how = WORTH_DEFAULTS;
    how.draws = 100;
    for (int g = 0; g < SEGMENT_METHODS && !of->why; g++) {
        worth all;
        int64_t at = 0;
        int32_t *label = take(&s->keep, int32_t, of->h.n);
        for (int64_t i = 0; i < of->h.n; i++) { /* both ascend */
            while (at < p->b.n && p->b.customer[at] < of->h.customer[i]) at++;
            bool there = at < p->b.n && p->b.customer[at] == of->h.customer[i];
            label[i] = there ? p->methods[g].label[at] : -1;
        }
        worth_data d = {.c = &of->c, .m = of->h.m, .spend = of->no_money ? NULL : &of->spend,
                        .group = label, .groups = p->methods[g].k};
        worth_of(&all, &of->m, &d, how, w->threads, &s->keep, s->scratch);
        v.totals[g] = all.groups;
    }
    return v;
}

/* ---- the methods, by what they foretold in the test window ---- */

static const char *const judged_as[SEGMENT_METHODS] = {"rfm names", "k-means clusters",
                                                       "gaussian mixture", "density clusters"};

static double foretold(const js_node *evaluation, const char *model, const char *metric) {
    double value = NAN;
    const js_node *models = js_get(evaluation, "models");
    for (int i = 0; i < js_count(models); i++) {
        slice name = {0};
        if (js_text(js_get(js_at(models, i), "name"), &name) && slice_is(name, model))
            js_real(js_get(js_get(js_get(js_at(models, i), "metrics"), metric), "value"), &value);
    }
    return value;
}

static void put_method(js *out, const segment_present *p, int g, const double told[2],
                       bool chosen, const work *w, arena scratch) {
    const segment_method *m = &p->methods[g];
    segment_shape shape = segment_shape_of(p, g, w, scratch);
    int64_t none = 0;
    for (int64_t i = 0; i < p->b.n; i++) none += m->label[i] < 0;
    js_object(out, NULL);
    js_put_word(out, "name", m->name);
    js_put_word(out, "title", m->title);
    js_put_int(out, "segments", m->k);
    js_put_fixed(out, "noise", (double)none / (double)p->b.n, 6);
    if (g == SEGMENT_BY_KMEANS) js_put_fixed(out, "stability", p->m.quality.stability, 4);
    else if (g == SEGMENT_BY_HDBSCAN && p->density.overlap)
        js_put_fixed(out, "stability", p->density.stability, 4);
    else if (g == SEGMENT_BY_GMM && p->mixture.overlap)
        js_put_fixed(out, "stability", p->mixture.stability, 4);
    else js_put_null(out, "stability");
    js_put_fixed(out, "silhouette", shape.silhouette, 4);
    js_put_fixed(out, "dbcv", shape.dbcv, 4);
    js_put_real(out, "explained_purchase", told[0]);
    js_put_real(out, "explained_spend", told[1]);
    js_put_bool(out, "chosen", chosen);
    if (m->skipped) js_put_word(out, "skipped", m->skipped);
    else js_put_null(out, "skipped");
    js_object(out, "parameters");
    if (g != SEGMENT_BY_RFM) js_put_int(out, "k", m->k);
    if (g == SEGMENT_BY_GMM && !m->skipped) js_put_int(out, "components", p->mixture.turn.d);
    if (g == SEGMENT_BY_HDBSCAN && !m->skipped) {
        js_put_int(out, "components", p->density.turn.d);
        js_put_int(out, "min_cluster_size", p->density.params.min_cluster_size);
        js_put_int(out, "neighbours", p->density.params.neighbours);
        js_put_int(out, "rows", p->density.rows.n);
    }
    js_end(out);
    js_end(out);
}

/* The method that foretells most, purchase and spend together; K-Means where none was judged. */
static void put_methods(js *out, const segment_present *p, const js_node *evaluation,
                        const work *w, arena scratch) {
    double told[SEGMENT_METHODS][2];
    int best = SEGMENT_BY_KMEANS;
    for (int g = 0; g < SEGMENT_METHODS; g++) {
        told[g][0] = foretold(evaluation, judged_as[g], "explained_purchase");
        told[g][1] = foretold(evaluation, judged_as[g], "explained_spend");
        if (p->methods[g].k > 0 && told[g][0] + told[g][1] > told[best][0] + told[best][1])
            best = g;
    }
    js_put_word(out, "method", p->methods[best].name);
    if (isfinite(told[best][0]))
        js_putf(out, "verdict",
                "%s foretell most: before the test window they explained %.0f %% of who then "
                "bought and %.0f %% of what was spent (RFM names %.0f %% and %.0f %%).",
                p->methods[best].title, 100 * told[best][0], 100 * told[best][1],
                100 * told[SEGMENT_BY_RFM][0], 100 * told[SEGMENT_BY_RFM][1]);
    else
        js_put_word(out, "verdict", "Not judged yet: no test window has been evaluated.");
    js_array(out, "methods");
    for (int g = 0; g < SEGMENT_METHODS; g++)
        put_method(out, p, g, told[g], g == best, w, scratch);
    js_end(out);
}

/* ---- the segments ---- */

static void put_fate(js *out, const segment_method *m, int c) {
    if (m->k_before == 0) {
        js_put_null(out, "event");
        js_array(out, "from");
        js_end(out);
        return;
    }
    const identity_segment *s = &m->match.segments[c];
    bool named = strcmp(m->name, "rfm") == 0; /* its names are what they are */
    js_put_word(out, "event", identity_events[named ? IDENTITY_KEPT : s->event]);
    js_array(out, "from");
    for (int i = 0; i < s->n_from; i++) js_put_text(out, NULL, m->ids_before[s->from[i]]);
    js_end(out);
}

static void put_segment(js *out, const segment_present *p, const segment_value *v, int g, int c,
                        const sums *of, const sums *all, int64_t ago) {
    const segment_method *m = &p->methods[g];
    double n = (double)of->customers;
    js_object(out, NULL);
    js_put_text(out, "id", m->ids[c]);
    js_put_word(out, "method", m->name);
    js_put_int(out, "index", c);
    js_put_text(out, "name", m->names[c]);
    js_put_int(out, "customers", of->customers);
    js_put_fixed(out, "share", n / (double)all->customers, 6);
    js_put_fixed(out, "revenue", of->revenue, 4);
    js_put_fixed(out, "revenue_share", over(of->revenue, all->revenue), 6);
    js_put_fixed(out, "aov", over(of->revenue, of->orders), 4);
    js_put_fixed(out, "recency_days", over(of->recency, n), 1);
    js_put_fixed(out, "frequency", over(of->orders, n), 2);
    js_put_fixed(out, "monetary", over(of->revenue, n), 4);
    js_put_int(out, "active_90", of->active);
    if (v->totals[g]) {
        const worth_total *t = &v->totals[g][c];
        js_put_fixed(out, "p_alive", over(t->alive, (double)t->customers), 4);
        js_put_fixed(out, "expected_purchases", over(t->purchases.value, (double)t->customers), 4);
        if (!v->of->no_money) put_clv(out, t, true);
        else js_put_null(out, "clv");
    } else {
        js_put_null(out, "p_alive");
        js_put_null(out, "expected_purchases");
        js_put_null(out, "clv");
    }
    if (g == SEGMENT_BY_KMEANS && p->m.quality.overlap)
        js_put_fixed(out, "stability", p->m.quality.overlap[c], 4);
    else if (g == SEGMENT_BY_HDBSCAN && p->density.overlap)
        js_put_fixed(out, "stability", p->density.overlap[c], 4);
    else if (g == SEGMENT_BY_GMM && p->mixture.overlap)
        js_put_fixed(out, "stability", p->mixture.overlap[c], 4);
    else js_put_null(out, "stability");
    if (ago >= 0) js_put_int(out, "change", of->customers - ago);
    else js_put_null(out, "change");
    put_fate(out, m, c);
    js_end(out);
}

/* Sizes of the segments four weeks ago by the rules of today; false when nobody was there. */
static bool sizes_ago(const segment_present *p, work *w, scope *s, int64_t *ago[SEGMENT_METHODS],
                      bool *known, err *e) {
    segment_block then;
    int64_t all;
    if (!db_count(w->d, &all, e, "SELECT count(*) FROM customers") ||
        !segment_block_read_bases(w, w->days.end - A_MONTH, 1, &p->b, s, &then, e))
        return false;
    *known = then.n > 0 && all <= SEGMENT_SAMPLED; /* of more, only a sample is known then */
    if (!*known) return true;
    int32_t *label[SEGMENT_METHODS];
    segment_present_apply(p, w, &then, label, s);
    for (int g = 0; g < SEGMENT_METHODS; g++) {
        ago[g] = take(&s->keep, int64_t, p->methods[g].k);
        for (int64_t i = 0; i < then.n; i++)
            if (label[g][i] >= 0) ago[g][label[g][i]]++;
    }
    return true;
}

static void put_died(js *out, const segment_present *p, scope *s) {
    js_array(out, "died");
    for (int g = SEGMENT_BY_KMEANS; g < SEGMENT_METHODS; g++) {
        const segment_method *m = &p->methods[g];
        int64_t *customers = take(&s->keep, int64_t, m->k_before);
        for (int64_t i = 0; i < p->b.n && m->k_before; i++)
            if (m->before[i] >= 0) customers[m->before[i]]++;
        for (int c = 0; c < m->k_before; c++) {
            if (!m->match.died[c]) continue;
            js_object(out, NULL);
            js_put_text(out, "id", m->ids_before[c]);
            js_put_word(out, "method", m->name);
            js_put_text(out, "name", m->names_before[c]);
            js_put_int(out, "customers", customers[c]);
            js_end(out);
        }
    }
    js_end(out);
}

/* ---- the grid of scores ---- */

static void put_grid(js *out, const segment_present *p, scope *s) {
    rfm_cell *cells = take(&s->keep, rfm_cell, RFM_CELLS);
    for (int64_t i = 0; i < p->b.n; i++) {
        rfm_cell *to = &cells[rfm_grid_at(&p->rfm[i])];
        to->customers++;
        to->revenue += p->b.rfm.money[i];
    }
    js_object(out, "grid");
    rfm_grid_put(out, &p->m.cuts, cells);
    js_end(out);
}

bool segment_put_overview(js *out, const segment_present *p, const segment_value *v, work *w,
                          scope *s, err *e) {
    sums all = {0};
    int64_t *ago[SEGMENT_METHODS];
    bool known;
    if (!sizes_ago(p, w, s, ago, &known, e)) return false;
    put_totals(out, p, v, &all);
    put_methods(out, p, work_report(w, s, "08_evaluate", "evaluation.json", "segment"), w,
                s->scratch);
    js_array(out, "segments");
    for (int g = 0; g < SEGMENT_METHODS; g++) {
        const segment_method *m = &p->methods[g];
        sums *of = take(&s->keep, sums, m->k);
        for (int64_t i = 0; i < p->b.n; i++)
            if (m->label[i] >= 0) add(&of[m->label[i]], &p->b, i);
        for (int c = 0; c < m->k; c++)
            if (of[c].customers > 0)
                put_segment(out, p, v, g, c, &of[c], &all, known ? ago[g][c] : -1);
    }
    js_end(out);
    put_died(out, p, s);
    put_grid(out, p, s);
    return true;
}
