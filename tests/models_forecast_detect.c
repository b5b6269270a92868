/* models_forecast_detect: planted seasons, trends, breaks and odd values are found, no others. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/forecast/anomalies.h"
#include "models/forecast/detect.h"

#include "models_forecast_air.h"

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 64 << 20, &e), &e);
}

CHECK(seasonality_finds_a_day_and_a_week_of_hours) {
    enum { N = 24 * 7 * 6 };
    scope s;
    open(&s);
    rng r = rng_open(1, 1);
    double *y = take(&s.keep, double, N);
    for (int t = 0; t < N; t++)
        y[t] = 50 + 0.02 * t + (t % 24 == 18 ? 12 : t % 24 == 4 ? -8 : 0) +
               (t / 24 % 7 == 5 ? 6 : 0) + rng_normal(&r);
    seasonality_one found[SEASONALITY_MOST];
    seasonality_params p = SEASONALITY_DEFAULTS;
    check(seasonality_find(y, N, p, found, s.scratch) == 2); /* without being told where to look */
    check(found[0].period == 24 && found[1].period == 168);
    check(found[0].peak == 18 && found[0].trough == 4);
    check_near(found[0].amplitude, 20, 2); /* two deviations of the mean of 42 days, twice */
    check(found[0].correlation > found[0].limit && found[0].strength > 0.7);
    p.search = false;
    check(seasonality_find(y, N, p, found, s.scratch) == 0); /* no candidate, no search */
    static const int only[] = {24};
    p.candidate = only, p.candidates = 1;
    check(seasonality_find(y, N, p, found, s.scratch) == 1);
    scope_close(&s);
}

CHECK(seasonality_of_the_airline_series_is_its_year) {
    scope s;
    open(&s);
    seasonality_one found[SEASONALITY_MOST];
    seasonality_params p = SEASONALITY_DEFAULTS;
    check(seasonality_find(air, AIR, p, found, s.scratch) == 1);
    check(found[0].period == 12 && found[0].peak == 6 && found[0].trough == 10);
    scope_close(&s);
}

/* A bend 40 times as high as the season does not hide it from the search. */
CHECK(seasonality_is_searched_below_a_bend) {
    enum { N = 140 };
    scope s;
    open(&s);
    double y[N];
    rng r = rng_open(4, 4);
    for (int t = 0; t < N; t++)
        y[t] = 240 * pow((t - 40) / 100.0, 2) + (t % 7 == 3 ? 6 : 0) + rng_normal(&r);
    seasonality_one found[SEASONALITY_MOST];
    check(seasonality_find(y, N, (seasonality_params)SEASONALITY_DEFAULTS, found, s.scratch) == 1);
    check(found[0].period == 7 && found[0].peak == 3);
    scope_close(&s);
}

/* Noise and random walks have no season: of 40 series at most 2, where 1 in 100 candidates passes
 * by chance. */
CHECK(seasonality_finds_none_in_noise_and_walks) {
    enum { N = 300 };
    static const int usual[] = {7, 12};
    scope s;
    open(&s);
    int wrong = 0;
    for (int k = 0; k < 40; k++) {
        rng r = rng_open(2, (uint64_t)k);
        double y[N], level = 0;
        for (int t = 0; t < N; t++) {
            level = k % 2 ? level + rng_normal(&r) : 0;
            y[t] = level + rng_normal(&r);
        }
        seasonality_one found[SEASONALITY_MOST];
        seasonality_params p = SEASONALITY_DEFAULTS;
        p.candidate = usual, p.candidates = 2;
        wrong += seasonality_find(y, N, p, found, s.scratch) > 0;
    }
    check(wrong <= 2);
    double flat[50] = {0};
    seasonality_one found[SEASONALITY_MOST];
    seasonality_params p = SEASONALITY_DEFAULTS;
    check(seasonality_find(flat, 50, p, found, s.scratch) == 0);
    check(seasonality_find(flat, 1, p, found, s.scratch) == 0);
    scope_close(&s);
}

/* References: tests/oracles/kendall.py. 1e-8: the digits it prints. */
CHECK(kendall_equals_the_reference) {
    scope s;
    open(&s);
    kendall_result a = kendall_test(air, AIR, s.scratch);
    check(a.s == 8327);
    check_near(a.slope, 2.451216288, 1e-8);
    check_near(a.widened, 1.590120632, 1e-8);
    check_near(a.z, 11.404926003, 1e-8);
    check(a.p < 1e-20 && a.low < a.slope && a.slope < a.high);
    double y[40];
    for (int i = 0; i < 40; i++) y[i] = i * i * 7 % 11 / 2 + i / 15;
    kendall_result b = kendall_test(y, 40, s.scratch);
    check(b.s == 262);
    check_near(b.slope, 0.083333333, 1e-8);
    check_near(b.z, 3.084063766, 1e-8);
    check_near(b.p, erfc(3.084063766 / sqrt(2)), 1e-9);
    for (int i = 0; i < 40; i++) y[i] = -y[i];
    check_near(kendall_test(y, 40, s.scratch).z, -3.084063766, 1e-8);
    for (int i = 0; i < 40; i++) y[i] = 0.3 * i + 3 * sin((double)(i * i));
    kendall_result d = kendall_test(y, 40, s.scratch);
    check_near(d.slope, 0.310766108, 1e-8);
    check_near(d.widened, 1.070148195, 1e-8);
    check_near(d.low, 0.249175739, 1e-8); /* the interval's ranks, 1.96 sd / 2 about the middle */
    check_near(d.high, 0.363161518, 1e-8);
    double same[9] = {0};
    kendall_result c = kendall_test(same, 9, s.scratch);
    check(c.s == 0 && c.p == 1 && c.slope == 0);
    check(kendall_test(y, 2, s.scratch).p == 1);
    scope_close(&s);
}

/* By hand: 1 2 4 has slopes 1, 1.5, 2; the interval of a long line is the line. */
CHECK(kendall_slope_by_hand_and_of_a_long_line) {
    scope s;
    open(&s);
    double three[] = {1, 2, 4};
    kendall_result a = kendall_test(three, 3, s.scratch);
    check(a.s == 3 && a.tau == 1);
    check_near(a.slope, 1.5, 1e-12);
    double *y = take(&s.keep, double, 5000);
    for (int t = 0; t < 5000; t++) y[t] = 3 - 0.25 * t + (t % 50 == 7 ? 1000 : 0);
    kendall_result b = kendall_test(y, 5000, s.scratch);
    check_near(b.slope, -0.25, 0.01);
    check(b.high < 0 && b.tau < -0.9);
    scope_close(&s);
}

/* Three lines without noise: where they part, their values there and their slopes. The only second
 * differences that are not 0 are 19 and 24, 55 and 51.5: the mean of 68 makes sigma. */
CHECK(breaks_of_lines_by_hand) {
    enum { N = 70 };
    scope s;
    open(&s);
    double y[N];
    for (int t = 0; t < N; t++)
        y[t] = t < 20 ? 1 + 2 * t : t < 45 ? 60 - 3 * (t - 20) : 40 + 0.5 * (t - 45);
    breaks_model m = breaks_find(y, N, (breaks_params)BREAKS_DEFAULTS, &s.keep, s.scratch);
    static const breaks_one wanted[] = {{20, 41, 60, 2, -3}, {45, -15, 40, -3, 0.5}};
    check(m.n == 2);
    for (int i = 0; i < 2; i++) {
        check(m.one[i].at == wanted[i].at);
        check_near(m.one[i].before, wanted[i].before, 1e-9);
        check_near(m.one[i].after, wanted[i].after, 1e-9);
        check_near(m.one[i].slope_before, wanted[i].slope_before, 1e-9);
        check_near(m.one[i].slope_after, wanted[i].slope_after, 1e-9);
    }
    check_near(m.sigma, (19 + 24 + 55 + 51.5) / 68 * sqrt(M_PI / 12), 1e-9);
    /* 1, -2, 3 … -12: second differences of 8, 12 … 44, whose median is 26 */
    for (int t = 0; t < 12; t++) y[t] = t % 2 ? -(t + 1) : t + 1;
    m = breaks_find(y, 12, (breaks_params)BREAKS_DEFAULTS, &s.keep, s.scratch);
    check(m.n == 0);
    check_near(m.sigma, 26 / (0.6744897501960817 * sqrt(6)), 1e-12);
    scope_close(&s);
}

/* The cheapest cutting, by trying all of one break; and what was planted. */
CHECK(breaks_finds_planted_steps_and_bends) {
    enum { N = 200 };
    scope s;
    open(&s);
    rng r = rng_open(4, 1);
    double y[N];
    for (int t = 0; t < N; t++) y[t] = (t < 70 ? 10 : t < 130 ? 16 : 12) + rng_normal(&r);
    breaks_params p = BREAKS_DEFAULTS;
    p.lines = false;
    breaks_model m = breaks_find(y, N, p, &s.keep, s.scratch);
    check(m.n == 2 && m.one[0].at == 70 && m.one[1].at == 130);
    check_near(m.one[0].before, 10, 0.5); /* 4 deviations of a mean of 70 */
    check_near(m.one[0].after, 16, 0.5);
    check_near(m.one[1].after, 12, 0.5);
    check_near(m.sigma, 1, 0.2);
    for (int t = 0; t < N; t++) y[t] = 5 + (t < 90 ? 0.2 * t : 18 - 0.4 * (t - 90)) +
                                       0.5 * rng_normal(&r);
    p.lines = true;
    m = breaks_find(y, N, p, &s.keep, s.scratch);
    check(m.n == 1 && m.one[0].at >= 88 && m.one[0].at <= 92);
    check_near(m.one[0].slope_before, 0.2, 0.02);
    check_near(m.one[0].slope_after, -0.4, 0.02);
    check_near(m.one[0].before, 23, 0.7);
    double best = INFINITY, line[20];
    int where = 0;
    for (int t = 0; t < 20; t++) line[t] = t < 8 ? 2 * t : 40 - t + t % 2;
    for (int at = 6; at <= 14; at++) { /* by levels, each way to cut once, by hand */
        double cost = 0, mean[2] = {0};
        for (int t = 0; t < 20; t++) mean[t >= at] += line[t] / (t < at ? at : 20 - at);
        for (int t = 0; t < 20; t++) cost += pow(line[t] - mean[t >= at], 2);
        if (cost < best) best = cost, where = at;
    }
    p.lines = false, p.strength = 1e-3;
    m = breaks_find(line, 20, p, &s.keep, s.scratch);
    check(m.n >= 1);
    bool there = false;
    for (int i = 0; i < m.n; i++) there |= m.one[i].at == where;
    check(there);
    scope_close(&s);
}

/* Two values far off, and three at the end: no piece is shorter than is allowed. */
CHECK(breaks_leave_no_piece_too_short) {
    enum { N = 60 };
    scope s;
    open(&s);
    rng r = rng_open(6, 1);
    double y[N];
    for (int t = 0; t < N; t++)
        y[t] = (t == 30 || t == 31 || t >= N - 3 ? 80 : t < 12 ? -200 : 0) + rng_normal(&r);
    breaks_params p = BREAKS_DEFAULTS;
    for (p.lines = false; p.least < 9; p.least++) {
        breaks_model m = breaks_find(y, N, p, &s.keep, s.scratch);
        check(m.n >= 1);
        for (int i = 0; i <= m.n; i++) {
            int from = i > 0 ? m.one[i - 1].at : 0, to = i < m.n ? m.one[i].at : N;
            check(to - from >= p.least);
        }
    }
    scope_close(&s);
}

CHECK(breaks_finds_none_in_lines_noise_and_slow_wandering) {
    enum { N = 300 };
    scope s;
    open(&s);
    int wrong = 0;
    for (int k = 0; k < 30; k++) {
        rng r = rng_open(6, (uint64_t)k);
        double y[N], state = 0;
        for (int t = 0; t < N; t++) {
            state = (k % 3) * 0.3 * state + rng_normal(&r);
            y[t] = 100 + 0.3 * t + state;
        }
        breaks_params p = BREAKS_DEFAULTS;
        wrong += breaks_find(y, N, p, &s.keep, s.scratch).n > 0;
    }
    check(wrong <= 2); /* autocorrelation of 0, 0.3 and 0.6 */
    double same[40] = {0}, exact[40];
    for (int t = 0; t < 40; t++) exact[t] = 7 + 3 * t;
    breaks_params p = BREAKS_DEFAULTS;
    check(breaks_find(same, 40, p, &s.keep, s.scratch).n == 0);
    check(breaks_find(exact, 40, p, &s.keep, s.scratch).n == 0);
    check(breaks_find(exact, 11, p, &s.keep, s.scratch).n == 0); /* too short for two pieces */
    scope_close(&s);
}

CHECK(anomalies_scores_by_hand) {
    scope s;
    open(&s);
    double r[] = {1, 2, 3, 4, 100}, z[5], same[] = {5, 5, 5}, half[] = {0, 0, 0, 0, 8};
    anomalies_score(r, 5, z, s.scratch); /* median 3, sizes 2 1 0 1 97: median 1 */
    check_near(z[0], -2 / 1.4826, 1e-12);
    check_near(z[4], 97 / 1.4826, 1e-12);
    anomalies_score(same, 3, z, s.scratch);
    check(z[0] == 0 && z[2] == 0);
    anomalies_score(half, 5, z, s.scratch); /* mean size 1.6 stands in */
    check_near(z[4], 8 / (1.6 * sqrt(1.5707963267948966)), 1e-9);
    scope_close(&s);
}

CHECK(detect_finds_all_that_was_planted) {
    enum { N = 420 };
    scope s;
    open(&s);
    rng r = rng_open(9, 1);
    double *y = take(&s.keep, double, N);
    for (int t = 0; t < N; t++)
        y[t] = 200 + 0.05 * t + (t >= 250 ? 40 : 0) + 15 * sin(6.283185307 * t / 7) +
               2 * rng_normal(&r);
    y[100] += 60, y[300] -= 45;
    detect_result d;
    detect_series(&d, y, N, NULL, 0, &s.keep, s.scratch);
    check(d.seasons == 1 && d.season[0].period == 7);
    check(d.parts.seasons == 1);
    check(d.trend.p < 0.01 && d.trend.slope > 0 && d.trend_strength > 0.9);
    check(d.breaks.n == 1 && d.breaks.one[0].at == 250);
    check_near(d.breaks.one[0].after - d.breaks.one[0].before, 40, 4);
    check(d.score[100] > ANOMALIES_LIMIT && d.score[300] < -ANOMALIES_LIMIT);
    /* the two, and values beside the step, which the trend of loess rounds off */
    int odd = 0;
    for (int t = 0; t < N; t++) odd += fabs(d.score[t]) > ANOMALIES_LIMIT;
    check(odd >= 2 && d.anomalies == odd);
    for (int t = 0; t < N; t++)
        if (fabs(d.score[t]) > ANOMALIES_LIMIT)
            check(t == 100 || t == 300 || (t > 235 && t < 265));
    for (int t = 0; t < N; t++)
        check_near(d.parts.trend[t] + d.parts.season[0][t] + d.parts.remainder[t], y[t], 1e-9);
    double one[] = {4};
    detect_series(&d, one, 1, NULL, 0, &s.keep, s.scratch);
    check(d.seasons == 0 && d.breaks.n == 0 && d.anomalies == 0 && d.trend.p == 1);
    scope_close(&s);
}
