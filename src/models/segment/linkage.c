/* linkage: the single-linkage tree of n rows, from the edges of a minimum spanning tree. */
#include "models/segment/linkage.h"

#include <assert.h>

/* Components of rows while edges are added. */
typedef struct forest {
    int32_t *up;   /* [n] towards the representative */
    int32_t *rows; /* [n] of a representative's component */
    int32_t *node; /* [n] of the tree that stands for a representative's component */
} forest;

static int32_t find(int32_t *up, int32_t row) {
    while (up[row] != row) {
        up[row] = up[up[row]];
        row = up[row];
    }
    return row;
}

static void join(linkage_model *m, forest *f, const mst_edge *edge) {
    for (int64_t i = 0; i < m->n - 1; i++) {
        int32_t a = find(f->up, edge[i].a), b = find(f->up, edge[i].b);
        assert(a != b);
        m->left[i] = f->node[a];
        m->right[i] = f->node[b];
        m->distance[i] = edge[i].weight;
        m->size[i] = f->rows[a] + f->rows[b];
        int32_t over = f->rows[a] < f->rows[b] ? b : a, under = over == a ? b : a;
        f->up[under] = over;
        f->rows[over] = m->size[i];
        f->node[over] = (int32_t)(m->n + i);
    }
}

/* A node's rows begin at `first`: its left child's, then its right child's. */
static void place(linkage_model *m, int32_t node, int32_t first) {
    if (node < m->n)
        m->order[first] = node;
    else
        m->first[node - m->n] = first;
}

static void tour(linkage_model *m) {
    place(m, (int32_t)(2 * m->n - 2), 0);
    for (int64_t i = m->n - 2; i >= 0; i--) {
        place(m, m->left[i], m->first[i]);
        place(m, m->right[i], m->first[i] + linkage_size(m, m->left[i]));
    }
}

linkage_model linkage_fit(const mst_edge *edge, int64_t n, arena *keep, arena scratch) {
    assert(n >= 1 && n <= INT32_MAX / 2);
    int64_t joins = n - 1; /* break: room for more is no harm */
    linkage_model m = {
        .n = n,
        .left = take_raw(keep, int32_t, joins),
        .right = take_raw(keep, int32_t, joins),
        .distance = take_raw(keep, double, joins),
        .size = take_raw(keep, int32_t, joins),
        .first = take_raw(keep, int32_t, joins),
        .order = take_raw(keep, int32_t, n),
    };
    forest f = {take_raw(&scratch, int32_t, n), take_raw(&scratch, int32_t, n),
                take_raw(&scratch, int32_t, n)};
    for (int32_t i = 0; i < n; i++) {
        f.up[i] = f.node[i] = i;
        f.rows[i] = 1;
    }
    join(&m, &f, edge);
    tour(&m);
    return m;
}
