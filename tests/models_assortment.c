/* assortment: classes, steadiness and concentration worked out by hand. */
#include "lab.h"

#include <math.h>

#include "models/insight/assortment.h"

CHECK(assortment_classes_hold_at_least_their_share) {
    lab t;
    lab_open(&t, 1);
    /* 100 in all: 50, 30 (80 before the next), 10, 5 (95 before the next), 5, and two without */
    const double revenue[] = {5, 50, 0, 30, 10, -7, 5};
    uint8_t class_of[7];
    int32_t order[7];
    assortment_classify(class_of, order, revenue, 7, ASSORTMENT_DEFAULTS, t.s.scratch);
    const uint8_t wanted[] = {1, 0, 2, 0, 1, 2, 2};
    const int32_t places[] = {1, 3, 4, 0, 6, 2, 5};
    for (int i = 0; i < 7; i++) check(class_of[i] == wanted[i] && order[i] == places[i]);
    const double one[] = {9}; /* whoever has all is A */
    assortment_classify(class_of, order, one, 1, ASSORTMENT_DEFAULTS, t.s.scratch);
    check(class_of[0] == ASSORTMENT_A);
    const double none[] = {0, 0};
    assortment_classify(class_of, order, none, 2, ASSORTMENT_DEFAULTS, t.s.scratch);
    check(class_of[0] == ASSORTMENT_C && class_of[1] == ASSORTMENT_C);
    lab_close(&t);
}

CHECK(assortment_gini_and_lorenz_of_known_shares) {
    lab t;
    lab_open(&t, 1);
    double share[5];
    const double alike[] = {3, 3, 3, 3}, one[] = {0, 0, 8, 0}, some[] = {4, 1, 3, 2};
    check_near(assortment_gini(alike, 4, t.s.scratch), 0, 1e-15);
    check_near(assortment_gini(one, 4, t.s.scratch), 0.75, 1e-15);
    check_near(assortment_gini(some, 4, t.s.scratch), 0.25, 1e-15); /* mean |difference| 1.25 / 5 */
    check(isnan(assortment_gini(alike, 0, t.s.scratch)));
    assortment_lorenz(share, 5, some, 4, t.s.scratch);
    const double wanted[] = {0, 0.4, 0.7, 0.9, 1};
    for (int k = 0; k < 5; k++) check_near(share[k], wanted[k], 1e-15);
    const double two[] = {1, 3}; /* a quarter of the articles is half of the first */
    assortment_lorenz(share, 5, two, 2, t.s.scratch);
    check_near(share[1], 0.375, 1e-15);
    check_near(share[3], 0.875, 1e-15);
    lab_close(&t);
}

CHECK(assortment_steadiness_takes_the_season_out) {
    lab t;
    lab_open(&t, 1);
    double flat[8], wave[8], units[8], own[8];
    for (int i = 0; i < 8; i++) {
        flat[i] = 1000, units[i] = i % 2 ? 3 : 1;
        wave[i] = i < 4 ? 980 : 2980; /* others + k: 1000 and 3000 */
        own[i] = i < 4 ? 10 : 30, wave[i] += own[i];
        flat[i] += units[i];
    }
    /* 1 and 3 in turn: mean 2, sd √(8/7) */
    check_near(assortment_cv(units, flat, 8, t.s.scratch), sqrt(8.0 / 7.0) / 2.0, 1e-12);
    check_near(assortment_cv(own, wave, 8, t.s.scratch), 0, 1e-12); /* goes with its category */
    check(isnan(assortment_cv(own, wave, 7, t.s.scratch)));
    double nothing[8] = {0};
    check(isnan(assortment_cv(nothing, wave, 8, t.s.scratch)));
    assortment_cuts c = ASSORTMENT_DEFAULTS;
    check(assortment_steadiness(0.49, c) == ASSORTMENT_X);
    check(assortment_steadiness(0.5, c) == ASSORTMENT_Y);
    check(assortment_steadiness(1.0, c) == ASSORTMENT_Y);
    check(assortment_steadiness(1.01, c) == ASSORTMENT_Z);
    check(assortment_steadiness(NAN, c) == ASSORTMENT_NO_XYZ);
    c.b = c.a;
    check(assortment_check(c) != NULL && assortment_check(ASSORTMENT_DEFAULTS) == NULL);
    lab_close(&t);
}
