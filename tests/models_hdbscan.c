/* hdbscan: linkage, condensed tree, choice, strengths and validity against hand-worked trees and
 * the numbers of the package hdbscan (tests/oracles/hdbscan.py). */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/dbcv.h"
#include "models/segment/hdbscan.h"
#include "models/segment/validity.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    return s;
}

static pool *open_pool(int threads) {
    err e = {0};
    pool *p = pool_open(threads, 4 << 20, &e);
    check(p != NULL);
    return p;
}

/* ---- one line, by hand ---- */

/* Gaps 1 1 4 1 2 16 1 of rows 0 … 7 on a line, Euclidean (neighbours 0). */
static const float line[] = {0, 1, 2, 6, 7, 9, 25, 26};

static hdbscan_tree grow(scope *s, const float *x, int64_t n, int d, int neighbours) {
    hdbscan_tree t;
    err e = {0};
    pool *threads = open_pool(1);
    hdbscan_data data = {x, n, d};
    check_ok(hdbscan_grow(&t, &data, neighbours, threads, &s->keep, s->scratch, &e), &e);
    pool_close(threads);
    return t;
}

CHECK(linkage_of_a_line_by_hand) {
    scope s = open_scope();
    hdbscan_tree t = grow(&s, line, 8, 1, 0);
    const linkage_model *m = &t.linkage;
    const double distance[] = {1, 1, 1, 1, 2, 4, 16};
    const int32_t size[] = {2, 3, 2, 2, 3, 6, 8};
    for (int i = 0; i < 7; i++) {
        check_near(m->distance[i], distance[i], 0);
        check(m->size[i] == size[i]);
        bool below[8] = {0}; /* a node's rows are one range of the tour, left then right */
        for (int j = 0; j < size[i]; j++) below[m->order[m->first[i] + j]] = true;
        int32_t l = linkage_size(m, m->left[i]);
        int32_t left = m->left[i] < 8 ? m->left[i] : m->order[m->first[m->left[i] - 8]];
        int32_t right = m->right[i] < 8 ? m->right[i] : m->order[m->first[m->right[i] - 8]];
        check(m->order[m->first[i]] == left && m->order[m->first[i] + l] == right);
        int count = 0;
        for (int j = 0; j < 8; j++) count += below[j];
        check(count == size[i]);
    }
    check(m->left[6] == 8 + 5); /* the side of the edge's smaller row: the six */
    scope_close(&s);
}

/* Two rows at least: {6 7} part from the six others at 16, {0 1 2} from {3 4 5} at 4. Row 5 leaves
 * {3 4 5} at 2, all others leave at 1. */
CHECK(condense_of_a_line_by_hand) {
    scope s = open_scope();
    hdbscan_tree t = grow(&s, line, 8, 1, 0);
    condense_model c = condense_fit(&t.linkage, 2, &s.keep, s.scratch);
    check(c.clusters == 5);
    int32_t pair = c.row_cluster[6], three = c.row_cluster[0], other = c.row_cluster[3];
    check(pair == c.row_cluster[7] && three == c.row_cluster[2] && other == c.row_cluster[5]);
    int32_t six = c.parent[three];
    check(c.parent[other] == six && c.parent[pair] == 0 && c.parent[six] == 0);
    check_near(c.birth[pair], 1 / 16.0, 0);
    check_near(c.birth[three], 1 / 4.0, 0);
    check_near(c.distance[six], 16, 0);
    check(c.size[six] == 6 && c.size[0] == 8);
    check_near(c.row_lambda[5], 1 / 2.0, 0);
    check_near(c.row_lambda[3], 1, 0);
    check_near(c.stability[0], 8 / 16.0, 1e-15);
    check_near(c.stability[six], 6 * (1 / 4.0 - 1 / 16.0), 1e-15);
    check_near(c.stability[three], 3 * (1 - 1 / 4.0), 1e-15);
    check_near(c.stability[other], 2 * (1 - 1 / 4.0) + (1 / 2.0 - 1 / 4.0), 1e-15);
    check_near(c.stability[pair], 2 * (1 - 1 / 16.0), 1e-15);
    check_near(c.most[six], 1 / 4.0, 0);
    check_near(c.deepest[six], 1, 0);
    check(c.leaf[three] && c.leaf[pair] && !c.leaf[six] && !c.leaf[0]);
    c = condense_fit(&t.linkage, 3, &s.keep, s.scratch);
    check(c.clusters == 3); /* the pair falls out of the root, which goes on as the six */
    check_near(c.row_lambda[7], 1 / 16.0, 0);
    check(c.row_cluster[7] == 0 && c.parent[1] == 0 && c.parent[2] == 0);
    check_near(c.stability[0], 2 / 16.0 + 6 / 4.0, 1e-15);
    c = condense_fit(&t.linkage, 9, &s.keep, s.scratch);
    check(c.clusters == 1 && c.leaf[0]);
    scope_close(&s);
}

/* Parted at 4 the twins last until λ = 1, 3/4 above their birth; the pair until 1, 15/16 above. */
CHECK(condense_undoes_births_of_low_persistence) {
    scope s = open_scope();
    hdbscan_tree t = grow(&s, line, 8, 1, 0);
    condense_model c = condense_fit(&t.linkage, 2, &s.keep, s.scratch);
    condense_simplify(&c, 0.75, s.scratch);
    check(c.clusters == 5);
    condense_simplify(&c, 0.76, s.scratch);
    check(c.clusters == 3);
    check(c.row_cluster[0] == c.row_cluster[5] && c.row_cluster[6] != c.row_cluster[0]);
    check_near(c.row_lambda[0], 1, 0); /* both were leaves: rows as they were */
    check_near(c.row_lambda[5], 1 / 2.0, 0);
    check(c.leaf[c.row_cluster[0]]);
    check_near(c.stability[c.row_cluster[0]], 5 + 1 / 2.0 - 6 / 16.0, 1e-15);
    condense_simplify(&c, 1, s.scratch);
    check(c.clusters == 1 && c.leaf[0]);
    float turned[8]; /* the six are the second twin */
    for (int i = 0; i < 8; i++) turned[i] = 26 - line[7 - i];
    t = grow(&s, turned, 8, 1, 0);
    c = condense_fit(&t.linkage, 2, &s.keep, s.scratch);
    condense_simplify(&c, 0.76, s.scratch);
    check(c.clusters == 3 && c.row_lambda[7] == 1 && c.row_lambda[2] == 1 / 2.0);
    /* the pair lasts less than the six, who part again later: it falls at its birth */
    static const float other[] = {0, 1, 2, 6, 7, 8, 25, 40};
    for (int mirrored = 0; mirrored < 2; mirrored++) { /* either twin may be the one of the two */
        float x[8];
        for (int i = 0; i < 8; i++) x[i] = mirrored ? 40 - other[7 - i] : other[i];
        int pair = mirrored ? 0 : 7, six = mirrored ? 7 : 0;
        t = grow(&s, x, 8, 1, 0);
        c = condense_fit(&t.linkage, 2, &s.keep, s.scratch);
        check(c.clusters == 5);
        check_near(c.row_lambda[pair], 1 / 15.0, 0);
        condense_simplify(&c, 0.1, s.scratch);
        check(c.clusters == 3 && c.row_cluster[pair] == 0 && c.row_cluster[six] > 0);
        check_near(c.row_lambda[pair], 1 / 17.0, 0);
        check(c.size[1] == 3 && c.size[2] == 3 && c.parent[1] == 0);
    }
    scope_close(&s);
}

/* ---- twelve tables of the package ---- */

enum { TABLES = 12, FRESH = 12, MOST = 200, D = 6 };

typedef struct wanted {
    uint64_t seed;
    int64_t n;
    hdbscan_params p;
    int d;
    double epsilon, validity[3], dbcv[3];
    int32_t label[3][MOST], fresh_label[FRESH];
    double strength[3][MOST], outlier[MOST], soft[MOST], fresh_strength[FRESH];
    float x[(MOST + FRESH) * D];
} wanted;

static void draw_table(wanted *w, int t) {
    int groups = 3 + t % 4, d = w->d;
    for (int64_t i = 0; i < w->n + FRESH; i++) {
        int kind = (int)(i % (groups + 1));
        rng r = rng_open(w->seed, (uint64_t)i), at = rng_open(w->seed, 1000000 + (uint64_t)kind);
        for (int j = 0; j < d; j++) {
            double u[4], wide = (0.5 + 0.25 * kind) * (1 + 0.125 * d);
            double centre = 8 * rng_uniform(&at);
            for (int k = 0; k < 4; k++) u[k] = rng_uniform(&r);
            double bell = u[0] + u[1] + u[2] + u[3] - 2;
            w->x[i * d + j] = (float)(kind < groups ? centre + bell * wide : 8 * u[0]);
        }
    }
}

/* Tables in turn; false after the last. */
static bool read_table(FILE *in, wanted *w, int t) {
    long long n, least;
    unsigned long long seed;
    int got = fscanf(in, "table %llu %lld %d %lld %d %lf", &seed, &n, &w->d, &least,
                     &w->p.neighbours, &w->epsilon);
    if (got == EOF) return false;
    check(got == 6 && n <= MOST && w->d <= D);
    w->seed = seed;
    w->n = n;
    for (int i = 0; i < 3; i++)
        check(fscanf(in, "%lf %lf", &w->validity[i], &w->dbcv[i]) == 2);
    for (int64_t i = 0; i < n; i++) {
        for (int k = 0; k < 3; k++)
            check(fscanf(in, "%d %lf", &w->label[k][i], &w->strength[k][i]) == 2);
        check(fscanf(in, "%lf %lf", &w->outlier[i], &w->soft[i]) == 2);
    }
    for (int i = 0; i < FRESH; i++)
        check(fscanf(in, "%d %lf ", &w->fresh_label[i], &w->fresh_strength[i]) == 2);
    w->p = (hdbscan_params){least, w->p.neighbours, HDBSCAN_EOM, 0, (double)INFINITY, 0, 0, false};
    draw_table(w, t);
    return true;
}

/* The params of EOM, leaf and epsilon. */
static hdbscan_params way(const wanted *w, int i) {
    hdbscan_params p = w->p;
    if (i == 1) p.select = HDBSCAN_LEAF;
    if (i == 2) p.epsilon = w->epsilon;
    return p;
}

static double agreement(const int32_t *a, const int32_t *b, int64_t n, arena scratch) {
    int32_t *x = take(&scratch, int32_t, n), *y = take(&scratch, int32_t, n), most = 0;
    for (int64_t i = 0; i < n; i++) {
        x[i] = a[i] + 1;
        y[i] = b[i] + 1;
        most = x[i] > most ? x[i] : most;
        most = y[i] > most ? y[i] : most;
    }
    return validity_ari(x, most + 1, y, most + 1, n, scratch);
}

/* Labels of the package for labels of ours, from rows of the fit. */
static int32_t theirs_of(const hdbscan_model *m, const wanted *w, int32_t ours) {
    for (int64_t i = 0; i < w->n; i++)
        if (m->label[i] == ours) return w->label[0][i];
    return -1;
}

/* Reckoned as the package does, rows that were not there get its labels and strengths. */
static void hold_fresh(const wanted *w, const hdbscan_tree *t, const hdbscan_model *m,
                       pool *threads, scope *s) {
    hdbscan_data data = {w->x, w->n, w->d}, fresh = {w->x + w->n * w->d, FRESH, w->d};
    hdbscan_stock stock = hdbscan_stock_of(t, &data, true, threads, &s->keep, s->scratch);
    int32_t label[FRESH];
    double strength[FRESH];
    hdbscan_predict(m, &stock, &fresh, threads, label, strength, s->scratch);
    for (int i = 0; i < FRESH; i++) {
        check(theirs_of(m, w, label[i]) == w->fresh_label[i]);
        check_near(strength[i], w->fresh_strength[i], 1e-6);
    }
}

/* 1e-6: the file has 7 digits; the package reckons in double from the same float rows. */
static void hold_table(const wanted *w, const hdbscan_tree *t, pool *threads, scope *s) {
    hdbscan_data data = {w->x, w->n, w->d};
    for (int k = 0; k < 3; k++) {
        hdbscan_model m = hdbscan_cut(t, way(w, k), &s->keep, s->scratch);
        check_near(agreement(m.label, w->label[k], w->n, s->scratch), 1, 0);
        for (int64_t i = 0; i < w->n; i++) {
            check((m.label[i] < 0) == (w->label[k][i] < 0));
            check_near(m.strength[i], w->strength[k][i], 1e-6);
            check_near(m.outlier[i], w->outlier[i], 1e-6);
        }
        check_near(m.validity, w->validity[k], 1e-6);
        if (m.k < 2) continue;
        dbcv_data rows = {w->x, w->n, w->d, m.label, m.k};
        dbcv_result v = dbcv_score(&rows, DBCV_DEFAULTS, threads, NULL, s->scratch);
        check_near(v.value, w->dbcv[k], 1e-6);
        check(!v.sampled);
        if (k > 0) continue;
        double *soft = take(&s->keep, double, w->n * m.k);
        hdbscan_soft(&m, &data, threads, soft, s->scratch);
        for (int64_t i = 0; i < w->n; i++)
            if (m.label[i] >= 0) check_near(soft[i * m.k + m.label[i]], w->soft[i], 1e-6);
        hold_fresh(w, t, &m, threads, s);
    }
}

CHECK(hdbscan_equals_the_package_on_twelve_tables) {
    scope s = open_scope();
    pool *threads = open_pool(2);
    wanted *w = take(&s.keep, wanted, 1);
    FILE *in = fopen("tests/oracles/hdbscan.tsv", "rb");
    check(in != NULL);
    int tables = 0;
    while (read_table(in, w, tables)) {
        arena keep = s.keep;
        hdbscan_tree t = grow(&s, w->x, w->n, w->d, w->p.neighbours);
        hold_table(w, &t, threads, &s);
        s.keep = keep;
        tables++;
    }
    check(tables == TABLES);
    fclose(in);
    pool_close(threads);
    scope_close(&s);
}

/* ---- choice and strengths of the line, by hand ---- */

static hdbscan_model cut(const hdbscan_tree *t, hdbscan_params p, scope *s) {
    check(!hdbscan_check(p));
    return hdbscan_cut(t, p, &s->keep, s->scratch);
}

CHECK(hdbscan_choice_by_hand) {
    scope s = open_scope();
    hdbscan_tree t = grow(&s, line, 8, 1, 0);
    hdbscan_params p = HDBSCAN_DEFAULTS;
    p.min_cluster_size = 2;
    hdbscan_model m = cut(&t, p, &s); /* 9/4 + 7/4 of the twins beat 9/8 of the six */
    check(m.k == 3 && m.noise == 0);
    check(m.label[0] == m.label[2] && m.label[3] == m.label[5] && m.label[6] == m.label[7]);
    check(m.label[0] != m.label[3] && m.label[0] != m.label[6]);
    check_near(m.strength[5], 0.5, 0);
    check_near(m.strength[3], 1, 0);
    check_near(m.outlier[5], 0.5, 0);
    check_near(m.outlier[0], 0, 0);
    check_near(m.validity, 3 / 8.0 * 3 / 4 + 3 / 8.0 / 2 + 2 / 8.0 * 15 / 16, 1e-15);
    check_near(m.persistence[m.label[5]], 1.75 / 3, 1e-15);
    check(m.by_size[m.label[6]] == 2 && m.size[m.label[6]] == 2);
    p.max_cluster_size = 2;
    m = cut(&t, p, &s);
    check(m.k == 1 && m.noise == 6 && m.label[6] == 0);
    p = HDBSCAN_DEFAULTS;
    p.min_cluster_size = 2;
    p.epsilon_most = 10;
    m = cut(&t, p, &s);
    check(m.k == 2 && m.label[7] == -1 && m.label[0] != m.label[3]);
    p.epsilon_most = INFINITY;
    p.epsilon = 5; /* the twins were born at 4, the six at 16 */
    m = cut(&t, p, &s);
    check(m.k == 2 && m.noise == 0 && m.label[0] == m.label[5] && m.label[0] != m.label[7]);
    p.epsilon = 20; /* nothing below the root is above 20: its children stay */
    m = cut(&t, p, &s);
    check(m.k == 2 && m.label[0] == m.label[5]);
    p.single_cluster = true;
    m = cut(&t, p, &s);
    check(m.k == 1 && m.noise == 0);
    scope_close(&s);
}

/* Rows drop out of the root one by one, the last five at λ = 1: there is no other cluster. */
CHECK(hdbscan_root_is_chosen_only_when_allowed) {
    scope s = open_scope();
    static const float one[] = {0, 1, 2, 3, 4, 5.5F, 7, 30};
    hdbscan_tree t = grow(&s, one, 8, 1, 0);
    hdbscan_params p = HDBSCAN_DEFAULTS;
    p.min_cluster_size = 5;
    hdbscan_model m = cut(&t, p, &s);
    check(m.k == 0 && m.noise == 8 && m.validity == 0);
    p.single_cluster = true;
    m = cut(&t, p, &s);
    check(m.k == 1 && m.cluster[0] == 0);
    check(m.label[0] == 0 && m.label[4] == 0); /* the last five to leave, at 1 */
    check(m.label[5] == -1 && m.label[7] == -1 && m.noise == 3);
    p.epsilon = 2;
    m = cut(&t, p, &s);
    check(m.noise == 1 && m.label[6] == 0 && m.label[7] == -1);
    p.select = HDBSCAN_LEAF;
    m = cut(&t, p, &s);
    check(m.k == 0);
    scope_close(&s);
}

/* ---- rows in one place, too few rows ---- */

CHECK(hdbscan_bears_rows_in_one_place) {
    scope s = open_scope();
    float x[90];
    for (int i = 0; i < 90; i++) {
        rng r = rng_open(7, (uint64_t)i);
        x[i] = (float)(i < 30 ? 5 : (i < 60 ? 20 : 0) + rng_uniform(&r));
    }
    hdbscan_tree t = grow(&s, x, 90, 1, 4);
    hdbscan_params p = HDBSCAN_DEFAULTS;
    p.min_cluster_size = 10;
    hdbscan_model m = cut(&t, p, &s);
    check(m.k == 3);
    check(m.label[0] >= 0 && m.label[0] != m.label[30] && m.label[30] != m.label[60]);
    for (int i = 0; i < 90; i++) {
        check(isfinite(m.strength[i]) && isfinite(m.outlier[i]));
        if (i < 30) check(m.label[i] == m.label[0] && m.strength[i] == 1 && m.outlier[i] == 0);
    }
    for (int32_t c = 0; c < m.tree.clusters; c++) check(isfinite(m.tree.stability[c]));
    double *soft = take(&s.keep, double, 90 * m.k);
    hdbscan_data data = {x, 90, 1};
    pool *threads = open_pool(1);
    hdbscan_soft(&m, &data, threads, soft, s.scratch);
    for (int i = 0; i < 90 * m.k; i++) check(soft[i] >= 0 && soft[i] <= 1);
    check_near(soft[m.label[0]], 1, 1e-6); /* 1e-6: the package's guard of 1e-8 over λ */
    dbcv_data rows = {x, 90, 1, m.label, m.k};
    check(isfinite(dbcv_score(&rows, DBCV_DEFAULTS, threads, NULL, s.scratch).value));
    pool_close(threads);
    scope_close(&s);
}

CHECK(hdbscan_bears_equal_and_few_rows) {
    scope s = open_scope();
    static const float same[20];
    hdbscan_params p = HDBSCAN_DEFAULTS;
    p.min_cluster_size = 5;
    for (int n = 1; n <= 20; n++) {
        hdbscan_tree t = grow(&s, same, n, 1, 10);
        check(t.mst.neighbours == (n > 10 ? 10 : n - 1));
        hdbscan_model m = cut(&t, p, &s);
        check(m.k == 0 && m.noise == n && m.outlier[n - 1] == 0);
    }
    hdbscan_tree t = grow(&s, same, 20, 1, 10);
    p.single_cluster = true;
    hdbscan_model m = cut(&t, p, &s);
    check(m.k == 1 && m.noise == 0 && m.strength[19] == 1);
    hdbscan_data none = {same, 0, 1};
    err e = {0};
    check(!hdbscan_grow(&t, &none, 3, NULL, &s.keep, s.scratch, &e));
    check_text(slice_of(e.text), "there are no rows to cluster");
    p.min_cluster_size = 1;
    check_text(slice_of(hdbscan_check(p)), "the smallest cluster must have at least 2 rows");
    scope_close(&s);
}

/* ---- one tree for every minimum size ---- */

static const float *clouds(scope *s, int64_t n, int d) {
    float *x = take(&s->keep, float, n * d);
    for (int64_t i = 0; i < n; i++) {
        rng r = rng_open(11, (uint64_t)i);
        for (int j = 0; j < d; j++)
            x[i * d + j] = (float)(i % 5 == 4 ? 12 * rng_uniform(&r)
                                              : 3.0 * (double)((i % 5 * (j + 2)) % 5) +
                                                    (0.3 + 0.2 * (double)(i % 5)) * rng_normal(&r));
    }
    return x;
}

CHECK(hdbscan_sweep_equals_fresh_fits_bit_for_bit) {
    scope s = open_scope();
    const float *x = clouds(&s, 400, 3);
    hdbscan_tree t = grow(&s, x, 400, 3, 5), fresh;
    int64_t least[HDBSCAN_GRID];
    hdbscan_trial trials[HDBSCAN_GRID];
    hdbscan_params p = HDBSCAN_DEFAULTS;
    hdbscan_data data = {x, 400, 3};
    pool *threads = open_pool(1);
    int n = hdbscan_grid(400, least);
    check(n == 8 && least[0] == 5 && least[1] == 8 && least[7] == 93);
    hdbscan_sweep(&t, p, least, n, trials, s.scratch);
    for (int i = 0; i < n; i++) {
        hdbscan_model m, again;
        err e = {0};
        p.min_cluster_size = least[i];
        p.neighbours = 5;
        check_ok(hdbscan_fit(&fresh, &m, &data, p, threads, &s, &e), &e);
        again = cut(&t, p, &s);
        check(trials[i].k == m.k && trials[i].noise == m.noise && trials[i].validity == m.validity);
        check(memcmp(m.label, again.label, 400 * sizeof *m.label) == 0);
        check(memcmp(m.strength, again.strength, 400 * sizeof *m.strength) == 0);
        check(memcmp(m.outlier, again.outlier, 400 * sizeof *m.outlier) == 0);
    }
    check(trials[0].k > trials[n - 1].k); /* the sizes do matter here */
    pool_close(threads);
    scope_close(&s);
}
