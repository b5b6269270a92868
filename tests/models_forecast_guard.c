/* models_forecast_guard: each guard acts where it must, is told, and is silent elsewhere. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "models/forecast/forecaster.h"

static const double levels[] = {0.8};

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 8 << 20, 8 << 20, &e), &e);
}

/* Two bounds one unit about given means. */
static band about(scope *s, const double *mean, int steps) {
    band b = band_new(&s->keep, steps, levels, 1);
    for (int h = 0; h < steps; h++)
        b.mean[h] = mean[h], b.low[h] = mean[h] - 1, b.high[h] = mean[h] + 1;
    b.total_sd = 5;
    return b;
}

/* History 0 … 10: free up to 40. Said 20, 50, 90, 90: from the second step on 0.9 of each step:
 * 20 + 0.9 30 = 47, + 0.81 40 = 79.4, + 0; and held to 110. */
CHECK(guard_trend_damps_what_runs_away_by_hand) {
    static const double y[] = {0, 4, 10, 6}, said[] = {20, 50, 90, 90}, far[] = {500, 40};
    scope s;
    open(&s);
    band b = about(&s, said, 4);
    check(guard_trend(y, 4, &b) == GUARD(GUARD_TREND));
    static const double wanted[] = {20, 47, 79.4, 79.4};
    for (int h = 0; h < 4; h++) { /* 1e-12: rounding */
        check_near(b.mean[h], wanted[h], 1e-12);
        check_near(b.low[h], wanted[h] - 1, 1e-12);
        check_near(b.high[h], wanted[h] + 1, 1e-12);
    }
    b = about(&s, far, 2);
    guard_trend(y, 4, &b);
    check(b.mean[0] == 110 && b.mean[1] < 110);
    static const double down[] = {-31, -20};
    b = about(&s, down, 2);
    check(guard_trend(y, 4, &b) == GUARD(GUARD_TREND) && b.mean[0] > -31);
    static const double free_[] = {40, -30};
    b = about(&s, free_, 2);
    check(guard_trend(y, 4, &b) == 0 && b.mean[0] == 40 && b.mean[1] == -30);
    static const double same[] = {7, 7, 7};
    b = about(&s, far, 2);
    check(guard_trend(same, 3, &b) == 0); /* no range, nothing to measure by */
    scope_close(&s);
}

/* Sold in every second of 40 steps, then nothing for `pause`: chance 0.5^pause. */
static unsigned after_pause(int pause, int season, double last, band *b) {
    double y[80] = {0};
    int n = 40 + pause;
    for (int t = 0; t < 40; t += 2) y[t + 1] = 3;
    y[n - 1] = last;
    return guard_obsolete(y, n, season, b);
}

CHECK(guard_obsolete_knows_a_pause_from_an_end) {
    static const double said[] = {1.5, 1.5};
    scope s;
    open(&s);
    band b = about(&s, said, 2);
    check(after_pause(12, 1, 0, &b) == 0 && b.mean[0] == 1.5);
    check(after_pause(13, 1, 0, &b) == GUARD(GUARD_OBSOLETE));
    check(b.mean[0] == 0 && b.mean[1] == 0 && b.low[0] == 0 && b.high[0] == 2.5);
    check(after_pause(13, 1, 1, &b) == 0); /* sold in the last step */
    check(after_pause(13, 26, 0, &b) == 0 && after_pause(26, 26, 0, &b) != 0);
    check(after_pause(13, 52, 0, &b) != 0); /* it never lived a season */
    double rare[60] = {[2] = 1, [9] = 1, [16] = 1, [30] = 1}; /* a longest pause of 13 */
    check(guard_obsolete(rare, 31 + 25, 1, &b) == 0);
    double gone[60] = {[2] = 1, [3] = 1, [4] = 1, [6] = 1}, back[60] = {[0] = -1, [2] = 1, [3] = 1};
    check(guard_obsolete(gone, 60, 1, &b) != 0 && guard_obsolete(back, 60, 1, &b) == 0);
    double often[60] = {[2] = 1, [7] = 1, [12] = 1, [17] = 1}; /* a rate of 1/4: 0.75^24 > 0.001 */
    check(guard_obsolete(often, 18 + 23, 1, &b) == 0 && guard_obsolete(often, 18 + 26, 1, &b) != 0);
    scope_close(&s);
}

CHECK(guard_units_and_width_by_hand) {
    static const double y[] = {2, 10, 4}, said[] = {-1, 31, 30};
    scope s;
    open(&s);
    band b = about(&s, said, 3);
    check(guard_units(y, 3, &b) == (GUARD(GUARD_BELOW_ZERO) | GUARD(GUARD_CAPPED)));
    check(b.mean[0] == 0 && b.mean[1] == 30 && b.mean[2] == 30 && b.low[0] == 0);
    static const double fine[] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
    b = about(&s, fine, 12);
    check(guard_units(y, 3, &b) == 0 && guard_width(y, 3, 0, &b) == 0);
    b.high[1] = 86, b.low[11] = 5 - 161; /* 80 of the range; twice that where h is 4 n */
    check(guard_width(y, 3, 0, &b) == GUARD(GUARD_TOO_WIDE));
    check(b.high[1] == 85 && b.low[11] == 5 - 160 && b.high[0] == 6);
    static const double same[] = {4, 4};
    b.high[0] = 100;
    check(guard_width(same, 2, 0, &b) == 0 && guard_width(same, 2, 1, &b) != 0 && b.high[0] == 15);
    scope_close(&s);
}

static unsigned run(const double *y, int n, forecaster_kind kind, bool units, int steps,
                    forecaster_told *told, band *to, scope *s) {
    err e = {0};
    forecaster_params p = FORECASTER_DEFAULTS;
    p.kind = kind, p.units = units;
    *to = band_new(&s->keep, steps, levels, 1);
    check_ok(forecaster_run(y, n, p, to, told, s->scratch, &e), &e);
    return told->guards;
}

CHECK(forecaster_tells_the_guards_that_acted) {
    scope s;
    forecaster_told told;
    band b;
    open(&s);
    static const double two[] = {3, 5}, steep[] = {1, 2, 4, 8, 16, 32, 64, 128};
    static const double falling[] = {40, 36, 32, 28, 24, 20, 16, 12, 8, 4};
    check(run(two, 2, FORECASTER_ETS, false, 3, &told, &b, &s) == GUARD(GUARD_TOO_SHORT));
    check(told.kind == FORECASTER_NAIVE && b.mean[2] == 5);
    check(run(two, 2, FORECASTER_MEAN, false, 3, &told, &b, &s) == 0 && b.mean[0] == 4);
    check(run(steep, 8, FORECASTER_HOLT, false, 40, &told, &b, &s) & GUARD(GUARD_TREND));
    check(b.mean[39] <= 128 + 1270 && b.mean[39] > 128);
    check(run(steep, 8, FORECASTER_DRIFT, false, 40, &told, &b, &s) == 0);
    check(run(falling, 10, FORECASTER_HOLT, true, 6, &told, &b, &s) & GUARD(GUARD_BELOW_ZERO));
    check(b.mean[5] == 0);
    check(run(falling, 10, FORECASTER_HOLT, false, 6, &told, &b, &s) == 0 && b.mean[5] < 0);
    check(run(steep, 8, FORECASTER_HOLT, true, 40, &told, &b, &s) & GUARD(GUARD_CAPPED));
    check(b.mean[39] == 3 * 128);
    double gone[60] = {[1] = 3, [3] = 2, [5] = 4, [7] = 3, [8] = 3, [11] = 2};
    check(run(gone, 60, FORECASTER_SES, true, 2, &told, &b, &s) & GUARD(GUARD_OBSOLETE));
    check(run(gone, 60, FORECASTER_AUTO, false, 2, &told, &b, &s) & GUARD(GUARD_OBSOLETE));
    check(b.mean[0] == 0);
    check(run(gone, 60, FORECASTER_SES, false, 2, &told, &b, &s) == 0);
    scope_close(&s);
}

/* Values whose squares leave the range of doubles, above and below: no model answers with what is
 * not finite (the guard behind them has nothing to do). */
CHECK(forecaster_never_answers_with_what_is_not_finite) {
    enum { PATTERNS = 5 };
    scope s;
    forecaster_told told;
    open(&s);
    double y[PATTERNS][40];
    int answers = 0;
    for (int t = 0; t < 40; t++) {
        y[0][t] = (t % 2 ? 1 : -1) * 1e100 * (1 - t / 80.0);
        y[1][t] = 1e-310 * (t % 3 + 1);
        y[2][t] = t == 0 ? 1e100 : 1e-150 * t;
        y[3][t] = t == 39 ? 1e100 : 1e-100;
        y[4][t] = (t % 5 == 0) * 1e-300;
    }
    for (int i = 0; i < PATTERNS * FORECASTER_SINGLE; i++) {
        forecaster_params p = FORECASTER_DEFAULTS;
        err e = {0};
        p.kind = (forecaster_kind)(i % FORECASTER_SINGLE), p.season = p.ets.season = 4;
        band b = band_new(&s.keep, 3, levels, 1);
        /* refused: intermittent demand below zero */
        if (!forecaster_run(y[i / FORECASTER_SINGLE], 40, p, &b, &told, s.scratch, &e)) continue;
        answers++;
        for (int h = 0; h < 3; h++)
            check(isfinite(b.mean[h]) && isfinite(b.low[h]) && isfinite(b.high[h]));
    }
    check(answers > 4 * FORECASTER_SINGLE);
    scope_close(&s);
}
