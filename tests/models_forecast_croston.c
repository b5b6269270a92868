/* models_forecast_croston: intermittent demand against references and planted truths. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/forecast/croston.h"
#include "models/metrics_forecast.h"

static const double y[] = {0, 2, 0, 1, 0, 11, 0, 0, 0, 0, 2, 0, 6, 3, 0,
                           0, 0, 0, 0, 7, 0,  0, 0, 1, 0, 5, 0, 0, 0, 4};
enum { N = sizeof y / sizeof y[0], STEPS = 4 };
static const double levels[] = {0.80, 0.95};

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 8 << 20, 8 << 20, &e), &e);
}

static double mean_of(scope *s, const double *x, int n, croston_kind kind) {
    croston_params p = CROSTON_DEFAULTS;
    p.kind = kind;
    croston_model m;
    croston_fit(&m, x, n, p, s->scratch);
    return m.mean;
}

/* References: tests/oracles/croston.py. 1e-9: its digits; 2e-6: where two searches end. */
CHECK(croston_and_its_relatives_equal_the_reference) {
    static const struct {
        croston_kind kind;
        double mean, tolerance;
    } rows[] = {{CROSTON_CLASSIC, 1.2530751057, 1e-9},
                {CROSTON_SBA, 1.1904213504, 1e-9},
                {CROSTON_TSB, 1.1085890768, 1e-9},
                {CROSTON_ADIDA, 1.1234769433, 2e-6},
                {CROSTON_IMAPA, 1.2369916986, 2e-6}};
    scope s;
    open(&s);
    for (int i = 0; i < 5; i++)
        check_near(mean_of(&s, y, N, rows[i].kind), rows[i].mean, rows[i].tolerance);
    scope_close(&s);
}

/* 6 units every third period: sizes 6, gaps 3, whatever the smoothing. */
CHECK(croston_knows_a_regular_rhythm) {
    scope s;
    open(&s);
    double x[60];
    for (int t = 0; t < 60; t++) x[t] = t % 3 == 2 ? 6 : 0;
    check_near(mean_of(&s, x, 60, CROSTON_CLASSIC), 2, 1e-12);
    check_near(mean_of(&s, x, 60, CROSTON_SBA), 1.9, 1e-12);
    check_near(mean_of(&s, x, 60, CROSTON_ADIDA), 2, 1e-12);
    check_near(mean_of(&s, x, 60, CROSTON_IMAPA), 2, 0.3); /* buckets of 1 and 2 swing */
    for (int t = 30; t < 60; t++) x[t] = 0;                /* nothing sold any more */
    check_near(mean_of(&s, x, 60, CROSTON_CLASSIC), 2, 1e-12);
    check(mean_of(&s, x, 60, CROSTON_TSB) < 0.15); /* 2 times 0.9^30, about */
    scope_close(&s);
}

/* A rising series sold every period: buckets of one, the largest alpha, 0.3. The variance is the
 * mean square of the errors of smoothing that knows the values before. */
CHECK(croston_variance_is_that_of_one_step_errors) {
    scope s;
    open(&s);
    double x[20], at = 1, sum = 0;
    for (int t = 0; t < 20; t++) {
        x[t] = t + 1;
        if (t > 0) sum += (x[t] - at) * (x[t] - at);
        at += (t > 0 ? 0.3 : 0) * (x[t] - at);
    }
    croston_params p = {CROSTON_ADIDA, 0.1, 0.1};
    croston_model m;
    croston_fit(&m, x, 20, p, s.scratch);
    check_near(m.mean, at, 1e-5); /* the search ends within 1e-7 of its range */
    check_near(m.variance, sum / 19, 1e-4);
    scope_close(&s);
}

CHECK(croston_bounds_hold_for_poisson_counts) {
    scope s;
    open(&s);
    rng r = rng_open(5, 1);
    int held[2] = {0}, trials = 400, steps = 5;
    band b = band_new(&s.keep, STEPS, levels, 2);
    for (int i = 0; i < trials; i++) {
        double x[105];
        for (int t = 0; t < 105; t++) x[t] = (double)rng_poisson(&r, 0.7);
        croston_model m;
        croston_params p = {.kind = CROSTON_TSB, .alpha = 0.05, .beta = 0.05};
        croston_fit(&m, x, 100, p, s.scratch);
        croston_forecast(&m, &b);
        for (int l = 0; l < 2; l++)
            for (int h = 0; h < steps; h++)
                held[l] += x[100 + h] >= b.low[l * STEPS] && x[100 + h] <= b.high[l * STEPS];
    }
    /* P(D <= 2) = 0.966 and P(D <= 3) = 0.994: whole numbers hold more than asked, never less */
    check(held[0] >= 0.90 * trials * steps && held[0] <= 0.99 * trials * steps);
    check(held[1] >= 0.95 * trials * steps);
    scope_close(&s);
}

CHECK(croston_of_empty_single_and_broken_values) {
    scope s;
    open(&s);
    const double zeros[6] = {0}, one[] = {3}, half[] = {0, 1.5, 0, 0, 2.5, 0, 0, 1};
    band b = band_new(&s.keep, STEPS, levels, 2);
    croston_model m;
    for (croston_kind kind = CROSTON_CLASSIC; kind <= CROSTON_IMAPA; kind++) {
        croston_params p = CROSTON_DEFAULTS;
        p.kind = kind;
        croston_fit(&m, zeros, 6, p, s.scratch);
        croston_forecast(&m, &b);
        check(b.mean[3] == 0 && b.high[7] == 0 && b.total_sd == 0);
        croston_fit(&m, one, 1, p, s.scratch);
        croston_forecast(&m, &b);
        check_near(b.mean[0], kind == CROSTON_SBA ? 2.85 : 3, 1e-12);
        croston_fit(&m, half, 8, p, s.scratch);
        croston_forecast(&m, &b);
        check(!m.whole && b.mean[0] > 0.2 && b.mean[0] < 1.2 && b.low[0] >= 0);
        check(b.high[4] > b.high[0] && b.high[0] > b.mean[0]);
    }
    croston_params p = CROSTON_DEFAULTS;
    check(croston_check((double[]){-1}, 1, p) && croston_check((double[]){NAN}, 1, p));
    check(croston_check(y, 0, p) && !croston_check(y, N, p));
    p.alpha = 0;
    check(croston_check(y, N, p));
    scope_close(&s);
}

CHECK(croston_classes_demand_by_rhythm_and_size) {
    static const double smooth[] = {0, 0, 5, 6, 5, 4}, rare[] = {5, 0, 0, 5, 0, 5},
                        erratic[] = {1, 1, 1, 20, 1, 1}, lumpy[] = {1, 0, 0, 20, 0, 1};
    double adi, cv2;
    check(croston_classify(smooth, 6, &adi, &cv2) == CROSTON_SMOOTH);
    check_near(adi, 1, 1e-12); /* zeros before the first sale do not count */
    check_near(cv2, 0.02, 1e-12);
    check(croston_classify(rare, 6, &adi, NULL) == CROSTON_INTERMITTENT);
    check_near(adi, 2, 1e-12);
    check(croston_classify(erratic, 6, NULL, NULL) == CROSTON_ERRATIC);
    check(croston_classify(lumpy, 6, NULL, NULL) == CROSTON_LUMPY);
    check(croston_classify((double[]){0, 0}, 2, &adi, &cv2) == CROSTON_EMPTY);
}
