/* mst: Borůvka's rounds over a k-d tree.
 *
 * In a round each component takes its best edge to another one. Most find it in the list of their
 * rows' nearest rows; the others search the tree within the best weight known so far. A row that
 * found its best alien keeps it until that joins its own component, and one that found none keeps
 * how far it looked: aliens only become fewer, so both stay true. */
#include "models/segment/mst_run.h"

#include <assert.h>
#include <math.h>

enum { LEAF = KDTREE_LEAF, LIST_LEAST = 4 };

/* ---- what lists and former searches know ---- */

/* The best listed alien of a slot: its weight, or infinity. */
static double listed_alien(const mst_run *r, int64_t slot, int32_t *alien) {
    const kdtree *t = &r->tree;
    const int32_t *near = r->near + slot * r->listed;
    int32_t own = r->component[slot], row = t->row[slot];
    double best = INFINITY;
    *alien = MST_NOT_LISTED;
    for (int k = 0; k < r->listed; k++) {
        int32_t j = near[k];
        if (r->component[j] == own) continue;
        double weight = mst_larger(r->core[slot], r->core[j]);
        if (k >= r->neighbours) {
            double square = kdtree_square(mst_leaf(r, j / LEAF), j % LEAF,
                                          mst_leaf(r, (int)(slot / LEAF)), (int)(slot % LEAF),
                                          LEAF, t->d);
            weight = square > weight ? square : weight;
        }
        if (weight < best || (weight == best && mst_ahead(row, t->row[j], row, t->row[*alien]))) {
            best = weight;
            *alien = j;
        }
    }
    return best;
}

static void recall_chunk(void *what, int64_t chunk, arena scratch) {
    mst_run *r = what;
    (void)scratch;
    int64_t to = (chunk + 1) * MST_LEAVES * LEAF;
    for (int64_t i = chunk * MST_LEAVES * LEAF; i < to && i < r->slots; i++) {
        int32_t own = r->component[i];
        if (own < 0) continue;
        if (r->alien[i] >= 0 && r->component[r->alien[i]] == own) r->alien[i] = MST_UNKNOWN;
        if (r->alien[i] >= 0) {
            mst_lower(r->bound + own, r->reach[i]);
        } else if (r->alien[i] == MST_UNKNOWN) {
            int32_t alien;
            double weight = listed_alien(r, i, &alien);
            if (weight < (double)r->listed_to[i]) {
                r->alien[i] = alien;
                r->reach[i] = weight;
            } else if (alien < 0) r->alien[i] = MST_NOT_LISTED;
            mst_lower(r->bound + own, weight);
            if (alien >= 0) mst_lower(r->bound + r->component[alien], weight);
        }
    }
}

/* ---- growing together ---- */

static int32_t root_of(int32_t *up, int32_t i) {
    while (up[i] != i) i = up[i] = up[up[i]];
    return i;
}

/* The slot that has the best edge of each component, or -1. */
static void pick(const mst_run *r, int32_t *best) {
    const int32_t *row = r->tree.row;
    for (int32_t c = 0; c < r->components; c++) best[c] = -1;
    for (int64_t i = 0; i < r->slots; i++) {
        int32_t own = r->component[i];
        if (own < 0 || r->alien[i] < 0 || r->reach[i] != r->bound[own]) continue;
        int32_t was = best[own];
        if (was < 0 || mst_ahead(row[i], row[r->alien[i]], row[was], row[r->alien[was]]))
            best[own] = (int32_t)i;
    }
}

/* Adds the edges to the tree and gives the joined components new numbers: up [components]. */
static int64_t unite(mst_run *r, const int32_t *best, int32_t *up, mst_edge *edge) {
    int64_t added = 0;
    int32_t next = 0;
    for (int32_t c = 0; c < r->components; c++) up[c] = c;
    for (int32_t c = 0; c < r->components; c++) {
        int32_t i = best[c];
        if (i < 0) continue;
        int32_t j = r->alien[i], a = root_of(up, c), b = root_of(up, r->component[j]);
        if (a == b) continue;
        up[mst_most(a, b)] = mst_least(a, b);
        edge[added++] = (mst_edge){r->tree.row[i], r->tree.row[j], r->reach[i]};
    }
    for (int32_t c = 0; c < r->components; c++) { /* a root has the smallest number of its own */
        int32_t root = root_of(up, c);
        r->bound[c] = root == c ? next++ : r->bound[root];
    }
    for (int32_t c = 0; c < r->components; c++) up[c] = (int32_t)r->bound[c];
    r->components = next;
    return added;
}

/* New numbers for the slots and nodes. */
static int32_t renumber(mst_run *r, const int32_t *number, kdtree_node p) {
    int32_t whole;
    if (kdtree_is_leaf(p)) {
        int32_t *own = r->component + (int64_t)p.from * LEAF;
        for (int i = 0; i < LEAF; i++)
            if (own[i] >= 0) own[i] = number[own[i]];
        whole = own[0];
        for (int i = 1; i < LEAF; i++)
            if (own[i] >= 0 && own[i] != whole) whole = -1;
    } else {
        int32_t left = renumber(r, number, kdtree_left(p));
        int32_t right = renumber(r, number, kdtree_right(p));
        whole = left == right ? left : -1;
    }
    return r->node_component[p.at] = whole;
}

/* ---- the whole ---- */

static float least_core(mst_run *r, kdtree_node p) {
    float least = INFINITY;
    if (kdtree_is_leaf(p)) {
        for (int64_t i = (int64_t)p.from * LEAF; i < (int64_t)p.to * LEAF; i++)
            if (r->component[i] >= 0 && (float)r->core[i] < least) least = (float)r->core[i];
    } else {
        float left = least_core(r, kdtree_left(p)), right = least_core(r, kdtree_right(p));
        least = left < right ? left : right;
    }
    return r->node_core[p.at] = least;
}

static void begin(mst_run *r, const mst_model *m, const float *x, pool *threads, arena *memory) {
    arena tree = arena_split(memory, arena_left(memory) / 2);
    r->tree = kdtree_build(x, m->n, m->d, threads, &tree, *memory);
    int64_t nodes = 2 * (int64_t)r->tree.leaves - 1;
    r->slots = (int64_t)r->tree.leaves * LEAF;
    r->neighbours = m->neighbours;
    r->listed = m->neighbours + 1 > LIST_LEAST ? m->neighbours + 1 : LIST_LEAST;
    if (r->listed > m->n - 1) r->listed = (int)m->n - 1;
    r->near = take_raw(memory, int32_t, r->slots * r->listed);
    r->core = take_raw(memory, double, r->slots);
    r->listed_to = take_raw(memory, float, r->slots);
    r->component = take_raw(memory, int32_t, r->slots);
    r->alien = take_raw(memory, int32_t, r->slots);
    r->reach = take_raw(memory, double, r->slots);
    r->node_core = take_raw(memory, float, nodes);
    r->node_component = take_raw(memory, int32_t, nodes);
    r->bound = take_raw(memory, double, m->n);
    r->is_near = kdtree_near_kernels[simd_level()];
    r->scan = kdtree_scan_kernels[simd_level()];
    r->same = kdtree_same_kernels[simd_level()];
    r->insert = kdtree_insert_kernels[simd_level()];
    for (int64_t i = 0; i < r->slots; i++) {
        r->component[i] = i < m->n ? (int32_t)i : -1;
        r->alien[i] = MST_UNKNOWN;
    }
    r->components = (int32_t)m->n;
}

bool mst_fit(mst_model *m, const float *x, int64_t n, int d, mst_params p, pool *threads,
             arena *keep, arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    if (!mst_begin(m, x, n, d, p, keep, e)) return false;
    if (n < 2) return true;
    mst_run r = {0};
    arena memory = scratch;
    begin(&r, m, x, threads, &memory);
    mst_lists(&r, threads);
    least_core(&r, kdtree_root(&r.tree));
    int32_t *best = take_raw(&memory, int32_t, n), *up = take_raw(&memory, int32_t, n);
    for (int64_t i = 0; i < n; i++) {
        m->core[r.tree.row[i]] = r.core[i];
        up[i] = (int32_t)i;
        r.reach[i] = (double)r.listed_to[i];
    }
    renumber(&r, up, kdtree_root(&r.tree));
    for (int64_t added = 0; added < n - 1;) {
        for (int32_t c = 0; c < r.components; c++) r.bound[c] = INFINITY;
        pool_for(threads, mst_chunks(&r), recall_chunk, &r);
        mst_search(&r, threads);
        pick(&r, best);
        int64_t fresh = unite(&r, best, up, m->edge + added);
        assert(fresh > 0);
        added += fresh;
        renumber(&r, up, kdtree_root(&r.tree));
    }
    mst_end(m, scratch);
    return true;
}
