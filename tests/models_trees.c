/* models_trees: scores and their parts against hand-made trees and against the library's own. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "models/boost.h"
#include "models/trees_quick.h"
#include "planted.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 64 << 20, &e), &e);
}

/* Two trees over three features:
 *
 *     x0 <= 1 (missing left)                x2 in {1, 33}
 *     ├─ x1 <= 0 (missing right)            ├─ 8   (1 row)
 *     │  ├─ 1  (2 rows)                     └─ -8  (7 rows)
 *     │  └─ 2  (4 rows)
 *     └─ 4     (2 rows) */
static trees by_hand(scope *s) {
    static int64_t at[] = {0, 2, 3}, set_at[] = {0, 2};
    static int32_t feature[] = {0, 1, 2}, left[] = {1, -1, -1}, right[] = {-3, -2, -2};
    static float threshold[] = {1, 0, 0};
    static uint8_t kind[] = {TREES_MISSING_LEFT, 0, TREES_SET};
    static int32_t node_rows[] = {8, 6, 8}, leaf_rows[] = {2, 4, 2, 1, 7}, set[] = {-1, -1, 0};
    static double value[] = {1, 2, 4, 8, -8}, gain[] = {0, 0, 0};
    static uint32_t bits[] = {1u << 1, 1u << 1};
    trees m = {.n = 2, .cols = 3, .at = at, .feature = feature, .threshold = threshold,
               .kind = kind, .left = left, .right = right, .node_rows = node_rows, .value = value,
               .leaf_rows = leaf_rows, .set = set, .sets = 1, .set_at = set_at, .set_bits = bits,
               .gain = gain};
    check(trees_check(&m, s->scratch) == NULL);
    trees_ready(&m, &s->keep, s->scratch);
    return m;
}

CHECK(trees_score_by_hand) {
    static const float x[][3] = {{1, 0, 1},     {1.5f, 0, 33},      {NAN, 1, 0},     {0, NAN, NAN},
                                 {0, -9, 33.9f}, {0, -9, 34},       {0, -9, -0.5f},  {0, -9, -1},
                                 {0, -9, 65},    {0, -9, INFINITY}, {-INFINITY, 0, 1}};
    static const double wanted[] = {9, 12, -6, -6, 9, -7, -7, -7, -7, -7, 9};
    enum { ROWS = 11 };
    scope s;
    open_scope(&s);
    trees m = by_hand(&s);
    double plain[ROWS], fast[ROWS];
    trees_plain_score(&m, x[0], ROWS, plain);
    trees_score(&m, x[0], ROWS, fast, NULL);
    for (int i = 0; i < ROWS; i++) check(plain[i] == wanted[i] && fast[i] == wanted[i]);
    scope_close(&s);
}

CHECK(trees_explain_by_hand) {
    scope s;
    open_scope(&s);
    trees m = by_hand(&s);
    /* Tree 1, mean 18/8 = 2.25. With x0 known (left): 2/6 * 1 + 4/6 * 2 = 5/3; with x1 known
     * (left): 6/8 * 1 + 2/8 * 4 = 7/4; with both: 1. Shapley: x0 takes half of (5/3 - 9/4) and of
     * (1 - 7/4). Tree 2, mean -6: x2 takes 8 - -6 = 14. */
    const float x[3] = {0, -1, 33};
    double parts[4];
    trees_explain(&m, x, parts, s.scratch);
    const double first = (5.0 / 3 - 2.25 + 1 - 1.75) / 2;
    check_near(parts[0], first, 1e-15);
    check_near(parts[1], 1 - 2.25 - first, 1e-15);
    check_near(parts[2], 14, 1e-14);
    check_near(parts[3], 2.25 - 6, 1e-15);
    scope_close(&s);
}

CHECK(trees_equal_the_library_bit_for_bit) {
    /* one word of leaves, two, several, and too many for lists of tests */
    static const int leaves[] = {4, 31, 32, 64, 120, 400};
    for (size_t k = 0; k < sizeof leaves / sizeof *leaves; k++)
        for (boost_objective o = 0; o < BOOST_OBJECTIVES; o++) {
            scope s;
            err e = {0};
            open_scope(&s);
            boost_data train = planted_rows(o, 2000, 1, &s.keep);
            boost_data other = planted_rows(o, 333, 2, &s.keep);
            float *x = take_copy(&s.keep, float, other.x, other.rows * other.cols);
            for (int i = 0; i < 40; i++) /* values that no row of the fit had */
                x[i * 41] = ((const float[]){0, -0.0f, 1e30f, -1e30f, NAN, INFINITY, -INFINITY,
                                             1e-38f})[i % 8];
            boost_params p = BOOST_DEFAULTS;
            p.objective = o;
            p.trees = 4;
            p.leaves = leaves[k];
            p.min_rows = 2;
            p.rate = 0.2;
            boost b;
            trees m;
            double *ours = take(&s.keep, double, other.rows), *plain = take(&s.keep, double, 400);
            double *theirs = take(&s.keep, double, other.rows);
            check_ok(boost_open(&b, &train, NULL, p, 1, &s.keep, s.scratch, &e) &&
                         boost_trees(&b, &m, &s.keep, s.scratch, &e) &&
                         boost_score(&b, x, other.rows, theirs, &e),
                     &e);
            trees_plain_score(&m, x, other.rows, plain);
            trees_score(&m, x, other.rows, ours, NULL);
            check(memcmp(plain, theirs, (size_t)other.rows * sizeof(double)) == 0);
            check(memcmp(ours, theirs, (size_t)other.rows * sizeof(double)) == 0);
            check_ok(boost_score_single(&b, x, other.rows, theirs, &e), &e);
            check(memcmp(ours, theirs, (size_t)other.rows * sizeof(double)) == 0);
            boost_close(&b);
            scope_close(&s);
        }
}

CHECK(trees_of_many_features_score_and_explain_as_the_library_does) {
    enum { ROWS = 500, COLS = 400, TESTED = 80, WIDE = COLS + 1 };
    scope s;
    err e = {0};
    open_scope(&s);
    float *x = take(&s.keep, float, ROWS * COLS), *y = take(&s.keep, float, ROWS);
    rng r = rng_open(2, 0);
    for (int i = 0; i < ROWS * COLS; i++) x[i] = (float)rng_normal(&r);
    for (int i = 0; i < ROWS; i++)
        for (int c = 0; c < COLS; c++) y[i] += x[i * COLS + c] * (float)(c % 7);
    boost_data d = {.rows = ROWS, .cols = COLS, .x = x, .label = y};
    boost_params p = BOOST_DEFAULTS;
    p.objective = BOOST_L2;
    p.trees = 30;
    p.leaves = 60;
    p.min_rows = 2;
    p.bins = 20;
    boost b;
    trees m;
    double *ours = take(&s.keep, double, TESTED * WIDE), *theirs = take(&s.keep, double,
                                                                        TESTED * WIDE);
    check_ok(boost_open(&b, &d, NULL, p, 1, &s.keep, s.scratch, &e) &&
                 boost_trees(&b, &m, &s.keep, s.scratch, &e) &&
                 boost_score(&b, x, TESTED, theirs, &e),
             &e);
    int used = 0;
    for (int c = 0; c < COLS; c++) used += m.gain[c] > 0;
    check(used > 256); /* more than a block of rows holds columns for */
    trees_score(&m, x, TESTED, ours, NULL);
    check(memcmp(ours, theirs, TESTED * sizeof *ours) == 0);
    check_ok(boost_explain(&b, x, TESTED, theirs, &e), &e);
    for (int i = 0; i < TESTED; i++) trees_explain(&m, x + i * COLS, ours + i * WIDE, s.scratch);
    /* 1e-9 of a part of size 100: see above; paths have more than 16 features here */
    for (int i = 0; i < TESTED * WIDE; i++) check_near(ours[i], theirs[i], 1e-7);
    boost_close(&b);
    scope_close(&s);
}

CHECK(trees_score_any_number_of_rows_on_any_instruction_set) {
    static void (*const blocks[])(const trees *, const float *, int, double *) =
        SIMD_TABLE(trees_block);
    scope s;
    err e = {0};
    open_scope(&s);
    boost_data d = planted_rows(BOOST_L2, 800, 1, &s.keep);
    boost_params p = BOOST_DEFAULTS;
    p.objective = BOOST_L2;
    p.trees = 5;
    p.leaves = 50;
    p.min_rows = 3;
    trees m;
    check_ok(boost_fit(&m, &d, NULL, p, 1, &s.keep, s.scratch, &e), &e);
    double plain[TREES_BLOCK], fast[TREES_BLOCK + 1];
    trees_plain_score(&m, d.x, TREES_BLOCK, plain);
    for (simd_kind kind = 0; kind < SIMD_KINDS; kind++)
        for (int n = 1; n <= TREES_BLOCK && simd_has(kind); n++) {
            fast[n] = 77;
            blocks[kind](&m, d.x, n, fast);
            check(memcmp(plain, fast, (size_t)n * sizeof *plain) == 0 && fast[n] == 77);
        }
    scope_close(&s);
}

CHECK(trees_score_the_same_on_any_threads) {
    scope s;
    err e = {0};
    open_scope(&s);
    boost_data d = planted_rows(BOOST_L2, 3001, 1, &s.keep);
    boost_params p = BOOST_DEFAULTS;
    p.objective = BOOST_L2;
    p.trees = 10;
    trees m;
    check_ok(boost_fit(&m, &d, NULL, p, 1, &s.keep, s.scratch, &e), &e);
    double *here = take(&s.keep, double, d.rows), *there = take(&s.keep, double, d.rows);
    trees_score(&m, d.x, d.rows, here, NULL);
    for (int threads = 1; threads <= 8; threads *= 2) {
        pool *t = pool_open(threads, 1 << 20, &e);
        check(t != NULL);
        memset(there, 0, (size_t)d.rows * sizeof *there);
        trees_score(&m, d.x, d.rows, there, t);
        check(memcmp(here, there, (size_t)d.rows * sizeof *here) == 0);
        pool_close(t);
    }
    scope_close(&s);
}

CHECK(trees_explain_as_the_library_does) {
    static const int leaves[] = {2, 31, 150};
    for (size_t k = 0; k < sizeof leaves / sizeof *leaves; k++) {
        scope s;
        err e = {0};
        open_scope(&s);
        boost_data train = planted_rows(BOOST_RANKING, 3000, 1, &s.keep);
        boost_params p = BOOST_DEFAULTS;
        p.trees = 12;
        p.leaves = leaves[k];
        p.min_rows = 3;
        boost b;
        trees m;
        enum { ROWS = 60, WIDE = PLANTED_COLS + 1 };
        double *theirs = take(&s.keep, double, ROWS * WIDE), ours[WIDE], score;
        check_ok(boost_open(&b, &train, NULL, p, 1, &s.keep, s.scratch, &e) &&
                     boost_trees(&b, &m, &s.keep, s.scratch, &e) &&
                     boost_explain(&b, train.x, ROWS, theirs, &e),
                 &e);
        for (int r = 0; r < ROWS; r++) {
            double sum = 0, size = 0;
            trees_explain(&m, train.x + r * PLANTED_COLS, ours, s.scratch);
            trees_score(&m, train.x + r * PLANTED_COLS, 1, &score, NULL);
            for (int c = 0; c < WIDE; c++) size = fmax(size, fabs(theirs[r * WIDE + c]));
            /* 1e-9 of the largest part: two ways of summing some thousand products */
            for (int c = 0; c < WIDE; c++) {
                check_near(ours[c], theirs[r * WIDE + c], 1e-9 * size);
                sum += ours[c];
            }
            check_near(sum, score, 1e-10 * size);
        }
        boost_close(&b);
        scope_close(&s);
    }
}

CHECK(trees_check_finds_damage) {
    scope s;
    open_scope(&s);
    trees m = by_hand(&s);
    struct {
        void *place;
        size_t bytes;
        double value;
        const char *says;
    } const cases[] = {
        {m.left, 4, 0, "not after its parent"},  {m.left, 4, 7, "out of range"},
        {m.right, 4, 1, "leaves are not"},       {m.right + 1, 4, -9, "not in order"},
        {m.feature, 4, 3, "feature"},            {m.feature, 4, -1, "feature"},
        {m.kind, 1, 4, "kind"},                  {m.kind, 1, 2, "set is out of range"},
        {m.set, 4, 0, "set is out of range"},    {m.set + 2, 4, 1, "set is out of range"},
        {m.node_rows, 4, 0, "no rows"},          {m.leaf_rows, 4, -1, "negative"},
        {m.threshold, 5, 0, "threshold"},        {m.value, 6, 0, "value"},
        {m.at + 1, 8, 9, "overlap"},             {m.set_at, 8, 1, "start at 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char before[8];
        const size_t bytes = cases[i].bytes == 5 ? 4 : cases[i].bytes == 6 ? 8 : cases[i].bytes;
        memcpy(before, cases[i].place, bytes);
        if (cases[i].bytes == 1) *(uint8_t *)cases[i].place = (uint8_t)cases[i].value;
        if (cases[i].bytes == 4) *(int32_t *)cases[i].place = (int32_t)cases[i].value;
        if (cases[i].bytes == 5) *(float *)cases[i].place = NAN;
        if (cases[i].bytes == 6) *(double *)cases[i].place = INFINITY;
        if (cases[i].bytes == 8) *(int64_t *)cases[i].place = (int64_t)cases[i].value;
        const char *why = trees_check(&m, s.scratch);
        memcpy(cases[i].place, before, bytes);
        check(why != NULL);
        check_has(slice_of(why), cases[i].says);
    }
    check(trees_check(&m, s.scratch) == NULL);
    scope_close(&s);
}
