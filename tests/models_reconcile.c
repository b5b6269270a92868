/* models_reconcile: forecasts that add up, against dense algebra and against each other. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/forecast/reconcile.h"

/* Seven nodes: total, two groups, two leaves each. */
static const int32_t seven_parents[] = {-1, 0, 0, 1, 1, 2, 2};
static const reconcile_tree seven = {7, seven_parents};

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 64 << 20, &e), &e);
}

CHECK(reconcile_bottom_up_sums_the_leaves) {
    scope s;
    open(&s);
    double f[14] = {0, 0, 0, 0, 0, 0, 1, 10, 2, 20, 3, 30, 4, 40}, leaves[7];
    reconcile_bottom_up(&seven, 2, f, s.scratch);
    check(f[0] == 10 && f[1] == 100 && f[2] == 3 && f[3] == 30 && f[4] == 7 && f[12] == 4);
    reconcile_tree_leaves(&seven, leaves);
    check(leaves[0] == 4 && leaves[1] == 2 && leaves[2] == 2 && leaves[6] == 1);
    scope_close(&s);
}

/* 100 is shared 3 : 1; the 75 of the first group 1 : 4, the 25 of the second, whose children
 * forecast nothing or less, equally. */
CHECK(reconcile_top_down_shares_by_the_childrens_forecasts) {
    scope s;
    open(&s);
    double f[7] = {100, 60, 20, 5, 20, 0, -3};
    reconcile_top_down(&seven, 1, f, s.scratch);
    static const double want[] = {100, 75, 25, 15, 60, 12.5, 12.5};
    for (int i = 0; i < 7; i++) check_near(f[i], want[i], 1e-12); /* 1e-12: rounding */
    scope_close(&s);
}

CHECK(reconcile_a_parent_must_come_before_its_children) {
    err e = {0};
    static const int32_t loop[] = {-1, 2, 1};
    check(!reconcile_tree_check(&(reconcile_tree){3, loop}, &e));
    check_has(slice_of(e.text), "node 1 has the parent 2");
    check_ok(reconcile_tree_check(&seven, &(err){0}), &e);
}

/* tests/oracles/reconcile.py: dense generalised least squares. */
CHECK(reconcile_a_tree_equals_dense_algebra) {
    scope s;
    open(&s);
    double f[7] = {100, 70, 20, 25, 50, 12, 9};
    static const double v[] = {9, 4, 5, 1, 2, 3, 1};
    static const double want[] = {95.41717791411043, 73.73006134969324, 21.68711656441718,
                                  24.57668711656442, 49.15337423312883, 12.515337423312886,
                                  9.171779141104293};
    reconcile_tree_solve(&seven, v, 1, false, f, s.scratch);
    for (int i = 0; i < 7; i++) check_near(f[i], want[i], 1e-10); /* 1e-10: another route */
    scope_close(&s);
}

/* The groups of the oracle: total, {0,1}, {2,3}, {0,2}, four leaves; forecasts of two steps. */
static const int64_t group_at[] = {0, 4, 6, 8, 10};
static const int32_t group_leaf[] = {0, 1, 2, 3, 0, 1, 2, 3, 0, 2};
static const reconcile_groups crossed = {4, 4, group_at, group_leaf};
static const double crossed_base[16] = {100, 90, 70, 20, 20, 60, 30,  5,
                                        25,  4,  50, 10, 12, -30, 9, 70};

CHECK(reconcile_groups_that_cross_equal_dense_algebra) {
    scope s;
    open(&s);
    double f[16];
    static const double want[] = {94,   78.8,  73, 22.9,  21, 55.9,   34, -7.4,
                                  23, 11.55, 50, 11.35, 11, -18.95, 10, 74.85};
    memcpy(f, crossed_base, sizeof f);
    reconcile_errors w = {reconcile_groups_leaves(&crossed, &s.keep), 0, NULL, 1};
    check(w.variance[0] == 4 && w.variance[3] == 2 && w.variance[7] == 1);
    int taken = reconcile_groups_solve(&crossed, &w, 2, false, f, s.scratch);
    check(taken >= 2 && taken <= 8); /* two steps, at most as many rounds as aggregates */
    for (int i = 0; i < 16; i++) check_near(f[i], want[i], 1e-9); /* 1e-9: iterative */
    scope_close(&s);
}

/* The oracle's residuals: node 0 errs together with the leaves 0 and 1. */
static double *congruent_residuals(arena *keep) {
    double *r = take(keep, double, 12 * 8);
    uint32_t state = 1;
    for (int t = 0; t < 12; t++) {
        for (int i = 0; i < 8; i++) {
            state = (state * 1103515245u + 12345u) & 0x7fffffffu;
            r[t * 8 + i] = (state / 2147483648.0 - 0.5) * (i + 1);
        }
        r[t * 8] += r[t * 8 + 4] + r[t * 8 + 5];
    }
    return r;
}

CHECK(reconcile_with_shrunk_covariance_equals_dense_algebra) {
    scope s;
    open(&s);
    double f[16];
    static const double want[] = {
        93.7654676494269,   83.74075690196374,  70.9776012797697,   20.48886105674864,
        22.7878663696572,   63.251895845215095, 32.02366773315458,  1.5043311305354887,
        22.64570884247369,  9.85066398196172,   48.331892437296005, 10.638197074786921,
        9.377958890680892,  -8.346332851426231, 13.409907478976306, 71.59822869664133};
    memcpy(f, crossed_base, sizeof f);
    reconcile_errors w = reconcile_shrunk(congruent_residuals(&s.keep), 12, 8, &s.keep);
    check_near(w.shrink, 0.6835071978684979, 1e-12); /* 1e-12: rounding */
    reconcile_groups_solve(&crossed, &w, 2, false, f, s.scratch);
    for (int i = 0; i < 16; i++) check_near(f[i], want[i], 1e-9); /* 1e-9: iterative */
    scope_close(&s);
}

static void check_adds_up(const reconcile_tree *t, const double *f, int steps, scope *s) {
    double *sum = take(&s->keep, double, (int64_t)t->n * steps);
    bool *inner = take(&s->keep, bool, t->n);
    for (int32_t i = t->n - 1; i > 0; i--) {
        inner[t->parent[i]] = true;
        for (int k = 0; k < steps; k++) sum[t->parent[i] * steps + k] += f[i * steps + k];
    }
    for (int32_t i = 0; i < t->n * steps; i++)
        if (inner[i / steps]) check_near(f[i], sum[i], 1e-7); /* 1e-7: rounding of sums of 1e4 */
}

enum { MANY = 400, STEPS = 19 };

/* A random tree of MANY nodes: parents among the first third, so that the others are leaves. */
static double *random_tree(int32_t *parent, double *variance, arena *keep) {
    rng r = rng_open(7, 1);
    double *f = take(keep, double, MANY *STEPS);
    for (int32_t i = 0; i < MANY; i++) {
        int32_t upper = i < MANY / 3 ? i : MANY / 3;
        parent[i] = i ? (int32_t)(rng_uniform(&r) * upper) : -1;
        variance[i] = 0.1 + 5 * rng_uniform(&r);
        for (int k = 0; k < STEPS; k++) f[i * STEPS + k] = 100 * rng_uniform(&r) - 20;
    }
    return f;
}

/* The tree said as groups: each inner node sums the leaves under it. Leaves keep their order. */
static reconcile_groups as_groups(const reconcile_tree *t, int32_t *node_of, arena *keep) {
    bool *inner = take(keep, bool, t->n);
    for (int32_t i = 1; i < t->n; i++) inner[t->parent[i]] = true;
    reconcile_groups g = {0};
    int64_t *at = take(keep, int64_t, t->n + 1), n = 0;
    int32_t *leaf = take(keep, int32_t, t->n * t->n);
    for (int32_t a = 0; a < t->n; a++) {
        if (!inner[a]) continue;
        node_of[g.aggregates++] = a;
        int32_t l = 0;
        for (int32_t i = 0; i < t->n; i++) {
            if (inner[i]) continue;
            for (int32_t up = i; up >= 0; up = t->parent[up])
                if (up == a) leaf[n++] = l;
            l++;
        }
        at[g.aggregates] = n;
    }
    for (int32_t i = 0; i < t->n; i++)
        if (!inner[i]) node_of[g.aggregates + g.leaves++] = i;
    g.at = at;
    g.leaf = leaf;
    return g;
}

/* Two routes to one answer, the second iterative; with negative leaves both hold the same ones. */
static void check_tree_equals_groups(bool non_negative) {
    scope s;
    open(&s);
    int32_t parent[MANY], node[MANY];
    double variance[MANY], *by_node = take(&s.keep, double, MANY);
    double *f = random_tree(parent, variance, &s.keep);
    reconcile_tree t = {MANY, parent};
    reconcile_groups g = as_groups(&t, node, &s.keep);
    double *x = take(&s.keep, double, MANY *STEPS);
    for (int i = 0; i < MANY; i++) {
        by_node[i] = variance[node[i]];
        memcpy(x + i * STEPS, f + node[i] * STEPS, STEPS * sizeof *x);
    }
    reconcile_tree_solve(&t, variance, STEPS, non_negative, f, s.scratch);
    check_adds_up(&t, f, STEPS, &s);
    reconcile_groups_solve(&g, &(reconcile_errors){by_node, 0, NULL, 1}, STEPS, non_negative, x,
                           s.scratch);
    int below = 0;
    for (int i = 0; i < MANY; i++)
        for (int k = 0; k < STEPS; k++) {
            check_near(x[i * STEPS + k], f[node[i] * STEPS + k], 1e-6); /* 1e-6: iterative */
            below += x[i * STEPS + k] < 0;
        }
    check(non_negative ? below == 0 : below > 100);
    scope_close(&s);
}

CHECK(reconcile_tree_and_groups_agree) { check_tree_equals_groups(false); }
CHECK(reconcile_tree_and_groups_agree_on_what_is_held_at_nothing) {
    check_tree_equals_groups(true);
}

/* What already adds up is not changed, whatever the weights; no step touches another. */
CHECK(reconcile_leaves_what_adds_up) {
    scope s;
    open(&s);
    int32_t parent[MANY];
    double variance[MANY], *f = random_tree(parent, variance, &s.keep);
    reconcile_tree t = {MANY, parent};
    reconcile_bottom_up(&t, STEPS, f, s.scratch);
    double *before = take_copy(&s.keep, double, f, MANY *STEPS);
    reconcile_tree_solve(&t, variance, STEPS, false, f, s.scratch);
    for (int i = 0; i < MANY * STEPS; i++) check_near(f[i], before[i], 1e-8); /* 1e-8: rounding */
    scope_close(&s);
}
