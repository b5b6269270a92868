/* mst_lists: the nearest rows of all rows, a leaf of 16 at a time, and their core distances. */
#include "models/segment/mst_run.h"

#include <math.h>

enum { LEAF = KDTREE_LEAF };

/* A leaf whose rows look for their nearest rows together. */
typedef struct bundle {
    const mst_run *r;
    int leaf, k;
    const float *query, *middle; /* [d][16]; [d] */
    int32_t *near;               /* [16, k] */
    double *far;                 /* [16, k] squared */
    uint32_t tied;   /* lanes that met a row just as far as their last one, and left one out */
    int found[LEAF];
    float limit[LEAF];
} bundle;

static void offer(bundle *b, int lane, double square, int32_t slot) {
    const int32_t *row = b->r->tree.row;
    double *far = b->far + lane * b->k;
    int32_t *near = b->near + lane * b->k;
    int at = b->found[lane];
    if (at == b->k) {
        double last = far[--at];
        if (square >= last) {
            if (square > last) return;
            b->tied |= 1u << lane;
            if (row[slot] > row[near[at]]) return;
        } else if (at > 0 && far[at - 1] == last) b->tied |= 1u << lane;
    } else b->found[lane]++;
    for (; at > 0 && far[at - 1] >= square; at--) {
        if (far[at - 1] == square && row[near[at - 1]] < row[slot]) break;
        far[at] = far[at - 1];
        near[at] = near[at - 1];
    }
    far[at] = square;
    near[at] = slot;
}

static void scan(bundle *b, int leaf, uint32_t lanes) {
    const mst_run *r = b->r;
    const float *block = mst_leaf(r, leaf);
    int d = r->tree.d;
    uint32_t hits[LEAF];
    r->scan(block, b->query, LEAF, d, lanes, b->limit, hits);
    for (; lanes; lanes &= lanes - 1) {
        int lane = __builtin_ctz(lanes);
        uint32_t hit = hits[lane];
        if (leaf == b->leaf) hit &= ~(1u << lane);
        for (; hit; hit &= hit - 1) {
            int i = __builtin_ctz(hit);
            offer(b, lane, kdtree_square(block, i, b->query, lane, LEAF, d), leaf * LEAF + i);
        }
        if (hits[lane] && b->found[lane] == b->k)
            b->limit[lane] = kdtree_limit(b->far[lane * b->k + b->k - 1], d);
    }
}

/* Takes out the tied lanes for which a node has only rows that would not be listed. */
static uint32_t untie(const bundle *b, kdtree_node p, uint32_t lanes) {
    const kdtree *t = &b->r->tree;
    for (uint32_t tied = lanes & b->tied; tied; tied &= tied - 1) {
        int lane = __builtin_ctz(tied), last = lane * b->k + b->k - 1;
        if (t->least[p.at] > t->row[b->near[last]] &&
            kdtree_outside(mst_box(b->r, p), b->query, lane, LEAF, t->d) >= b->far[last])
            lanes &= ~(1u << lane);
    }
    return lanes;
}

static void walk(bundle *b, kdtree_node p) {
    const mst_run *r = b->r;
    uint32_t lanes = r->is_near(b->query, mst_box(r, p), r->tree.d, b->limit);
    if (lanes & b->tied) lanes = untie(b, p, lanes);
    if (!lanes) return;
    if (kdtree_is_leaf(p)) {
        if (p.from != b->leaf) scan(b, p.from, lanes);
        return;
    }
    bool right_first = mst_right_first(r, p, b->middle);
    walk(b, right_first ? kdtree_right(p) : kdtree_left(p));
    walk(b, right_first ? kdtree_left(p) : kdtree_right(p));
}

static void list(bundle *b, mst_run *r, int leaf, float *middle) {
    const kdtree *t = &r->tree;
    int64_t rows = t->n - (int64_t)leaf * LEAF, from = (int64_t)leaf * LEAF;
    b->leaf = leaf;
    b->query = mst_leaf(r, leaf);
    b->near = r->near + from * b->k;
    b->tied = 0;
    for (int c = 0; c < t->d; c++) {
        middle[c] = 0;
        for (int i = 0; i < LEAF && i < rows; i++)
            middle[c] += b->query[c * LEAF + i] / LEAF; /* break: which child comes first is free */
    }
    for (int i = 0; i < LEAF; i++) {
        b->found[i] = 0;
        b->limit[i] = i < rows ? INFINITY : -1;
    }
    scan(b, leaf, rows < LEAF ? (1u << rows) - 1 : (1u << LEAF) - 1);
    walk(b, kdtree_root(t));
    for (int i = 0; i < LEAF && i < rows; i++) {
        const double *far = b->far + i * b->k;
        r->core[from + i] = r->neighbours ? far[r->neighbours - 1] : 0;
        float reach = b->k < t->n - 1 ? (float)far[b->k - 1] : INFINITY;
        r->listed_to[from + i] = (double)reach > far[b->k - 1] && b->k < t->n - 1
                                     ? nextafterf(reach, 0) : reach;
    }
}

static void list_chunk(void *what, int64_t chunk, arena scratch) {
    mst_run *r = what;
    bundle b = {.r = r, .k = r->listed};
    b.far = take_raw(&scratch, double, LEAF * r->listed);
    float *middle = take_raw(&scratch, float, r->tree.d);
    b.middle = middle;
    int to = ((int)chunk + 1) * MST_LEAVES;
    for (int leaf = (int)chunk * MST_LEAVES; leaf < to && leaf < r->tree.leaves; leaf++)
        list(&b, r, leaf, middle);
}

void mst_lists(mst_run *r, pool *threads) { pool_for(threads, mst_chunks(r), list_chunk, r); }
