/* models_forecast_arima_parts: what ARIMA is put together from, against recursions done by hand. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/forecast/arima.h"
#include "models/forecast/arima_core.h"
#include "models_forecast_air.h"

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 32 << 20, &e), &e);
}

static arima_model fit(scope *s, const double *y, int n, arima_params p) {
    err e = {0};
    arima_model m;
    check_ok(arima_fit(&m, y, n, p, &s->keep, s->scratch, &e), &e);
    return m;
}

/* 1 3 2 6: mean 3; its differences 2 -1 4: mean 5/3. */
CHECK(arima_differences_know_their_squares) {
    static const double y[] = {1, 3, 2, 6};
    scope s;
    open(&s);
    arima_order o = {.m = 1};
    arima_data d = arima_difference(y, 4, NULL, 0, &o, &s.keep);
    check_near(d.total, 4 + 0 + 1 + 9, 1e-12);
    o.d = 1;
    d = arima_difference(y, 4, NULL, 0, &o, &s.keep);
    check(d.n == 3 && d.z[1] == -1);
    check_near(d.total, 21 - 25 / 3.0, 1e-12);
    scope_close(&s);
}

/* (1 - .5B - .3B^2)(1 - .8B^2): both have a lag of 2. */
CHECK(arima_polynomials_add_up_where_lags_meet) {
    arima_order o = {2, 0, 2, 1, 0, 1, 2, false};
    arima_coefficients at = {.ar = {0.5, 0.3}, .ma = {0.5, 0.3}, .sar = {0.8}, .sma = {0.8}};
    arima_lags ar = arima_ar_lags(&o, &at), ma = arima_ma_lags(&o, &at);
    static const double wanted[2][4] = {{0.5, 1.1, -0.4, -0.24}, {0.5, 1.1, 0.4, 0.24}};
    check(ar.n == 4 && ma.n == 4);
    for (int i = 0; i < 4; i++) {
        check(ar.lag[i] == i + 1 && ma.lag[i] == i + 1);
        check_near(ar.c[i], wanted[0][i], 1e-15);
        check_near(ma.c[i], wanted[1][i], 1e-15);
    }
}

/* e_t = w_t - sum ar w - sum ma e with nothing before the first that counts: what is said to be the
 * sum of squares is that of the coefficients that are said. */
CHECK(arima_conditional_sum_is_that_of_its_coefficients) {
    static const arima_order orders[] = {{1, 1, 2, 0, 1, 1, 12, false},
                                         {0, 1, 3, 1, 1, 0, 12, true},
                                         {2, 1, 1, 0, 1, 2, 12, false}};
    scope s;
    open(&s);
    double *y = take(&s.keep, double, AIR);
    for (int t = 0; t < AIR; t++) y[t] = log(air[t]);
    for (int k = 0; k < 3; k++) {
        const arima_order *o = &orders[k];
        arima_coefficients at = {.ar = {0.2}, .ma = {-0.3, 0.1, 0.05}, .sma = {-0.4, 0.1}};
        arima_data d = arima_difference(y, AIR, NULL, 0, o, &s.keep);
        arima_css found;
        double beta[1] = {0}, e[AIR] = {0}, sum = 0;
        check(arima_css_fit(&d, o, &at, beta, &found, s.scratch));
        arima_lags ar = arima_ar_lags(o, &at), ma = arima_ma_lags(o, &at);
        for (int t = d.n - found.used; t < d.n; t++) {
            e[t] = d.z[t] - (o->constant ? beta[0] : 0);
            for (int i = 0; i < ar.n; i++)
                e[t] -= ar.c[i] * (d.z[t - ar.lag[i]] - (o->constant ? beta[0] : 0));
            for (int i = 0; i < ma.n && ma.lag[i] <= t; i++) e[t] -= ma.c[i] * e[t - ma.lag[i]];
            sum += e[t] * e[t];
        }
        check_near(found.sum, sum, 1e-12);
    }
    scope_close(&s);
}

/* An MA(1) of 0.6 about 50: the start is near it. Eight lags, one more for the second regression:
 * its sums begin at the tenth value, about the mean. */
CHECK(arima_starts_near_a_planted_process) {
    enum { N = 2001 };
    scope s;
    open(&s);
    double y[N], before = 0, mean = 0, square = 0;
    rng r = rng_open(12, 1);
    for (int t = 0; t < N; t++) {
        double e = rng_normal(&r);
        y[t] = 50 + e + 0.6 * before, before = e;
        mean += y[t] / N;
    }
    for (int t = 9; t < N; t++) square += (y[t] - mean) * (y[t] - mean);
    arima_order o = {0, 0, 1, 0, 0, 0, 1, true};
    arima_data d = arima_difference(y, N, NULL, 0, &o, &s.keep);
    arima_starts a = arima_starts_new(&d, 1, 1, 0, &s.keep, s.scratch);
    arima_coefficients at;
    arima_start(&a, &o, &at, s.scratch);
    check(a.n == 2);
    check_near(a.gram[3 * 3 - 1], square, 1e-8);
    check_near(at.ma[0], 0.6, 0.08); /* four standard errors of 1 / sqrt(2000) */
    scope_close(&s);
}

/* (1 - .5B^4) w = (1 - .4B)(1 + .6B^4) e: every coefficient comes back (standard errors below
 * 0.025), and a maximum is where the next search from it stays. */
CHECK(arima_maximum_of_a_seasonal_process_is_found_and_kept) {
    enum { N = 2000, BURN = 100 };
    scope s;
    open(&s);
    double *y = take(&s.keep, double, N + BURN), *e = take(&s.keep, double, N + BURN), beta[1];
    rng r = rng_open(12, 2);
    for (int t = 0; t < N + BURN; t++) {
        y[t] = e[t] = rng_normal(&r);
        if (t >= 5) y[t] += .5 * y[t - 4] - .4 * e[t - 1] + .6 * e[t - 4] - .24 * e[t - 5];
    }
    arima_order o = {0, 0, 1, 1, 0, 1, 4, false};
    arima_data d = arima_difference(y + BURN, N, NULL, 0, &o, &s.keep);
    arima_coefficients at = {.ma = {-.3}, .sar = {.3}, .sma = {.3}};
    arima_exact one = arima_exact_fit(&d, &o, &at, beta, s.scratch);
    check_near(at.ma[0], -.4, 0.1);
    check_near(at.sar[0], .5, 0.1);
    check_near(at.sma[0], .6, 0.1);
    arima_coefficients again = at;
    arima_exact two = arima_exact_fit(&d, &o, &again, beta, s.scratch);
    check_near(two.loglik, one.loglik, 1e-6);
    check_near(again.ma[0], at.ma[0], 1e-7);
    check_near(again.sar[0], at.sar[0], 1e-7);
    check_near(again.sma[0], at.sma[0], 1e-7);
    scope_close(&s);
}

/* About its mean an AR(1) goes on by phi: mean + phi (last - mean), and phi of that. */
CHECK(arima_forecast_returns_to_the_mean) {
    enum { N = 60 };
    static const double levels[] = {0.8};
    scope s;
    open(&s);
    double y[N];
    rng r = rng_open(12, 3);
    y[0] = 100;
    for (int t = 1; t < N; t++) y[t] = 100 + 0.6 * (y[t - 1] - 100) + rng_normal(&r);
    arima_params p = ARIMA_DEFAULTS;
    p.search = false, p.order = (arima_order){1, 0, 0, 0, 0, 0, 1, true};
    arima_model m = fit(&s, y, N, p);
    band b = band_new(&s.keep, 2, levels, 1);
    arima_forecast(&m, NULL, &b, s.scratch);
    double off = m.at.ar[0] * (y[N - 1] - m.beta[0]);
    check(m.at.ar[0] > 0.2 && fabs(off) > 0.01);
    check_near(b.mean[0], m.beta[0] + off, 1e-9);
    check_near(b.mean[1], m.beta[0] + m.at.ar[0] * off, 1e-9);
    scope_close(&s);
}

/* A random walk with an effect: the last value without it, then the effects to come. */
CHECK(arima_adds_the_effects_to_come) {
    enum { N = 40, H = 3 };
    static const double levels[] = {0.8};
    scope s;
    open(&s);
    double y[N], x[N + H], level = 10;
    rng r = rng_open(12, 4);
    for (int t = 0; t < N + H; t++) x[t] = t % 3 == 0 || t >= N;
    for (int t = 0; t < N; t++) level += rng_normal(&r), y[t] = level + 30 * x[t];
    check(x[N - 1] == 1);
    x[N + 1] = 0;
    arima_params p = ARIMA_DEFAULTS;
    p.search = false, p.order = (arima_order){0, 1, 0, 0, 0, 0, 1, false};
    p.n_x = 1, p.x = x;
    arima_model m = fit(&s, y, N, p);
    band b = band_new(&s.keep, H, levels, 1);
    arima_forecast(&m, x + N, &b, s.scratch);
    check_near(m.beta[0], 30, 1.5); /* sd 1 / sqrt(26 changes) = 0.2 */
    check_near(m.tail[0], y[N - 1] - m.beta[0], 1e-9);
    for (int h = 0; h < H; h++)
        check_near(b.mean[h], y[N - 1] - m.beta[0] + m.beta[0] * x[N + h], 1e-9);
    scope_close(&s);
}

/* A season on a line: one difference of a season leaves a constant, and nothing to difference. */
CHECK(arima_search_counts_values_after_a_seasonal_difference) {
    static const double season[] = {3, -1, 4, 1, -5, 9, -2, 6, 5, -3, 5, -8};
    scope s;
    open(&s);
    double y[60];
    for (int t = 0; t < 60; t++) y[t] = 1e5 + 2 * t + 10 * season[t % 12];
    arima_params p = ARIMA_DEFAULTS;
    p.season = 12;
    arima_model m = fit(&s, y, 60, p);
    check(m.order.sd == 1 && m.order.d == 0 && m.order.constant);
    check_near(m.beta[0], 24, 1e-9);
    scope_close(&s);
}

/* Of two values no order has an AICc: their mean, and their variance about it. */
CHECK(arima_of_two_values_is_their_mean) {
    static const double y[] = {1, 5};
    scope s;
    open(&s);
    arima_params p = ARIMA_DEFAULTS;
    arima_model m = fit(&s, y, 2, p);
    check(m.order.constant && m.order.p + m.order.d + m.order.q == 0);
    check_near(m.beta[0], 3, 1e-12);
    check_near(m.sigma2, 8, 1e-12);
    scope_close(&s);
}
