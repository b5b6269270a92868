/* within: columns centred by hand, of one effect, of none and of a table of two by two. */
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
    c = within_column_of(&w, x, &t.s.keep);
    within_centre(&w, &c, 1, t.threads);
    check(c.settled && c.rounds == 0 && within_absorbed(&w) == 1);
    check_near(c.x[0], 4 - 17.0 / 3, 1e-15), check_near(c.x[1], 8 - 17.0 / 3, 1e-15);
    check_near(c.spread, 26.0 / 3, 1e-14);
    double far[3] = {1e9, 1e9, 1e9 + 1}; /* the mean is rounded at 1e-7 */
    c = within_column_of(&w, far, &t.s.keep);
    within_centre(&w, &c, 1, t.threads);
    check_near(c.spread, 2.0 / 3, 1e-6);
    lab_close(&t);
}

/* 1 - 5 - 2 + 9 = 3 is what rows and columns leave; each cell has of it 1 / weight, with the sign
 * it has there, over the sum of those, 25 / 12. The way there is geometric, so that one pair of
 * rounds accelerated arrives. */
CHECK(within_of_two_by_two_by_hand) {
    lab t;
    lab_open(&t, 1);
    double x[4] = {1, 5, 2, 9}, weight[4] = {1, 2, 3, 4}, left[4] = {1.44, -0.72, -0.48, 0.36};
    int32_t row[4] = {0, 0, 1, 1}, column[4] = {0, 1, 0, 1}, shop[4] = {3, 3, 5, 5};
    within w = {.n = 4, .effects = 2, .effect = {row, column}, .levels = {2, 2}, .weight = weight,
                .tolerance = 1e-12, .rounds = 100};
    within_open(&w, &t.s.keep);
    within_column fast = within_column_of(&w, x, &t.s.keep);
    within_column slow = within_column_of(&w, x, &t.s.keep);
    slow.value[0] = take(&t.s.keep, double, 2), slow.value[1] = take(&t.s.keep, double, 2);
    within_centre(&w, &fast, 1, t.threads);
    within_centre(&w, &slow, 1, t.threads);
    check(fast.settled && fast.rounds == 3 && slow.settled);
    for (int i = 0; i < 4; i++) {
        check_near(fast.x[i], left[i], 1e-12); /* the tolerance, of a spread of 3 */
        check_near(slow.x[i], left[i], 1e-11);
        check_near(slow.value[0][row[i]] + slow.value[1][column[i]] + slow.x[i], x[i], 1e-14);
    }
    check(within_absorbed(&w) == 3);
    check(within_nested(&w, 0, shop, t.s.scratch) && !within_nested(&w, 1, shop, t.s.scratch));
    lab_close(&t);
}
