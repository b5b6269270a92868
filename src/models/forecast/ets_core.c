/* ets_core: the recursion of exponential smoothing, its likelihood and its exact gradient. */
#include "models/forecast/ets_core.h"

#include <assert.h>
#include <math.h>
#include <string.h>

ets_core ets_core_new(const double *y, int n, ets_form form, int season, arena *keep) {
    int m = form.season == ETS_NONE ? 1 : season;
    ets_core c = {.y = y, .n = n, .m = m, .form = form, .at = {.phi = 1}};
    double **traces[] = {&c.q, &c.s, &c.b, &c.u};
    for (int i = 0; i < 4; i++) *traces[i] = take(keep, double, n);
    double **rings[] = {&c.ring, &c.adjoint, &c.at.seasonal, &c.gradient.seasonal};
    for (int i = 0; i < 4; i++) *rings[i] = take(keep, double, m);
    double squares = 0;
    for (int t = 0; t < n; t++) squares += y[t] * y[t];
    /* 1e-12 of the total: a relative error of one in a million is rounding, not noise */
    c.floor = 1e-12 * (form.error == ETS_MULTIPLY ? n : squares);
    return c;
}

static void run_additive(ets_core *c) {
    double alpha = c->at.alpha, beta = c->at.beta, gamma = c->at.gamma, phi = c->at.phi;
    double l = c->at.level, b = c->at.slope, *ring = c->ring;
    for (int t = 0, k = 0; t < c->n; t++, k = k + 1 == c->m ? 0 : k + 1) {
        double s = ring[k], q = l + phi * b, u = c->y[t] - (q + s);
        c->q[t] = q, c->s[t] = s, c->b[t] = b, c->u[t] = u;
        l = q + alpha * u;
        b = phi * b + beta * u;
        ring[k] = s + gamma * u;
    }
    c->level = l, c->slope = b;
}

static bool run_multiplicative(ets_core *c) {
    double alpha = c->at.alpha, beta = c->at.beta, gamma = c->at.gamma, phi = c->at.phi;
    double l = c->at.level, b = c->at.slope, *ring = c->ring;
    bool positive = true;
    for (int t = 0, k = 0; t < c->n; t++, k = k + 1 == c->m ? 0 : k + 1) {
        double s = ring[k], q = l + phi * b, u = c->y[t] - q * s, r = u / s;
        c->q[t] = q, c->s[t] = s, c->b[t] = b, c->u[t] = u;
        positive &= q > 0 && s > 0;
        l = q + alpha * r;
        b = phi * b + beta * r;
        ring[k] = s + gamma * u / q;
    }
    c->level = l, c->slope = b;
    return positive;
}

static double one_step(const ets_core *c, int t) {
    return c->form.season == ETS_MULTIPLY ? c->q[t] * c->s[t] : c->q[t] + c->s[t];
}

/* 2 sum log f, one logarithm for the product of four mantissas at a time; NaN if f <= 0. */
static double twice_logs(const ets_core *c) {
    double mantissa = 1, least = 1;
    int64_t exponent = 0;
    for (int t = 0; t < c->n; t++) {
        double f = one_step(c, t);
        least = f < least ? f : least;
        mantissa *= f;
        if (t % 4 != 3) continue;
        int shift;
        mantissa = frexp(mantissa, &shift);
        exponent += shift;
    }
    if (!(least > 0)) return NAN;
    return 2 * (log(mantissa) + (double)exponent * 0.69314718055994530942);
}

double ets_core_run(ets_core *c) {
    memcpy(c->ring, c->at.seasonal, sizeof(double) * (size_t)c->m);
    if (c->form.season != ETS_MULTIPLY) run_additive(c);
    else if (!run_multiplicative(c)) return INFINITY;
    double sum[4] = {0}, logs = 0;
    if (c->form.error == ETS_MULTIPLY) {
        logs = twice_logs(c);
        for (int t = 0; t < c->n; t++) {
            double e = c->u[t] / one_step(c, t);
            sum[t & 3] += e * e;
        }
    } else {
        for (int t = 0; t < c->n; t++) sum[t & 3] += c->u[t] * c->u[t];
    }
    c->sum = sum[0] + sum[1] + sum[2] + sum[3];
    double l = c->n * log(fmax(c->sum, c->floor)) + logs;
    return isfinite(l) ? l : INFINITY;
}

/* dL/df of observation t, y held. */
static double outer(const ets_core *c, int t, double weight) {
    if (c->form.error == ETS_ADD) return -weight * c->u[t];
    double f = one_step(c, t), e = c->u[t] / f;
    return -weight * e * c->y[t] / (f * f) + 2 / f;
}

static void slope_additive(ets_core *c, double weight) {
    ets_values *g = &c->gradient;
    double alpha = c->at.alpha, beta = c->at.beta, gamma = c->at.gamma, phi = c->at.phi;
    double gl = 0, gb = 0;
    for (int t = c->n - 1, k = (c->n - 1) % c->m; t >= 0; t--, k = k == 0 ? c->m - 1 : k - 1) {
        double u = c->u[t], gs = c->adjoint[k];
        g->alpha += u * gl, g->beta += u * gb, g->gamma += u * gs;
        double gf = outer(c, t, weight) - (alpha * gl + beta * gb + gamma * gs);
        double gq = gl + gf;
        c->adjoint[k] = gs + gf;
        g->phi += c->b[t] * (gb + gq);
        gb = phi * (gb + gq);
        gl = gq;
    }
    g->level = gl, g->slope = gb;
}

static void slope_multiplicative(ets_core *c, double weight) {
    ets_values *g = &c->gradient;
    double alpha = c->at.alpha, beta = c->at.beta, gamma = c->at.gamma, phi = c->at.phi;
    double gl = 0, gb = 0;
    for (int t = c->n - 1, k = (c->n - 1) % c->m; t >= 0; t--, k = k == 0 ? c->m - 1 : k - 1) {
        double q = c->q[t], s = c->s[t], r = c->u[t] / s, d = c->u[t] / q, gs = c->adjoint[k];
        g->alpha += r * gl, g->beta += r * gb, g->gamma += d * gs;
        double gr = (alpha * gl + beta * gb) / s, gd = gamma * gs / q;
        double gf = outer(c, t, weight) - gr - gd;
        double gq = gl - gd * d + gf * s;
        c->adjoint[k] = gs - gr * r + gf * q;
        g->phi += c->b[t] * (gb + gq);
        gb = phi * (gb + gq);
        gl = gq;
    }
    g->level = gl, g->slope = gb;
}

void ets_core_slope(ets_core *c) {
    double *seasonal = c->gradient.seasonal;
    c->gradient = (ets_values){.seasonal = seasonal};
    memset(c->adjoint, 0, sizeof(double) * (size_t)c->m);
    double weight = c->sum > c->floor ? 2.0 * c->n / c->sum : 0;
    if (c->form.season == ETS_MULTIPLY) slope_multiplicative(c, weight);
    else slope_additive(c, weight);
    memcpy(seasonal, c->adjoint, sizeof(double) * (size_t)c->m);
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
