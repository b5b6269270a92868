/* models_forecast_stl: decomposition by local regression against truths and reference numbers. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/forecast/loess.h"
#include "models/forecast/mstl.h"

#include "models_forecast_air.h"

enum { AT = 8 };
static const int at[AT] = {0, 1, 7, 30, 71, 100, 142, 143};

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 8 << 20, 8 << 20, &e), &e);
}

/* References: tests/oracles/stl.py. 1e-8: the digits it prints. */
static void check_parts(const stl_model *m, const double *trend, const double *season,
                        const double *remainder) {
    for (int i = 0; i < AT; i++) {
        check_near(m->trend[at[i]], trend[i], 1e-8);
        check_near(m->season[at[i]], season[i], 1e-8);
        check_near(m->remainder[at[i]], remainder[i], 1e-8);
    }
}

CHECK(stl_equals_the_reference) {
    static const double trend[] = {122.633476227, 123.345101191, 127.700077374, 171.116671050,
                                   258.582474931, 362.549877555, 492.027670388, 495.534485603},
                        season[] = {-11.022167882, -2.838616713, 19.494125145, 30.384780690,
                                    -28.047146281, -8.787447643, -98.279820263, -60.935215132},
                        rest[] = {0.388691655,  -2.506484478, 0.805797481,  -2.501451739,
                                  -1.535328651, 1.237570088,  -3.747850125, -2.599270471};
    scope s;
    open(&s);
    stl_params p = STL_DEFAULTS;
    p.season = 12;
    stl_model m;
    check(stl_check(air, AIR, p) == NULL);
    stl_fit(&m, air, AIR, p, &s.keep, s.scratch);
    check_parts(&m, trend, season, rest);
    check(m.weight[5] == 1);
    scope_close(&s);
}

CHECK(stl_equals_the_reference_with_other_windows) {
    static const double trend[] = {122.935041390, 123.593083937, 127.780296263, 171.646617309,
                                   258.591045666, 362.107116088, 493.094877770, 496.740991403},
                        season[] = {-16.891443469, -18.354128842, 41.447982659, 46.752287260,
                                    -29.005516656, -4.832952114,  -74.162364041, -43.725631118},
                        rest[] = {5.956402079,  12.761044904, -21.228278922, -19.398904569,
                                  -0.585529010, -2.274163975, -28.932513729, -21.015360285},
                        trend2[] = {119.696999985, 121.030228663, 127.548719465, 171.020706780,
                                    258.562842146, 363.714177977, 491.568304437, 494.882493531},
                        season2[] = {-7.452379553,  2.436062039,  9.204819941,   31.403823556,
                                     -30.591465867, -4.651267565, -95.262679359, -58.281435750},
                        rest2[] = {-0.244620432, -5.466290702, 11.246460593, -3.424530336,
                                   1.028623722,  -4.062910412, -6.305625078, -4.601057781};
    scope s;
    open(&s);
    stl_params p = STL_DEFAULTS;
    p.season = 12, p.season_window = 13, p.trend_window = 25, p.low_window = 15, p.degree = 0;
    stl_model m;
    stl_fit(&m, air, AIR, p, &s.keep, s.scratch);
    check_parts(&m, trend, season, rest);
    stl_params q = STL_DEFAULTS;
    q.season = 12, q.season_window = 35; /* more cycles than there are */
    stl_fit(&m, air, AIR, q, &s.keep, s.scratch);
    check_parts(&m, trend2, season2, rest2);
    scope_close(&s);
}

CHECK(stl_robust_equals_the_reference_and_shrugs_a_spoilt_value_off) {
    static const double trend[] = {120.001873282, 120.753350349, 125.344566023, 168.224060794,
                                   258.624838057, 360.223888038, 496.625029199, 500.720930457},
                        season[] = {-8.491960413,  -1.612378775, 22.066076844,   19.191085525,
                                    -27.834140594, -3.745641656, -102.354724902, -68.851910245},
                        rest[] = {0.490087131,  -1.140971574, 0.589357133,  311.584853681,
                                  -1.790697463, -1.478246381, -4.270304297, 0.130979789},
                        weight[] = {0.997981171, 0.988909811, 0.997083039, 0,
                                    0.972811762, 0.983591080, 0.853921864, 0.998461149};
    scope s;
    open(&s);
    double *y = take_copy(&s.keep, double, air, AIR);
    y[30] += 300;
    stl_params p = STL_ROBUST;
    p.season = 12;
    stl_model m;
    stl_fit(&m, y, AIR, p, &s.keep, s.scratch);
    check_parts(&m, trend, season, rest);
    for (int i = 0; i < AT; i++) check_near(m.weight[at[i]], weight[i], 1e-8);
    scope_close(&s);
}

CHECK(stl_finds_a_planted_line_and_season) {
    static const double season[] = {-4, 1, 6, -3};
    scope s;
    open(&s);
    double y[60];
    for (int t = 0; t < 60; t++) y[t] = 100 + 0.5 * t + season[t % 4];
    stl_params p = STL_DEFAULTS;
    p.season = 4, p.inner = 20;
    stl_model m;
    stl_fit(&m, y, 60, p, &s.keep, s.scratch);
    for (int t = 0; t < 60; t++) { /* 1e-4: what twenty rounds leave of the start's error */
        check_near(m.trend[t], 100 + 0.5 * t, 1e-4);
        check_near(m.season[t], season[t % 4], 1e-4);
    }
    check_near(stl_strength(m.season, m.remainder, 60), 1, 1e-6);
    double flat[60] = {0}, half[60];
    for (int t = 0; t < 60; t++) half[t] = t % 2;
    check(stl_strength(flat, half, 60) == 0);
    check_near(stl_strength(half, half, 60), 0.75, 1e-12); /* Var(x) / Var(2x) = 1/4 */
    double level[60];
    for (int t = 0; t < 60; t++) level[t] = 9;
    check(stl_strength(half, level, 60) == 1); /* a level has no variance */
    scope_close(&s);
}

CHECK(stl_refuses_what_it_cannot_decompose) {
    stl_params p = STL_DEFAULTS;
    p.season = 12;
    double y[30] = {0};
    check(stl_check(y, 23, p) != NULL && stl_check(y, 24, p) == NULL);
    y[3] = NAN;
    check(stl_check(y, 24, p) != NULL);
    y[3] = 0, p.trend_window = 4;
    check(stl_check(y, 24, p) != NULL);
    p.trend_window = 0, p.season = 1;
    check(stl_check(y, 24, p) != NULL);
}

CHECK(mstl_equals_the_reference) {
    static const int where[] = {0, 5, 60, 118, 119};
    static const double trend[] = {52.128836425, 52.630499828, 58.135104620, 63.926597546,
                                   64.025378824},
                        first[] = {-0.487414154, 4.129110529, -0.501259738, -4.174896655,
                                   4.244880668},
                        second[] = {-1.429205311, -0.475032552, -1.232094613, -0.832978756,
                                    -0.306890730},
                        rest[] = {-0.212216961, 0.011012413, 0.304132084, 0.120794800,
                                  -0.256013838};
    scope s;
    open(&s);
    double y[120];
    for (int t = 0; t < 120; t++)
        y[t] = 50 + 0.1 * t + 5 * sin(t * t % 6) + 3 * (7 * t % 15) / 15.0 +
               t * t * 31 % 17 / 17.0;
    mstl_model m;
    mstl_params p = MSTL_DEFAULTS(6, 15, 90); /* 90 is held once only */
    check(mstl_check(y, 120, p) == NULL);
    mstl_fit(&m, y, 120, p, &s.keep, s.scratch);
    check(m.seasons == 2 && m.length[1] == 15);
    for (int i = 0; i < 5; i++) {
        check_near(m.trend[where[i]], trend[i], 1e-8);
        check_near(m.season[0][where[i]], first[i], 1e-8);
        check_near(m.season[1][where[i]], second[i], 1e-8);
        check_near(m.remainder[where[i]], rest[i], 1e-8);
        check_near(m.adjusted[where[i]], trend[i] + rest[i], 2e-8);
    }
    scope_close(&s);
}

CHECK(mstl_puts_the_last_cycles_back) {
    static const double levels[] = {0.80};
    scope s;
    open(&s);
    double y[40];
    for (int t = 0; t < 40; t++) y[t] = 3 * (t % 2) + (t % 5 == 4);
    mstl_model m;
    mstl_fit(&m, y, 40, MSTL_DEFAULTS(2, 5), &s.keep, s.scratch);
    band b = band_new(&s.keep, 7, levels, 1);
    for (int h = 0; h < 7; h++) b.mean[h] = 10, b.low[h] = 9, b.high[h] = 12;
    mstl_back(&m, &b);
    double add = m.season[0][38] + m.season[1][36]; /* step 40 + 6: phases 0 and 1 */
    check_near(b.mean[6], 10 + add, 1e-12);
    check_near(b.low[6], 9 + add, 1e-12);
    check_near(b.high[6], 12 + add, 1e-12);
    check_near(b.mean[1] - b.mean[0] - (m.season[1][36] - m.season[1][35]), 3, 0.05);
    mstl_fit(&m, y, 3, MSTL_DEFAULTS(2), &s.keep, s.scratch); /* too short for a season */
    check(m.seasons == 0);
    for (int t = 0; t < 3; t++) check(m.adjusted[t] == y[t]);
    check(mstl_check(y, 40, MSTL_DEFAULTS(5, 2)) != NULL);
    scope_close(&s);
}

CHECK(loess_draws_a_line_through_a_line) {
    scope s;
    open(&s);
    double y[12], to[12];
    for (int i = 0; i < 12; i++) y[i] = 7 - 2 * i;
    loess l = {y, 12, 5, 1, NULL, take(&s.keep, double, 12)};
    loess_smooth(&l, to);
    for (int i = 0; i < 12; i++) check_near(to[i], y[i], 1e-12);
    check(loess_at(&l, 14, 8, 12, &to[0])); /* beyond its end */
    check_near(to[0], 7 - 2 * 13, 1e-12);
    double none[12] = {0};
    l.weight = none;
    check(!loess_at(&l, 3, 1, 5, &to[0]));
    loess_smooth(&l, to); /* where nothing weighs, y itself */
    for (int i = 0; i < 12; i++) check(to[i] == y[i]);
    l.n = 1;
    loess_smooth(&l, to);
    check(to[0] == y[0]);
    scope_close(&s);
}

/* White noise of 20 cycles of 24: what a season of noise adds to the next cycle, and what it hides
 * of the last ones, is the widening, over 60 draws of 24 steps. */
CHECK(mstl_widening_is_what_a_season_of_noise_costs) {
    enum { M = 24, CYCLES = 20, N = M * CYCLES, DRAWS = 60 };
    scope s;
    open(&s);
    double y[N], off = 0, left = 0, stated = 0;
    for (int k = 0; k < DRAWS; k++) {
        scope_reset(&s);
        mstl_model m;
        rng r = rng_open(11, (uint64_t)k);
        for (int t = 0; t < N; t++) y[t] = rng_normal(&r);
        mstl_fit(&m, y, N, MSTL_DEFAULTS(M), &s.keep, s.scratch);
        for (int t = 0; t < N; t++) left += m.adjusted[t] * m.adjusted[t] / N;
        for (int h = 0; h < M; h++) {
            double error = rng_normal(&r) - m.season[0][N - M + h];
            off += error * error / M;
        }
        stated = mstl_widening(&m, MSTL_DEFAULTS(M), s.scratch);
    }
    check_near(stated, sqrt(off / left), 0.04); /* two standard errors of 1,440 errors */
    check(stated > 1.2);
    scope_close(&s);
}
