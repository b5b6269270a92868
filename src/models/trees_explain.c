/* trees_explain: what each feature of a row adds to its score (Shapley values over tree paths). */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/trees_quick.h"

/* ---- the layout ---- */

/* Points and weights of Gauss-Legendre on [0, 1] by Newton's method on the Legendre polynomial. */
static void quadrature(int n, double *t, double *weight) {
    for (int i = 0; i < n; i++) {
        double x = cos(M_PI * (i + 0.75) / (n + 0.5)), slope = 1;
        for (int step = 0; step < 100; step++) {
            double p = 1, last = 0;
            for (int k = 1; k <= n; k++) {
                const double next = ((2 * k - 1) * x * p - (k - 1) * last) / k;
                last = p;
                p = next;
            }
            slope = n * (x * p - last) / (x * x - 1);
            const double move = p / slope;
            x -= move;
            if (fabs(move) < 1e-15) break;
        }
        t[i] = (1 - x) / 2;
        weight[i] = 1 / ((1 - x * x) * slope * slope);
    }
}

/* A leaf that no row of the fit reached has a small share, not 0: factors are divided by. */
static const double no_share = 1e-100;

/* Spots of tree t: parents, shares and edges on the same feature. Returns the largest number of
 * different features on a path. */
static int make_tree(const trees *m, int32_t t, trees_spots *to, arena scratch) {
    const int64_t first = m->at[t], base = 2 * first + t;
    const int32_t nodes = (int32_t)(m->at[t + 1] - first), none = 2 * nodes + 1;
    int32_t *parent = to->parent + base, *before = to->before + base, most = 0;
    int32_t *different = take(&scratch, int32_t, none);
    double *share = to->share + base;
    parent[0] = -1;
    before[0] = none;
    share[0] = 1;
    for (int32_t i = 0; i < nodes; i++)
        for (int side = 0; side < 2; side++) {
            const int32_t child = side ? m->right[first + i] : m->left[first + i];
            const int32_t spot = child >= 0 ? child : nodes + ~child;
            const int32_t rows =
                child >= 0 ? m->node_rows[first + child] : m->leaf_rows[first + t + ~child];
            int32_t b = i;
            while (parent[b] >= 0 && m->feature[first + parent[b]] != m->feature[first + i])
                b = parent[b];
            before[spot] = parent[b] >= 0 ? b : none;
            parent[spot] = i;
            to->is_left[base + spot] = !side;
            share[spot] = rows > 0 ? (double)rows / m->node_rows[first + i] : no_share;
            if (before[spot] != none) share[spot] *= share[before[spot]];
            different[spot] = different[i] + (before[spot] == none);
            if (different[spot] > most) most = different[spot];
        }
    return most;
}

void trees_spots_make(const trees *m, trees_spots *to, arena *keep, arena scratch) {
    const int64_t n = 2 * trees_nodes(m) + m->n;
    int most = 1;
    to->parent = take(keep, int32_t, n);
    to->before = take(keep, int32_t, n);
    to->is_left = take(keep, uint8_t, n);
    to->share = take(keep, double, n);
    to->mean = take(keep, double, m->n);
    for (int32_t t = 0; t < m->n; t++) {
        const int64_t first = m->at[t], nodes = m->at[t + 1] - first;
        const int here = make_tree(m, t, to, scratch);
        if (here > most) most = here;
        if (2 * nodes + 1 > to->largest) to->largest = 2 * nodes + 1;
        const double rows = nodes > 0 ? m->node_rows[first] : 1;
        for (int64_t l = 0; l <= nodes; l++)
            to->mean[t] += (nodes > 0 ? m->leaf_rows[first + t + l] / rows : 1) *
                           m->value[first + t + l];
    }
    /* n points are exact up to degree 2 n - 1; the integrand has degree most - 1. */
    to->points = TREES_POINTS * ((most + 2 * TREES_POINTS - 1) / (2 * TREES_POINTS));
    to->t = take(keep, double, to->points);
    to->weight = take(keep, double, to->points);
    quadrature(to->points, to->t, to->weight);
}

/* ---- one row ---- */

static trees_work open_work(const trees *m, arena *keep) {
    const trees_spots *all = &m->quick->spots;
    const int64_t spots = all->largest + 1;
    return (trees_work){take(keep, uint8_t, spots),
                        take(keep, uint8_t, spots),
                        take(keep, double, spots * all->points),
                        take(keep, double, spots * all->points),
                        take(keep, double, spots * all->points),
                        take(keep, double, spots * all->points),
                        take(keep, double, (int64_t)m->cols * all->points)};
}

void trees_explain(const trees *m, const float *x, double *parts, arena scratch) {
    static void (*const table[])(const trees_tree *, const trees_spots *, const trees_work *) =
        SIMD_TABLE(trees_parts);
    const trees_spots *all = &m->quick->spots;
    const trees_work w = open_work(m, &scratch);
    memset(parts, 0, (size_t)(m->cols + 1) * sizeof *parts);
    for (int32_t t = 0; t < m->n; t++) {
        const int64_t first = m->at[t], base = 2 * first + t;
        const trees_tree tree = {(int32_t)(m->at[t + 1] - first),
                                 m->feature + first,
                                 m->value + first + t,
                                 all->parent + base,
                                 all->before + base,
                                 all->share + base,
                                 all->is_left + base};
        parts[m->cols] += all->mean[t];
        for (int32_t i = 0; i < tree.nodes; i++) w.goes_left[i] = trees_left(m, first + i, x);
        if (tree.nodes > 0) table[simd_level()](&tree, all, &w);
    }
    for (int64_t c = 0; c < m->cols; c++)
        for (int k = 0; k < all->points; k++) parts[c] += w.parts[c * all->points + k];
}
