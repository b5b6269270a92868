/* models_forecast_odd: every model on series that are no series: a forecast that can be used, or a
 * sentence. */
#include "lab.h"

#include <math.h>
#include <stdio.h>

#include "models/forecast/forecaster.h"

enum { MOST = 40, STEPS = 60 };

typedef struct odd {
    const char *name;
    int n;
    double y[MOST];
} odd;

static const odd fixed[] = {
    {"one value", 1, {7}},
    {"one zero", 1, {0}},
    {"two values", 2, {3, 5}},
    {"three", 3, {3, 5, 4}},
    {"all zeros", 30, {0}},
    {"one sale at the end", 30, {[29] = 1}},
    {"one sale at the start", 30, {[0] = 1}},
    {"one sale in the middle", 30, {[15] = 4}},
    {"one return", 12, {[3] = 2, [7] = -2}},
    {"all below zero", 8, {-5, -3, -4, -6, -5, -2, -4, -3}},
};

/* Series by a rule; false when there is no such one. */
static bool made(int which, odd *to) {
    static const char *const names[] = {"constant", "constant, then another", "a straight line",
                                        "two values in turn", "a day of seven", "growing tenfold",
                                        "huge", "huge and tiny", "tiny", "a spike", "a square"};
    if (which >= (int)(sizeof names / sizeof names[0])) return false;
    *to = (odd){names[which], MOST, {0}};
    for (int t = 0; t < MOST; t++) {
        double row[] = {5, t < 20 ? 5 : 9, 3.0 * t - 20, t % 2 ? 1 : 100, t % 7 == 3 ? 12 : 2,
                        pow(10, t / 4.0), 1e99 * (1 + t % 3), t % 2 ? 1e99 : 1e-99,
                        1e-200 * (t % 5), t == 22 ? 1e9 : 3, t / 8 % 2 ? 50 : 0};
        to->y[t] = row[which];
    }
    return true;
}

/* Finite, the mean within bounds and the narrower level within the wider. The quantile of counts is
 * a whole number and may lie below the mean. */
static bool usable(const band *b) {
    for (int h = 0; h < b->steps; h++) {
        double width = 0;
        for (int l = 0; l < b->n_levels; l++) {
            double low = b->low[l * b->steps + h], high = b->high[l * b->steps + h];
            bool above = high >= b->mean[h] || (high == floor(high) && high >= low);
            if (!isfinite(high - low) || !(low <= b->mean[h]) || !above) return false;
            if (high - low < width) return false;
            width = high - low;
        }
    }
    return true;
}

static void run_all(const odd *one, lab *t) {
    static const double levels[] = {0.8, 0.95};
    static const int seasons[] = {1, 7, 12};
    for (int kind = 0; kind < FORECASTER_KINDS; kind++)
        for (int k = 0; k < 3 && kind != FORECASTER_GLOBAL; k++) {
            err e = {0};
            forecaster_told told;
            forecaster_params p = FORECASTER_DEFAULTS;
            arena keep = t->s.keep;
            p.kind = (forecaster_kind)kind, p.season = seasons[k];
            band b = band_new(&keep, STEPS, levels, 2);
            bool done = forecaster_run(one->y, one->n, p, &b, &told, t->s.scratch, &e);
            bool fine = done ? usable(&b) : e.kind == ERR_ASKED_WRONG && e.text[0] != 0;
            if (!fine)
                printf("%s by %s, season %d\n", one->name, forecaster_name(p.kind), p.season);
            check(fine);
        }
}

CHECK(forecaster_answers_odd_series_with_a_forecast_or_a_sentence) {
    lab t;
    odd one;
    lab_open(&t, 1);
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) run_all(&fixed[i], &t);
    for (int i = 0; made(i, &one); i++) run_all(&one, &t);
    lab_close(&t);
}

/* What does not move stays where it is, whatever the model. */
CHECK(forecaster_leaves_a_constant_series_where_it_is) {
    lab t;
    odd one;
    lab_open(&t, 1);
    made(0, &one);
    for (int kind = 0; kind < FORECASTER_KINDS; kind++) {
        if (kind == FORECASTER_GLOBAL) continue;
        forecaster_told told;
        forecaster_params p = FORECASTER_DEFAULTS;
        arena keep = t.s.keep;
        p.kind = (forecaster_kind)kind, p.season = 7;
        band b = band_new(&keep, STEPS, NULL, 0);
        check_ok(forecaster_run(one.y, one.n, p, &b, &told, t.s.scratch, &t.e), &t.e);
        double stays = kind == FORECASTER_SBA ? 5 * 0.95 : 5; /* 1 - alpha / 2, by its formula */
        for (int h = 0; h < STEPS; h++) check_near(b.mean[h], stays, 1e-6);
    }
    lab_close(&t);
}
