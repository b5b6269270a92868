/* mst_search: the nearest row of another component, for all rows that may have the best edge of
 * theirs; a leaf of 16 at a time. */
#include "models/segment/mst_run.h"

#include <assert.h>
#include <math.h>

enum { LEAF = KDTREE_LEAF };

/* A leaf whose rows look for aliens together. */
typedef struct bundle {
    mst_run *r;
    int64_t from; /* its first slot */
    const float *query, *middle;  /* [d][16]; [d] */
    const int32_t *own;           /* [16]: components */
    int32_t uniform;              /* the component of all active lanes, or -1 */
    uint32_t lanes, tied;         /* active; that met two edges of the same weight */
    float most;                   /* of limit */
    float limit[LEAF];            /* -1 where not active */
    double bound[LEAF], best[LEAF];
    int32_t found[LEAF];          /* the slot of best, or -1 */
} bundle;

static void bound_to(bundle *b, int lane, double bound) {
    b->bound[lane] = bound;
    b->limit[lane] = kdtree_limit(bound, b->r->tree.d);
}

/* Takes over what other rows of the same components found meanwhile. */
static void refresh(bundle *b, uint32_t lanes) {
    for (; lanes; lanes &= lanes - 1) {
        int lane = __builtin_ctz(lanes);
        double now = mst_load(b->r->bound + b->own[lane]);
        if (now < b->bound[lane]) bound_to(b, lane, now);
    }
}

static void offer(bundle *b, int lane, int32_t slot, double weight) {
    mst_run *r = b->r;
    const int32_t *row = r->tree.row;
    if (weight > b->bound[lane]) return;
    if (b->found[lane] >= 0 && weight >= b->best[lane]) {
        int32_t own = row[b->from + lane];
        if (weight > b->best[lane]) return;
        b->tied |= 1u << lane;
        if (!mst_ahead(own, row[slot], own, row[b->found[lane]])) return;
    }
    b->best[lane] = weight;
    b->found[lane] = slot;
    if (weight < b->bound[lane]) {
        bound_to(b, lane, weight);
        mst_lower(r->bound + b->own[lane], weight);
        mst_lower(r->bound + r->component[slot], weight);
    }
}

static void scan(bundle *b, int leaf, uint32_t lanes) {
    const mst_run *r = b->r;
    const float *block = mst_leaf(r, leaf);
    int64_t from = (int64_t)leaf * LEAF;
    int d = r->tree.d;
    uint32_t hits[LEAF];
    refresh(b, lanes);
    r->scan(block, b->query, LEAF, d, lanes, b->limit, hits);
    for (; lanes; lanes &= lanes - 1) {
        int lane = __builtin_ctz(lanes);
        uint32_t hit = hits[lane];
        if (!hit) continue;
        hit &= ~r->same(r->component + from, b->own[lane]);
        for (; hit; hit &= hit - 1) {
            int i = __builtin_ctz(hit);
            double weight = mst_larger(r->core[from + i], r->core[b->from + lane]);
            if (weight > b->bound[lane]) continue;
            double square = kdtree_square(block, i, b->query, lane, LEAF, d);
            offer(b, lane, (int32_t)from + i, square > weight ? square : weight);
        }
    }
}

/* Takes out the tied lanes for which a node has no better edge. */
static uint32_t untie(const bundle *b, kdtree_node p, uint32_t lanes) {
    const kdtree *t = &b->r->tree;
    for (uint32_t tied = lanes & b->tied; tied; tied &= tied - 1) {
        int lane = __builtin_ctz(tied);
        int32_t own = t->row[b->from + lane];
        if (mst_ahead(own, t->least[p.at], own, t->row[b->found[lane]])) continue;
        if (b->r->core[b->from + lane] >= b->best[lane] ||
            kdtree_outside(mst_box(b->r, p), b->query, lane, LEAF, t->d) >= b->best[lane])
            lanes &= ~(1u << lane);
    }
    return lanes;
}

static void walk(bundle *b, kdtree_node p) {
    const mst_run *r = b->r;
    int32_t whole = r->node_component[p.at];
    if (r->node_core[p.at] > b->most || (whole >= 0 && whole == b->uniform)) return;
    uint32_t lanes = r->is_near(b->query, mst_box(r, p), r->tree.d, b->limit);
    if (lanes && whole >= 0 && b->uniform < 0) lanes &= ~r->same(b->own, whole);
    if (lanes & b->tied) lanes = untie(b, p, lanes);
    if (!lanes) return;
    if (kdtree_is_leaf(p)) {
        scan(b, p.from, lanes);
        return;
    }
    bool right_first = mst_right_first(r, p, b->middle);
    walk(b, right_first ? kdtree_right(p) : kdtree_left(p));
    walk(b, right_first ? kdtree_left(p) : kdtree_right(p));
}

/* The lanes that may have the best edge of their component and do not know it. */
static void choose(bundle *b) {
    const mst_run *r = b->r;
    b->lanes = b->tied = 0;
    b->uniform = -1;
    b->most = -1;
    for (int i = 0; i < LEAF; i++) {
        int64_t slot = b->from + i;
        b->limit[i] = -1;
        b->found[i] = -1;
        if (b->own[i] < 0 || r->alien[slot] >= 0) continue;
        double bound = mst_load(r->bound + b->own[i]);
        if (r->core[slot] > bound || r->reach[slot] > bound) continue;
        bound_to(b, i, bound);
        if (b->limit[i] > b->most) b->most = b->limit[i];
        b->uniform = b->lanes == 0 || b->uniform == b->own[i] ? b->own[i] : -1;
        b->lanes |= 1u << i;
    }
}

static void search(bundle *b, float *middle) {
    mst_run *r = b->r;
    int d = r->tree.d;
    choose(b);
    if (!b->lanes) return;
    uint32_t first = b->lanes;
    for (int k = __builtin_popcount(first) / 2; k > 0; k--) first &= first - 1;
    for (int c = 0; c < d; c++) middle[c] = b->query[c * LEAF + __builtin_ctz(first)];
    walk(b, kdtree_root(&r->tree));
    for (uint32_t lanes = b->lanes; lanes; lanes &= lanes - 1) {
        int i = __builtin_ctz(lanes);
        int64_t slot = b->from + i;
        if (b->found[i] >= 0 && b->best[i] <= b->bound[i]) {
            r->alien[slot] = b->found[i];
            r->reach[slot] = b->best[i];
        } else if (b->bound[i] > r->reach[slot]) r->reach[slot] = b->bound[i];
    }
}

static void search_chunk(void *what, int64_t chunk, arena scratch) {
    mst_run *r = what;
    bundle b = {.r = r};
    float *middle = take_raw(&scratch, float, r->tree.d);
    b.middle = middle;
    int to = ((int)chunk + 1) * MST_LEAVES;
    for (int leaf = (int)chunk * MST_LEAVES; leaf < to && leaf < r->tree.leaves; leaf++) {
        b.from = (int64_t)leaf * LEAF;
        b.query = mst_leaf(r, leaf);
        b.own = r->component + b.from;
        search(&b, middle);
    }
}

void mst_search(mst_run *r, pool *threads) { pool_for(threads, mst_chunks(r), search_chunk, r); }
