/* segment_present: the customers as they are now, in segments by every method. */
#include "pipeline/segment_present.h"

#include <string.h>

static bool read_ids(segment_present *p, const work *w, scope *s, err *e) {
    columns c;
    int64_t at = 0;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT customer, customer_id FROM customers ORDER BY customer"))
        return false;
    const int32_t *customer = columns_i32(&c, "customer");
    const slice *id = columns_text(&c, "customer_id");
    p->customer_id = take(&s->keep, slice, p->b.n);
    for (int64_t i = 0; i < p->b.n; i++) {
        while (at < c.rows && customer[at] < p->b.customer[i]) at++;
        if (at == c.rows || customer[at] != p->b.customer[i])
            return fail(e, "customers: number %d of customer_features is not there",
                        p->b.customer[i]);
        p->customer_id[i] = id[at];
    }
    return true;
}

static void by_rfm(segment_present *p, scope *s) {
    segment_method *m = &p->methods[SEGMENT_BY_RFM];
    *m = (segment_method){.name = "rfm", .title = "RFM names", .k = RFM_NAMES};
    p->rfm = segmentation_rfm(&p->m, &p->b, s);
    m->label = take(&s->keep, int32_t, p->b.n);
    m->names = take(&s->keep, slice, m->k);
    for (int64_t i = 0; i < p->b.n; i++) m->label[i] = p->rfm[i].name;
    for (int i = 0; i < m->k; i++) m->names[i] = slice_of(rfm_names[i]);
}

static void by_clusters(segment_present *p, scope *s) {
    segment_method *m = &p->methods[SEGMENT_BY_KMEANS];
    *m = (segment_method){.name = "kmeans", .title = "K-Means clusters", .k = p->m.clusters.k};
    m->label = p->m.clusters.label;
    m->names = segmentation_names(&p->m, &p->b, s);
}

/* Names of a method's segments by the words of the clusters. */
static void name_alike(const segment_present *p, segment_method *m, scope *s) {
    segmentation told = p->m;
    told.clusters.k = m->k;
    segmentation_describe(&told, &p->b, m->label, m->k, s);
    m->names = segmentation_names(&told, &p->b, s);
}

static bool by_mixture(segment_present *p, const work *w, scope *s, err *e) {
    segment_method *m = &p->methods[SEGMENT_BY_GMM];
    err why = {0};
    *m = (segment_method){.name = "gmm", .title = "Gaussian mixture"};
    m->label = take(&s->keep, int32_t, p->b.n);
    m->strength = take(&s->keep, double, p->b.n);
    if (!segment_mixture_fit(&p->mixture, &p->m, w, &p->b, p->m.clusters.label, s, &why)) {
        m->skipped = arena_text(&s->keep, "%s", why.text);
        for (int64_t i = 0; i < p->b.n; i++) m->label[i] = -1;
        return why.kind != ERR_WENT_WRONG || fail(e, "%s", why.text);
    }
    segment_mixture_assign(&p->mixture, &p->m, w, &p->b, m->label, m->strength, s);
    m->k = p->mixture.model.k;
    if (!segment_mixture_stability(&p->mixture, &p->m, w, &p->b, s, e)) return false;
    name_alike(p, m, s);
    return true;
}

static bool by_density(segment_present *p, const work *w, scope *s, err *e) {
    segment_method *m = &p->methods[SEGMENT_BY_HDBSCAN];
    *m = (segment_method){.name = "hdbscan", .title = "Clusters by density"};
    m->label = take(&s->keep, int32_t, p->b.n);
    m->strength = take(&s->keep, double, p->b.n);
    m->outlier = take(&s->keep, double, p->b.n);
    if (!segment_density_fit(&p->density, &p->m, w, &p->b, s, e) ||
        !segment_density_stability(&p->density, w, s, e))
        return false;
    m->k = p->density.k;
    if (m->k == 0) m->skipped = p->density.why;
    segment_density_assign(&p->density, &p->m, w, &p->b, m->label, m->strength, m->outlier, s);
    name_alike(p, m, s);
    return true;
}

bool segment_present_see(segment_present *p, work *w, scope *s, bool judge, err *e) {
    memset(p, 0, sizeof *p);
    if (!segment_block_read(w, w->days.end, s, &p->b, e)) return false;
    if (p->b.n < SEGMENT_LEAST) return true;
    if (!read_ids(p, w, s, e) ||
        !segmentation_fit(&p->m, w, &p->b, segment_tuned(w, s), judge, s, e))
        return false;
    by_rfm(p, s);
    by_clusters(p, s);
    return by_mixture(p, w, s, e) && by_density(p, w, s, e) && segment_previous_name(p, w, s, e);
}

void segment_present_apply(const segment_present *p, const work *w, const segment_block *then,
                           int32_t *label[SEGMENT_METHODS], scope *s) {
    const rfm_score *score = segmentation_rfm(&p->m, then, s);
    label[SEGMENT_BY_RFM] = take(&s->keep, int32_t, then->n);
    for (int64_t i = 0; i < then->n; i++) label[SEGMENT_BY_RFM][i] = score[i].name;
    label[SEGMENT_BY_KMEANS] = segmentation_clusters(&p->m, w, then, s);
    label[SEGMENT_BY_GMM] = take(&s->keep, int32_t, then->n);
    for (int64_t i = 0; i < then->n; i++) label[SEGMENT_BY_GMM][i] = -1;
    if (!p->methods[SEGMENT_BY_GMM].skipped)
        segment_mixture_assign(&p->mixture, &p->m, w, then, label[SEGMENT_BY_GMM], NULL, s);
    label[SEGMENT_BY_HDBSCAN] = take(&s->keep, int32_t, then->n);
    segment_density_assign(&p->density, &p->m, w, then, label[SEGMENT_BY_HDBSCAN], NULL, NULL, s);
}
