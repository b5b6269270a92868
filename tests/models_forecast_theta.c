/* models_forecast_theta: seasonal adjustment, smoothing and Theta against truths and references. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/forecast/smooth.h"
#include "models/forecast/theta.h"

#include "models_forecast_air.h"

static const double levels[] = {0.80, 0.95};

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 8 << 20, 8 << 20, &e), &e);
}

static theta_model fit(scope *s, const double *y, int n, int season, theta_kind kind) {
    err e = {0};
    theta_params p = THETA_DEFAULTS;
    p.season = season, p.kind = kind;
    theta_model m;
    check_ok(theta_fit(&m, y, n, p, &s->keep, s->scratch, &e), &e);
    return m;
}

/* References: tests/oracles/theta.py. 1e-8: the digits it prints. */
CHECK(adjust_takes_out_the_factors_of_the_reference) {
    static const double wanted[] = {0.91023037, 0.88362532, 1.00736629, 0.97590601,
                                    0.98137803, 1.11277583, 1.22655554, 1.21991097,
                                    1.06049193, 0.92175724, 0.80117808, 0.89882439};
    scope s;
    open(&s);
    check(adjust_seasonal(air, AIR, 12, s.scratch));
    check(!adjust_seasonal(air, 35, 12, s.scratch)); /* under three seasons */
    check(adjust_seasonal(air, AIR, 7, s.scratch)); /* a trend passes for a season */
    adjusted a = adjust_series(air, AIR, 12, &s.keep, s.scratch);
    check(a.season == 12 && a.multiply);
    for (int k = 0; k < 12; k++) check_near(a.factor[k], wanted[k], 1e-8);
    check_near(a.x[13], 126 / wanted[1], 1e-4); /* 1e-8 of the factor, times 143 */
    scope_close(&s);
}

CHECK(adjust_finds_planted_factors_and_puts_them_back) {
    static const double season[] = {-4, 1, 6, -3}, shares[] = {0.5, 1.5, 1.25, 0.75};
    scope s;
    open(&s);
    double y[40], z[40];
    for (int t = 0; t < 40; t++) y[t] = season[t % 4] + t % 2, z[t] = 20 * shares[t % 4];
    adjusted a = adjust_series(y, 40, 4, &s.keep, s.scratch);
    check(a.season == 4 && !a.multiply); /* values below zero: differences */
    for (int k = 0; k < 4; k++) check_near(a.factor[k], season[k] + k % 2 - 0.5, 1e-12);
    for (int t = 0; t < 40; t++) check_near(a.x[t], 0.5, 1e-12); /* 1e-12: rounding */
    adjusted b = adjust_series(z, 39, 4, &s.keep, s.scratch);
    check(b.multiply);
    band f = band_new(&s.keep, 3, levels, 1);
    for (int h = 0; h < 3; h++) f.mean[h] = 10, f.low[h] = 8, f.high[h] = 14;
    f.total_sd = 2;
    adjust_back(&b, &f); /* steps 40, 41, 42: phases 3, 0, 1 */
    check_near(f.mean[0], 7.5, 1e-12);
    check_near(f.low[1], 4, 1e-12);
    check_near(f.high[2], 21, 1e-12);
    check_near(f.total_sd, 2 * sqrt((0.75 * 0.75 + 0.25 + 2.25) / 3), 1e-12);
    scope_close(&s);
}

/* Noise about a high level has no season, however large the level. */
CHECK(adjust_finds_no_season_in_noise) {
    scope s;
    open(&s);
    rng r = rng_open(3, 1);
    double y[80];
    for (int t = 0; t < 80; t++) y[t] = 1000 + rng_normal(&r);
    check(!adjust_seasonal(y, 80, 4, s.scratch));
    scope_close(&s);
}

CHECK(adjust_divides_by_no_phase_that_sells_nothing) {
    scope s;
    open(&s);
    double y[60];
    for (int t = 0; t < 60; t++) y[t] = t % 6 == 5 ? 1e-6 : 100 + t % 6;
    adjusted a = adjust_series(y, 60, 6, &s.keep, s.scratch);
    check(a.season == 6 && !a.multiply);
    for (int t = 0; t < 60; t++) check(fabs(a.x[t]) < 1000);
    scope_close(&s);
}

/* alpha 0.837896, level 481.899392, sse 16428.353273 on the series without its season. */
CHECK(smooth_reaches_the_optimum_of_the_reference) {
    scope s;
    open(&s);
    adjusted a = adjust_series(air, AIR, 12, &s.keep, s.scratch);
    smooth_model m = smooth_fit(a.x, AIR, SMOOTH_LOW, SMOOTH_HIGH);
    check_near(m.alpha, 0.837896, 2e-5); /* where golden section ends; the sum is flat there */
    check_near(m.level, 481.899392, 1e-3);
    check_near(m.sse, 16428.353273, 1e-5);
    smooth_model given = smooth_fit((double[]){4, 8}, 2, 0.25, 0.25);
    /* errors 4 - l and 8 - l - (4 - l)/4 = 7 - 3l/4: least at l = (4 + 21/4)/(25/16) */
    check_near(given.start, 9.25 / 1.5625, 1e-12);
    check_near(given.level, given.start * 0.5625 + 4 * 0.1875 + 2, 1e-12);
    scope_close(&s);
}

CHECK(theta_equals_the_benchmark_of_m4) {
    static const double wanted[] = {440.93362, 429.21471, 490.65382, 476.62178,
                                    480.59269, 546.41206, 603.90472, 602.24723,
                                    524.94814, 457.49341, 398.70668, 448.48962};
    scope s;
    open(&s);
    theta_model m = fit(&s, air, AIR, 12, THETA_CLASSIC);
    band f = band_new(&s.keep, 12, levels, 2);
    theta_forecast(&m, &f);
    for (int h = 0; h < 12; h++) check_near(f.mean[h], wanted[h], 1e-3); /* alpha to 1e-5 */
    check_near(m.sse, 15258.7211, 0.05); /* the optimum is that of the second line alone */
    check_near(m.sigma, sqrt(m.sse / (AIR - 6)), 1e-12);
    check_near(f.high[0] - f.mean[0], normal_quantile(0.9) * m.sigma * m.series.factor[0], 1e-9);
    scope_close(&s);
}

CHECK(theta_optimised_reaches_the_sums_of_the_reference) {
    static const struct {
        theta_kind kind;
        double sse, alpha, first, sixth, last;
    } rows[] = {{THETA_STATIC, 14869.471672, 0.7147001, 442.9696, 555.6736, 462.5349},
                {THETA_DYNAMIC, 15030.395246, 0.72260742, 442.9903, 556.3474, 463.8062}};
    scope s;
    open(&s);
    for (int i = 0; i < 2; i++) {
        theta_model m = fit(&s, air, AIR, 12, rows[i].kind);
        band f = band_new(&s.keep, 12, levels, 2);
        theta_forecast(&m, &f);
        check_near(m.sse, rows[i].sse, 1e-3); /* theta of 1000 in both; digits of the search */
        check_near(m.alpha, rows[i].alpha, 1e-4);   /* flat optimum */
        check_near(f.mean[0], rows[i].first, 2e-2); /* the same, in passengers */
        check_near(f.mean[5], rows[i].sixth, 2e-2);
        check_near(f.mean[11], rows[i].last, 2e-2);
    }
    scope_close(&s);
}

/* Without noise the static model is the line: k at its bound, the rest of the slope in l_0. */
CHECK(theta_continues_a_line) {
    scope s;
    open(&s);
    double y[30];
    for (int t = 0; t < 30; t++) y[t] = 50 + 3 * t;
    band f = band_new(&s.keep, 5, levels, 1);
    for (theta_kind kind = THETA_STATIC; kind <= THETA_DYNAMIC; kind++) {
        theta_model m = fit(&s, y, 30, 1, kind);
        theta_forecast(&m, &f);
        for (int h = 0; h < 5; h++) check_near(f.mean[h], 140 + 3 * h, 0.1); /* k is below 1 */
        check(m.sigma < 0.1);
    }
    scope_close(&s);
}

/* sd of step h: s sqrt(1 + (h-1) alpha^2); of the sum of three: s sqrt((1+2a)^2 + (1+a)^2 + 1). */
CHECK(theta_widens_with_alpha) {
    scope s;
    open(&s);
    theta_model m = fit(&s, air, 30, 1, THETA_DYNAMIC);
    band f = band_new(&s.keep, 3, levels, 1);
    theta_forecast(&m, &f);
    double z = normal_quantile(0.9), a = m.alpha;
    check(a > 0.1 && m.sigma > 0);
    check_near(f.high[2] - f.mean[2], z * m.sigma * sqrt(1 + 2 * a * a), 1e-9); /* rounding */
    double sum = (1 + 2 * a) * (1 + 2 * a) + (1 + a) * (1 + a) + 1;
    check_near(f.total_sd, m.sigma * sqrt(sum), 1e-9);
    scope_close(&s);
}

CHECK(theta_of_short_constant_and_wild_series_stays_a_level) {
    scope s;
    open(&s);
    double constant[40], short_one[] = {3, 9, 4};
    for (int t = 0; t < 40; t++) constant[t] = 7;
    band f = band_new(&s.keep, 2, levels, 1);
    for (theta_kind kind = THETA_CLASSIC; kind <= THETA_DYNAMIC; kind++) {
        theta_model m = fit(&s, constant, 40, 4, kind);
        theta_forecast(&m, &f);
        check_near(f.mean[1], 7, 1e-12);
        check_near(f.high[1] - f.low[1], 0, 1e-12);
        m = fit(&s, short_one, 3, 4, kind);
        theta_forecast(&m, &f);
        check_near(f.mean[0], 4, 1e-12);
        check(f.high[0] > 4);
    }
    err e = {0};
    theta_model m;
    check(!theta_fit(&m, (double[]){1, NAN}, 2, (theta_params)THETA_DEFAULTS, &s.keep, s.scratch,
                     &e));
    check(e.kind == ERR_ASKED_WRONG);
    scope_close(&s);
}
