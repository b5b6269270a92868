/* segment_sweep: clusters by density for every least size: sizes, tree and customers of them.
 *
 * A row of `sweep` has, beside what the trial says, `sizes` of the clusters and, where these are
 * few enough to be told apart, `labels` of the customers that are points (-1 = in none). Where the
 * condensed tree (condense.h) has at most NODES clusters it is in `tree`, an entry a cluster, the
 * root first: parent, birth and end (lambda, one over a distance), size, cluster (number of a
 * chosen one, else -1); `node` is the one that each point leaves (-1 = not looked at). */
#include <math.h>

#include "pipeline/segment_parts.h"

enum { POINTS = 5000, NODES = 301 };

int64_t segment_points(const segment_present *p) { return p->b.n < POINTS ? p->b.n : POINTS; }

/* What `of` [rows.n] says of each point; -1 for those that density has not looked at. */
static void put_points(js *out, const char *key, const segment_present *p, const int32_t *of) {
    const segment_density *x = &p->density;
    int64_t n = segment_points(p), j = 0;
    js_array(out, key);
    for (int64_t i = 0; i < n; i++) { /* both ascend */
        int32_t customer = p->b.customer[i * p->b.n / n];
        while (j < x->rows.n && x->customer[j] < customer) j++;
        bool there = j < x->rows.n && x->customer[j] == customer;
        js_put_int(out, NULL, there ? of[j] : -1);
    }
    js_end(out);
}

static void put_tree(js *out, const hdbscan_model *m, const int32_t *number) {
    const condense_model *t = &m->tree;
    js_object(out, "tree");
    js_array(out, "parent");
    for (int32_t c = 0; c < t->clusters; c++) js_put_int(out, NULL, t->parent[c]);
    js_end(out);
    js_array(out, "birth");
    for (int32_t c = 0; c < t->clusters; c++) js_put_fixed(out, NULL, t->birth[c], 5);
    js_end(out);
    js_array(out, "end");
    for (int32_t c = 0; c < t->clusters; c++)
        js_put_fixed(out, NULL, fmax(t->birth[c], t->most[c]), 5);
    js_end(out);
    js_array(out, "size");
    for (int32_t c = 0; c < t->clusters; c++) js_put_int(out, NULL, t->size[c]);
    js_end(out);
    js_array(out, "cluster");
    for (int32_t c = 0, next = 0; c < t->clusters; c++) { /* m->cluster ascends */
        bool chosen = next < m->k && m->cluster[next] == c;
        js_put_int(out, NULL, chosen ? number[next++] : -1);
    }
    js_end(out);
    js_end(out);
}

static void put_cut(js *out, const segment_present *p, const hdbscan_trial *t, arena scratch) {
    const segment_density *x = &p->density;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    int32_t *number, *label = take(&keep, int32_t, x->rows.n);
    hdbscan_model m = segment_density_cut(x, t->min_cluster_size, &number, &keep, scratch);
    int64_t *size = take(&keep, int64_t, m.k);
    for (int64_t i = 0; i < x->rows.n; i++) {
        label[i] = m.label[i] < 0 ? -1 : number[m.label[i]];
        if (label[i] >= 0) size[label[i]]++;
    }
    js_array(out, "sizes");
    for (int c = 0; c < m.k; c++) js_put_int(out, NULL, size[c]);
    js_end(out);
    if (m.k > SEGMENT_DENSITY_MOST) {
        js_put_null(out, "labels");
        return;
    }
    put_points(out, "labels", p, label);
    if (m.tree.clusters > NODES) return;
    put_points(out, "node", p, m.tree.row_cluster);
    put_tree(out, &m, number);
}

void segment_put_sweep(js *out, const segment_present *p, scope *s) {
    const segment_density *x = &p->density;
    js_object(out, "sweep");
    js_put_word(out, "method", "hdbscan");
    js_put_int(out, "neighbours", x->params.neighbours);
    if (x->k > 0) js_put_int(out, "chosen", x->params.min_cluster_size);
    else js_put_null(out, "chosen");
    js_put_word(out, "why", x->why);
    js_array(out, "rows");
    for (int i = 0; i < x->tried; i++) {
        const hdbscan_trial *t = &x->trials[i];
        js_object(out, NULL);
        js_put_int(out, "m", t->min_cluster_size);
        js_put_int(out, "clusters", t->k);
        js_put_fixed(out, "noise", (double)t->noise / (double)x->rows.n, 6);
        js_put_fixed(out, "validity", t->validity, 6);
        put_cut(out, p, t, s->scratch);
        js_end(out);
    }
    js_end(out);
    js_end(out);
}
