/* hdbscan: the spanning tree grown, cut into clusters of a minimum size, and what each row gets. */
#include "models/segment/hdbscan.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"

const char *hdbscan_check(hdbscan_params p) {
    if (p.min_cluster_size < 2) return "the smallest cluster must have at least 2 rows";
    if (p.neighbours < 0) return "neighbours must be 0 or more";
    if (!(p.epsilon >= 0) || !(p.epsilon_most >= p.epsilon))
        return "epsilon must be 0 or more, and not above its largest value";
    if (p.max_cluster_size < 0) return "the largest cluster size must be 0 (any) or more";
    if (!(p.persistence >= 0)) return "persistence must be 0 or more";
    return NULL;
}

bool hdbscan_grow(hdbscan_tree *t, const hdbscan_data *data, int neighbours, pool *threads,
                  arena *keep, arena scratch, err *e) {
    if (data->n < 1) return refuse(e, "there are no rows to cluster");
    if (neighbours >= data->n) neighbours = (int)data->n - 1;
    if (!mst_fit(&t->mst, data->x, data->n, data->d, (mst_params){neighbours}, threads, keep,
                 scratch, e))
        return false;
    t->linkage = linkage_fit(t->mst.edge, data->n, keep, scratch);
    return true;
}

/* ---- the choice ---- */

/* Of chosen clusters inside each other the outermost stays. */
static void outermost(const condense_model *c, bool *chosen, arena scratch) {
    bool *inside = take(&scratch, bool, c->clusters);
    for (int32_t k = 1; k < c->clusters; k++) {
        inside[k] = inside[c->parent[k]] || chosen[c->parent[k]];
        if (inside[k]) chosen[k] = false;
    }
}

static void choose_by_mass(const condense_model *c, const hdbscan_params *p, bool *chosen,
                           arena scratch) {
    double *below = take(&scratch, double, c->clusters);
    int64_t largest = p->max_cluster_size > 0 ? p->max_cluster_size : c->n;
    for (int32_t k = c->clusters - 1; k >= (p->single_cluster ? 0 : 1); k--) {
        bool wide = k > 0 && c->distance[k] > p->epsilon_most;
        chosen[k] = !(below[k] > c->stability[k] || c->size[k] > largest || wide);
        if (k > 0) below[c->parent[k]] += chosen[k] ? c->stability[k] : below[k];
    }
}

/* The first ancestor born above epsilon; the root only when it may be chosen. */
static int32_t climb(const condense_model *c, const hdbscan_params *p, int32_t k) {
    while (c->parent[k] != 0) {
        k = c->parent[k];
        if (c->distance[k] > p->epsilon) return k;
    }
    return p->single_cluster ? 0 : k;
}

static void climb_all(const condense_model *c, const hdbscan_params *p, bool *chosen,
                      arena scratch) {
    bool *from = take_copy(&scratch, bool, chosen, c->clusters);
    if (chosen[0]) return;
    for (int32_t k = 1; k < c->clusters; k++) {
        if (!from[k] || c->distance[k] >= p->epsilon) continue;
        chosen[k] = false;
        chosen[climb(c, p, k)] = true;
    }
    outermost(c, chosen, scratch);
}

static void choose(const condense_model *c, const hdbscan_params *p, bool *chosen, arena scratch) {
    if (p->select == HDBSCAN_LEAF)
        for (int32_t k = 1; k < c->clusters; k++) chosen[k] = c->leaf[k];
    else
        choose_by_mass(c, p, chosen, scratch);
    outermost(c, chosen, scratch);
    if (p->epsilon > 0) climb_all(c, p, chosen, scratch);
}

/* ---- the rows ---- */

static void name_clusters(hdbscan_model *m, const bool *chosen, arena *keep) {
    const condense_model *c = &m->tree;
    for (int32_t k = 0; k < c->clusters; k++) m->k += chosen[k];
    m->cluster = take(keep, int32_t, m->k);
    m->cluster_label = take(keep, int32_t, c->clusters);
    for (int32_t k = 0, next = 0; k < c->clusters; k++) {
        m->cluster_label[k] = k > 0 ? m->cluster_label[c->parent[k]] : -1;
        if (!chosen[k]) continue;
        m->cluster[next] = k;
        m->cluster_label[k] = next++;
    }
}

/* With the root chosen, only rows that leave last are of it. */
static double root_floor(const hdbscan_model *m) {
    if (m->k != 1 || m->cluster[0] != 0) return 0;
    return m->params.epsilon > 0 ? 1 / m->params.epsilon : m->tree.most[0];
}

static void judge_rows(hdbscan_model *m, arena *keep) {
    const condense_model *c = &m->tree;
    double floor = root_floor(m);
    m->label = take_raw(keep, int32_t, m->n);
    m->strength = take_raw(keep, double, m->n);
    m->outlier = take_raw(keep, double, m->n);
    m->size = take(keep, int64_t, m->k);
    for (int64_t i = 0; i < m->n; i++) {
        int32_t k = c->row_cluster[i], label = m->cluster_label[k];
        double lambda = c->row_lambda[i], deep = c->deepest[k];
        if (lambda < floor) label = -1;
        m->label[i] = label;
        m->outlier[i] = deep > 0 && lambda < deep ? (deep - lambda) / deep : 0;
        if (label < 0) {
            m->noise++;
            m->strength[i] = 0;
            continue;
        }
        double most = c->most[m->cluster[label]];
        m->strength[i] = most > 0 && lambda < most ? lambda / most : 1;
        m->size[label]++;
    }
}

static void judge_clusters(hdbscan_model *m, arena *keep, arena scratch) {
    const condense_model *c = &m->tree;
    double densest = c->deepest[0], *rows = take(&scratch, double, m->k);
    int32_t *order = order_count(m->k, &scratch);
    m->by_size = take(keep, int32_t, m->k);
    m->persistence = take(keep, double, m->k);
    for (int32_t j = 0; j < m->k; j++) {
        rows[j] = (double)m->size[j];
        m->persistence[j] =
            densest > 0 && m->size[j] > 0 ? c->stability[m->cluster[j]] / (rows[j] * densest) : 1;
    }
    order_down(order, m->k, rows, scratch);
    for (int32_t j = 0; j < m->k; j++) m->by_size[order[j]] = j;
}

/* Clusters that no edge joins to another are as far as twice the largest edge; a single cluster is
 * held against twice the smallest edge to noise. */
static double validity(const hdbscan_model *m, const mst_model *tree, arena scratch) {
    double *sparse = take(&scratch, double, m->k), *apart = take(&scratch, double, m->k);
    double noise = INFINITY, longest = tree->n > 1 ? tree->edge[tree->n - 2].weight : 0, sum = 0;
    for (int j = 0; j < m->k; j++) apart[j] = INFINITY;
    for (int64_t i = 0; i < tree->n - 1; i++) { /* ascending: the last within, the first between */
        const mst_edge *edge = &tree->edge[i];
        int32_t a = m->label[edge->a], b = m->label[edge->b];
        if (a == b) {
            if (a >= 0) sparse[a] = edge->weight;
        } else if (a < 0 || b < 0)
            noise = fmin(noise, edge->weight);
        else {
            apart[a] = fmin(apart[a], edge->weight);
            apart[b] = fmin(apart[b], edge->weight);
        }
    }
    if (isinf(noise)) noise = longest;
    for (int j = 0; j < m->k; j++) {
        if (isinf(apart[j])) apart[j] = 2 * (m->k > 1 ? longest : noise);
        double larger = fmax(apart[j], sparse[j]);
        if (larger > 0) sum += (double)m->size[j] / (double)m->n * (apart[j] - sparse[j]) / larger;
    }
    return sum;
}

hdbscan_model hdbscan_cut(const hdbscan_tree *t, hdbscan_params p, arena *keep, arena scratch) {
    assert(!hdbscan_check(p));
    hdbscan_model m = {.params = p, .n = t->mst.n};
    m.params.neighbours = t->mst.neighbours;
    m.tree = condense_fit(&t->linkage, p.min_cluster_size, keep, scratch);
    if (p.persistence > 0) condense_simplify(&m.tree, p.persistence, scratch);
    bool *chosen = take(&scratch, bool, m.tree.clusters);
    choose(&m.tree, &m.params, chosen, scratch);
    name_clusters(&m, chosen, keep);
    judge_rows(&m, keep);
    judge_clusters(&m, keep, scratch);
    m.validity = validity(&m, &t->mst, scratch);
    return m;
}

bool hdbscan_fit(hdbscan_tree *t, hdbscan_model *m, const hdbscan_data *data, hdbscan_params p,
                 pool *threads, scope *s, err *e) {
    const char *wrong = hdbscan_check(p);
    if (wrong) return refuse(e, "%s", wrong);
    if (!hdbscan_grow(t, data, p.neighbours, threads, &s->keep, s->scratch, e)) return false;
    *m = hdbscan_cut(t, p, &s->keep, s->scratch);
    return true;
}

/* ---- many minimum sizes ---- */

int hdbscan_grid(int64_t n, int64_t least[HDBSCAN_GRID]) {
    int count = 0;
    for (int64_t size = 5; count < HDBSCAN_GRID && (count == 0 || size <= n / 4);
         size += (size + 1) / 2)
        least[count++] = size;
    return count;
}

void hdbscan_sweep(const hdbscan_tree *t, hdbscan_params p, const int64_t *least, int n,
                   hdbscan_trial *out, arena scratch) {
    for (int i = 0; i < n; i++) {
        arena keep = scratch, rest = arena_split(&keep, arena_left(&keep) / 2);
        p.min_cluster_size = least[i];
        hdbscan_model m = hdbscan_cut(t, p, &keep, rest);
        out[i] = (hdbscan_trial){least[i], m.noise, m.k, m.validity};
    }
}
