/* models_forecast_ets: exponential smoothing against planted truths and reference numbers. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "models/forecast/ets.h"
#include "models/forecast/ets_core.h"

/* International airline passengers, thousands a month, 1949-1952 (Box and Jenkins, series G). */
static const double air[] = {112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
                             115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
                             145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
                             171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194};
enum { AIR = sizeof air / sizeof air[0] };

static const double levels[] = {0.80, 0.95};

static ets_model fit(scope *s, const double *y, int n, int season, const char *form) {
    err e = {0};
    ets_params p = ETS_DEFAULTS;
    p.season = season, p.form = form;
    ets_model m;
    check_ok(ets_fit(&m, y, n, p, &s->keep, s->scratch, &e), &e);
    return m;
}

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 8 << 20, 8 << 20, &e), &e);
}

CHECK(ets_continues_a_trend_and_season_without_noise) {
    scope s;
    open(&s);
    static const double season[] = {-3, 1, 5, -3};
    double y[40];
    for (int t = 0; t < 40; t++) y[t] = 100 + 2 * t + season[t % 4];
    ets_model m = fit(&s, y, 40, 4, "ZZZ");
    band b = band_new(&s.keep, 8, levels, 2);
    ets_forecast(&m, &b, rng_open(1, 0), s.scratch);
    check(m.form.season != ETS_NONE && m.form.trend != ETS_NONE && m.forms == 15);
    for (int h = 0; h < 8; h++) /* 0.05: a thousandth of the range; a fit within rounding is flat */
        check_near(b.mean[h], 100 + 2 * (40 + h) + season[(40 + h) % 4], 0.05);
    scope_close(&s);
}

CHECK(ets_finds_a_multiplicative_season) {
    scope s;
    open(&s);
    static const double season[] = {0.5, 1.0, 1.8, 0.7};
    double y[60];
    rng r = rng_open(7, 0);
    for (int t = 0; t < 60; t++)
        y[t] = (200 + 6 * t) * season[t % 4] * (1 + 0.02 * rng_normal(&r));
    ets_model m = fit(&s, y, 60, 4, "ZZZ");
    band b = band_new(&s.keep, 8, levels, 2);
    ets_forecast(&m, &b, rng_open(1, 0), s.scratch);
    check(m.form.season == ETS_MULTIPLY);
    for (int h = 0; h < 8; h++) {
        double truth = (200 + 6 * (60 + h)) * season[(60 + h) % 4];
        check_near(b.mean[h] / truth, 1, 0.05); /* 0.05: 2.5 standard deviations of the noise */
        check(b.low[8 + h] < b.low[h] && b.low[h] < truth && truth < b.high[8 + h]);
    }
    scope_close(&s);
}

/* Level 100 + 2t (or a constant 50) and a season of m phases that sums to nothing. */
static void check_start(scope *s, int m, ets_form f) {
    static const double additive[] = {-3, 1, 5, -2, -1}, ratios[] = {0.5, 1.25, 1.5, 0.75, 1.0};
    double y[40];
    bool times = f.season == ETS_MULTIPLY, trend = f.trend != ETS_NONE;
    double shift = m == 4 ? 0.25 : 0; /* four phases sum to 1 */
    for (int t = 0; t < 40; t++)
        y[t] = times ? 50 * ratios[t % m] : 100 + 2 * t + additive[t % m] - shift;
    scope_reset(s);
    ets_core c = ets_core_new(y, 40, f, m, &s->keep);
    ets_start(&c, s->scratch);
    /* 1e-9: rounding of sums over 40 values */
    for (int k = 0; k < m; k++)
        check_near(c.at.seasonal[k], times ? ratios[k] : additive[k] - shift, 1e-9);
    check_near(c.at.slope, !trend || times ? 0 : 2, 1e-9);
    /* the line has its first value at 1; without a slope the level is the mean of ten values */
    check_near(c.at.level, times ? 50 : trend ? 98 : 109, 1e-9);
}

CHECK(ets_starts_from_the_line_and_the_season_that_are_there) {
    scope s;
    open(&s);
    for (int m = 4; m <= 5; m++) {
        check_start(&s, m, (ets_form){ETS_ADD, ETS_ADD, ETS_ADD});
        check_start(&s, m, (ets_form){ETS_ADD, ETS_NONE, ETS_ADD});
        if (m == 4) check_start(&s, m, (ets_form){ETS_MULTIPLY, ETS_ADD, ETS_MULTIPLY});
    }
    scope_close(&s);
}

CHECK(ets_start_seasons_sum_to_nothing) {
    scope s;
    open(&s);
    /* 11 values of a bent line: the phases have different numbers of values */
    static const double y[] = {20, 13, 31, 14, 25, 19, 40, 26, 44, 39, 71};
    ets_core c = ets_core_new(y, 11, (ets_form){ETS_ADD, ETS_NONE, ETS_ADD}, 4, &s.keep);
    ets_start(&c, s.scratch);
    double sum = 0;
    for (int k = 0; k < 4; k++) sum += c.at.seasonal[k];
    check_near(sum, 0, 1e-12);
    check(c.at.seasonal[2] > 5 && c.at.seasonal[1] < -2);
    scope_close(&s);
}

/* Slope of L at the best point when alpha moves and the parameter at its edge moves along. */
static double edge_slope(ets_core *c, double *tied, double direction) {
    const double step = 1e-5;
    double alpha = c->at.alpha, other = *tied, l[2];
    for (int i = 0; i < 2; i++) {
        c->at.alpha = alpha + (i ? -step : step);
        *tied = other + (i ? -step : step) * direction;
        l[i] = ets_core_run(c);
    }
    c->at.alpha = alpha, *tied = other;
    return (l[0] - l[1]) / (2 * step);
}

CHECK(ets_best_point_on_an_edge_is_flat_along_it) {
    enum { ROWS = 200 };
    scope s;
    open(&s);
    double y[ROWS], level = 100, slope = 0, season[4] = {0};
    rng r = rng_open(11, 0);
    for (int t = 0; t < ROWS; t++) { /* beta 0.9 over alpha 0.2: held at beta = alpha */
        double e = rng_normal(&r);
        y[t] = level + slope + e;
        level += slope + 0.2 * e, slope += 0.9 * e;
    }
    int evaluations = 0;
    ets_core c = ets_core_new(y, ROWS, (ets_form){ETS_ADD, ETS_ADD, ETS_NONE}, 1, &s.keep);
    check(isfinite(ets_form_fit(&c, 200, &evaluations, s.scratch)));
    check(c.at.alpha < 0.95 && c.at.beta > 0.99 * c.at.alpha);
    double beside = edge_slope(&c, &c.at.beta, -1), along = edge_slope(&c, &c.at.beta, 1);
    check(beside > 20 && fabs(along) < 0.01 * beside); /* 0.01: the search stops before zero */
    level = 100;
    for (int t = 0; t < ROWS; t++) { /* gamma 0.9 and alpha 0.6: held at gamma = 1 - alpha */
        double e = rng_normal(&r);
        y[t] = level + season[t % 4] + e;
        level += 0.6 * e, season[t % 4] += 0.9 * e;
    }
    c = ets_core_new(y, ROWS, (ets_form){ETS_ADD, ETS_NONE, ETS_ADD}, 4, &s.keep);
    check(isfinite(ets_form_fit(&c, 200, &evaluations, s.scratch)));
    check(c.at.alpha > 0.05 && c.at.gamma > 0.99 * (1 - c.at.alpha));
    beside = edge_slope(&c, &c.at.gamma, 0), along = edge_slope(&c, &c.at.gamma, -1);
    check(fabs(beside) > 20 && fabs(along) < 0.01 * fabs(beside));
    scope_close(&s);
}

/* Central differences of L in every parameter and start state. */
static void check_gradient(scope *s, ets_form f, int season) {
    scope_reset(s);
    ets_core c = ets_core_new(air, AIR, f, season, &s->keep);
    ets_start(&c, s->scratch);
    c.at.alpha = 0.3;
    if (f.trend != ETS_NONE) c.at.beta = 0.1, c.at.slope += 0.3;
    if (f.trend == ETS_DAMPED) c.at.phi = 0.93;
    if (f.season != ETS_NONE) c.at.gamma = 0.2;
    double *at[16] = {&c.at.alpha, &c.at.beta, &c.at.gamma, &c.at.phi, &c.at.level, &c.at.slope};
    double *g[16] = {&c.gradient.alpha, &c.gradient.beta,  &c.gradient.gamma,
                     &c.gradient.phi,   &c.gradient.level, &c.gradient.slope};
    int n = 6;
    for (int k = 0; k < c.m; k++, n++)
        at[n] = &c.at.seasonal[k], g[n] = &c.gradient.seasonal[k];
    check(isfinite(ets_core_run(&c)));
    ets_core_slope(&c);
    double exact[16];
    for (int i = 0; i < n; i++) exact[i] = *g[i];
    for (int i = 0; i < n; i++) {
        double x = *at[i], step = 1e-6 * fmax(fabs(x), 1);
        *at[i] = x + step;
        double up = ets_core_run(&c);
        *at[i] = x - step;
        double down = ets_core_run(&c);
        *at[i] = x;
        /* 1e-5 of the size: central differences lose about ten digits of sixteen */
        check_near(exact[i], (up - down) / (2 * step), 1e-5 * fmax(fabs(exact[i]), 100));
    }
}

CHECK(ets_gradient_equals_differences_in_every_form) {
    scope s;
    open(&s);
    for (int error = 0; error < 2; error++)
        for (int trend = ETS_NONE; trend <= ETS_DAMPED; trend++)
            for (int season = 0; season < 3; season++) {
                static const ets_choice seasons[] = {ETS_NONE, ETS_ADD, ETS_MULTIPLY};
                ets_form f = {error ? ETS_MULTIPLY : ETS_ADD, (ets_choice)trend, seasons[season]};
                check_gradient(&s, f, 7);
            }
    scope_close(&s);
}

/* The recursion as its definition says it, one state after the other; to[4] = level, slope,
 * sum e^2, sum log f. */
static void textbook(const ets_core *c, double *u, double *season, double *to) {
    ets_values v = c->at;
    double l = v.level, b = v.slope;
    memcpy(season, v.seasonal, sizeof(double) * (size_t)c->m);
    to[2] = to[3] = 0;
    for (int t = 0; t < c->n; t++) {
        double *s = &season[t % c->m], q = l + v.phi * b;
        bool times = c->form.season == ETS_MULTIPLY, share = c->form.error == ETS_MULTIPLY;
        double f = times ? q * *s : q + *s;
        u[t] = c->y[t] - f;
        l = q + v.alpha * (times ? u[t] / *s : u[t]);
        b = v.phi * b + v.beta * (times ? u[t] / *s : u[t]);
        *s += v.gamma * (times ? u[t] / q : u[t]);
        to[2] += share ? u[t] / f * (u[t] / f) : u[t] * u[t];
        to[3] += log(f);
    }
    to[0] = l, to[1] = b;
}

/* n: the last one leaves a part of a vector and more than one block of logarithms. */
static void check_passes(scope *s, ets_form f, int level, int n) {
    static bool (*const ahead[])(ets_core *) = SIMD_TABLE(ets_ahead);
    static double (*const squares[])(ets_core *) = SIMD_TABLE(ets_squares);
    static double (*const shares[])(ets_core *, ets_logs *) = SIMD_TABLE(ets_shares);
    static void (*const back[])(ets_core *, double) = SIMD_TABLE(ets_back);
    scope_reset(s);
    double *y = take(&s->keep, double, n), *u = take(&s->keep, double, n), season[7], wanted[4];
    for (int t = 0; t < n; t++) y[t] = air[t % AIR] * (1 + 0.001 * (t / AIR));
    ets_core c = ets_core_new(y, n, f, 7, &s->keep);
    ets_start(&c, s->scratch);
    c.at.alpha = 0.3;
    if (f.trend != ETS_NONE) c.at.beta = 0.1, c.at.slope += 0.3;
    if (f.trend == ETS_DAMPED) c.at.phi = 0.93;
    if (f.season != ETS_NONE) c.at.gamma = 0.2;
    textbook(&c, u, season, wanted);
    memcpy(c.ring, c.at.seasonal, sizeof(double) * (size_t)c.m);
    check(ahead[level](&c));
    /* 1e-9 of the values, some hundred: rounding, carried over by a recursion that forgets */
    for (int t = 0; t < n; t++) check_near(c.u[t], u[t], 1e-9);
    for (int k = 0; k < c.m; k++) check_near(c.ring[k], season[k], 1e-9);
    check_near(c.level, wanted[0], 1e-9);
    check_near(c.slope, wanted[1], 1e-9);
    ets_logs logs = {0};
    bool share = f.error == ETS_MULTIPLY;
    double sum = share ? shares[level](&c, &logs) : squares[level](&c), weight = 2.0 * n / sum;
    check_near(sum / wanted[2], 1, 1e-12); /* rounding of sums of positive numbers */
    if (share) check(logs.positive);
    if (share)
        check_near(logs.mantissas + (double)logs.exponents * log(2), wanted[3], 1e-12 * wanted[3]);
    double got[2][7];
    for (int i = 0; i < 2; i++) { /* the level and the plain copy, which the differences judge */
        memset(c.adjoint, 0, sizeof(double) * (size_t)c.m);
        back[i ? SIMD_PLAIN : level](&c, weight);
        ets_values g = c.gradient;
        memcpy(got[i], (double[]){g.alpha, g.beta, g.gamma, g.phi, g.level, g.slope,
                                  c.adjoint[3 % c.m]}, sizeof got[i]);
    }
    for (int i = 0; i < 7; i++) /* rounding of sums whose parts cancel */
        check_near(got[0][i], got[1][i], 1e-9 * fmax(fabs(got[1][i]), 1));
}

CHECK(ets_passes_follow_the_definition_at_every_level) {
    static const ets_choice seasons[] = {ETS_NONE, ETS_ADD, ETS_MULTIPLY};
    scope s;
    open(&s);
    for (int level = 0; level < SIMD_KINDS; level++) {
        if (!simd_has((simd_kind)level)) continue;
        for (int i = 0; i < 36; i++) {
            ets_form f = {i % 2 ? ETS_MULTIPLY : ETS_ADD, (ets_choice)(i / 2 % 3),
                          seasons[i / 6 % 3]};
            check_passes(&s, f, level, i < 18 ? 37 : 1501);
        }
    }
    scope_close(&s);
}

/* An f that is zero or negative has no logarithm: no likelihood of error M, wherever it stands. */
CHECK(ets_allows_no_forecast_below_zero_with_relative_errors) {
    scope s;
    open(&s);
    for (int at = 1; at <= 20; at++) {
        double y[20];
        for (int t = 0; t < 20; t++) y[t] = t + 1 == at ? -9 : 10;
        ets_core c = ets_core_new(y, 20, (ets_form){ETS_MULTIPLY, ETS_NONE, ETS_NONE}, 1, &s.keep);
        c.at.alpha = 0.9, c.at.level = 10;
        check(isinf(ets_core_run(&c)) == (at < 20)); /* the last value moves no forecast */
    }
    scope_close(&s);
}

/* Reference: tests/oracles/ets.py. Its search ends at the optimum where there is no season; with
 * a season it stops above it, so there ours must be at most its value. */
CHECK(ets_reaches_the_likelihood_of_the_reference) {
    static const struct {
        const char *form;
        double l, aicc, mean[3];
        bool optimum;
    } wanted[] = {
        {"ANN", 450.9054, 457.4509, {193.9978, 193.9978, 193.9978}, true},
        {"MNN", 450.7098, 457.2553, {193.9978, 193.9978, 193.9978}, true},
        {"AAN", 450.3353, 461.7639, {195.7357, 204.4242, 214.8505}, true},
        {"MAN", 448.3164, 459.7450, {197.3690, 214.2231, 234.4480}, true},
        {"AAdN", 450.3129, 464.3617, {195.0241, 199.9539, 205.2485}, false},
        {"MAdN", 448.5495, 462.5983, {195.6831, 203.7772, 212.4669}, false},
        {"ANA", 377.3034, 422.3034, {0}, false},
        {"AAA", 367.2867, 421.6867, {0}, false},
        {"MAA", 367.8629, 422.2629, {0}, false},
        {"MAM", 369.1852, 423.5852, {0}, false},
        {"MAdM", 398.6529, 458.2391, {0}, false},
    };
    static const int steps[] = {0, 5, 11};
    scope s;
    open(&s);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        scope_reset(&s);
        ets_model m = fit(&s, air, AIR, 12, wanted[i].form);
        check(m.l <= wanted[i].l + 1e-3);
        check(m.aicc <= wanted[i].aicc + 1e-3);
        if (!wanted[i].optimum) continue;
        check_near(m.l, wanted[i].l, 1e-3); /* 1e-3: theirs stops within that of the optimum */
        check_near(m.aicc, wanted[i].aicc, 1e-3);
        band b = band_new(&s.keep, 12, NULL, 0);
        ets_forecast(&m, &b, rng_open(1, 0), s.scratch);
        for (int j = 0; j < 3; j++) /* 0.1: the optimum is flat in the slope */
            check_near(b.mean[steps[j]], wanted[i].mean[j], 0.1);
    }
    scope_close(&s);
}

/* Draws paths of the model itself, independently of ets_forecast, and compares their spread. */
static void check_spread(scope *s, const ets_model *m) {
    enum { STEPS = 10, PATHS = 20000 };
    static const double level[] = {0.80};
    band b = band_new(&s->keep, STEPS, level, 1);
    ets_forecast(m, &b, rng_open(3, 1), s->scratch);
    int low[STEPS] = {0}, high[STEPS] = {0};
    double sums = 0, squares = 0;
    rng r = rng_open(11, 2);
    for (int i = 0; i < PATHS; i++) {
        double l = m->level, slope = m->slope, ring[4], total = 0;
        memcpy(ring, m->seasonal, sizeof(double) * (size_t)m->season);
        for (int h = 0; h < STEPS; h++) {
            double *season = &ring[h % m->season], q = l + m->fitted.phi * slope;
            bool times = m->form.season == ETS_MULTIPLY;
            double f = times ? q * *season : q + *season, e = sqrt(m->sigma2) * rng_normal(&r);
            double y = m->form.error == ETS_MULTIPLY ? f * (1 + e) : f + e, u = y - f;
            low[h] += y < b.low[h], high[h] += y > b.high[h];
            total += y;
            double step = times ? u / *season : u;
            l = q + m->fitted.alpha * step;
            slope = m->fitted.phi * slope + m->fitted.beta * step;
            *season += m->fitted.gamma * (times ? u / q : u);
        }
        sums += total / PATHS;
        squares += total * total / PATHS;
    }
    /* 20,000 draws know a standard deviation to 0.5 %: 0.02 is four times that; 0.06 because
     * season M is first-order only */
    double wide = m->form.season == ETS_MULTIPLY ? 0.06 : 0.02;
    check_near(b.total_sd / sqrt(squares - sums * sums), 1, wide);
    for (int h = 0; h < STEPS; h++) {
        /* 0.022: three standard deviations of 2,000 simulated paths and the skew that a normal
         * interval leaves for error M */
        check_near((double)low[h] / PATHS, 0.1, 0.022);
        check_near((double)high[h] / PATHS, 0.1, 0.022);
    }
}

CHECK(ets_intervals_hold_what_paths_of_the_model_do) {
    static const ets_choice errors[] = {ETS_ADD, ETS_MULTIPLY};
    scope s;
    open(&s);
    for (int error = 0; error < 2; error++)
        for (int trend = ETS_NONE; trend <= ETS_DAMPED; trend++)
            for (int season = 0; season < 3; season++) {
                double additive[] = {5, -2, -6, 3}, ratios[] = {1.2, 0.9, 0.7, 1.2}, none[] = {0};
                double *states[] = {none, additive, ratios};
                static const ets_choice seasons[] = {ETS_NONE, ETS_ADD, ETS_MULTIPLY};
                if (errors[error] == ETS_ADD && seasons[season] == ETS_MULTIPLY) continue;
                ets_model m = {.form = {errors[error], (ets_choice)trend, seasons[season]},
                               .season = season ? 4 : 1, .n = 50, .level = 100,
                               .seasonal = states[season]};
                m.sigma2 = errors[error] == ETS_ADD ? 16 : 0.0016;
                m.fitted = (ets_values){.alpha = 0.3, .phi = trend == ETS_DAMPED ? 0.9 : 1};
                if (trend != ETS_NONE) m.slope = 1.5, m.fitted.beta = 0.1;
                if (season) m.fitted.gamma = 0.3;
                scope_reset(&s);
                check_spread(&s, &m);
            }
    scope_close(&s);
}

CHECK(ets_keeps_constant_zero_and_short_series_flat) {
    scope s;
    open(&s);
    static const double same[] = {5, 5, 5, 5, 5, 5, 5, 5}, zero[20] = {0}, two[] = {3, 5};
    static const struct {
        const double *y;
        int n;
        double mean;
    } rows[] = {{same, 8, 5}, {zero, 20, 0}, {two, 2, 4}, {two, 1, 3}};
    for (int i = 0; i < 4; i++) {
        ets_model m = fit(&s, rows[i].y, rows[i].n, 4, "ZZZ");
        band b = band_new(&s.keep, 3, levels, 2);
        ets_forecast(&m, &b, rng_open(1, 0), s.scratch);
        for (int h = 0; h < 3; h++) {
            check_near(b.mean[h], rows[i].mean, 1e-12); /* rounding */
            check(b.low[h] <= b.mean[h] && b.mean[h] <= b.high[h]);
        }
        check(m.constant == (i != 2));
    }
    scope_close(&s);
}

CHECK(ets_refuses_what_it_cannot_fit) {
    static const char *const wrong[] = {"",    "A",    "AAM",  "NAN",  "AAx",
                                        "AdAN", "AMN", "AAdNN", "ANNN", "ZZ"};
    scope s;
    open(&s);
    err e = {0};
    ets_model m;
    ets_params p = ETS_DEFAULTS;
    double y[] = {1, 2, NAN, 4};
    check(!ets_fit(&m, y, 4, p, &s.keep, s.scratch, &e) && e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "not a finite number");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        p.form = wrong[i];
        check(ets_check(NULL, 0, p) != NULL);
    }
    p.form = "MAdM";
    check(ets_check(NULL, 0, p) == NULL);
    p.season = 0;
    check(ets_check(NULL, 0, p) != NULL);
    scope_close(&s);
}

CHECK(ets_reach_is_the_error_of_forecasts_some_steps_ahead) {
    static const double y[] = {10, 12, 11, 15, 14, 18};
    scope s;
    open(&s);
    ets_core c = ets_core_new(y, 6, (ets_form){ETS_ADD, ETS_DAMPED, ETS_NONE}, 1, &s.keep);
    c.at = (ets_values){.alpha = 0.5, .beta = 0.2, .phi = 0.9, .level = 10, .slope = 1,
                        .seasonal = c.at.seasonal};
    ets_core_run(&c);
    double l = 10, b = 1, sum = 0;
    for (int t = 0; t < 6; t++) {
        double u = y[t] - l - 0.9 * b;
        l += 0.9 * b + 0.5 * u;
        b = 0.9 * b + 0.2 * u;
        if (t + 3 < 6) sum += fabs(y[t + 3] - l - (0.9 + 0.81 + 0.729) * b);
    }
    check_near(ets_core_reach(&c, 3), sum / 3, 1e-12); /* rounding */
    scope_close(&s);
}

CHECK(ets_leaves_multiplicative_forms_out_near_zero) {
    scope s;
    open(&s);
    double y[48];
    for (int t = 0; t < 48; t++) y[t] = air[t] - 104; /* the least is 0 */
    ets_model m = fit(&s, y, 48, 12, "ZZZ");
    check(m.forms == 6 && m.form.error == ETS_ADD);
    m = fit(&s, y, 48, 12, "MZM"); /* nothing left: the level stays */
    check(m.forms == 0 && m.form.trend == ETS_NONE);
    scope_close(&s);
}

CHECK(ets_scales_with_the_series_and_repeats_itself) {
    scope s;
    open(&s);
    double y[AIR];
    for (int t = 0; t < AIR; t++) y[t] = 1024 * air[t];
    ets_model a = fit(&s, air, AIR, 12, "ZZZ"), again = fit(&s, air, AIR, 12, "ZZZ");
    ets_model b = fit(&s, y, AIR, 12, "ZZZ");
    check(a.l == again.l && a.fitted.alpha == again.fitted.alpha && a.level == again.level);
    check(a.form.season == b.form.season && a.form.trend == b.form.trend);
    check_near(b.level / (1024 * a.level), 1, 1e-3); /* the search may stop a little apart */
    double f[AIR];
    ets_fitted(&a, air, f, s.scratch);
    double sum = 0;
    for (int t = 0; t < AIR; t++) sum += (air[t] / f[t] - 1) * (air[t] / f[t] - 1);
    if (a.form.error == ETS_MULTIPLY) check_near(sum / (AIR - a.k + 1), a.sigma2, 1e-12);
    scope_close(&s);
}
