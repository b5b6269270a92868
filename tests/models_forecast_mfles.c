/* models_forecast_mfles: the boosted decomposition against its source and on planted series. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "models/forecast/mfles.h"
#include "models/forecast/mfles_line.h"

static const double levels[] = {0.8, 0.95};

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 32 << 20, &e), &e);
}

/* As in tests/oracles/mfles.py. */
static double made(int t, const int *seasons, double slope, double noise, double below) {
    double y = 200.0 + slope * t / 10 - below;
    for (int k = 0; k < 2 && seasons[k] > 0; k++) {
        int m = seasons[k];
        y += t % m * (m - t % m) * 160.0 / (m * m);
    }
    return y + (double)(t * 7919 % 101) * noise / 100;
}

/* Forecasts of the source (statsforecast 2.1.1). 1e-5: it prints six decimals. The two solve the
 * same regressions, the lasso with the same steps; 1e-4 where products of sums are rounded. */
CHECK(mfles_equals_its_source) {
    static const struct {
        int n, seasons[2];
        double slope, noise, below, wanted[6];
    } cases[] = {
        {120, {12}, 3, 20, 0,
         {246.991089, 258.572265, 272.133291, 278.844875, 287.379461, 289.255442}},
        {700, {24, 168}, 1, 30, 0,
         {333.329809, 338.377983, 342.393457, 347.735927, 350.429011, 351.707913}},
        {150, {7}, -6, 40, 230,
         {-71.195062, -68.762456, -76.708081, -91.184317, -109.310187, -92.182715}},
        {80, {0}, 9, 25, 0,
         {281.157672, 281.962851, 282.768029, 283.573208, 284.378387, 285.183565}},
        {60, {0}, 0, 100, 250, {25.5, 25.5, 25.5, 25.5, 25.5, 25.5}},
    };
    scope s;
    open(&s);
    for (int i = 0; i < 5; i++) {
        double *y = take(&s.keep, double, cases[i].n);
        for (int t = 0; t < cases[i].n; t++)
            y[t] = made(t, cases[i].seasons, cases[i].slope, cases[i].noise, cases[i].below);
        mfles_params p = {.season = {cases[i].seasons[0], cases[i].seasons[1]}};
        mfles_model m;
        band b = band_new(&s.keep, 6, levels, 2);
        mfles_fit(&m, y, cases[i].n, p, &s.keep, s.scratch);
        mfles_forecast(&m, &b, s.scratch);
        check(m.log == (cases[i].below == 0 && cases[i].seasons[0] > 0));
        for (int h = 0; h < 6; h++) check_near(b.mean[h], cases[i].wanted[h], 1e-4);
    }
    scope_close(&s);
}

/* Two planted seasons on a level: each step ahead is the season's value. */
CHECK(mfles_finds_two_planted_seasons) {
    enum { N = 1400, H = 168 };
    scope s;
    open(&s);
    double *y = take(&s.keep, double, N + H), wrong = 0;
    for (int t = 0; t < N + H; t++)
        y[t] = 100 * exp(0.3 * sin(2 * acos(-1) * t / 24) + 0.2 * cos(2 * acos(-1) * t / 168));
    mfles_model m;
    band b = band_new(&s.keep, H, levels, 2);
    mfles_fit(&m, y, N, (mfles_params){.season = {24, 168}}, &s.keep, s.scratch);
    mfles_forecast(&m, &b, s.scratch);
    for (int h = 0; h < H; h++) wrong += fabs(b.mean[h] / y[N + h] - 1) / H;
    check(wrong < 0.01); /* 0.9 of each wave in each of four and three rounds */
    scope_close(&s);
}

/* Noise about a season: intervals hold what they say. */
CHECK(mfles_intervals_hold_on_planted_noise) {
    enum { SERIES = 150, N = 120, H = 12 };
    scope s;
    open(&s);
    int inside[2] = {0};
    double sums = 0, stated = 0;
    for (int i = 0; i < SERIES; i++) {
        rng r = rng_open(4, (uint64_t)i);
        double y[N + H], off = 0;
        for (int t = 0; t < N + H; t++)
            y[t] = 20 * sin(2 * acos(-1) * t / 12) - 30 + rng_normal(&r);
        mfles_model m;
        arena keep = s.keep;
        band b = band_new(&keep, H, levels, 2);
        mfles_fit(&m, y, N, (mfles_params){.season = {12}}, &keep, s.scratch);
        mfles_forecast(&m, &b, s.scratch);
        for (int h = 0; h < H; h++) {
            off += y[N + h] - b.mean[h];
            for (int l = 0; l < 2; l++)
                inside[l] += y[N + h] > b.low[l * H + h] && y[N + h] < b.high[l * H + h];
        }
        sums += off * off, stated += b.total_sd * b.total_sd;
    }
    /* 0.05: twelve values of a series share an error of its level, and the waves fit some noise */
    check_near(inside[0] / (double)(SERIES * H), 0.8, 0.05);
    check_near(inside[1] / (double)(SERIES * H), 0.95, 0.05);
    check_near(sqrt(sums / stated), 1, 0.25); /* 150 squares: a standard error of 0.06, and that */
    scope_close(&s);
}

/* A level that is lower by 40 from each of the last three origins on is more than noise says; noise
 * alone is what it says. */
CHECK(mfles_widens_by_what_earlier_forecasts_missed) {
    enum { N = 160, H = 20 };
    scope s;
    open(&s);
    double y[2][N];
    rng r = rng_open(6, 1);
    for (int t = 0; t < N; t++) {
        y[1][t] = 50 + rng_normal(&r);
        y[0][t] = y[1][t] - (t < N - 3 * H ? 0 : 40 * ((t - N + 3 * H) / H + 1));
    }
    mfles_params none = {{0}};
    check(mfles_widening(y[0], N, none, H, s.scratch) > 2);
    double calm = mfles_widening(y[1], N, none, H, s.scratch); /* its line goes on a little */
    check(calm >= 1 && calm < 1.4);
    check(mfles_widening(y[0], 10, none, H, s.scratch) <= 10);
    check(mfles_widening(y[0], 6, none, H, s.scratch) == 1);
    check(mfles_widening(y[0], N, (mfles_params){{100}}, H, s.scratch) == 1);
    scope_close(&s);
}

/* The source's lines and lasso (scikit-learn 1.9.1, the same steps) on a V. 1e-4: sums of products
 * that one rounds by column and the other by value. */
CHECK(mfles_bends_equal_their_source) {
    static const int at[] = {0, 10, 25, 40, 59};
    static const double wanted[] = {22.274194, 19.844400, 12.224336, 21.296444, 46.407039};
    double y[60], to[60];
    scope s;
    open(&s);
    for (int t = 0; t < 60; t++) y[t] = 1.2 * abs(t - 25) + t * 7919 % 101 / 10.0;
    mfles_bends(y, 60, 6, to, s.scratch);
    for (int k = 0; k < 5; k++) check_near(to[at[k]], wanted[k], 1e-4);
    scope_close(&s);
}

/* More steps than half of the history: each one more adds to what the sum may be off. */
CHECK(mfles_sum_of_many_steps_is_less_sure) {
    double y[40], last = 0;
    scope s;
    open(&s);
    for (int t = 0; t < 40; t++) y[t] = 10 + t * 7919 % 101 / 10.0;
    mfles_model m;
    mfles_fit(&m, y, 40, (mfles_params){{0}}, &s.keep, s.scratch);
    for (int steps = 18; steps < 30; steps++) {
        band b = band_new(&s.keep, steps, levels, 2);
        mfles_forecast(&m, &b, s.scratch);
        if (steps > 20) check(b.total_sd > last);
        last = b.total_sd;
    }
    scope_close(&s);
}

/* y = 2 t - 3 with one value in six spoilt: repeated medians do not care. */
CHECK(mfles_siegel_shrugs_spoilt_values_off) {
    scope s;
    open(&s);
    double y[2500], to[2500];
    for (int n = 60; n <= 2500; n += 2440) { /* the longer one is thinned to every third value */
        for (int t = 0; t < n; t++) y[t] = 2 * t - 3 + (t % 6 == 1 ? 500 : 0);
        mfles_siegel(y, n, to, s.scratch);
        check_near(to[0], -3, 1e-9), check_near(to[n - 1], 2 * (n - 1) - 3, 1e-9);
    }
    scope_close(&s);
}

CHECK(mfles_takes_short_and_constant_series) {
    static const double same[] = {5, 5, 5, 5, 5, 5}, few[] = {1, 2, 9};
    static const double huge[] = {1e100, -1e100, 1e99, 1e100, 0, 1};
    static const struct { const double *y; int n; double wanted; } cases[] = {
        {same, 6, 5}, {few, 3, 9}, {few, 1, 1}};
    scope s;
    open(&s);
    mfles_model m;
    band b = band_new(&s.keep, 30, levels, 2);
    for (int i = 0; i < 3; i++) {
        mfles_fit(&m, cases[i].y, cases[i].n, (mfles_params){.season = {4}}, &s.keep, s.scratch);
        mfles_forecast(&m, &b, s.scratch);
        check(m.constant && b.mean[0] == cases[i].wanted && b.mean[29] == cases[i].wanted);
        check(b.total_sd == 0 && b.high[0] == b.mean[0]);
    }
    for (int n = 4; n <= 6; n++) {
        mfles_fit(&m, huge, n, (mfles_params){.season = {2, 3}}, &s.keep, s.scratch);
        mfles_forecast(&m, &b, s.scratch);
        for (int h = 0; h < 30; h++) check(isfinite(b.mean[h]) && isfinite(b.high[30 + h]));
        check(isfinite(b.total_sd));
    }
    scope_close(&s);
}
