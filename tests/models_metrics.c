/* models_metrics: sparse matrices, ranking metrics by hand, bootstrap intervals. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/sparse.h"
#include "models/metrics.h"
#include "models/metrics_rank.h"

CHECK(sparse_sums_duplicates_and_transposes) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    int32_t row[] = {2, 0, 2, 0, 2}, col[] = {1, 3, 0, 1, 1};
    float w[] = {1, 2, 4, 8, 16};
    sparse m = sparse_from_triples(3, 4, 5, row, col, w, &s.keep, s.scratch);
    check(sparse_count(&m) == 4 && sparse_degree(&m, 1) == 0 && sparse_degree(&m, 2) == 2);
    check(m.col[0] == 1 && m.col[1] == 3 && m.col[2] == 0 && m.col[3] == 1);
    check(sparse_get(&m, 2, 1) == 17 && sparse_get(&m, 0, 1) == 8 && sparse_get(&m, 1, 1) == 0);
    check(sparse_has(&m, 0, 3) && !sparse_has(&m, 0, 2));
    sparse t = sparse_transpose(&m, &s.keep);
    check(t.rows == 4 && t.cols == 3 && sparse_get(&t, 1, 2) == 17 && sparse_degree(&t, 1) == 2);
    sparse back = sparse_transpose(&t, &s.keep);
    check(memcmp(back.at, m.at, 4 * sizeof *m.at) == 0);
    check(memcmp(back.col, m.col, 4 * sizeof *m.col) == 0);
    check(memcmp(back.value, m.value, 4 * sizeof *m.value) == 0);
    sparse none = sparse_from_triples(2, 0, 0, NULL, NULL, NULL, &s.keep, s.scratch);
    check(sparse_count(&none) == 0 && sparse_degree(&none, 1) == 0);
    scope_close(&s);
}

CHECK(ranking_metrics_match_a_hand_computation) {
    /* hits at places 1 and 3 of a list of 4, three true items, k = 4:
     * AP = (1/1 + 2/3)/3; NDCG = (1 + 1/2) / (1 + 1/log2(3) + 1/2) */
    int32_t list[] = {7, 5, 2, 9}, truth[] = {1, 2, 7};
    metrics_rank r = metrics_rank_one(list, 4, truth, 3, 4);
    check_near(r.ap, 5.0 / 9, 1e-15);
    check_near(r.ndcg, 1.5 / (1.5 + 1 / log2(3)), 1e-15);
    check_near(r.recall, 2.0 / 3, 1e-15);
    check(r.hit == 1 && r.mrr == 1);
    /* k cuts the list and the denominator: min(3, 2) = 2 */
    check_near(metrics_rank_one(list, 4, truth, 3, 2).ap, 0.5, 1e-15);
    /* -1 ends a list, and a repeated item counts once */
    int32_t twice[] = {5, 2, 2, 7}, ended[] = {5, -1, 7};
    check_near(metrics_rank_one(twice, 4, truth, 3, 4).ap, (1.0 / 2 + 2.0 / 4) / 3, 1e-15);
    check_near(metrics_rank_one(twice, 4, truth, 3, 4).mrr, 0.5, 0);
    check(metrics_rank_one(ended, 3, truth, 3, 3).hit == 0);
    /* a perfect list is 1 everywhere */
    metrics_rank one = metrics_rank_one(truth, 3, truth, 3, 12);
    check(one.ap == 1 && one.ndcg == 1 && one.recall == 1);
}

CHECK(ranking_coverage_counts_distinct_items_of_the_first_places) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 0, 1 << 20, &e), &e);
    int32_t lists[] = {0, 1, 5, 1, 2, 6, 3, -1, 7};
    check_near(metrics_rank_coverage(lists, 3, 3, 2, 8, s.scratch), 4.0 / 8, 0);
    check_near(metrics_rank_coverage(lists, 3, 3, 3, 8, s.scratch), 6.0 / 8, 0);
    scope_close(&s);
}

CHECK(ranking_gini_and_novelty_by_hand) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 0, 1 << 20, &e), &e);
    int32_t lists[] = {0, 1, 5, 1, 2, 6, 1, -1, 7};
    int64_t shown[4] = {0}, taken[] = {8, 2, 0, 1};
    metrics_rank_shown(lists, 3, 3, 2, shown);
    check(shown[0] == 1 && shown[1] == 3 && shown[2] == 1 && shown[3] == 0);
    /* 0, 1, 1, 3: (-3*0 - 1*1 + 1*1 + 3*3) / (4 * 5) */
    check_near(metrics_rank_gini(shown, 4, s.scratch), 9.0 / 20, 1e-15);
    int64_t even[] = {2, 2, 2}, none[] = {0, 0};
    check(metrics_rank_gini(even, 3, s.scratch) == 0 && metrics_rank_gini(none, 2, s.scratch) == 0);
    /* of 8 users: all, 2, none, 1 took them: 0, 2, 3 and 3 bits */
    check_near(metrics_rank_novelty((int32_t[]){0, 1, 2}, 3, 3, taken, 8), 5.0 / 3, 1e-15);
    check_near(metrics_rank_novelty((int32_t[]){3, 1, 2}, 3, 2, taken, 8), 2.5, 1e-15);
    check(metrics_rank_novelty((int32_t[]){-1, 1}, 2, 2, taken, 8) == 0);
    metrics_rank one = metrics_rank_one((int32_t[]){4, 1, 2}, 3, (int32_t[]){1, 2}, 2, 3);
    check_near(one.precision, 2.0 / 3, 1e-15);
    scope_close(&s);
}

CHECK(bootstrap_covers_a_normal_mean) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 4 << 20, &e), &e);
    enum { TRIALS = 200, N = 100 };
    int covered = 0;
    double width = 0;
    for (int t = 0; t < TRIALS; t++) {
        double x[N];
        rng r = rng_open(11, (uint64_t)t);
        for (int i = 0; i < N; i++) x[i] = 3 + 2 * rng_normal(&r);
        metrics_interval b = metrics_bootstrap(x, N, 5, 400, s.scratch);
        covered += b.low <= 3 && 3 <= b.high;
        width += (b.high - b.low) / TRIALS;
    }
    /* 95 % of 200 with a binomial standard deviation of 3.1; a percentile interval of 100 normal
     * values covers a little less (93 to 95 %): 178 is four deviations below 93 %. */
    check(covered >= 172 && covered <= 198);
    /* 2 * 1.96 * 2 / sqrt(100) = 0.784; 400 resamples leave a few percent of noise */
    check_near(width, 0.784, 0.04);
    scope_close(&s);
}

CHECK(bootstrap_is_a_function_of_values_and_seed) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 8 << 20, 8 << 20, &e), &e);
    double a[] = {0, 1, 0, 1, 1, 0, 0.5}, b[] = {0, 0.5, 0, 0.5, 0.5, 0, 0};
    metrics_interval x = metrics_bootstrap(a, 7, 1, 1000, s.scratch);
    metrics_interval y = metrics_bootstrap(a, 7, 1, 1000, s.scratch);
    check(x.low == y.low && x.high == y.high && x.n == 7 && x.low < x.high);
    check(metrics_bootstrap(a, 7, 2, 1000, s.scratch).low >= 0);
    check_near(x.mean, 0.5, 1e-15);
    metrics_interval d = metrics_bootstrap_paired(a, b, 7, 1, 1000, s.scratch);
    check_near(d.mean, 2.0 / 7, 1e-15);
    check(d.low > 0 && d.high <= 0.5); /* a is never below b and somewhere above */
    double same[7] = {0};
    metrics_interval zero = metrics_bootstrap_paired(a, a, 7, 1, 1000, s.scratch);
    check(zero.mean == 0 && zero.low == 0 && zero.high == 0);
    check(isnan(metrics_bootstrap(same, 0, 1, 10, s.scratch).mean));
    /* 3 sales of 10 visits and 1 of 30: 4 of 40 */
    double sales[] = {3, 1}, visits[] = {10, 30};
    check_near(metrics_bootstrap_ratio(sales, visits, 2, 1, 100, s.scratch).mean, 0.1, 1e-15);
    /* above METRICS_UNITS groups stand for units: the normal interval still comes out */
    enum { MANY = 200000 };
    double *many = take(&s.keep, double, MANY);
    rng r = rng_open(3, 3);
    for (int i = 0; i < MANY; i++) many[i] = rng_normal(&r);
    metrics_interval m = metrics_bootstrap(many, MANY, 1, 200, s.scratch);
    /* 200 resamples: standard error of the width about 7 % */
    check_near(m.high - m.low, 2 * 1.96 / sqrt(MANY), 0.3 * 2 * 1.96 / sqrt(MANY));
    scope_close(&s);
}
