/* hdbscan_predict: rows that were not there put into the clusters of a fit. */
#include <assert.h>
#include <math.h>

#include "models/segment/hdbscan.h"

enum { CHUNK = 256 };

/* Chunks of n rows; where a chunk ends. */
static int64_t chunks(int64_t n) { return (n + CHUNK - 1) / CHUNK; } /* break: 1 more has no row */

static int64_t end_of(int64_t chunk, int64_t n) {
    int64_t end = (chunk + 1) * CHUNK;
    return end < n ? end : n;
}

/* How many stored rows around a fresh one are asked; neighbours < n. */
static int asked(const hdbscan_stock *s) {
    int k = s->neighbours > 0 ? 2 * s->neighbours : 1;
    return k < s->data->n ? k : (int)s->data->n;
}

/* Place of the one that tells the core distance; -1: it is 0. */
static int teller(const hdbscan_stock *s) { return s->neighbours - (s->contrib ? 0 : 1); }

typedef struct predict_job {
    const hdbscan_model *m;
    const hdbscan_stock *stock;
    const hdbscan_data *fresh;
    int32_t *label;
    double *strength;
    const int32_t *order; /* [fresh->n] neighbours one after the other: they ask the same leaves */
    double *core; /* of stored rows, for `contrib` */
} predict_job;

/* What a fresh row is near to: room for as many rows as are asked. */
typedef struct near_rows {
    int32_t *row;
    double *far;
} near_rows;

/* The stored row of least mutual reachability, ties to the nearer one, and that reachability. It is
 * never below the own core distance: where one of the rows within that reaches it, no more are
 * asked. A row that lies where a stored one does is that one: reach -1. */
static int32_t join(const hdbscan_stock *s, const float *x, near_rows l, double *reach) {
    int within = teller(s) + 1, n = asked(s), best = 0;
    kdtree_nearest(&s->tree, x, within, l.row, l.far);
    double own = within > 0 ? l.far[within - 1] : 0;
    if (within > 0 && l.far[0] <= 0 && !s->contrib) return *reach = -1, l.row[0];
    *reach = own;
    for (int i = 0; i < within; i++)
        if (s->core[l.row[i]] <= own) return l.row[i];
    kdtree_nearest(&s->tree, x, n, l.row, l.far);
    if (l.far[0] <= 0 && !s->contrib) return *reach = -1, l.row[0];
    *reach = INFINITY;
    for (int i = 0; i < n; i++) {
        double r = fmax(fmax(own, l.far[i]), s->core[l.row[i]]);
        if (r >= *reach) continue;
        *reach = r;
        best = i;
    }
    return l.row[best];
}

/* Where the root is chosen, rows that would have left it early are noise, as in the fit. */
static bool early(const predict_job *w, double lambda) {
    const hdbscan_model *m = w->m;
    if (w->stock->contrib || m->k != 1 || m->cluster[0] != 0) return false;
    return lambda < (m->params.epsilon > 0 ? 1 / m->params.epsilon : m->tree.most[0]);
}

static void place(const predict_job *w, int64_t i, int32_t row, double reach) {
    const condense_model *c = &w->m->tree;
    if (reach < 0) {
        w->label[i] = w->m->label[row];
        w->strength[i] = w->m->strength[row];
        return;
    }
    double lambda = reach > 0 ? 1 / reach : INFINITY;
    int32_t k = c->row_cluster[row];
    if (c->row_lambda[row] > lambda)
        while (k > 0 && c->birth[k] >= lambda) k = c->parent[k];
    int32_t label = early(w, lambda) ? -1 : w->m->cluster_label[k];
    double most = label >= 0 ? c->most[w->m->cluster[label]] : 0;
    w->label[i] = label;
    w->strength[i] = label < 0 ? 0 : most > 0 && lambda < most ? lambda / most : 1;
}

static void predict_chunk(void *what, int64_t chunk, arena scratch) {
    const predict_job *w = what;
    const hdbscan_data *f = w->fresh;
    int k = asked(w->stock);
    int64_t to = end_of(chunk, f->n);
    near_rows near = {take(&scratch, int32_t, k), take(&scratch, double, k)};
    double reach;
    for (int64_t i = chunk * CHUNK; i < to; i++) {
        int32_t row = w->order[i], at = join(w->stock, f->x + (int64_t)row * f->d, near, &reach);
        place(w, row, at, reach);
    }
}

/* The package counts the row itself among the neighbours of stored rows. */
static void core_chunk(void *what, int64_t chunk, arena scratch) {
    const predict_job *w = what;
    const hdbscan_stock *s = w->stock;
    int64_t n = s->data->n, to = end_of(chunk, n);
    int k = s->neighbours < n ? s->neighbours : (int)n;
    int32_t *row = take(&scratch, int32_t, k);
    double *far = take(&scratch, double, k);
    for (int64_t i = chunk * CHUNK; i < to; i++) {
        kdtree_nearest(&s->tree, s->data->x + i * s->data->d, k, row, far);
        w->core[i] = k > 0 ? far[k - 1] : 0;
    }
}

hdbscan_stock hdbscan_stock_of(const hdbscan_tree *t, const hdbscan_data *data, bool contrib,
                               pool *threads, arena *keep, arena scratch) {
    assert(data->n == t->mst.n);
    hdbscan_stock s = {.data = data, .core = t->mst.core, .neighbours = t->mst.neighbours,
                       .contrib = contrib};
    s.tree = kdtree_build(data->x, data->n, data->d, threads, keep, scratch);
    if (!contrib) return s;
    predict_job w = {.stock = &s, .core = take(keep, double, data->n)};
    pool_for(threads, chunks(data->n), core_chunk, &w);
    s.core = w.core;
    return s;
}

void hdbscan_predict(const hdbscan_model *m, const hdbscan_stock *stock, const hdbscan_data *fresh,
                     pool *threads, int32_t *label, double *strength, arena scratch) {
    assert(fresh->d == stock->data->d);
    if (fresh->n == 0) return;
    arena rest = arena_split(&scratch, arena_left(&scratch) / 2);
    kdtree by_place = kdtree_build(fresh->x, fresh->n, fresh->d, threads, &scratch, rest);
    predict_job w = {m, stock, fresh, label, strength, by_place.row, NULL};
    pool_for(threads, chunks(fresh->n), predict_chunk, &w);
}
