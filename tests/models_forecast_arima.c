/* models_forecast_arima: ARIMA against references, planted processes and hand-computed values. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/simd.h"
#include "models/forecast/arima.h"
#include "models/forecast/arima_core.h"
#include "models/forecast/unit_root.h"
#include "models_forecast_air.h"

static const double levels[] = {0.80, 0.95};

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

static const double *logs(scope *s) {
    double *y = take(&s->keep, double, AIR);
    for (int t = 0; t < AIR; t++) y[t] = log(air[t]);
    return y;
}

/* References: tests/oracles/arima.py. 1e-6: what two filters may differ by. */
CHECK(arima_likelihood_equals_the_reference) {
    static const struct {
        arima_order o;
        arima_coefficients at;
        double sigma2, loglik;
    } rows[] = {
        {{2, 0, 1, 0, 0, 0, 1, false}, {.ar = {0.5, 0.3}, .ma = {0.4}}, 0.01, -4760.262669075},
        {{1, 1, 2, 1, 0, 1, 12, false},
         {.ar = {0.3}, .ma = {-0.2, 0.25}, .sar = {0.9}, .sma = {-0.5}}, 0.002, 219.050133887},
        {{3, 0, 0, 1, 1, 0, 4, false}, {.ar = {0.6, 0.1, 0.2}, .sar = {-0.4}}, 0.003,
         -395.117080922},
        {{0, 1, 3, 0, 1, 2, 12, false}, {.ma = {-0.4, 0.1, -0.2}, .sma = {-0.5, -0.1}}, 0.0014,
         245.163651755},
    };
    scope s;
    open(&s);
    const double *y = logs(&s);
    for (int i = 0; i < 4; i++) {
        arima_data d = arima_difference(y, AIR, NULL, 0, &rows[i].o, &s.keep);
        arima_exact e = arima_exact_run(&d, &rows[i].o, &rows[i].at, NULL, NULL, s.scratch);
        /* ours has the best variance in it: back to the given one */
        double best = e.sum / d.n, given = rows[i].sigma2;
        double loglik = e.loglik - d.n * (log(given / best) - 1) / 2 - e.sum / given / 2;
        check_near(loglik, rows[i].loglik, 1e-6);
    }
    scope_close(&s);
}

CHECK(arima_airline_model_equals_the_reference) {
    scope s;
    open(&s);
    const double *y = logs(&s);
    arima_params p = ARIMA_DEFAULTS;
    p.search = false, p.order = (arima_order){0, 1, 1, 0, 1, 1, 12, false};
    arima_model m = fit(&s, y, AIR, p);
    check_near(m.at.ma[0], -0.40182313, 1e-4); /* the likelihood is flat there */
    check_near(m.at.sma[0], -0.5569365, 1e-4);
    check_near(m.loglik, 244.696486833, 1e-6);
    check_near(m.aic, 2 * 3 - 2 * 244.696486833, 1e-5);
    check_near(m.aicc, m.aic + 2.0 * 3 * 4 / (131 - 4), 1e-9);
    check_near(m.sigma2, 0.0013481 * 131 / 129, 1e-7); /* its 2 coefficients taken off */
    band b = band_new(&s.keep, 24, levels, 2);
    arima_forecast(&m, NULL, &b, s.scratch);
    static const int at[] = {0, 11, 23};
    static const double mean[] = {6.1101856, 6.16802436, 6.26427325},
                        sd[] = {0.0367165, 0.08157318, 0.13843891};
    for (int i = 0; i < 3; i++) {
        check_near(b.mean[at[i]], mean[i], 2e-5); /* coefficients to 1e-4 */
        double wide = (b.high[24 + at[i]] - b.mean[at[i]]) / normal_quantile(0.975);
        check_near(wide, sd[i] * sqrt(131.0 / 129), 2e-5);
    }
    scope_close(&s);
}

CHECK(arima_search_finds_the_airline_model) {
    scope s;
    open(&s);
    char name[48];
    arima_params p = ARIMA_DEFAULTS;
    p.season = 12;
    for (arima_way way = ARIMA_BY_SIZE; way <= ARIMA_EXACT; way++) {
        p.way = way;
        arima_model m = fit(&s, logs(&s), AIR, p);
        arima_name(&m.order, name);
        check_text(slice_of(name), "ARIMA(0,1,1)(0,1,1)[12]");
        check(m.tried >= 5 && m.tried <= 94);
    }
    scope_close(&s);
}

/* y = 50 + noise of a process; burnt in for 200 values. */
static double *simulated(scope *s, int n, const double *ar, int p, const double *ma, int q,
                         uint64_t stream) {
    rng r = rng_open(11, stream);
    double *y = take(&s->keep, double, n + 200), *e = take(&s->keep, double, n + 200);
    for (int t = 0; t < n + 200; t++) {
        y[t] = e[t] = rng_normal(&r);
        for (int i = 1; i <= p && i <= t; i++) y[t] += ar[i - 1] * y[t - i];
        for (int i = 1; i <= q && i <= t; i++) y[t] += ma[i - 1] * e[t - i];
    }
    for (int t = 0; t < n; t++) y[200 + t] += 50;
    return y + 200;
}

/* Standard errors of coefficients are about 1/sqrt(n) = 0.016 and less; 0.06 is four of them. */
CHECK(arima_recovers_planted_processes) {
    static const double ar[] = {1.2, -0.5}, ma[] = {0.6};
    scope s;
    open(&s);
    arima_params p = ARIMA_DEFAULTS;
    arima_model m = fit(&s, simulated(&s, 4000, ar, 2, NULL, 0, 1), 4000, p);
    check(m.order.d == 0 && m.order.constant && m.order.p >= 2);
    check_near(m.beta[0], 50, 0.25); /* sd of the mean: 1/(0.3 sqrt(4000)) = 0.05 */
    check_near(m.sigma2, 1, 0.1);
    p.search = false, p.order = (arima_order){2, 0, 0, 0, 0, 0, 1, true};
    m = fit(&s, simulated(&s, 4000, ar, 2, NULL, 0, 1), 4000, p);
    check_near(m.at.ar[0], 1.2, 0.06);
    check_near(m.at.ar[1], -0.5, 0.06);
    p.order = (arima_order){0, 0, 1, 0, 0, 0, 1, true};
    m = fit(&s, simulated(&s, 4000, NULL, 0, ma, 1, 2), 4000, p);
    check_near(m.at.ma[0], 0.6, 0.06);
    p.order = (arima_order){2, 0, 1, 0, 0, 0, 1, true};
    m = fit(&s, simulated(&s, 4000, ar, 2, ma, 1, 3), 4000, p);
    check_near(m.at.ar[0], 1.2, 0.08);
    check_near(m.at.ma[0], 0.6, 0.08);
    scope_close(&s);
}

/* A day that never changes under noise: its difference is taken back by a moving average whose
 * root lies on the circle, so the likeliest models are no candidates. The day is forecast still. */
CHECK(arima_keeps_a_fixed_season_whose_likeliest_root_is_on_the_circle) {
    enum { M = 24, N = 20 * M };
    scope s;
    open(&s);
    double ar = 0.5, *y = simulated(&s, N, &ar, 1, NULL, 0, 77);
    for (int t = 0; t < N; t++) y[t] += 6 * sin(6.283185307179586 * t / M);
    arima_params p = ARIMA_DEFAULTS;
    p.season = M;
    arima_model m = fit(&s, y, N, p);
    check(m.order.sd == 1 && m.order.sq > 0);
    band b = band_new(&s.keep, M, levels, 1);
    arima_forecast(&m, NULL, &b, s.scratch);
    double off = 0;
    for (int h = 0; h < M; h++)
        off += fabs(b.mean[h] - 50 - 6 * sin(6.283185307179586 * (N + h) / M)) / M;
    check(off < 1); /* the spread of the noise is 1.15, a mean without season misses by 3.8 */
    scope_close(&s);
}

/* A regressor with a known effect on top of a random walk, and one without an effect. */
CHECK(arima_takes_regressors_into_the_future) {
    scope s;
    open(&s);
    enum { N = 200, H = 6 };
    rng r = rng_open(3, 4);
    double y[N], x[(N + H) * 2], level = 100;
    for (int t = 0; t < N + H; t++) {
        x[2 * t] = rng_uniform(&r) < 0.2, x[2 * t + 1] = rng_normal(&r);
        level += 0.5 * rng_normal(&r);
        if (t < N) y[t] = level + 30 * x[2 * t];
    }
    arima_params p = ARIMA_DEFAULTS;
    p.n_x = 2, p.x = x;
    arima_model m = fit(&s, y, N, p);
    const double *beta = m.beta + m.order.constant;
    check(m.order.d == 1);
    check_near(beta[0], 30, 0.5); /* sd 0.5 / sqrt(2 * 200 * 0.16) = 0.06 */
    check_near(beta[1], 0, 0.3);
    band b = band_new(&s.keep, H, levels, 1);
    arima_forecast(&m, x + 2 * N, &b, s.scratch);
    for (int h = 0; h < H; h++)
        check_near(b.mean[h] - y[N - 1] + 30 * x[2 * N - 2], 30 * x[2 * (N + h)], 4);
    err e = {0};
    for (int t = 0; t < N; t++) x[2 * t + 1] = 7 - 2 * x[2 * t];
    check(!arima_fit(&m, y, N, p, &s.keep, s.scratch, &e));
    check(e.kind == ERR_ASKED_WRONG);
    scope_close(&s);
}

/* A random walk: sd of step h is s sqrt(h), of the sum of 3 s sqrt(1 + 4 + 9). With an AR(1) of
 * the differences of 0.5: psi = 1, 1.5, 1.75. */
CHECK(arima_intervals_follow_psi) {
    scope s;
    open(&s);
    arima_model m = {.order = {0, 1, 0, 0, 0, 0, 1, false}, .n = 10, .k = 1, .sigma2 = 4, .r = 1,
                     .tail = (double[]){7}, .state = (double[]){0}};
    band b = band_new(&s.keep, 3, levels, 1);
    arima_forecast(&m, NULL, &b, s.scratch);
    double z = normal_quantile(0.9);
    check_near(b.mean[2], 7, 1e-12);
    check_near(b.high[2] - 7, z * 2 * sqrt(3), 1e-12);
    check_near(b.total_sd, 2 * sqrt(14), 1e-12);
    m.order.p = 1, m.at.ar[0] = 0.5, m.state[0] = 2; /* w to come: 2, 1, 0.5 */
    arima_forecast(&m, NULL, &b, s.scratch);
    check_near(b.mean[0], 9, 1e-12);
    check_near(b.mean[2], 10.5, 1e-12);
    check_near(b.high[2] - 10.5, z * 2 * sqrt(1 + 1.5 * 1.5 + 1.75 * 1.75), 1e-12);
    check_near(b.total_sd, 2 * sqrt(1 + 2.5 * 2.5 + 4.25 * 4.25), 1e-12);
    scope_close(&s);
}

CHECK(arima_polynomials_multiply_and_know_their_roots) {
    arima_order o = {1, 0, 1, 1, 0, 1, 4, false};
    arima_coefficients at = {.ar = {0.5}, .ma = {0.3}, .sar = {0.8}, .sma = {-0.6}};
    arima_lags ar = arima_ar_lags(&o, &at), ma = arima_ma_lags(&o, &at);
    check(ar.n == 3 && ar.lag[0] == 1 && ar.lag[1] == 4 && ar.lag[2] == 5);
    check_near(ar.c[2], -0.4, 1e-15); /* (1 - .5B)(1 - .8B^4): + .4 B^5 on the left */
    check_near(ma.c[2], -0.18, 1e-15);
    check(arima_stable((double[]){1.2, -0.5}, 2, 1)); /* modulus of both roots: sqrt 2 */
    check(arima_stable((double[]){1.2, -0.5}, 2, 1.41));
    check(!arima_stable((double[]){1.2, -0.5}, 2, 1.42));
    check(!arima_stable((double[]){0.5, 0.5}, 2, 1)); /* a root of 1 */
    double r[3] = {0.7, -0.4, 0.2}, c[3], back[3];
    arima_from_partial(r, 3, c);
    check_near(c[0], 0.98 - 0.2 * -0.4, 1e-12); /* 0.7 + 0.28, then less r_3 c_2 */
    arima_to_partial(c, 3, back);
    for (int i = 0; i < 3; i++) check_near(back[i], r[i], 1e-12);
}

SIMD_DECLARE(void, arima_filter, arima_pass *p);

CHECK(arima_filters_agree_on_every_processor) {
    static void (*const filters[])(arima_pass *) = SIMD_TABLE(arima_filter);
    enum { N = 60, R = 13 };
    scope s;
    open(&s);
    rng r = rng_open(8, 8);
    double phi[R] = {0.5, [11] = 0.3, [12] = -0.15}, x[2][N], first[2 * N], logs_first = 0;
    const double *in[] = {x[0], x[1]};
    for (int t = 0; t < N; t++) x[0][t] = rng_normal(&r), x[1][t] = 1;
    for (int kind = 0; kind < SIMD_KINDS; kind++) {
        if (!simd_has((simd_kind)kind)) continue;
        double gain[R + 1] = {0}, l[R + 1] = {0}, a[2 * (R + 1)] = {0}, out[2 * N];
        for (int i = 0; i < R; i++) gain[i] = l[i] = 0.9 * phi[i] + 0.1 / (i + 1);
        arima_pass p = {.n = N, .r = R, .columns = 2, .phi = phi, .gain = gain, .l = l, .f = 2,
                        .settle = -INFINITY, .in = in, .a = a, .out = out};
        filters[kind](&p);
        if (kind == 0) memcpy(first, out, sizeof out), logs_first = p.logs;
        check(p.stopped == N);
        for (int i = 0; i < 2 * N; i++) check_near(out[i], first[i], 1e-9); /* order of sums */
        check_near(p.logs, logs_first, 1e-9);
    }
    scope_close(&s);
}

/* Least squares from two different starts end at one sum. */
CHECK(arima_conditional_sum_has_one_minimum_from_two_starts) {
    scope s;
    open(&s);
    const double *y = logs(&s);
    arima_order o = {1, 1, 1, 1, 1, 1, 12, true};
    arima_data d = arima_difference(y, AIR, NULL, 0, &o, &s.keep);
    arima_coefficients a = {.ar = {0.3}, .ma = {-0.3}, .sar = {0.5}, .sma = {0.1}},
                       b = {.ar = {-0.2}, .ma = {-0.1}, .sar = {0.8}, .sma = {-0.3}};
    double beta[2][1] = {{0}, {0.01}};
    arima_css one, two;
    check(arima_css_fit(&d, &o, &a, beta[0], &one, s.scratch));
    check(arima_css_fit(&d, &o, &b, beta[1], &two, s.scratch));
    check(one.used == 131 - 13 && one.used == two.used);
    check_near(one.sum / two.sum, 1, 1e-6); /* both stop at 1e-7 of the sum */
    check_near(a.sar[0], b.sar[0], 0.01);
    scope_close(&s);
}

/* Reference: tests/oracles/arima.py. 1e-9: the digits it prints. */
CHECK(unit_roots_of_known_series) {
    scope s;
    open(&s);
    double change[AIR - 1], season[60], noise[60];
    for (int t = 1; t < AIR; t++) change[t - 1] = air[t] - air[t - 1];
    check_near(unit_root_kpss(air, AIR, s.scratch), 4.342286797114, 1e-9);
    check_near(unit_root_kpss(change, AIR - 1, s.scratch), 0.011484728339, 1e-9);
    check(unit_root_differences(air, AIR, 2, s.scratch) == 1);
    rng r = rng_open(1, 9);
    for (int t = 0; t < 60; t++) noise[t] = rng_normal(&r), season[t] = noise[t] + 5 * (t % 6 == 2);
    check(unit_root_differences(noise, 60, 2, s.scratch) == 0);
    check(unit_root_strength(season, 60, 6, s.scratch) > 0.64);
    check(unit_root_strength(noise, 60, 6, s.scratch) < 0.4);
    check(unit_root_strength(season, 17, 6, s.scratch) == 0);
    for (int t = 0; t < 60; t++) season[t] = 3 * t + 5 * (t % 6 == 2);
    check_near(unit_root_strength(season, 60, 6, s.scratch), 1, 1e-9);
    /* t^2, a season of 0 and 2, and 4 more at t = 3: without its centred mean .5, -2.5, 2.5, -2.5,
     * .5, -1.5, whose mean is not nought; 1 - Var(R) / Var(x) of these by the header's weights */
    const double bent[] = {0, 3, 4, 15, 16, 27, 36, 51};
    check_near(unit_root_strength(bent, 8, 2, s.scratch), 0.836777372427561, 1e-12);
    /* 13 cycles of three values, more than the 11 that speak for one: by the definition again */
    for (int t = 0; t < 40; t++) season[t] = t * t * 7 % 11 + 4 * (t % 3 == 1) + 0.1 * t;
    check_near(unit_root_strength(season, 40, 3, s.scratch), 0.260208551200787, 1e-12);
    double twice[100] = {0}, once = 0; /* sums of sums of noise */
    for (int t = 1; t < 100; t++) once += rng_normal(&r), twice[t] = twice[t - 1] + once;
    check(unit_root_differences(twice, 100, 2, s.scratch) == 2);
    check(unit_root_differences(twice, 100, 1, s.scratch) == 1);
    scope_close(&s);
}

CHECK(arima_of_short_constant_and_broken_series) {
    scope s;
    open(&s);
    arima_params p = ARIMA_DEFAULTS;
    p.season = 4;
    band b = band_new(&s.keep, 9, levels, 2);
    double y[40];
    for (int n = 1; n <= 20; n++) { /* every short length gives something finite */
        for (int t = 0; t < n; t++) y[t] = 10 + (t * 7) % 5;
        arima_model m = fit(&s, y, n, p);
        arima_forecast(&m, NULL, &b, s.scratch);
        for (int h = 0; h < 9; h++)
            check(isfinite(b.mean[h]) && b.low[h] <= b.mean[h] && b.mean[h] < 30);
    }
    for (int t = 0; t < 40; t++) y[t] = 7;
    arima_model m = fit(&s, y, 40, p);
    arima_forecast(&m, NULL, &b, s.scratch);
    check(b.mean[8] == 7 && b.high[8] == 7);
    for (int t = 0; t < 40; t++) y[t] = 3 * t + 2 * (t % 4); /* exact: differences are constant */
    m = fit(&s, y, 40, p);
    arima_forecast(&m, NULL, &b, s.scratch);
    for (int h = 0; h < 9; h++) check_near(b.mean[h], 3 * (40 + h) + 2 * (h % 4), 1e-6);
    for (int t = 0; t < 40; t++) y[t] *= 1e200; /* squares of it are not finite */
    m = fit(&s, y, 40, p);
    err e = {0};
    y[3] = NAN;
    check(!arima_fit(&m, y, 40, p, &s.keep, s.scratch, &e) && e.kind == ERR_ASKED_WRONG);
    p.search = false, p.order = (arima_order){9, 0, 0, 0, 0, 0, 1, true};
    check(arima_check(NULL, 0, p) != NULL);
    p.order = (arima_order){0, 0, 0, 1, 0, 0, 1, true};
    check(arima_check(NULL, 0, p) != NULL);
    p.order = (arima_order){1, 1, 1, 1, 1, 1, 12, true};
    check(arima_check(air, 18, p) != NULL && arima_check(air, 40, p) == NULL);
    scope_close(&s);
}
