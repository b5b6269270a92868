/* hdbscan_more: rows that were not there, validity by density, medoids and threads of HDBSCAN*. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/dbcv.h"
#include "models/segment/hdbscan.h"

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

/* Row i of n: four clouds, and every fifth row anywhere. */
static const float *clouds(scope *s, int64_t n, int d) {
    float *x = take(&s->keep, float, n * d);
    for (int64_t i = 0; i < n; i++) {
        rng r = rng_open(11, (uint64_t)i);
        for (int j = 0; j < d; j++)
            x[i * d + j] = (float)(i % 5 == 4 ? 12 * rng_uniform(&r)
                                              : 3.0 * (double)((i % 5 * (j + 2)) % 5) +
                                                    0.2 * rng_normal(&r));
    }
    return x;
}

/* ---- validity by density ---- */

static dbcv_result score(const dbcv_data *data, dbcv_params p, double *cluster, scope *s) {
    pool *threads = open_pool(1);
    dbcv_result v = dbcv_score(data, p, threads, cluster, s->scratch);
    pool_close(threads);
    return v;
}

/* In one dimension a pair 1 apart has a = 1, one 2 apart a = 2: sparse 1 and 2, sep 10. */
CHECK(dbcv_of_two_pairs_by_hand) {
    scope s = open_scope();
    static const float x[] = {0, 1, 10, 12, 5};
    static const int32_t label[] = {0, 0, 1, 1, -1};
    double cluster[2];
    dbcv_result v = score(&(dbcv_data){x, 4, 1, label, 2}, DBCV_DEFAULTS, cluster, &s);
    check_near(cluster[0], 0.9, 1e-15);
    check_near(cluster[1], 0.8, 1e-15);
    check_near(v.value, 0.85, 1e-15);
    check(v.low == v.value && v.high == v.value && !v.sampled && v.rows == 2);
    v = score(&(dbcv_data){x, 5, 1, label, 2}, DBCV_DEFAULTS, NULL, &s); /* noise counts as rows */
    check_near(v.value, 0.68, 1e-15);
    v = score(&(dbcv_data){x, 2, 1, label, 1}, DBCV_DEFAULTS, NULL, &s);
    check(isnan(v.value));
    static const int32_t gap[] = {0, 0, 2, 2};
    double three[3];
    v = score(&(dbcv_data){x, 4, 1, gap, 3}, DBCV_DEFAULTS, three, &s);
    check_near(v.value, 0.85, 1e-15);
    check(three[1] == 0 && three[2] == cluster[1]);
    check(isnan(score(&(dbcv_data){x, 2, 1, gap, 3}, DBCV_DEFAULTS, NULL, &s).value));
    scope_close(&s);
}

/* Three of a row and one: the middle of 0 2 6 has a = 1 / mean(1/2, 1/4), the ends hang on it. */
CHECK(dbcv_of_a_chain_by_hand) {
    scope s = open_scope();
    static const float x[] = {0, 2, 6, 8, 30, 30, 31};
    static const int32_t label[] = {0, 0, 0, 0, 1, 1, 1};
    double cluster[2], inner = 3 / (1 / 2.0 + 1 / 4.0 + 1 / 6.0);
    /* 0 - 2 - 6 - 8: inner edge 4, more than both a of its ends */
    check(inner < 4);
    score(&(dbcv_data){x, 7, 1, label, 2}, DBCV_DEFAULTS, cluster, &s);
    /* the rows at 30 leave each other out: a = 2 each; that at 31: a = 1; sep: 8 is no inner row,
     * so from 6 to 30 */
    check_near(cluster[0], (24 - 4) / 24.0, 1e-15);
    scope_close(&s);
}

CHECK(dbcv_of_draws_is_near_that_of_all_rows) {
    scope s = open_scope();
    const float *x = clouds(&s, 1500, 3);
    int32_t *label = take(&s.keep, int32_t, 1500);
    for (int i = 0; i < 1500; i++) label[i] = i % 5 == 4 ? -1 : i % 5;
    dbcv_data data = {x, 1500, 3, label, 4};
    dbcv_params p = DBCV_DEFAULTS;
    dbcv_result all = score(&data, p, NULL, &s);
    check(!all.sampled && all.rows == 300);
    p.rows = 150;
    dbcv_result some = score(&data, p, NULL, &s);
    check(some.sampled && some.rows == 150);
    check(some.low < some.high && some.low <= some.value && some.value <= some.high);
    check_near(some.value, all.value, 0.1); /* 0.1: the largest row of a half is nearer */
    scope_close(&s);
}

/* ---- centres and medoids ---- */

/* ---- stability ---- */

CHECK(hdbscan_stability_is_of_real_clusters_and_not_of_made_up_ones) {
    scope s = open_scope();
    err e = {0};
    enum { N = 1000 };
    hdbscan_data data = {clouds(&s, N, 2), N, 2};
    hdbscan_tree t;
    hdbscan_model m;
    hdbscan_params p = HDBSCAN_DEFAULTS;
    p.min_cluster_size = 40;
    pool *one = open_pool(1), *eight = open_pool(8);
    check_ok(hdbscan_fit(&t, &m, &data, p, one, &s, &e), &e);
    double stability, again, overlap[16], same[16];
    check(m.k == 4);
    check_ok(hdbscan_stability(&stability, overlap, &m, &data, 5, 3, one, s.scratch, &e), &e);
    check_ok(hdbscan_stability(&again, same, &m, &data, 5, 3, eight, s.scratch, &e), &e);
    check(stability > 0.9 && stability == again);
    for (int c = 0; c < m.k; c++) check(overlap[c] > 0.8 && overlap[c] == same[c]);
    for (int i = 0; i < N; i++) m.label[i] = i % 4; /* every cloud torn in four */
    check_ok(hdbscan_stability(&stability, overlap, &m, &data, 5, 3, one, s.scratch, &e), &e);
    check(stability < 0.1);
    for (int c = 0; c < m.k; c++) check(overlap[c] < 0.4);
    pool_close(one), pool_close(eight);
    scope_close(&s);
}

CHECK(hdbscan_medoid_is_the_row_with_the_least_sum_of_distances) {
    scope s = open_scope();
    err e = {0};
    enum { N = 1400 };
    float *x = take(&s.keep, float, N * 2);
    for (int i = 0; i < N; i++) { /* a small and a large curve, each denser below */
        x[2 * i] = (float)(i < 200 ? i * i / 2000.0 : 5000 + i * 0.01 + i * i * 1e-5);
        x[2 * i + 1] = (float)((i < 200 ? 1000 : 0) + i % 100 * 0.01);
    }
    hdbscan_data data = {x, N, 2};
    hdbscan_tree t;
    hdbscan_model m;
    pool *threads = open_pool(2);
    hdbscan_params p = HDBSCAN_DEFAULTS;
    p.min_cluster_size = 150;
    check_ok(hdbscan_fit(&t, &m, &data, p, threads, &s, &e), &e);
    double centre[2 * 2];
    int64_t medoid[2];
    check(m.k == 2);
    hdbscan_centres(&m, &data, threads, centre, medoid, s.scratch);
    for (int c = 0; c < 2; c++) {
        double least = INFINITY, weight = 0, sum[2] = {0};
        int64_t best = -1;
        for (int i = 0; i < N; i++) {
            double far = 0;
            if (m.label[i] != c) continue;
            weight += m.strength[i];
            for (int j = 0; j < 2; j++) sum[j] += m.strength[i] * (double)x[2 * i + j];
            for (int j = 0; j < N; j++)
                if (m.label[j] == c)
                    far += hypot((double)x[2 * i] - (double)x[2 * j],
                                 (double)x[2 * i + 1] - (double)x[2 * j + 1]);
            if (far < least) least = far, best = i;
        }
        check(medoid[c] == best);
        for (int j = 0; j < 2; j++) /* rounding of 1,200 sums */
            check_near(centre[2 * c + j], sum[j] / weight, 1e-12 * sum[j]);
    }
    pool_close(threads);
    scope_close(&s);
}

/* ---- any number of threads ---- */

typedef struct everything {
    hdbscan_model m;
    double *soft, *centre, *strength;
    int64_t *medoid;
    int32_t *label;
    dbcv_result v;
} everything;

static everything all_of(const float *x, int64_t n, int d, int count, scope *s) {
    everything all;
    err e = {0};
    hdbscan_data data = {x, n, d};
    hdbscan_tree t;
    hdbscan_params p = HDBSCAN_DEFAULTS;
    pool *threads = open_pool(count);
    p.min_cluster_size = 20;
    check_ok(hdbscan_fit(&t, &all.m, &data, p, threads, s, &e), &e);
    int k = all.m.k;
    check(k >= 3);
    all.soft = take(&s->keep, double, n * k);
    all.centre = take(&s->keep, double, k * d);
    all.medoid = take(&s->keep, int64_t, k);
    all.label = take(&s->keep, int32_t, n);
    all.strength = take(&s->keep, double, n);
    hdbscan_soft(&all.m, &data, threads, all.soft, s->scratch);
    hdbscan_centres(&all.m, &data, threads, all.centre, all.medoid, s->scratch);
    dbcv_params few = DBCV_DEFAULTS;
    few.rows = 100;
    all.v = dbcv_score(&(dbcv_data){x, n, d, all.m.label, k}, few, threads, NULL, s->scratch);
    hdbscan_stock stock = hdbscan_stock_of(&t, &data, false, threads, &s->keep, s->scratch);
    hdbscan_predict(&all.m, &stock, &(hdbscan_data){x + d, n - 1, d}, threads, all.label,
                    all.strength, s->scratch);
    hdbscan_stock contrib = hdbscan_stock_of(&t, &data, true, threads, &s->keep, s->scratch);
    for (int64_t i = 0; i < n; i++) /* a neighbour nearer */
        check(contrib.core[i] > 0 && contrib.core[i] <= t.mst.core[i]);
    pool_close(threads);
    return all;
}

static bool same(const void *a, const void *b, size_t bytes) { return memcmp(a, b, bytes) == 0; }

/* Rows moved by nothing get what they had; all of them are reached. */
static void hold_together(const everything *all, const float *x, int64_t n, int d) {
    int64_t same = 0, rows[8] = {0};
    int k = all->m.k;
    double mean[8 * 8] = {0};
    check(k <= 8 && d <= 8);
    for (int64_t i = 0; i < n; i++) {
        int32_t c = all->m.label[i];
        if (i > 0) same += all->label[i - 1] == c;
        if (c < 0) continue;
        check(all->soft[i * k + c] > 0);
        rows[c]++;
        for (int j = 0; j < d; j++) mean[c * d + j] += (double)x[i * d + j];
    }
    check(same > (n - 1) * 19 / 20);
    for (int j = 0; j < k * d; j++) /* 0.3: rows at the rim weigh less than in a plain mean */
        check_near(all->centre[j], mean[j] / (double)rows[j / d], 0.3);
}

CHECK(hdbscan_gives_the_same_bytes_with_any_number_of_threads) {
    scope s = open_scope();
    enum { N = 1100, D = 3 };
    const float *x = clouds(&s, N, D);
    everything one = all_of(x, N, D, 1, &s);
    hold_together(&one, x, N, D);
    for (int count = 2; count <= 8; count += 6) {
        everything all = all_of(x, N, D, count, &s);
        size_t k = (size_t)one.m.k;
        check(all.m.k == one.m.k && all.m.validity == one.m.validity);
        check(same(all.m.label, one.m.label, N * 4) && same(all.label, one.label, N * 4));
        check(same(all.m.strength, one.m.strength, N * 8));
        check(same(all.strength, one.strength, N * 8));
        check(same(all.m.outlier, one.m.outlier, N * 8) && same(all.soft, one.soft, N * k * 8));
        check(same(all.centre, one.centre, k * D * 8) && same(all.medoid, one.medoid, k * 8));
        check(all.v.value == one.v.value && all.v.low == one.v.low && one.v.sampled);
    }
    scope_close(&s);
}

/* ---- rows that were not there, by hand ---- */

static void predict(const float *x, int64_t n, hdbscan_params p, const float *fresh, int64_t many,
                    int32_t *label, double *strength, scope *s) {
    err e = {0};
    hdbscan_data data = {x, n, 1}, rows = {fresh, many, 1};
    hdbscan_tree t;
    hdbscan_model m;
    pool *threads = open_pool(1);
    check_ok(hdbscan_fit(&t, &m, &data, p, threads, s, &e), &e);
    hdbscan_stock stock = hdbscan_stock_of(&t, &data, false, threads, &s->keep, s->scratch);
    hdbscan_predict(&m, &stock, &rows, threads, label, strength, s->scratch);
    for (int64_t i = 0; i < many; i++) /* told by a row of the fit of that label */
        if (label[i] >= 0) label[i] = m.by_size[label[i]];
    pool_close(threads);
}

CHECK(hdbscan_predicts_by_hand) {
    scope s = open_scope();
    static const float line[] = {0, 1, 2, 2.5F, 6, 7, 9, 25, 26};
    static const float fresh[] = {0.5F, 4, 14, 40, 26};
    hdbscan_params p = HDBSCAN_DEFAULTS;
    int32_t label[5];
    double strength[5];
    p.min_cluster_size = 2;
    p.neighbours = 0;
    /* four rows on the left, which part into pairs at λ = 1 and are chosen; three rows; two */
    predict(line, 9, p, fresh, 5, label, strength, &s);
    check(label[0] == 0 && label[4] == 2);
    check_near(strength[4], 1, 0);
    check(label[1] == 0);                /* 1.5 from 2.5: joins at 2/3, above the birth at 1/3.5 */
    check_near(strength[1], 1 / 1.5, 1e-15);
    check(label[2] == -1 && strength[2] == 0); /* 5 from 9, who parted from the left at 3.5 */
    check(label[3] == 2 || label[3] == -1);
    /* With two neighbours: core distances 2 1 1 1.5 on the left, where {1 2} are the last to leave,
     * at 1; 0.5 has 1/2 itself and joins row 1 at 1, 40 has 15 and joins row 25 at 16 as noise. */
    p.neighbours = 2;
    predict(line, 9, p, fresh, 5, label, strength, &s);
    check(label[0] == 0 && label[3] == -1);
    check_near(strength[0], 1, 0);
    check_near(strength[1], 1 / 2.0, 1e-15); /* 4: 6 is 2 away, 2.5 a half nearer: 2 itself */
    /* the root alone: rows that join after its last five left are of it, others are noise */
    static const float one[] = {0, 1, 2, 3, 4, 5.5F, 7, 30}, near[] = {2.5F, 4.9F, 6, 30};
    p.min_cluster_size = 5;
    p.neighbours = 0;
    p.single_cluster = true;
    predict(one, 8, p, near, 4, label, strength, &s);
    check(label[0] == 0 && label[1] == 0 && label[2] == 0);
    p.neighbours = 1;
    predict(one, 8, p, near, 4, label, strength, &s);
    check(label[0] == 0 && label[2] == -1 && label[3] == -1);
    scope_close(&s);
}
