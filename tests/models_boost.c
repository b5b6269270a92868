/* models_boost: boosted trees against planted truths, the same for any number of threads. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "models/boost.h"
#include "planted.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 64 << 20, &e), &e);
}

static boost_params params(boost_objective o, int count) {
    boost_params p = BOOST_DEFAULTS;
    p.objective = o;
    p.trees = count;
    return p;
}

static double score_one(const trees *m, const float *x) {
    double score;
    trees_score(m, x, 1, &score, NULL);
    return score;
}

CHECK(boost_learns_a_step) {
    enum { ROWS = 400 };
    scope s;
    err e = {0};
    open_scope(&s);
    float *x = take(&s.keep, float, ROWS), *y = take(&s.keep, float, ROWS);
    for (int i = 0; i < ROWS; i++) x[i] = (float)i, y[i] = i < 130 ? 2.0f : 5.0f;
    boost_data d = {.rows = ROWS, .cols = 1, .x = x, .label = y};
    boost_params p = params(BOOST_L2, 60);
    p.rate = 0.3;
    p.feature_share = 1;
    trees m;
    check_ok(boost_fit(&m, &d, NULL, p, 1, &s.keep, s.scratch, &e), &e);
    check(m.n > 0 && m.cols == 1 && m.link == TREES_SAME && isnan(m.stopped_at));
    const float below[] = {129}, above[] = {130};
    /* the step is 3, and 0.7^60 of it is left after 60 trees: 2e-9; the rest is float labels */
    check_near(score_one(&m, below), 2, 1e-6);
    check_near(score_one(&m, above), 5, 1e-6);
    scope_close(&s);
}

CHECK(boost_orders_a_planted_ranking) {
    scope s;
    err e = {0};
    open_scope(&s);
    boost_data train = planted_rows(BOOST_RANKING, 6000, 1, &s.keep);
    boost_data test = planted_rows(BOOST_RANKING, 2000, 2, &s.keep);
    boost_params p = params(BOOST_RANKING, 60);
    trees m;
    check_ok(boost_fit(&m, &train, NULL, p, 1, &s.keep, s.scratch, &e), &e);
    double *score = take(&s.keep, double, test.rows), *chance = take(&s.keep, double, test.rows);
    trees_score(&m, test.x, test.rows, score, NULL);
    /* Equal scores keep the order of the rows, which has nothing to do with the label: NDCG of
     * chance about 0.35. The law leaves noise of 0.3 in a spread of 1.3. */
    check(boost_measure(&test, p, chance, s.scratch) < 0.45);
    check(boost_measure(&test, p, score, s.scratch) > 0.85);
    p.stop = BOOST_STOP_MAP;
    check(boost_measure(&test, p, score, s.scratch) > 0.75);
    check(m.gain[0] > m.gain[4] && m.gain[1] > m.gain[4] && m.gain[3] > m.gain[4]);
    scope_close(&s);
}

CHECK(boost_finds_the_quantile_of_noise) {
    enum { ROWS = 8000 };
    scope s;
    err e = {0};
    open_scope(&s);
    float *x = take(&s.keep, float, ROWS), *y = take(&s.keep, float, ROWS);
    rng r = rng_open(3, 0);
    for (int i = 0; i < ROWS; i++) {
        x[i] = (float)(i % 2);
        y[i] = (float)(10 * (i % 2) + (1 + i % 2) * rng_normal(&r));
    }
    boost_data d = {.rows = ROWS, .cols = 1, .x = x, .label = y};
    boost_params p = params(BOOST_QUANTILE, 100);
    p.quantile = 0.9;
    p.rate = 0.2;
    p.feature_share = 1;
    trees m;
    check_ok(boost_fit(&m, &d, NULL, p, 1, &s.keep, s.scratch, &e), &e);
    const float low[] = {0}, high[] = {1};
    /* 1.2816 standard deviations; that quantile of 4,000 draws has a standard error of 0.027 */
    check_near(score_one(&m, low), 1.2816, 0.1);
    check_near(score_one(&m, high), 10 + 2 * 1.2816, 0.2);
    scope_close(&s);
}

CHECK(boost_counts_and_shares_come_back_in_their_units) {
    static const struct {
        boost_objective o;
        double low, high;
    } kinds[] = {{BOOST_POISSON, 2, 6}, {BOOST_TWEEDIE, 2, 6}, {BOOST_BINARY, 0.2, 0.7}};
    enum { ROWS = 4000 };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        scope s;
        err e = {0};
        open_scope(&s);
        float *x = take(&s.keep, float, ROWS), *y = take(&s.keep, float, ROWS);
        float *w = take(&s.keep, float, ROWS);
        double sum[2] = {0}, weight[2] = {0};
        rng r = rng_open(5, k);
        for (int i = 0; i < ROWS; i++) {
            const double mean = i % 2 ? kinds[k].high : kinds[k].low;
            x[i] = (float)(i % 2);
            w[i] = (float)(1 + i % 3);
            y[i] = kinds[k].o == BOOST_BINARY ? rng_uniform(&r) < mean
                                              : (float)rng_poisson(&r, mean);
            sum[i % 2] += (double)(w[i] * y[i]);
            weight[i % 2] += (double)w[i];
        }
        boost_data d = {.rows = ROWS, .cols = 1, .x = x, .label = y, .weight = w};
        boost_params p = params(kinds[k].o, 100);
        p.rate = 0.2;
        p.feature_share = 1;
        trees m;
        check_ok(boost_fit(&m, &d, NULL, p, 1, &s.keep, s.scratch, &e), &e);
        /* The loss is least at the weighted mean of each side; 0.8^100 = 2e-10 of the way is left.
         * Poisson steps are damped by e^0.7 (the library's guard), so they get closer only slowly:
         * 0.9^100 = 3e-5 of a distance of 4. */
        for (int side = 0; side < 2; side++) {
            const float at[] = {(float)side};
            check_near(trees_answer(&m, score_one(&m, at)), sum[side] / weight[side], 1e-3);
        }
        scope_close(&s);
    }
}

CHECK(boost_stops_where_the_measure_is_best) {
    scope s;
    err e = {0};
    open_scope(&s);
    boost_data train = planted_rows(BOOST_BINARY, 600, 1, &s.keep);
    boost_data valid = planted_rows(BOOST_BINARY, 600, 2, &s.keep);
    boost_params p = params(BOOST_BINARY, 400);
    p.rate = 0.3;
    p.early_stop = 10;
    trees m, shorter, longer;
    check_ok(boost_fit(&m, &train, &valid, p, 1, &s.keep, s.scratch, &e), &e);
    check(m.n > 1 && m.n < 400);
    /* The measure told is that of the trees kept, and none of the neighbours' is lower. */
    double *score = take(&s.keep, double, valid.rows);
    trees_score(&m, valid.x, valid.rows, score, NULL);
    /* 1e-12: the library adds its scores in floats of the same doubles, one tree at a time */
    check_near(boost_measure(&valid, p, score, s.scratch), m.stopped_at, 1e-12);
    p.trees = m.n - 1;
    check_ok(boost_fit(&shorter, &train, NULL, p, 1, &s.keep, s.scratch, &e), &e);
    trees_score(&shorter, valid.x, valid.rows, score, NULL);
    check(boost_measure(&valid, p, score, s.scratch) > m.stopped_at);
    p.trees = m.n + 1;
    check_ok(boost_fit(&longer, &train, NULL, p, 1, &s.keep, s.scratch, &e), &e);
    trees_score(&longer, valid.x, valid.rows, score, NULL);
    check(boost_measure(&valid, p, score, s.scratch) > m.stopped_at);
    scope_close(&s);
}

CHECK(boost_measures_rankings_as_defined) {
    scope s;
    open_scope(&s);
    const float x[8] = {0}, label[8] = {0, 1, 0, 2, 0, 0, 1, 0};
    const double score[8] = {4, 3, 2, 1, 9, 9, 0, 0};
    const int32_t group[3] = {4, 2, 2};
    const boost_data d = {.rows = 8, .cols = 1, .x = x, .label = label, .group = group,
                          .groups = 3};
    boost_params p = BOOST_DEFAULTS;
    p.at = 3;
    /* Group 1 puts label 1 second and 2 fourth: DCG@3 1 / log2 3 of 3 + 1 / log2 3. Group 2 has no
     * positive. Group 3 ties: the first row, label 1, stays first: 1. */
    const double one = 1 / log2(3);
    check_near(boost_measure(&d, p, score, s.scratch), (one / (3 + one) + 1) / 2, 1e-15);
    /* Precision at rank 2 is 1/2, over min(2 positives, 3). */
    p.stop = BOOST_STOP_MAP;
    check_near(boost_measure(&d, p, score, s.scratch), (0.5 / 2 + 1) / 2, 1e-15);
    scope_close(&s);
}

CHECK(boost_measures_losses_as_defined) {
    scope s;
    open_scope(&s);
    const float x[2] = {0}, one_zero[2] = {1, 0}, w[2] = {3, 1}, count[2] = {2, 0};
    const double score[2] = {0, log(3)};
    boost_data d = {.rows = 2, .cols = 1, .x = x, .label = one_zero, .weight = w};
    /* 1/2 for a one, weight 3; 3/4 for a zero, weight 1 */
    check_near(boost_measure(&d, params(BOOST_BINARY, 1), score, s.scratch),
               (3 * log(2) + log(4)) / 4, 1e-15);
    d.label = count;
    d.weight = NULL;
    check_near(boost_measure(&d, params(BOOST_L2, 1), score, s.scratch),
               (4 + log(3) * log(3)) / 2, 1e-14);
    check_near(boost_measure(&d, params(BOOST_POISSON, 1), score, s.scratch), (1 + 3) / 2.0,
               1e-14);
    /* power 1.5: 2 y a^-1/2 + 2 a^1/2 */
    check_near(boost_measure(&d, params(BOOST_TWEEDIE, 1), score, s.scratch),
               (4 + 2 + 2 * sqrt(3)) / 2, 1e-14);
    boost_params p = params(BOOST_QUANTILE, 1);
    p.quantile = 0.9;
    check_near(boost_measure(&d, p, score, s.scratch), (0.9 * 2 + 0.1 * log(3)) / 2, 1e-15);
    scope_close(&s);
}

static void same_trees(const trees *a, const trees *b) {
    const size_t nodes = (size_t)trees_nodes(a), leaves = (size_t)trees_leaves(a);
    check(a->n == b->n && nodes == (size_t)trees_nodes(b));
    check(memcmp(a->threshold, b->threshold, nodes * sizeof(float)) == 0);
    check(memcmp(a->feature, b->feature, nodes * sizeof(int32_t)) == 0);
    check(memcmp(a->left, b->left, nodes * sizeof(int32_t)) == 0);
    check(memcmp(a->node_rows, b->node_rows, nodes * sizeof(int32_t)) == 0);
    check(memcmp(a->value, b->value, leaves * sizeof(double)) == 0);
    check(memcmp(a->gain, b->gain, (size_t)a->cols * sizeof(double)) == 0);
    check(memcmp(&a->stopped_at, &b->stopped_at, sizeof(double)) == 0);
}

CHECK(boost_gives_the_same_trees_on_any_threads) {
    for (boost_objective o = 0; o < BOOST_OBJECTIVES; o++) {
        scope s;
        err e = {0};
        open_scope(&s);
        boost_data train = planted_rows(o, 6000, 1, &s.keep);
        boost_data valid = planted_rows(o, 600, 2, &s.keep);
        boost_params p = params(o, 4);
        p.leaves = 12;
        p.row_share = 0.7;
        trees m[3];
        static const int threads[3] = {1, 8, 2};
        for (int i = 0; i < 3; i++)
            check_ok(boost_fit(m + i, &train, &valid, p, threads[i], &s.keep, s.scratch, &e), &e);
        for (int i = 1; i < 3; i++) same_trees(m, m + i);
        scope_close(&s);
    }
}

/* Grown in pieces, with a look at the trees between, it is the fit in one. */
CHECK(boost_grows_in_pieces_as_in_one) {
    scope s;
    err e = {0};
    open_scope(&s);
    for (int stopped = 0; stopped < 2; stopped++) {
        boost_data train = planted_rows(BOOST_RANKING, 3000, 1, &s.keep);
        boost_data valid = planted_rows(BOOST_RANKING, 600, 2, &s.keep);
        const boost_data *last = stopped ? &valid : NULL;
        boost_params p = params(BOOST_RANKING, 20);
        p.leaves = 12, p.early_stop = 3;
        trees whole, first, then;
        boost b;
        check_ok(boost_fit(&whole, &train, last, p, 1, &s.keep, s.scratch, &e), &e);
        check_ok(boost_begin(&b, &train, last, p, 1, &s.keep, s.scratch, &e), &e);
        check_ok(boost_grow(&b, last, p, 5, s.scratch, &e), &e);
        check(b.rounds == 5 && !b.ended);
        check_ok(boost_trees(&b, &first, &s.keep, s.scratch, &e), &e);
        check(first.n >= 1 && first.n <= 5);
        check_ok(boost_grow(&b, last, p, 1000, s.scratch, &e), &e);
        check(b.ended && b.rounds <= 20);
        check_ok(boost_trees(&b, &then, &s.keep, s.scratch, &e), &e);
        same_trees(&whole, &then);
        boost_close(&b);
    }
    scope_close(&s);
}

CHECK(boost_refuses_what_it_cannot_learn_from) {
    static const float inf[4] = {1, 2, INFINITY, 4}, fine[4] = {1, 0, 1, 0}, half[4] = {0, .5f, 1};
    static const float broken[4] = {0, NAN, 1}, none[4] = {0}, minus[4] = {1, -1, 1, 1};
    static const int32_t short_group[2] = {2, 1}, empty_group[2] = {4, 0}, group[1] = {4};
    static const int32_t no_column[1] = {3};
    static const struct {
        boost_objective o;
        boost_data d;
        const char *says;
    } cases[] = {
        {BOOST_L2, {.rows = 0, .cols = 1}, "0 training rows"},
        {BOOST_L2, {.rows = 4, .cols = 0}, "0 features"},
        {BOOST_L2, {4, 1, .x = inf, .label = fine}, "feature 1 of training row 3 is infinite"},
        {BOOST_L2, {4, 1, .x = fine, .label = broken}, "label of training row 2 is nan"},
        {BOOST_BINARY, {4, 1, .x = fine, .label = half}, "label of training row 2 is 0.5"},
        {BOOST_POISSON, {4, 1, .x = fine, .label = none}, "all labels of the training rows are 0"},
        {BOOST_TWEEDIE, {4, 1, .x = fine, .label = minus}, "label of training row 2 is -1"},
        {BOOST_L2, {4, 1, .x = fine, .label = fine, .weight = minus}, "weight of training row 2"},
        {BOOST_L2, {4, 1, .x = fine, .label = fine, .weight = none}, "all weights"},
        {BOOST_RANKING, {4, 1, fine, fine, NULL, short_group, 2}, "have 3 rows together"},
        {BOOST_RANKING, {4, 1, fine, fine, NULL, empty_group, 2}, "group 2 has 0 rows"},
        {BOOST_RANKING, {4, 1, fine, none, NULL, group, 1}, "ranking has nothing to go by"},
        {BOOST_L2, {4, 1, fine, fine, .category = no_column, .categories = 1}, "column 3 of 1"},
        {BOOST_L2, {4, 1, half, fine, .category = empty_group + 1, .categories = 1},
         "category 1 of training row 2 is 0.5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scope s;
        err e = {0};
        open_scope(&s);
        trees m;
        check(!boost_fit(&m, &cases[i].d, NULL, params(cases[i].o, 3), 1, &s.keep, s.scratch, &e));
        check(e.kind == ERR_ASKED_WRONG);
        check_has(slice_of(e.text), cases[i].says);
        scope_close(&s);
    }
}

CHECK(boost_checks_its_parameters) {
    boost_params p = BOOST_DEFAULTS;
    check(boost_check(p) == NULL);
    p.rate = NAN;
    check_has(slice_of(boost_check(p)), "rate");
    p = params(BOOST_OBJECTIVES, 1);
    check_has(slice_of(boost_check(p)), "objective");
    p = params(BOOST_L2, 0);
    check_has(slice_of(boost_check(p)), "trees");
    p = params(BOOST_L2, 1);
    p.bins = 256;
    check_has(slice_of(boost_check(p)), "bins");
}

CHECK(boost_takes_rows_without_a_split) {
    static const float x[3] = {1, 1, 1}, y[3] = {1, 2, 6};
    scope s;
    err e = {0};
    open_scope(&s);
    boost_data d = {.rows = 3, .cols = 1, .x = x, .label = y};
    trees m;
    double parts[2];
    check_ok(boost_fit(&m, &d, NULL, params(BOOST_L2, 5), 1, &s.keep, s.scratch, &e), &e);
    check(trees_nodes(&m) == 0);
    check_near(score_one(&m, x), 3, 1e-6); /* their mean, in the library's floats */
    trees_explain(&m, x, parts, s.scratch);
    check_near(parts[1], 3, 1e-6);
    check(parts[0] == 0);
    scope_close(&s);
}

CHECK(boost_library_is_the_one_its_header_describes) {
    const char *path, *version = boost_library(&path);
    check_text(slice_of(version), "4.7.0");
    check_has(slice_of(path), "lib_lightgbm.so");
}
