/* within: columns centred by hand, of one effect, of none and of a table of two by two; fast and
 * plain twin. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "lab.h"

#include "models/insight/within.h"

CHECK(within_of_one_effect_and_of_none_by_hand) {
    lab t;
    lab_open(&t, 1);
    double x[3] = {4, 8, 5}, weight[3] = {1, 3, 2};
    int32_t level[3] = {0, 0, 2};
    within w = {.n = 3, .effects = 1, .effect = {level}, .levels = {3}, .weight = weight,
                .tolerance = 1e-12, .rounds = 100};
    within_open(&w, &t.s.keep);
    within_column c = within_column_of(&w, x, &t.s.keep);
    c.value[0] = take(&t.s.keep, double, 3);
    within_centre(&w, &c, 1, t.threads);
    check(c.settled && c.rounds == 1); /* means of 7 and 5; of all 38 / 6 */
    check_near(c.x[0], -3, 1e-15), check_near(c.x[1], 1, 1e-15), check_near(c.x[2], 0, 1e-15);
    check_near(c.value[0][0], 7, 1e-15), check_near(c.value[0][2], 5, 1e-15);
    check(c.value[0][1] == 0); /* nobody's */
    check_near(c.spread, 52.0 / 3, 1e-13);
    check(within_present(&w, 0) == 2 && within_absorbed(&w) == 2);
    w.effects = 0, w.weight = NULL;
    within_open(&w, &t.s.keep);
    c = within_column_of(&w, x, &t.s.keep);
    within_centre(&w, &c, 1, t.threads);
    check(c.settled && c.rounds == 0 && within_absorbed(&w) == 1);
    check_near(c.x[0], 4 - 17.0 / 3, 1e-15), check_near(c.x[1], 8 - 17.0 / 3, 1e-15);
    check_near(c.spread, 26.0 / 3, 1e-14);
    within_column plain = within_column_of(&w, x, &t.s.keep);
    within_centre_plain(&w, &plain, t.s.scratch);
    check_near(plain.x[0], 4 - 17.0 / 3, 1e-15), check_near(plain.spread, 26.0 / 3, 1e-14);
    double far[3] = {1e9, 1e9, 1e9 + 1}; /* the mean is rounded at 1e-7 */
    c = within_column_of(&w, far, &t.s.keep);
    within_centre(&w, &c, 1, t.threads);
    check_near(c.spread, 2.0 / 3, 1e-6);
    lab_close(&t);
}

/* 1 - 5 - 2 + 9 = 3 is what rows and columns leave; each cell has of it 1 / weight, with the sign
 * it has there, over the sum of those, 25 / 12. Only one direction is free, so that one step
 * arrives; projections go there geometrically, and one pair of rounds extrapolated arrives too. */
CHECK(within_of_two_by_two_by_hand) {
    lab t;
    lab_open(&t, 1);
    double x[4] = {1, 5, 2, 9}, weight[4] = {1, 2, 3, 4}, left[4] = {1.44, -0.72, -0.48, 0.36};
    int32_t row[4] = {0, 0, 1, 1}, column[4] = {0, 1, 0, 1}, shop[4] = {3, 3, 5, 5};
    within w = {.n = 4, .effects = 2, .effect = {row, column}, .levels = {2, 2}, .weight = weight,
                .tolerance = 1e-12, .rounds = 100};
    within_open(&w, &t.s.keep);
    within_column fast = within_column_of(&w, x, &t.s.keep);
    within_column plain = within_column_of(&w, x, &t.s.keep);
    within_column slow = within_column_of(&w, x, &t.s.keep);
    within_column *told[2] = {&fast, &slow};
    for (int c = 0; c < 2; c++)
        for (int f = 0; f < 2; f++) told[c]->value[f] = take(&t.s.keep, double, 2);
    within_centre(&w, &fast, 1, t.threads);
    within_centre_plain(&w, &plain, t.s.scratch);
    within_centre_plain(&w, &slow, t.s.scratch);
    check(fast.settled && fast.rounds == 2 && plain.settled && plain.rounds == 3 && slow.settled);
    for (int i = 0; i < 4; i++) {
        check_near(fast.x[i], left[i], 1e-14); /* rounding of a spread of 3 */
        check_near(plain.x[i], left[i], 1e-12);
        check_near(slow.x[i], left[i], 1e-11);
        for (int c = 0; c < 2; c++)
            check_near(told[c]->value[0][row[i]] + told[c]->value[1][column[i]] + told[c]->x[i],
                       x[i], 1e-14);
    }
    check_near(4 * fast.value[1][0] + 6 * fast.value[1][1], 0, 1e-14); /* the free constant */
    check(within_absorbed(&w) == 3);
    check(within_nested(&w, 0, shop, t.s.scratch) && !within_nested(&w, 1, shop, t.s.scratch));
    lab_close(&t);
}

/* Rows in any order, empty levels, weights, two and three effects, an odd number of columns: what
 * the plain twin finds, and values that add up; begun at what was found, it is there. */
CHECK(within_agrees_with_its_plain_twin) {
    lab t;
    lab_open(&t, 2);
    enum { N = 3000, COLUMNS = 3 };
    int32_t *level[3];
    double *weight = take(&t.s.keep, double, N), *x[COLUMNS];
    int32_t levels[3] = {90, 400, 25};
    rng r = rng_open(23, 1);
    for (int f = 0; f < 3; f++) level[f] = take(&t.s.keep, int32_t, N);
    for (int c = 0; c < COLUMNS; c++) x[c] = take(&t.s.keep, double, N);
    for (int i = 0; i < N; i++) {
        weight[i] = exp(rng_normal(&r));
        for (int f = 0; f < 3; f++) /* the last level of each stays empty */
            level[f][i] = (int32_t)rng_below(&r, (uint32_t)levels[f] - 1);
        for (int c = 0; c < COLUMNS; c++)
            x[c][i] = rng_normal(&r) + 0.1 * level[c][i] + 0.002 * level[0][i] * level[2][i];
    }
    for (int effects = 2; effects <= 3; effects++)
        for (int weighted = 0; weighted < 2; weighted++) {
            within w = {.n = N, .effects = effects, .effect = {level[0], level[1], level[2]},
                        .levels = {levels[0], levels[1], levels[2]},
                        .weight = weighted ? weight : NULL, .tolerance = 1e-12, .rounds = 10000};
            within_column fast[COLUMNS], plain;
            within_open(&w, &t.s.keep);
            for (int c = 0; c < COLUMNS; c++) fast[c] = within_column_of(&w, x[c], &t.s.keep);
            for (int f = 0; f < effects; f++)
                fast[2].value[f] = take(&t.s.keep, double, levels[f]);
            within_centre(&w, fast, COLUMNS, t.threads);
            for (int c = 0; c < COLUMNS; c++) {
                plain = within_column_of(&w, x[c], &t.s.keep);
                within_centre_plain(&w, &plain, t.s.scratch);
                check(plain.settled && fast[c].settled);
                check_near(fast[c].spread, plain.spread, 1e-10 * plain.spread);
                /* the tolerance of both, a few times over: each round halves what is left */
                for (int i = 0; i < N; i++) check_near(fast[c].x[i], plain.x[i], 1e-10);
            }
            for (int i = 0; i < N; i++) {
                double sum = fast[2].x[i];
                for (int f = 0; f < effects; f++) sum += fast[2].value[f][level[f][i]];
                check_near(sum, x[2][i], 1e-12);
            }
            memcpy(fast[1].x, x[1], N * sizeof *x[1]);
            within_centre(&w, &fast[1], 1, t.threads);
            check(fast[1].rounds <= 2);
        }
    lab_close(&t);
}

/* Enough rows for several chunks: one thread and eight, the same bytes. */
CHECK(within_does_not_depend_on_threads) {
    lab t;
    enum { ARTICLES = 4000, WEEKS = 40, N = ARTICLES * WEEKS };
    double *first = NULL;
    static double kept[2 * N];
    static int32_t article[N], week[N];
    static double x[N], y[N];
    rng r = rng_open(29, 1);
    for (int i = 0; i < N; i++) {
        article[i] = i / WEEKS, week[i] = (i % WEEKS + article[i] / 100) % 80;
        x[i] = rng_normal(&r) + 0.01 * week[i], y[i] = rng_uniform(&r) * article[i];
    }
    for (int threads = 1; threads <= 8; threads += 7) {
        lab_open(&t, threads);
        within w = {.n = N, .effects = 2, .effect = {article, week}, .levels = {ARTICLES, 80},
                    .tolerance = 1e-10, .rounds = 1000};
        within_open(&w, &t.s.keep);
        within_column c[2] = {within_column_of(&w, x, &t.s.keep),
                              within_column_of(&w, y, &t.s.keep)};
        within_centre(&w, c, 2, t.threads);
        check(c[0].settled && c[1].settled);
        within_column plain = within_column_of(&w, y, &t.s.keep);
        if (!first) within_centre_plain(&w, &plain, t.s.scratch);
        for (int i = 0; i < N && !first; i++) /* of values up to 4,000 */
            check_near(c[1].x[i], plain.x[i], 1e-6);
        for (int k = 0; k < 2; k++) {
            if (first) check(memcmp(kept + k * N, c[k].x, N * sizeof *kept) == 0);
            memcpy(kept + k * N, c[k].x, N * sizeof *kept);
        }
        first = kept;
        lab_close(&t);
    }
}
