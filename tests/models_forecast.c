/* models_forecast: naive forecasts and forecast metrics against hand-computed values. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "models/bfgs.h"
#include "models/forecast/band.h"
#include "models/forecast/forecaster.h"
#include "models/forecast/naive.h"
#include "models/forecast/yearly.h"
#include "models/metrics_forecast.h"

static const double levels[] = {0.80, 0.95};

static void naive_of(scope *s, const double *y, int n, naive_params p, band *b) {
    *b = band_new(&s->keep, 3, levels, 2);
    naive_forecast(y, n, p, b);
}

CHECK(naive_forecasts_equal_hand_computed_ones) {
    scope s;
    err e = {0};
    band b;
    static const double y[] = {1, 3, 2, 6, 4};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    const double z = 1.2815515655446004; /* 90 % point of the normal distribution */
    naive_of(&s, y, 5, (naive_params){.kind = NAIVE_LAST}, &b);
    check(b.mean[0] == 4 && b.mean[2] == 4);
    /* changes 2, -1, 4, -2: mean square 25/4 */
    check_near(b.high[0] - 4, z * 2.5, 1e-12);
    check_near(4 - b.low[2], z * 2.5 * sqrt(3), 1e-12); /* 1e-12: rounding */
    naive_of(&s, y, 5, (naive_params){.kind = NAIVE_SEASONAL, .season = 2}, &b);
    check(b.mean[0] == 6 && b.mean[1] == 4 && b.mean[2] == 6);
    /* changes over 2: 1, 3, 2: mean square 14/3; step 3 is in the second season */
    check_near(b.high[1] - 4, z * sqrt(14.0 / 3), 1e-12);
    check_near(b.high[2] - 6, z * sqrt(14.0 / 3 * 2), 1e-12);
    naive_of(&s, y, 5, (naive_params){.kind = NAIVE_DRIFT}, &b);
    check_near(b.mean[1], 4 + 2 * 0.75, 1e-12);
    /* residuals 1.25, -1.75, 3.25, -2.75 about the slope 3/4: squares sum to 22.75, over n - 2 */
    check_near(b.high[1] - b.mean[1], z * sqrt(22.75 / 3 * 2 * (1 + 2.0 / 4)), 1e-12);
    naive_of(&s, y, 5, (naive_params){.kind = NAIVE_MEAN, .window = 3}, &b);
    check_near(b.mean[2], 4, 1e-12);
    check_near(b.high[0] - 4, z * 2 * sqrt(1 + 1.0 / 3), 1e-12); /* sd of 2, 6, 4 is 2 */
    naive_of(&s, y, 5, (naive_params){.kind = NAIVE_MEAN}, &b);
    check_near(b.mean[0], 3.2, 1e-12);
    naive_of(&s, y, 5, (naive_params){.kind = NAIVE_SEASONAL, .season = 52}, &b);
    check(b.mean[1] == 4); /* shorter than a season: the last value */
    scope_close(&s);
}

/* y = 1, 3, 2, 6, 4 again; three steps ahead. */
CHECK(naive_totals_carry_errors_over) {
    scope s;
    err e = {0};
    band b;
    static const double y[] = {1, 3, 2, 6, 4};
    double sum, low, high;
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    naive_of(&s, y, 5, (naive_params){.kind = NAIVE_LAST}, &b);
    check_near(b.total_sd, 2.5 * sqrt(1 + 4 + 9), 1e-12); /* 3e1 + 2e2 + e3 */
    naive_of(&s, y, 5, (naive_params){.kind = NAIVE_SEASONAL, .season = 2}, &b);
    check_near(b.total_sd, sqrt(14.0 / 3 * (4 + 1 + 1)), 1e-12); /* 2e1 + e3, and e2 */
    naive_of(&s, y, 5, (naive_params){.kind = NAIVE_DRIFT}, &b);
    check_near(b.total_sd, sqrt(22.75 / 3 * (14 + 36.0 / 4)), 1e-12); /* (1 + 2 + 3)^2 / (n-1) */
    naive_of(&s, y, 5, (naive_params){.kind = NAIVE_MEAN, .window = 3}, &b);
    check_near(b.total_sd, 2 * sqrt(3 + 9.0 / 3), 1e-12);
    band_total(&b, 0.8, &sum, &low, &high);
    check_near(sum, 12, 1e-12);
    check_near(high - sum, 1.2815515655446004 * b.total_sd, 1e-12);
    check_near(sum - low, high - sum, 1e-12);
    scope_close(&s);
}

CHECK(naive_of_one_value_repeats_it_without_width) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    static const double one[] = {7};
    for (int kind = NAIVE_LAST; kind <= NAIVE_MEAN; kind++) {
        band b;
        naive_of(&s, one, 1, (naive_params){.kind = (naive_kind)kind, .season = 1}, &b);
        for (int h = 0; h < 3; h++) check(b.mean[h] == 7 && b.low[h] == 7 && b.high[3 + h] == 7);
    }
    scope_close(&s);
}

CHECK(band_knows_normal_quantiles_and_zero) {
    check_near(normal_quantile(0.975), 1.959963984540054, 1e-14);
    check_near(normal_quantile(0.1), -1.2815515655446004, 1e-14);
    check_near(normal_quantile(1e-10), -6.361340902404056, 1e-12); /* last digits of the tables */
    check(normal_quantile(0.5) == 0);
    double mean[] = {-1, 2}, low[] = {-3, -1}, high[] = {-0.5, 5};
    band b = {.steps = 2, .n_levels = 1, .levels = levels, .mean = mean, .low = low, .high = high};
    band_not_negative(&b);
    check(mean[0] == 0 && mean[1] == 2 && low[0] == 0 && low[1] == 0 && high[0] == 0);
    check(high[1] == 5);
}

CHECK(forecast_metrics_equal_hand_computed_ones) {
    static const double history[] = {0, 0, 2, 4, 3, 7}, y[] = {5, 0, 8}, f[] = {4, 0, 10};
    static const double low[] = {3, 1, 7}, high[] = {6, 4, 9};
    /* 1e-12 everywhere: rounding of a handful of operations */
    check_near(metrics_rmse(y, f, 3), sqrt(5.0 / 3), 1e-12);
    check_near(metrics_wape(y, f, 3), 3.0 / 13, 1e-12);
    check_near(metrics_bias(y, f, 3), 1.0 / 13, 1e-12);
    check_near(metrics_smape(y, f, 3), (200.0 / 9 + 0 + 400.0 / 18) / 3, 1e-12);
    check_near(metrics_scale(history, 6, 1), (0 + 2 + 2 + 1 + 4) / 5.0, 1e-12);
    check_near(metrics_scale(history, 6, 2), (2 + 4 + 1 + 3) / 4.0, 1e-12);
    check_near(metrics_mase(y, f, 3, 2.5), 1 / 2.5, 1e-12);
    /* from the first sale on: changes 2, -1, 4, mean square 7 */
    check_near(metrics_rmsse(y, f, 3, history, 6), sqrt(5.0 / 3 / 7), 1e-12);
    check_near(metrics_pinball(y, f, 3, 0.9), 2 * (0.9 + 0.1 * 2) / 3, 1e-12);
    check_near(metrics_pinball(y, f, 3, 0.5), 1, 1e-12);
    check_near(metrics_coverage(y, low, high, 3), 2.0 / 3, 1e-12);
    check_near(metrics_msis(y, low, high, 3, 0.8, 2.5), (3 + 3 + 10 + 2) / 3.0 / 2.5, 1e-12);
}

CHECK(forecast_metrics_without_a_scale_are_nan) {
    static const double zeros[6] = {0}, y[] = {1, 2};
    check(isnan(metrics_scale(zeros, 6, 1)) && isnan(metrics_scale(y, 2, 2)));
    check(isnan(metrics_mase(y, zeros, 2, metrics_scale(zeros, 6, 1))));
    check(isnan(metrics_rmsse(y, zeros, 2, zeros, 6)) && isnan(metrics_wape(zeros, y, 2)));
    check(metrics_smape(zeros, zeros, 3) == 0);
}

typedef struct valley {
    double x[2];
} valley;

static double rosenbrock(void *what, const double *x) {
    valley *v = what;
    memcpy(v->x, x, sizeof v->x);
    double a = 1 - x[0], b = x[1] - x[0] * x[0];
    return a * a + 100 * b * b;
}

static void rosenbrock_slope(void *what, double *g) {
    const double *x = ((valley *)what)->x, b = x[1] - x[0] * x[0];
    g[0] = -2 * (1 - x[0]) - 400 * x[0] * b;
    g[1] = 200 * b;
}

CHECK(bfgs_walks_the_banana_valley) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    valley v;
    double x[] = {-1.2, 1};
    int evaluations = 0;
    bfgs_params p = BFGS_DEFAULTS;
    bfgs_problem f = {2, &v, rosenbrock, rosenbrock_slope};
    double least = bfgs_minimise(&f, x, p, &evaluations, s.scratch);
    check_near(x[0], 1, 1e-6); /* quadratic end: far below what the tolerance 1e-7 would allow */
    check_near(x[1], 1, 1e-6);
    check(least < 1e-12 && evaluations < 80); /* textbook BFGS: about 40 */
    scope_close(&s);
}

CHECK(forecaster_finds_names_and_seasons) {
    static const int lengths[] = {4, 7, 12};
    scope s;
    err e = {0};
    forecaster_kind kind;
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    check(forecaster_find("blend", &kind) && kind == FORECASTER_BLEND);
    check(!forecaster_find("arma", &kind));
    double y[70], noise[70];
    rng r = rng_open(5, 0);
    for (int t = 0; t < 70; t++) {
        noise[t] = rng_normal(&r);
        y[t] = 3 * t + 10 * (t % 7 == 2) + noise[t];
    }
    check(forecaster_season(y, 70, lengths, 3, s.scratch) == 7);
    check(forecaster_season(noise, 70, lengths, 3, s.scratch) == 1);
    check(forecaster_season(y, 20, lengths, 3, s.scratch) == 1); /* under three seasons */
    /* a slow wave: neighbours are alike, and so are values 7 apart; that makes no season */
    for (int t = 0; t < 60; t++) y[t] = 10 * sin(t * 0.157);
    check(forecaster_season(y, 60, lengths + 1, 1, s.scratch) == 1);
    scope_close(&s);
}

CHECK(forecaster_best_follows_the_least_error_and_guards_units) {
    scope s;
    err e = {0};
    forecaster_told told;
    check_ok(scope_open(&s, 8 << 20, 8 << 20, &e), &e);
    double y[60], falling[30];
    for (int t = 0; t < 60; t++) y[t] = 50 + (t * t * 31) % 47 % (t % 12 + 2);
    for (int t = 12; t < 60; t++) y[t] = y[t - 12]; /* repeats itself with no other rule */
    forecaster_params p = FORECASTER_DEFAULTS;
    p.kind = FORECASTER_BEST, p.season = 12;
    band b = band_new(&s.keep, 6, levels, 2);
    check_ok(forecaster_run(y, 60, p, &b, &told, s.scratch, &e), &e);
    check(told.kind == FORECASTER_SNAIVE && b.mean[3] == y[51]);
    for (int t = 0; t < 30; t++) falling[t] = 90 - 3 * t;
    p = (forecaster_params){.kind = FORECASTER_DRIFT, .season = 1, .ets = ETS_DEFAULTS,
                            .units = true};
    check_ok(forecaster_run(falling, 30, p, &b, &told, s.scratch, &e), &e);
    check(b.mean[0] == 0 && b.low[0] == 0 && b.high[6] == 0);
    falling[3] = NAN;
    check(!forecaster_run(falling, 30, p, &b, &told, s.scratch, &e));
    scope_close(&s);
}

CHECK(yearly_factors_follow_a_planted_wave) {
    enum { WEEKS = 120, AHEAD = 4 };
    double y[WEEKS], flat[WEEKS], factor[WEEKS + AHEAD];
    for (int t = 0; t < WEEKS; t++) {
        double turn = 2 * acos(-1) * t / 52.1775;
        y[t] = 1000 * exp(0.002 * t + 0.4 * sin(turn) - 0.2 * cos(2 * turn)) - 1;
        flat[t] = 40;
    }
    yearly_factors(y, WEEKS, AHEAD, factor);
    for (int t = 0; t < WEEKS + AHEAD; t++) {
        double turn = 2 * acos(-1) * t / 52.1775;
        /* 0.02: the penalty takes 1/61 of each amplitude (0.4 at most), and the trend a little */
        check_near(log(factor[t]), 0.4 * sin(turn) - 0.2 * cos(2 * turn), 0.02);
    }
    yearly_factors(flat, WEEKS, AHEAD, factor);
    for (int t = 0; t < WEEKS + AHEAD; t++) check_near(factor[t], 1, 1e-3); /* level's ridge */
}

static void check_finite_from_every_model(const double *y, int n, int season) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 8 << 20, 64 << 20, &e), &e);
    for (int kind = 0; kind < FORECASTER_KINDS; kind++) {
        forecaster_params p = FORECASTER_DEFAULTS;
        forecaster_told told;
        band b = band_new(&s.keep, 5, levels, 2);
        p.kind = (forecaster_kind)kind;
        if (p.kind == FORECASTER_GLOBAL) continue; /* of many series */
        p.season = p.ets.season = season;
        check_ok(forecaster_run(y, n, p, &b, &told, s.scratch, &e), &e);
        for (int i = 0; i < 10; i++)
            check(isfinite(b.mean[i % 5]) && isfinite(b.low[i]) && isfinite(b.high[i]) &&
                  b.low[i] <= b.high[i]);
    }
    scope_close(&s);
}

/* The largest values taken, the smallest there are, one burst long ago, one value, zeros. */
CHECK(forecaster_is_finite_for_every_model_on_extreme_series) {
    double large[24], small[24], burst[1200] = {1e100}, zeros[24] = {0};
    for (int t = 0; t < 24; t++) large[t] = t % 4 ? 1e100 : 3e99, small[t] = 1e-300 * (1 + t % 4);
    check_finite_from_every_model(large, 24, 4);
    check_finite_from_every_model(small, 24, 4);
    check_finite_from_every_model(burst, 1200, 1);
    check_finite_from_every_model(zeros, 24, 4);
    check_finite_from_every_model(large, 1, 4);
}

CHECK(forecaster_refuses_values_whose_squares_overflow) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    static const double y[] = {1, 2, -1e101};
    band b = band_new(&s.keep, 2, levels, 2);
    forecaster_told told;
    forecaster_params p = FORECASTER_DEFAULTS;
    check(!forecaster_run(y, 3, p, &b, &told, s.scratch, &e));
    check_has(slice_of(e.text), "value 3 of the series is -1e+101");
    scope_close(&s);
}

/* Deviations 3, 4, 12 by step. Without correlation the sums have variances 9, 25, 169; wholly
 * correlated deviations 3, 7, 19; a total between the two gives sums between them. */
CHECK(band_sums_go_from_the_first_step_to_the_total) {
    static const double level[] = {0.8};
    double mean[3] = {10, 10, 10}, low[3] = {0}, high[3], sd[3], z = normal_quantile(0.9);
    band b = {.steps = 3, .n_levels = 1, .levels = level, .mean = mean, .low = low, .high = high};
    high[0] = 10 + 3 * z, high[1] = 10 + 4 * z, high[2] = 10 + 12 * z;
    b.total_sd = 13;
    band_sums(&b, sd);
    check_near(sd[0], 3, 1e-9);
    check_near(sd[1], 5, 1e-9);
    check_near(sd[2], 13, 1e-12);
    b.total_sd = 19;
    band_sums(&b, sd);
    check_near(sd[0], 3, 1e-9);
    check_near(sd[1], 7, 1e-9);
    b.total_sd = sqrt(169 + 24 * 0.5 + 96 * 0.5 + 72 * 0.25); /* r = 1/2 */
    band_sums(&b, sd);
    check_near(sd[1], sqrt(25 + 24 * 0.5), 1e-9);
    high[0] = high[1] = high[2] = 10, b.total_sd = 6; /* no width: evenly */
    band_sums(&b, sd);
    check_near(sd[1], 6 * sqrt(2.0 / 3), 1e-12);
}
