/* condense: the single-linkage tree reduced to clusters of a minimum size, with their stability. */
#include "models/segment/condense.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* fmax for numbers that are none of them NaN: one instruction. */
static inline double larger(double a, double b) { return a > b ? a : b; }

static double lambda_of(double distance) { return distance > 0 ? 1 / distance : INFINITY; }

static void born(condense_model *c, int32_t parent, double distance, int32_t size) {
    int32_t k = c->clusters++;
    c->parent[k] = parent;
    c->distance[k] = distance;
    c->birth[k] = 1 / distance; /* 1 / ∞ = 0 for the root */
    c->size[k] = size;
}

/* The rows below a node leave their cluster. */
static void leave(condense_model *c, const linkage_model *m, int32_t node, int32_t cluster,
                  double lambda) {
    int32_t alone = node;
    const int32_t *row = node < m->n ? &alone : m->order + m->first[node - m->n];
    for (int32_t i = 0, size = linkage_size(m, node); i < size; i++) {
        c->row_cluster[row[i]] = cluster;
        c->row_lambda[row[i]] = lambda;
    }
}

/* What leaves clusters, counted: stability, most, deepest, leaf. */
static void measure(condense_model *c) {
    double densest = 0;
    for (int64_t i = 0; i < c->n; i++)
        if (isfinite(c->row_lambda[i])) densest = larger(densest, c->row_lambda[i]);
    for (int32_t k = 0; k < c->clusters; k++) {
        densest = larger(densest, c->birth[k]);
        c->stability[k] = c->most[k] = 0;
        c->leaf[k] = true;
    }
    for (int64_t i = 0; i < c->n; i++) {
        int32_t k = c->row_cluster[i];
        double lambda = c->row_lambda[i];
        if (isfinite(lambda))
            c->most[k] = larger(c->most[k], lambda);
        else
            lambda = densest;
        c->stability[k] += lambda - c->birth[k];
    }
    for (int32_t k = 1; k < c->clusters; k++) {
        int32_t p = c->parent[k];
        c->stability[p] += (c->birth[k] - c->birth[p]) * c->size[k];
        c->most[p] = larger(c->most[p], c->birth[k]);
        c->leaf[p] = false;
    }
    memcpy(c->deepest, c->most, (size_t)c->clusters * sizeof *c->most);
    for (int32_t k = c->clusters - 1; k > 0; k--)
        c->deepest[c->parent[k]] = larger(c->deepest[c->parent[k]], c->deepest[k]);
}

/* The walk from the root; cluster [n-1] of each merge, -1: its rows have left. */
static void walk(condense_model *c, const linkage_model *m, int64_t least, int32_t *cluster) {
    int32_t n = (int32_t)m->n;
    for (int32_t i = 0; i < n - 1; i++) cluster[i] = -1; /* break: one more is no harm */
    cluster[n - 2] = 0;
    for (int32_t i = n - 2; i >= 0; i--) {
        int32_t k = cluster[i], child[2] = {m->left[i], m->right[i]};
        double lambda = lambda_of(m->distance[i]);
        bool big[2];
        if (k < 0) continue;
        for (int s = 0; s < 2; s++)
            big[s] = m->distance[i] > 0 && linkage_size(m, child[s]) >= least;
        for (int s = 0; s < 2; s++) {
            if (big[0] && big[1]) born(c, k, m->distance[i], linkage_size(m, child[s]));
            if (big[s])
                cluster[child[s] - n] = big[!s] ? c->clusters - 1 : k;
            else
                leave(c, m, child[s], k, lambda);
        }
    }
}

condense_model condense_fit(const linkage_model *m, int64_t least, arena *keep, arena scratch) {
    assert(least >= 2);
    int64_t n = m->n, most = 2 * (n / least) + 1; /* n / least leaves at most */
    condense_model c = {
        .n = n,
        .parent = take_raw(keep, int32_t, most),
        .birth = take_raw(keep, double, most),
        .distance = take_raw(keep, double, most),
        .size = take_raw(keep, int32_t, most),
        .stability = take_raw(keep, double, most),
        .most = take_raw(keep, double, most),
        .deepest = take_raw(keep, double, most),
        .leaf = take_raw(keep, bool, most),
        .row_cluster = take_raw(keep, int32_t, n),
        .row_lambda = take_raw(keep, double, n),
    };
    born(&c, -1, INFINITY, (int32_t)n);
    if (n == 1) {
        c.row_cluster[0] = 0;
        c.row_lambda[0] = 0;
    } else
        walk(&c, m, least, take_raw(&scratch, int32_t, n - 1)); /* break: more is no harm */
    measure(&c);
    return c;
}

/* ---- low persistence ---- */

typedef struct merge_plan {
    int32_t *into; /* [clusters] the cluster that it becomes part of; itself: it stays */
    double *fall;  /* [clusters] its rows leave at this λ at the latest */
} merge_plan;

/* Twins k and k + 1 from the last born to the first; highest [clusters] λ below each. */
static void plan(condense_model *c, double persistence, double *highest, merge_plan *to) {
    for (int32_t k = c->clusters - 2; k > 0; k -= 2) { /* break: past the end there are no twins */
        int32_t p = c->parent[k], low = highest[k] <= highest[k + 1] ? k : k + 1;
        int32_t high = low == k ? k + 1 : k;
        highest[p] = larger(highest[p], highest[high]);
        if (highest[low] - c->birth[k] >= persistence) continue;
        if (c->leaf[high])
            c->leaf[p] = true;
        else
            to->fall[low] = c->birth[k];
        to->into[k] = to->into[k + 1] = p;
    }
}

/* Chains of parents to their ends; *name [clusters] becomes the new number of those that stay. */
static void follow(condense_model *c, merge_plan *to, int32_t *name) {
    int32_t next = 0;
    for (int32_t k = 0; k < c->clusters; k++) {
        int32_t p = c->parent[k];
        if (to->into[k] == k) {
            name[k] = next++;
            continue;
        }
        to->fall[k] = fmin(to->fall[k], to->fall[p]);
        to->into[k] = to->into[p];
    }
}

void condense_simplify(condense_model *c, double persistence, arena scratch) {
    int32_t n = c->clusters, *name = take(&scratch, int32_t, n);
    merge_plan to = {take(&scratch, int32_t, n), take(&scratch, double, n)};
    double *highest = take_copy(&scratch, double, c->most, n);
    for (int32_t k = 0; k < n; k++) {
        to.into[k] = k;
        to.fall[k] = INFINITY;
    }
    for (int64_t i = 0; i < c->n; i++) /* rows that never leave make a cluster last for ever */
        if (isinf(c->row_lambda[i])) highest[c->row_cluster[i]] = INFINITY;
    plan(c, persistence, highest, &to);
    follow(c, &to, name);
    for (int64_t i = 0; i < c->n; i++) {
        int32_t k = c->row_cluster[i];
        c->row_lambda[i] = fmin(c->row_lambda[i], to.fall[k]);
        c->row_cluster[i] = name[to.into[k]];
    }
    c->clusters = 0;
    for (int32_t k = 0; k < n; k++) {
        if (to.into[k] != k) continue;
        int32_t p = c->parent[k] < 0 ? -1 : name[to.into[c->parent[k]]];
        born(c, p, c->distance[k], c->size[k]);
    }
    measure(c);
}
