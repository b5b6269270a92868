/* launch: quartiles counted by hand, shrinkage, and where planted articles stand. */
#include "lab.h"

#include <math.h>

#include "base/random.h"
#include "models/insight/launch.h"

CHECK(launch_quartiles_of_five_articles) {
    lab t;
    launch_curves c;
    lab_open(&t, 1);
    /* five articles of one category; the last has not reached week 2 */
    const double value[] = {0, 9, 2, 9, 4, 1, 6, 1, 40, NAN};
    const int32_t category[] = {0, 0, 0, 0, 0};
    launch_fit(&c, &(launch_data){5, 2, value, category, 1}, &t.s.keep, t.s.scratch);
    check(c.n[0] == 5 && c.n[1] == 4);
    check_near(c.low[0], 2, 1e-12);
    check_near(c.mid[0], 4, 1e-12);
    check_near(c.high[0], 6, 1e-12);
    /* the middle of 1, 1, 9, 9 in logarithms of units + 1/2 */
    check_near(c.mid[1], sqrt(1.5 * 9.5) - 0.5, 1e-12);
    check_near(c.low[1], 1, 1e-12);
    /* of one category: its own; from 4 to 2 and 6 in logarithms of units + 1/2 */
    check_near(c.down[0], log(4.5 / 2.5) / 0.6744898, 1e-6);
    check_near(c.up[0], log(6.5 / 4.5) / 0.6744898, 1e-6);
    lab_close(&t);
}

/* Three categories of 40, 40 and 2 articles: levels 20 and 80 are planted, the third says 320. */
CHECK(launch_draws_small_categories_toward_all) {
    enum { N = 82 };
    lab t;
    launch_curves c;
    double value[N];
    int32_t category[N];
    lab_open(&t, 1);
    for (int i = 0; i < N; i++) {
        category[i] = i < 40 ? 0 : i < 80 ? 1 : 2;
        double level = category[i] == 0 ? 20 : category[i] == 1 ? 80 : 320;
        value[i] = level * exp(0.8 * (i % 5 - 2) / 2.0);
    }
    launch_fit(&c, &(launch_data){N, 1, value, category, 3}, &t.s.keep, t.s.scratch);
    check(c.weight[0] > 0.9 && c.weight[2] < c.weight[0] && c.weight[2] > 0);
    check_near(c.mid[0], 20, 4);
    check_near(c.mid[1], 80, 10);
    /* 320 exp(-0.8 … -0.4) by its own two articles, 40 by all: between, and by the weight */
    double own = log(sqrt((320 * exp(-0.8) + 0.5) * (320 * exp(-0.4) + 0.5)));
    double wanted = c.weight[2] * own + (1 - c.weight[2]) * log(c.mid[3] + 0.5);
    check_near(log(c.mid[2] + 0.5), wanted, 1e-9);
    check(c.low[2] < c.mid[2] && c.mid[2] < c.high[2]);
    check(c.se[2] > c.se[0]);
    /* two categories of nine, quartiles 1 apart in logarithms of units + 1/2, medians 2 apart: e is
     * the error of a median, τ² = (2² / 2 - e) of DerSimonian and Laird, w = τ² / (τ² + e) */
    for (int i = 0; i < 18; i++) {
        category[i] = i / 9;
        value[i] = exp(3 + 2 * category[i] + (i % 9 - 4) / 4.0) - 0.5;
    }
    launch_fit(&c, &(launch_data){18, 1, value, category, 2}, &t.s.keep, t.s.scratch);
    double off = acos(-1.0) / 2 / (1.349 * 1.349) / 9;
    check_near(c.weight[1], 1 - off / 2, 1e-9);
    check_near(c.up[1], 0.5 / 0.6744898, 1e-6);
    for (int i = 0; i < N; i++) category[i] = i < 40 ? 0 : i < 80 ? 1 : 2;
    /* categories that do not differ have the curve of all */
    for (int i = 0; i < N; i++) value[i] = 20 + i % 5;
    launch_fit(&c, &(launch_data){N, 1, value, category, 3}, &t.s.keep, t.s.scratch);
    check_near(c.weight[0], 0, 1e-12);
    check_near(c.mid[2], c.mid[3], 1e-12);
    lab_close(&t);
}

CHECK(launch_spread_is_one_for_poisson_counts) {
    enum { N = 400, WEEKS = 12 };
    static double units[N * WEEKS];
    rng r = rng_open(7, 0);
    for (int i = 0; i < N * WEEKS; i++) units[i] = (double)rng_poisson(&r, 4.0);
    check_near(launch_spread(units, N, WEEKS), 1, 0.06);
    for (int i = 0; i < N * WEEKS; i++) units[i] *= 3; /* three of a kind at a time */
    check_near(launch_spread(units, N, WEEKS), 3, 0.2);
    check_near(launch_spread(units, 0, WEEKS), 1, 0);
}

/* Launches differ as a gamma of shape 1.5 does, whose logarithm is skewed: of three categories at
 * three levels, one of them small, five in a hundred are told to be off; ten times the usual is. */
CHECK(launch_calls_five_in_a_hundred_ordinary_launches) {
    enum { N = 2030, WEEKS = 8 };
    static double sums[N * WEEKS];
    static int32_t category[N];
    lab t;
    launch_curves c;
    lab_open(&t, 1);
    rng r = rng_open(11, 0);
    for (int i = 0; i < N; i++) {
        category[i] = i < 1000 ? 0 : i < 2000 ? 1 : 2;
        double rate = (category[i] == 0 ? 2 : category[i] == 1 ? 8 : 4) * rng_gamma(&r, 1.5) / 1.5;
        if (i == 0 || i == 2029) rate = category[i] == 0 ? 20 : 40;
        for (int w = 0; w < WEEKS; w++)
            sums[i * WEEKS + w] = (w ? sums[i * WEEKS + w - 1] : 0) + (double)rng_poisson(&r, rate);
    }
    launch_fit(&c, &(launch_data){N, WEEKS, sums, category, 3}, &t.s.keep, t.s.scratch);
    int count[3][LAUNCH_CALLS] = {{0}}, sure = 0;
    for (int i = 0; i < N; i++) {
        launch_place p = launch_stand(&c, category[i], sums + i * WEEKS, true, 1.0);
        count[category[i]][p.call]++, sure += p.low > 1 || p.high < 1;
        check(p.usual_low < p.usual && p.usual < p.usual_high);
        if (i == 0 || i == 2029) check(p.call == LAUNCH_AHEAD);
    }
    for (int k = 0; k < 2; k++) {
        int off = count[k][LAUNCH_AHEAD] + count[k][LAUNCH_BEHIND];
        check(off >= 25 && off <= 75); /* 50, and a gamma is not quite two half normals */
        check(count[k][LAUNCH_BEHIND] > 5);
    }
    check(count[2][LAUNCH_PAR] >= 26); /* 27.5 of 29 */
    check(sure > N / 2); /* of their own chance most lie on one side of the usual */
    lab_close(&t);
}

/* Of articles that all go at their category's rate few are told to be off; one that sells twice or
 * half as much is. */
CHECK(launch_tells_who_is_ahead_and_who_is_behind) {
    enum { N = 200, WEEKS = 10 };
    static double sums[N * WEEKS];
    int32_t category[N] = {0};
    lab t;
    launch_curves c;
    lab_open(&t, 1);
    rng r = rng_open(3, 0);
    for (int i = 0; i < N; i++)
        for (int w = 0; w < WEEKS; w++)
            sums[i * WEEKS + w] = (w ? sums[i * WEEKS + w - 1] : 0) +
                                  (double)rng_poisson(&r, i == 0 ? 12 : i == 1 ? 3 : 6);
    launch_fit(&c, &(launch_data){N, WEEKS, sums, category, 1}, &t.s.keep, t.s.scratch);
    launch_place ahead = launch_stand(&c, 0, sums, true, 1.0),
                 behind = launch_stand(&c, 0, sums + WEEKS, true, 1.0);
    check(ahead.call == LAUNCH_AHEAD && behind.call == LAUNCH_BEHIND);
    check(ahead.weeks == 10);
    check_near(ahead.usual, 60, 2);
    check_near(ahead.ratio, (ahead.units + 0.5) / (ahead.usual + 0.5), 1e-12);
    check(ahead.low < ahead.ratio && ahead.ratio < ahead.high && ahead.low > 1.5);
    /* exact Poisson limits of 12 units under Jeffreys' prior: 6.56 and 20.3 (qgamma(…, 12.5)) */
    launch_curves sure = {.categories = 1, .weeks = 2, .mid = (double[]){11.5, 11.5},
                          .down = (double[]){0, 0}, .up = (double[]){0, 0},
                          .se = (double[]){0, 0}};
    launch_place twelve = launch_stand(&sure, 0, (const double[]){6, 12}, true, 1.0);
    check_near(twelve.low * 12, 6.5598, 0.02); /* 0.02: Wilson and Hilferty's */
    check_near(twelve.high * 12, 20.3232, 0.02);
    /* nothing sold where 30 are usual: behind, unless units come twenty at a time */
    sure.mid[1] = 29.5;
    launch_place none = launch_stand(&sure, 0, (const double[]){0, 0}, true, 1.0);
    check(none.call == LAUNCH_BEHIND && none.low == 0 && none.high < 0.15);
    check(launch_stand(&sure, 0, (const double[]){0, 0}, true, 20.0).high > 1);
    sure.down = (double[]){0, 1}, sure.up = (double[]){0, 2};
    none = launch_stand(&sure, 0, (const double[]){0, 200}, true, 1.0);
    check_near(none.usual_low, 30 / exp(1.959964) - 0.5, 1e-4);
    check_near(none.usual_high, 30 * exp(1.959964 * 2) - 0.5, 1e-2);
    check(none.call == LAUNCH_PAR);
    sure.se[1] = 0.5; /* of the median: adds in squares */
    none = launch_stand(&sure, 0, (const double[]){0, 2500}, true, 1.0);
    check_near(none.usual_high, 30 * exp(1.959964 * hypot(2, 0.5)) - 0.5, 1e-2);
    check(none.call == LAUNCH_AHEAD);
    int off = 0;
    for (int i = 2; i < N; i++)
        off += launch_stand(&c, 0, sums + i * WEEKS, true, 1.0).call != LAUNCH_PAR;
    check(off <= 16); /* 5 % of 198 are 10 */
    for (int w = 1; w < WEEKS; w++) sums[w] = NAN;
    check(launch_stand(&c, 0, sums, true, 1.0).call == LAUNCH_YOUNG);
    check(launch_stand(&c, 0, sums, false, 1.0).call == LAUNCH_UNKNOWN);
    lab_close(&t);
}
