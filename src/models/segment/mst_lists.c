/* mst_lists: the nearest rows of all rows, a leaf of 16 at a time, and their core distances. */
#include "models/segment/mst_run.h"

#include <math.h>

enum { LEAF = KDTREE_LEAF };

/* A leaf whose rows look for their nearest rows together. */
typedef struct bundle {
    const mst_run *r;
    int leaf, k, room;            /* room: from the list of one lane to the next */
    const float *query, *middle; /* [d][16]; [d] */
    int32_t *near;               /* [16, room] */
    double *far;                 /* [16, room] squared, infinity where none is yet */
    uint32_t tied;   /* lanes that met a row just as far as their last one, and left one out */
    float limit[LEAF];
} bundle;

static void offer(bundle *b, int lane, double square, int32_t slot) {
    const int32_t *row = b->r->tree.row;
    double *far = b->far + lane * b->room, last = far[b->k - 1];
    int32_t *near = b->near + lane * b->room;
    if (square >= last) {
        if (square > last) return;
        b->tied |= 1u << lane;
        if (row[slot] > row[near[b->k - 1]]) return;
        far[b->k - 1] = INFINITY; /* it gives way */
    }
    if (b->r->insert(far, near, b->k, square, slot)) {
        int at = b->k - 1;
        while (near[at] != slot) at--;
        for (; at > 0 && far[at - 1] == square && row[near[at - 1]] > row[slot]; at--) {
            near[at] = near[at - 1];
            near[at - 1] = slot;
        }
    }
    if (far[b->k - 1] == last && last < INFINITY) b->tied |= 1u << lane;
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
        if (hits[lane])
            b->limit[lane] = kdtree_limit(b->far[lane * b->room + b->k - 1], d);
    }
}

/* Takes out the tied lanes for which a node has only rows that would not be listed. */
static uint32_t untie(const bundle *b, kdtree_node p, uint32_t lanes) {
    const kdtree *t = &b->r->tree;
    for (uint32_t tied = lanes & b->tied; tied; tied &= tied - 1) {
        int lane = __builtin_ctz(tied), last = lane * b->room + b->k - 1;
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
    b->tied = 0;
    for (int c = 0; c < t->d; c++) {
        middle[c] = 0;
        for (int i = 0; i < LEAF && i < rows; i++)
            middle[c] += b->query[c * LEAF + i] / LEAF; /* break: which child comes first is free */
    }
    for (int i = 0; i < LEAF; i++) {
        b->limit[i] = i < rows ? INFINITY : -1;
    }
    for (int i = 0; i < LEAF * b->room; i++) b->far[i] = INFINITY;
    scan(b, leaf, rows < LEAF ? (1u << rows) - 1 : (1u << LEAF) - 1);
    walk(b, kdtree_root(t));
    for (int i = 0; i < LEAF && i < rows; i++) {
        const double *far = b->far + i * b->room;
        int32_t *near = r->near + (from + i) * b->k;
        for (int k = 0; k < b->k; k++) near[k] = b->near[i * b->room + k];
        r->core[from + i] = r->neighbours ? far[r->neighbours - 1] : 0;
        float reach = b->k < t->n - 1 ? (float)far[b->k - 1] : INFINITY;
        r->listed_to[from + i] = (double)reach > far[b->k - 1] && b->k < t->n - 1
                                     ? nextafterf(reach, 0) : reach;
    }
}

static void list_chunk(void *what, int64_t chunk, arena scratch) {
    mst_run *r = what;
    bundle b = {.r = r, .k = r->listed};
    b.room = KDTREE_ROOM(r->listed);
    b.far = take_raw(&scratch, double, LEAF * b.room);
    b.near = take(&scratch, int32_t, LEAF * b.room);
    float *middle = take_raw(&scratch, float, r->tree.d);
    b.middle = middle;
    int to = ((int)chunk + 1) * MST_LEAVES;
    for (int leaf = (int)chunk * MST_LEAVES; leaf < to && leaf < r->tree.leaves; leaf++)
        list(&b, r, leaf, middle);
}

void mst_lists(mst_run *r, pool *threads) { pool_for(threads, mst_chunks(r), list_chunk, r); }
