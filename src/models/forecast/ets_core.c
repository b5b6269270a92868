/* ets_core: the recursion of exponential smoothing, its likelihood and its exact gradient. */
#include "models/forecast/ets_core.h"

#include <assert.h>
#include <math.h>
#include <string.h>

ets_core ets_core_new(const double *y, int n, ets_form form, int season, arena *keep) {
    int m = form.season == ETS_NONE ? 1 : season;
    ets_core c = {.y = y, .n = n, .m = m, .form = form, .at = {.phi = 1}};
    double **traces[] = {&c.q, &c.s, &c.b, &c.u, &c.inverse};
    int count = form.error == ETS_MULTIPLY ? 5 : 4;
    for (int i = 0; i < count; i++) *traces[i] = take(keep, double, ETS_PAD(n));
    for (int t = n; t < ETS_PAD(n); t++) c.q[t] = 1, c.s[t] = form.season == ETS_MULTIPLY;
    double **rings[] = {&c.ring, &c.adjoint, &c.at.seasonal, &c.gradient.seasonal};
    for (int i = 0; i < 4; i++) *rings[i] = take(keep, double, m);
    double squares = 0;
    for (int t = 0; t < n; t++) squares += y[t] * y[t];
    /* 1e-12 of the total: a relative error of one in a million is rounding, not noise */
    c.floor = 1e-12 * (form.error == ETS_MULTIPLY ? n : squares);
    return c;
}

double ets_core_run(ets_core *c) {
    static bool (*const ahead[])(ets_core *) = SIMD_TABLE(ets_ahead);
    static double (*const squares[])(ets_core *) = SIMD_TABLE(ets_squares);
    static double (*const shares[])(ets_core *, ets_logs *) = SIMD_TABLE(ets_shares);
    simd_kind level = simd_level();
    memcpy(c->ring, c->at.seasonal, sizeof(double) * (size_t)c->m);
    if (!ahead[level](c)) return INFINITY;
    ets_logs logs = {.positive = true};
    c->sum = c->form.error == ETS_MULTIPLY ? shares[level](c, &logs) : squares[level](c);
    if (!logs.positive) return INFINITY;
    double log_f = logs.mantissas + (double)logs.exponents * 0.69314718055994530942;
    double l = c->n * log(fmax(c->sum, c->floor)) + 2 * log_f;
    return isfinite(l) ? l : INFINITY;
}

void ets_core_slope(ets_core *c) {
    static void (*const back[])(ets_core *, double) = SIMD_TABLE(ets_back);
    memset(c->adjoint, 0, sizeof(double) * (size_t)c->m);
    back[simd_level()](c, c->sum > c->floor ? 2.0 * c->n / c->sum : 0);
    memcpy(c->gradient.seasonal, c->adjoint, sizeof(double) * (size_t)c->m);
}

double ets_core_reach(const ets_core *c, int steps) {
    double phi = c->at.phi, power = phi, damp = 0, sum = 0;
    for (int j = 0; j < steps; j++, power *= phi) damp += power;
    /* the season used at t + steps was last moved at t or before, because steps <= m */
    for (int t = 0; t + steps < c->n; t++) {
        double b = c->b[t + 1], q = c->q[t + 1] - phi * b + damp * b, s = c->s[t + steps];
        sum += fabs(c->y[t + steps] - (c->form.season == ETS_MULTIPLY ? q * s : q + s));
    }
    return sum / (c->n - steps);
}

/* All roots of the characteristic polynomial (degree m + 1) within the unit circle, by the
 * Schur-Cohn recursion; 1e-6: the radius is widened by that much so that roots on the circle, which
 * are allowed, are not decided by rounding. Source: Hyndman et al. (2008), section 10.1. */
bool ets_core_forecastable(const ets_core *c, arena scratch) {
    if (c->form.season == ETS_NONE) return true; /* inside the box always */
    int degree = c->m + 1;
    double a = c->at.alpha, b = c->at.beta, g = c->at.gamma, phi = c->at.phi;
    double *p = take(&scratch, double, degree + 1), *next = take(&scratch, double, degree + 1);
    /* p[i]: coefficient of z^i */
    p[degree] = 1;
    for (int i = 2; i < c->m; i++) p[i] = a + b - a * phi;
    p[c->m] = a + b - phi;
    p[1] = a + b - a * phi + g - 1;
    p[0] = phi * (1 - a - g);
    double radius = 1;
    for (int i = 0; i <= degree; i++, radius *= 1 + 1e-6) p[i] *= radius;
    for (int d = degree; d >= 1; d--) {
        double k = p[0] / p[d];
        if (!(fabs(k) < 1)) return false;
        for (int i = 0; i < d; i++) next[i] = p[i + 1] - k * p[d - 1 - i];
        double *swap = p;
        p = next, next = swap;
    }
    return true;
}
