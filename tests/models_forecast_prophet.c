/* models_forecast_prophet: the bending trend with waves against truths and reference numbers. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/forecast/prophet.h"
#include "models/forecast/prophet_solve.h"
#include "models/forecast/prophet_spread.h"

#include "models_forecast_air.h"

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 64 << 20, &e), &e);
}

/* Days since 1970 of the first of each month from January of `year`. */
static double *months(scope *s, int year, int n) {
    double *day = take(&s->keep, double, n);
    for (int t = 0; t < n; t++) day[t] = day_of(year + t / 12, t % 12 + 1, 1);
    return day;
}

static prophet_model fit(scope *s, const prophet_calendar *c, prophet_params p, const double *y) {
    err e = {0};
    prophet_design *d = take(&s->keep, prophet_design, 1);
    prophet_model m;
    check_ok(prophet_design_new(d, c, p, &s->keep, s->scratch, &e), &e);
    check_ok(prophet_fit(&m, d, y, &s->keep, s->scratch, &e), &e);
    return m;
}

/* The optimum of the same posterior, found by another solver from two starts; 1e-5 of its value:
 * the digits it was printed with. 1e-6 for the loss. */
CHECK(prophet_reaches_the_optimum_of_the_airline_series) {
    scope s;
    open(&s);
    double *day = months(&s, 1949, AIR + 12);
    day[AIR] = day[AIR - 1] + 30, day[AIR + 1] = day[AIR - 1] + 365;
    prophet_calendar c = {.n = AIR, .steps = 2, .day = day};
    prophet_params p = PROPHET_DEFAULTS;
    prophet_model m = fit(&s, &c, p, air);
    check_near(m.loss, -402.398163, 1e-5);
    check_near(m.value[1], .485524, 1e-5);
    check_near(m.value[0], .170693, 1e-5);
    check_near(m.sigma, .0359726, 1e-6);
    check_near(m.yhat[0], 87.3999, 1e-3);
    check_near(m.yhat[72], 242.877, 1e-2);
    check_near(m.yhat[143], 450.590, 1e-2);
    check_near(m.yhat[144], 459.201, 1e-2);
    check_near(m.yhat[145], 488.874, 1e-2);
    p.multiply = true;
    m = fit(&s, &c, p, air);
    check_near(m.loss, -503.888317, 1e-5);
    check_near(m.value[1], .370998, 1e-5);
    check_near(m.value[0], .184821, 1e-5);
    check_near(m.sigma, .0161066, 1e-6);
    check_near(m.yhat[0], 104.632, 1e-2);
    check_near(m.yhat[145], 475.307, 1e-2);
    scope_close(&s);
}

/* Further references: tests/oracles/prophet.py. 1e-3 of a thousand passengers: what its bounded
 * search leaves. */
static void check_curve(const prophet_model *m, double loss, const double *yhat) {
    static const int at[] = {0, 72, 143, 144, 155};
    check_near(m->loss, loss, 2e-6);
    for (int i = 0; i < 5; i++) check_near(m->yhat[at[i]], yhat[i], 1e-2);
}

CHECK(prophet_reaches_the_optimum_of_logistic_growth) {
    static const double added[] = {92.8426, 244.9877, 451.0838, 467.3391, 487.6088},
                        multiplied[] = {103.1405, 244.4952, 431.5280, 443.0135, 462.1727};
    scope s;
    open(&s);
    prophet_calendar c = {.n = AIR, .steps = 12, .day = months(&s, 1949, AIR + 12)};
    prophet_params p = PROPHET_DEFAULTS;
    p.growth = PROPHET_LOGISTIC, p.cap = 800;
    prophet_model m = fit(&s, &c, p, air);
    check_curve(&m, -405.749185, added);
    check_near(m.value[1], 2.236742, 1e-4);
    check_near(m.value[0], 0.809736, 1e-4);
    check_near(m.sigma, 0.0362062, 1e-6);
    p.multiply = true;
    m = fit(&s, &c, p, air);
    check_curve(&m, -499.924216, multiplied);
    const double *before = m.yhat;
    double shifted[AIR]; /* a floor moves everything with it */
    for (int t = 0; t < AIR; t++) shifted[t] = air[t] - 1000;
    p.cap -= 1000, p.floor = -1000;
    m = fit(&s, &c, p, shifted);
    for (int t = 0; t < AIR; t++) check_near(m.yhat[t] + 1000, before[t], 1e-6);
    scope_close(&s);
}

CHECK(prophet_reaches_the_optimum_with_a_holiday_and_a_regressor) {
    static const double line[] = {87.2597, 242.7195, 450.2307, 467.5321, 488.8871},
                        flat[] = {211.1957, 251.4827, 278.2049, 210.6984, 267.3029};
    scope s;
    open(&s);
    double march[AIR + 12], other[AIR + 12];
    for (int t = 0; t < AIR + 12; t++) march[t] = t % 12 == 2, other[t] = t * t % 7;
    prophet_column extra[] = {{march, 10, false}, {other, 10, false}};
    prophet_calendar c = {AIR, 12, months(&s, 1949, AIR + 12), 2, extra};
    prophet_params p = PROPHET_DEFAULTS;
    prophet_model m = fit(&s, &c, p, air);
    check_curve(&m, -402.411780, line);
    check_near(m.value[2 + 20], 0.453553, 1e-3); /* along the waves: a flat direction */
    check_near(m.value[2 + 21], -0.000316, 2e-6);
    p.growth = PROPHET_FLAT;
    m = fit(&s, &c, p, air);
    check(m.design->hinges == 0 && m.value[1] == 0);
    check_curve(&m, -174.287552, flat);
    scope_close(&s);
}

/* A line that bends at a changepoint, a week and noise: they come back. */
CHECK(prophet_finds_a_planted_bend_and_week) {
    enum { N = 700, H = 28 };
    scope s;
    open(&s);
    rng r = rng_open(5, 1);
    double day[N + H], y[N], truth[N + H];
    for (int t = 0; t < N + H; t++) {
        day[t] = 19000 + t;
        truth[t] = 100 + 0.1 * t - (t > 291 ? 0.3 * (t - 291) : 0) + 8 * (t % 7 == 2);
        if (t < N) y[t] = truth[t] + rng_normal(&r);
    }
    prophet_calendar c = {.n = N, .steps = H, .day = day};
    prophet_params p = PROPHET_DEFAULTS;
    p.yearly = 0;
    prophet_model m = fit(&s, &c, p, y);
    check(m.design->betas == 6);
    /* the noise of one value: the prior rounds the bend off */
    for (int t = 0; t < N + H; t++) check_near(m.yhat[t], truth[t], 1);
    check_near(m.sigma * m.scale, 1, 0.1);
    band b = band_new(&s.keep, H, (const double[]){0.8, 0.95}, 2);
    prophet_forecast(&m, &b, rng_open(1, 1), s.scratch);
    check(b.low[H] < b.low[0] && b.low[0] < b.mean[0] && b.mean[0] < b.high[0]);
    check(b.high[H - 1] - b.low[H - 1] > b.high[0] - b.low[0]); /* wider the further */
    check_near((b.high[0] - b.low[0]) / 2, normal_quantile(0.9) * m.sigma * m.scale, 0.01);
    scope_close(&s);
}

CHECK(prophet_places_changepoints_and_chooses_seasons) {
    scope s;
    open(&s);
    err e = {0};
    double day[1000];
    for (int t = 0; t < 1000; t++) day[t] = 18000 + t;
    prophet_design d;
    prophet_params p = PROPHET_DEFAULTS;
    prophet_calendar c = {.n = 1000, .day = day};
    check_ok(prophet_design_new(&d, &c, p, &s.keep, s.scratch, &e), &e);
    check(d.hinges == 25 && d.betas == 20 + 6);
    check_near(d.hinge[0], 32 / 999.0, 1e-12); /* 799 / 25 = 31.96 */
    check_near(d.hinge[24], 799 / 999.0, 1e-12);
    c.n = 20; /* 16 early values: 15 changepoints; two weeks: no week's end is seen twice, but */
    check_ok(prophet_design_new(&d, &c, p, &s.keep, s.scratch, &e), &e);
    check(d.hinges == 15 && d.betas == 6);
    c.n = 14; /* 13 days from first to last */
    check_ok(prophet_design_new(&d, &c, p, &s.keep, s.scratch, &e), &e);
    check(d.betas == 0);
    for (int t = 0; t < 1000; t++) day[t] = 18000 + t / 24.0;
    c.n = 1000;
    check_ok(prophet_design_new(&d, &c, p, &s.keep, s.scratch, &e), &e);
    check(d.betas == 6 + 8); /* hours: weekly and daily */
    scope_close(&s);
}

CHECK(prophet_keeps_constants_and_short_series) {
    scope s;
    open(&s);
    double day[] = {10, 11, 12, 13, 14, 15}, same[] = {7, 7, 7}, two[] = {1, 3};
    prophet_params p = PROPHET_DEFAULTS;
    prophet_calendar c = {.n = 3, .steps = 3, .day = day};
    prophet_model m = fit(&s, &c, p, same);
    for (int t = 0; t < 6; t++) check_near(m.yhat[t], 7, 1e-12);
    double none[3] = {0}, tiny[] = {1e-300, 2e-300, 4e-300};
    check_near(fit(&s, &c, p, none).yhat[5], 0, 1e-12);
    check(isfinite(fit(&s, &c, p, tiny).yhat[5]));
    c.n = 2;
    m = fit(&s, &c, p, two);
    check_near(m.yhat[2], 5, 0.2); /* the line goes on, a little held by its prior */
    scope_close(&s);
}

CHECK(prophet_refuses_in_one_sentence) {
    scope s;
    open(&s);
    double day[] = {1, 2, 2, 4}, y[] = {1, 2, 3, NAN}, x[] = {0, 1, NAN, 0};
    prophet_params p = PROPHET_DEFAULTS;
    prophet_design d;
    prophet_model m;
    err e = {0}, f = {0}, g = {0}, h = {0}, i = {0};
    prophet_calendar c = {.n = 4, .day = day};
    check(!prophet_design_new(&d, &c, p, &s.keep, s.scratch, &e));
    check_has(slice_of(e.text), "value 3");
    day[2] = 3;
    prophet_column column = {x, 10, false};
    c.columns = 1, c.column = &column;
    check(!prophet_design_new(&d, &c, p, &s.keep, s.scratch, &f));
    check_has(slice_of(f.text), "column 1 of the model has no usable value at value 3");
    c.columns = 0;
    check(prophet_design_new(&d, &c, p, &s.keep, s.scratch, &g));
    check(!prophet_fit(&m, &d, y, &s.keep, s.scratch, &g));
    check_has(slice_of(g.text), "value 4");
    p.growth = PROPHET_LOGISTIC;
    check(prophet_check(p) != NULL);
    p.cap = 10, y[3] = -1;
    check(prophet_design_new(&d, &c, p, &s.keep, s.scratch, &h));
    check(!prophet_fit(&m, &d, y, &s.keep, s.scratch, &h));
    check_has(slice_of(h.text), "below the floor");
    c.n = 1;
    check(!prophet_design_new(&d, &c, p, &s.keep, s.scratch, &i));
    scope_close(&s);
}

/* Against what it replaces: paths drawn one by one. 2 %: the noise of 40,000 paths. */
CHECK(prophet_spread_equals_simulated_paths) {
    enum { PATHS = 40000 };
    static const double level[] = {0.9, 0.975};
    static const prophet_spread cases[] = {
        {1, 25, 0.5, 0.1}, {0.02, 25, 0.3, 0.3}, {0.5, 5, 2, 1}, {1, 0, 0, 0.2}};
    scope s;
    open(&s);
    double *x = take(&s.keep, double, PATHS), got[2];
    for (int k = 0; k < 4; k++) {
        prophet_spread d = cases[k];
        rng r = rng_open(11, (uint64_t)k);
        double squares = 0;
        for (int i = 0; i < PATHS; i++) {
            x[i] = d.sigma * rng_normal(&r);
            for (int64_t n = rng_poisson(&r, d.rate * d.far); n > 0; n--)
                x[i] += d.size * rng_exponential(&r) * (rng_u32(&r) % 2 ? 1 : -1) * d.far *
                        rng_uniform(&r);
            squares += x[i] * x[i];
        }
        int32_t *order = order_count(PATHS, &s.keep);
        order_up(order, PATHS, x, s.scratch);
        prophet_spread_quantiles(d, level, 2, got, s.scratch);
        for (int l = 0; l < 2; l++) {
            double wanted = x[order[(int)(level[l] * PATHS)]];
            check_near(got[l], wanted, 0.02 * wanted);
        }
        check_near(prophet_spread_sd(d), sqrt(squares / PATHS), 0.02 * prophet_spread_sd(d));
        if (d.rate > 0) continue;
        for (int l = 0; l < 2; l++) /* without changes: the normal distribution */
            check_near(got[l], d.sigma * normal_quantile(level[l]), 1e-7);
    }
    scope_close(&s);
}

/* Of one variable by hand; of many by the conditions that hold at the optimum alone. */
CHECK(prophet_solve_meets_the_conditions_of_the_optimum) {
    enum { R = 3, S = 12, P = R + S, N = 40 };
    scope s;
    open(&s);
    double one[] = {2, 1, 1, 4}, b1[] = {3, 9}, ridge1[] = {1}, v1[2] = {0};
    /* v0 = (3 - v1)/3; then 4 - 1/3 = 11/3 on v1 and 9 - 1 = 8 - lasso: (8 - 5) / (11/3) */
    check(prophet_solve(&(prophet_problem){1, 1, one, b1, ridge1, 5}, v1, s.scratch));
    check_near(v1[1], 9 / 11.0, 1e-12);
    check_near(v1[0], (3 - v1[1]) / 3, 1e-12);
    check(prophet_solve(&(prophet_problem){1, 1, one, b1, ridge1, 8.5}, v1, s.scratch));
    check(v1[1] == 0);
    double x[N][P], y[N], g[P * P] = {0}, b[P] = {0}, v[P], ridge[R] = {0.1, 2, 0.5};
    for (int seed = 0; seed < 20; seed++) {
        rng r = rng_open(3, (uint64_t)seed);
        memset(g, 0, sizeof g), memset(b, 0, sizeof b), memset(v, 0, sizeof v);
        for (int t = 0; t < N; t++) {
            for (int i = 0; i < R; i++) x[t][i] = rng_normal(&r);
            for (int j = 0; j < S; j++) x[t][R + j] = fmax(0, t - 3 * j) / 10.0;
            y[t] = sin(t / 5.0) * (1 + seed % 3) + 0.3 * rng_normal(&r);
            for (int i = 0; i < P; i++) {
                b[i] += x[t][i] * y[t];
                for (int j = 0; j < P; j++) g[i * P + j] += x[t][i] * x[t][j];
            }
        }
        double lasso = 0.02 * (1 << seed % 8);
        for (int j = 0; j < S && seed % 2; j++) v[R + j] = rng_normal(&r); /* a start elsewhere */
        check(prophet_solve(&(prophet_problem){R, S, g, b, ridge, lasso}, v, s.scratch));
        int zeros = 0;
        for (int i = 0; i < P; i++) { /* 1e-7: rounding of sums of some thousands */
            double slope = b[i];
            for (int j = 0; j < P; j++) slope -= g[i * P + j] * v[j];
            if (i < R) check_near(slope, ridge[i] * v[i], 1e-7);
            else if (v[i] != 0) check_near(slope, v[i] > 0 ? lasso : -lasso, 1e-7);
            else check(fabs(slope) <= lasso + 1e-7);
            zeros += i >= R && v[i] == 0;
        }
        check(seed % 8 < 4 || zeros > 0);
    }
    scope_close(&s);
}

/* One path: the deviation of z at each step into off[steps]. */
static void draw(const prophet_design *d, double size, rng *r, double *off) {
    double last = d->time[d->n + d->steps - 1] - 1;
    memset(off, 0, sizeof *off * (size_t)d->steps);
    for (int64_t k = rng_poisson(r, d->hinges * last); k > 0; k--) {
        double at = 1 + last * rng_uniform(r);
        double change = size * rng_exponential(r) * (rng_u32(r) % 2 ? 1 : -1);
        for (int h = 0; h < d->steps; h++) off[h] += change * fmax(0, d->time[d->n + h] - at);
    }
}

/* Bounds of the last step and the deviation of the sum against paths drawn here, change by change.
 * 4 %: the noise of a tail of 4,000 and 1,000 paths. */
CHECK(prophet_bounds_and_totals_equal_simulated_paths) {
    enum { H = 60, PATHS = 4000 };
    static const double level[] = {0.8};
    scope s;
    open(&s);
    double *day = months(&s, 1949, AIR + H), off[H];
    double *x = take(&s.keep, double, PATHS), *sum = take(&s.keep, double, PATHS);
    prophet_calendar c = {.n = AIR, .steps = H, .day = day};
    for (int logistic = 0; logistic < 2; logistic++) {
        prophet_params p = PROPHET_DEFAULTS;
        p.multiply = true, p.samples = 4000;
        if (logistic) p.growth = PROPHET_LOGISTIC, p.cap = 1500, p.floor = -100;
        prophet_model m = fit(&s, &c, p, air);
        const prophet_design *d = m.design;
        band b = band_new(&s.keep, H, level, 1);
        prophet_forecast(&m, &b, rng_open(2, 2), s.scratch);
        double size = 0, mean = 0, squares = 0, wide = p.cap - p.floor;
        for (int j = 0; j < d->hinges; j++)
            size += fabs(m.value[2 + d->betas + j]) / d->hinges;
        rng r = rng_open(7, 7);
        for (int i = 0; i < PATHS; i++) {
            draw(d, size, &r, off);
            for (int h = 0; h < H; h++) {
                double g = m.trend[AIR + h] + m.scale * off[h], share;
                share = (m.trend[AIR + h] - p.floor) / wide;
                if (logistic) g = p.floor + wide / (1 + (1 - share) / share * exp(-off[h]));
                x[i] = m.yhat[AIR + h] + (g - m.trend[AIR + h]) * m.swing[AIR + h] +
                       m.scale * m.sigma * rng_normal(&r);
                sum[i] += x[i];
            }
        }
        for (int i = 0; i < PATHS; i++) mean += sum[i] / PATHS;
        for (int i = 0; i < PATHS; i++) squares += (sum[i] - mean) * (sum[i] - mean) / PATHS;
        check_near(b.total_sd, sqrt(squares), 0.04 * sqrt(squares));
        int32_t *order = order_count(PATHS, &s.keep);
        order_up(order, PATHS, x, s.scratch);
        double low = x[order[PATHS / 10]], high = x[order[PATHS - PATHS / 10]];
        check_near(b.low[H - 1], low, 0.04 * (high - low));
        check_near(b.high[H - 1], high, 0.04 * (high - low));
        memset(sum, 0, sizeof *sum * PATHS);
    }
    scope_close(&s);
}
