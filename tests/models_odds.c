/* odds: Mantel–Haenszel by hand, false discoveries, shrinkage. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/behaviour/odds.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 8 << 20, 1 << 20, &e), &e);
    return s;
}

/* One stratum: ad/bc, and the variance of Robins and others is Woolf's 1/a + 1/b + 1/c + 1/d. */
CHECK(odds_of_one_stratum_by_hand) {
    odds o;
    odds_table t = {30, 10, 20, 40};
    check(odds_fit(&o, &t, 1));
    check_near(o.ratio.value, 6, 1e-12);
    double se = sqrt(1 / 30.0 + 1 / 10.0 + 1 / 20.0 + 1 / 40.0);
    check_near(o.se, se, 1e-12);
    check_near(o.ratio.low, 6 * exp(-1.959963984540054 * se), 1e-12);
    check_near(o.ratio.high, 6 * exp(1.959963984540054 * se), 1e-11);
    check_near(o.crude, 30.5 * 40.5 / (10.5 * 20.5), 1e-12);
    /* a - 40·50/100 = 10; variance 40·60·50·50 / (100²·99) = 6.0606; X² = 16.5 */
    check_near(o.p, erfc(sqrt(16.5 / 2)), 1e-15);
}

/* Each stratum has the ratio 4; together they would say less than 1: Simpson's case. */
CHECK(odds_of_strata_see_through_simpson) {
    odds o;
    odds_table t[] = {{8, 32, 12, 192}, {80, 20, 40, 40}};
    check(odds_fit(&o, t, 2));
    /* R = 8·192/244 + 80·40/180, S = 32·12/244 + 20·40/180 */
    check_near(o.ratio.value, (1536 / 244.0 + 3200 / 180.0) / (384 / 244.0 + 800 / 180.0), 1e-12);
    check_near(o.ratio.value, 4, 1e-12);
    odds_table mixed[] = {{80, 20, 400, 160}, {4, 36, 1, 29}};
    check(odds_fit(&o, mixed, 2));
    check(o.ratio.value > 1.5 && o.crude < 1);
    /* an empty stratum and one of a single unit change nothing */
    odds_table more[] = {{80, 20, 400, 160}, {0, 0, 0, 0}, {4, 36, 1, 29}, {1, 0, 0, 0}};
    odds same;
    check(odds_fit(&same, more, 4));
    check_near(same.log, o.log, 0);
    check_near(same.p, o.p, 0);
}

CHECK(odds_where_nothing_compares) {
    odds o;
    odds_table all_with = {5, 7, 0, 0}, all_on = {5, 0, 7, 0};
    odds_table apart[] = {{5, 7, 0, 0}, {0, 0, 3, 9}};
    check(!odds_fit(&o, &all_with, 1));
    check(!odds_fit(&o, &all_on, 1));
    check(!odds_fit(&o, apart, 2));
    odds_table never = {0, 40, 30, 30}; /* nobody with it went on: ½ in each cell */
    check(odds_fit(&o, &never, 1));
    check_near(o.ratio.value, 0.5 * 30.5 / (40.5 * 30.5), 1e-12);
    check_near(o.se * o.se, 1 / 0.5 + 1 / 40.5 + 2 / 30.5, 1e-12);
    odds_table always = {40, 0, 30, 30};
    check(odds_fit(&o, &always, 1));
    check_near(o.ratio.value, 40.5 / 0.5, 1e-10);
}

CHECK(odds_judged_together) {
    scope s = open_scope();
    odds o[] = {{.log = 1, .se = 0.5, .p = 0.01}, {.log = -1, .se = 0.5, .p = 0.04},
                {.log = 0.1, .se = 0.1, .p = 0.03}, {.log = 0, .se = 0.1, .p = 0.9}};
    odds_judge(o, 4, s.scratch);
    check_near(o[0].q, 0.04, 1e-15);
    check_near(o[1].q, 0.04 * 4 / 3, 1e-15);
    check_near(o[2].q, 0.04 * 4 / 3, 1e-15); /* its own 0.06 is more than the next one's */
    check_near(o[3].q, 0.9, 1e-15);
    double between = (0.75 + 0.75 + 0 - 0.01) / 4;
    check_near(o[0].shrunk, exp(between / (between + 0.25)), 1e-12);
    check_near(o[2].shrunk, exp(0.1 * between / (between + 0.01)), 1e-12);
    odds weak[] = {{.log = 0.1, .se = 1, .p = 0.9}};
    odds_judge(weak, 1, s.scratch);
    check_near(weak[0].shrunk, 1, 0);
    odds_judge(NULL, 0, s.scratch);
    scope_close(&s);
}

/* Where nothing separates them, at most one test in twenty says so, and the interval holds. */
CHECK(odds_of_nothing_are_rarely_found) {
    enum { TRIALS = 2000, EACH = 60 };
    rng r = rng_open(7, 3);
    int small = 0, held = 0, fitted = 0;
    for (int i = 0; i < TRIALS; i++) {
        odds o;
        odds_table t[3] = {{0}};
        for (int k = 0; k < 3; k++)
            for (int u = 0; u < EACH; u++) {
                bool with = rng_uniform(&r) < 0.2 + 0.2 * k, on = rng_uniform(&r) < 0.3 + 0.2 * k;
                (*(with ? on ? &t[k].with_on : &t[k].with_left
                        : on ? &t[k].without_on : &t[k].without_left))++;
            }
        if (!odds_fit(&o, t, 3)) continue;
        fitted++, small += o.p < 0.05, held += o.ratio.low <= 1 && o.ratio.high >= 1;
    }
    check(fitted == TRIALS);
    check(small > TRIALS * 0.03 && small < TRIALS * 0.07); /* 4 standard errors are 0.02 */
    check(held > TRIALS * 0.93 && held < TRIALS * 0.97);
}
