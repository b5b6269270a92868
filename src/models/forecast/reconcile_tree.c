/* reconcile_tree: forecasts of a tree made to add up, by three ways. */
#include <math.h>
#include <string.h>

#include "models/forecast/reconcile.h"

bool reconcile_tree_check(const reconcile_tree *t, err *e) {
    for (int32_t i = 0; i < t->n; i++)
        if (t->parent[i] >= i || t->parent[i] < -1)
            return refuse(e, "node %d has the parent %d: a parent must be a smaller node or -1", i,
                          t->parent[i]);
    return true;
}

void reconcile_tree_leaves(const reconcile_tree *t, double *leaves) {
    memset(leaves, 0, sizeof *leaves * (size_t)t->n);
    for (int32_t i = t->n - 1; i >= 0; i--) {
        if (leaves[i] == 0) leaves[i] = 1;
        if (t->parent[i] >= 0) leaves[t->parent[i]] += leaves[i];
    }
}

static bool *inner_nodes(const reconcile_tree *t, arena *keep) {
    bool *inner = take(keep, bool, t->n);
    for (int32_t i = 0; i < t->n; i++)
        if (t->parent[i] >= 0) inner[t->parent[i]] = true;
    return inner;
}

void reconcile_bottom_up(const reconcile_tree *t, int steps, double *f, arena scratch) {
    bool *inner = inner_nodes(t, &scratch);
    for (int32_t i = 0; i < t->n; i++)
        if (inner[i]) memset(f + (int64_t)i * steps, 0, sizeof *f * (size_t)steps);
    for (int32_t i = t->n - 1; i >= 0; i--) {
        if (t->parent[i] < 0) continue;
        const double *from = f + (int64_t)i * steps;
        double *to = f + (int64_t)t->parent[i] * steps;
        for (int k = 0; k < steps; k++) to[k] += from[k];
    }
}

void reconcile_top_down(const reconcile_tree *t, int steps, double *f, arena scratch) {
    double *sum = take(&scratch, double, (int64_t)t->n * steps); /* of the children's forecasts */
    double *children = take(&scratch, double, t->n);
    for (int32_t i = 0; i < t->n; i++) {
        int32_t up = t->parent[i];
        if (up < 0) continue;
        children[up]++;
        for (int k = 0; k < steps; k++)
            sum[(int64_t)up * steps + k] += fmax(f[(int64_t)i * steps + k], 0);
    }
    for (int32_t i = 0; i < t->n; i++) {
        int32_t up = t->parent[i];
        for (int k = 0; up >= 0 && k < steps; k++) {
            double *own = &f[(int64_t)i * steps + k], all = sum[(int64_t)up * steps + k];
            double share = all > 0 ? fmax(*own, 0) / all : 1 / children[up];
            *own = share * f[(int64_t)up * steps + k];
        }
    }
}

/* ---- least weighted change, a block of steps at a time ---- */

enum { LANES = 8 };

/* One row of LANES a node. */
typedef struct passes {
    const reconcile_tree *t;
    const bool *inner;
    const double *variance;
    double (*mean)[LANES]; /* of node i given all forecasts under it; then the result */
    double (*var)[LANES];
    double (*sum)[LANES];  /* of the children's means */
    double (*room)[LANES]; /* sum of the children's variances */
    bool (*held)[LANES];   /* leaves held at 0 */
} passes;

/* Joins each node's own forecast with the sum of its children by their precisions. */
static void upward(passes *p, const double *f, int steps, int lanes) {
    int64_t n = p->t->n;
    memset(p->sum, 0, sizeof *p->sum * (size_t)n);
    memset(p->room, 0, sizeof *p->room * (size_t)n);
    for (int64_t i = n - 1; i >= 0; i--) {
        int32_t up = p->t->parent[i];
        for (int k = 0; k < lanes; k++) {
            double own = f[i * steps + k], v = p->variance[i], all = v + p->room[i][k];
            if (!p->inner[i]) {
                p->mean[i][k] = p->held[i][k] ? 0 : own;
                p->var[i][k] = p->held[i][k] ? 0 : v;
            } else {
                p->mean[i][k] = (own * p->room[i][k] + p->sum[i][k] * v) / all;
                p->var[i][k] = v * p->room[i][k] / all;
            }
        }
        for (int k = 0; up >= 0 && k < lanes; k++) {
            p->sum[up][k] += p->mean[i][k];
            p->room[up][k] += p->var[i][k];
        }
    }
}

/* Shares what a parent has over the sum of its children among them by their variances. */
static void downward(passes *p, int lanes) {
    for (int64_t i = 0; i < p->t->n; i++) {
        int32_t up = p->t->parent[i];
        for (int k = 0; up >= 0 && k < lanes; k++)
            if (p->room[up][k] > 0)
                p->mean[i][k] +=
                    (p->mean[up][k] - p->sum[up][k]) * p->var[i][k] / p->room[up][k];
    }
}

/* Holds the leaves that came out below 0; false when there are none. */
static bool hold(passes *p, int lanes) {
    bool any = false;
    for (int64_t i = 0; i < p->t->n; i++)
        for (int k = 0; !p->inner[i] && k < lanes; k++)
            if (p->mean[i][k] < 0) p->held[i][k] = any = true;
    return any;
}

void reconcile_tree_solve(const reconcile_tree *t, const double *variance, int steps,
                          bool non_negative, double *f, arena scratch) {
    passes p = {t, inner_nodes(t, &scratch), variance, 0, 0, 0, 0, 0};
    size_t rows = (size_t)t->n;
    p.mean = arena_take(&scratch, sizeof *p.mean, rows);
    p.var = arena_take(&scratch, sizeof *p.var, rows);
    p.sum = arena_take(&scratch, sizeof *p.sum, rows);
    p.room = arena_take(&scratch, sizeof *p.room, rows);
    p.held = arena_take(&scratch, sizeof *p.held, rows);
    for (int from = 0; from < steps; from += LANES) {
        int lanes = steps - from < LANES ? steps - from : LANES;
        memset(p.held, 0, sizeof *p.held * rows);
        do {
            upward(&p, f + from, steps, lanes);
            downward(&p, lanes);
        } while (non_negative && hold(&p, lanes));
        for (int64_t i = 0; i < t->n; i++)
            memcpy(f + i * steps + from, p.mean[i], sizeof(double) * (size_t)lanes);
    }
}
