/* ets_core_simd: the passes of exponential smoothing over a series, forward and back, by form. */
#include <math.h>
#include <stdint.h>

#include "models/forecast/ets_core.h"

/* Each pass is written once; trend, season and kind of error are constants where it is called, so
 * that every form has loops of its own. A step waits for the one before it, so what counts is the
 * longest chain from q to the next q: two multiply-adds. Divisions and the season, which is as old
 * as a season, stay off it. */
#define FORM static inline __attribute__((always_inline))

/* With w = y - s or y / s and r = w - q: q' = q + phi^2 b + (alpha + phi beta) r. */
FORM bool ahead(ets_core *c, bool trend, ets_choice season) {
    const double *y = c->y;
    double *restrict to_q = c->q, *restrict to_b = c->b, *restrict to_u = c->u;
    double *restrict to_s = c->s, *restrict ring = c->ring;
    double alpha = c->at.alpha, beta = c->at.beta, gamma = c->at.gamma, phi = c->at.phi;
    double b = trend ? c->at.slope : 0, q = c->at.level + phi * b, last = 0;
    double phi2 = phi * phi, move = trend ? alpha + phi * beta : alpha;
    bool positive = true;
    for (int t = 0, k = 0; t < c->n; t++) {
        double s = season == ETS_NONE ? 0 : ring[k], r;
        to_q[t] = q;
        if (trend) to_b[t] = b;
        if (season != ETS_NONE) to_s[t] = s;
        if (season == ETS_MULTIPLY) {
            positive &= (q > 0) & (s > 0);
            r = y[t] / s - q;
            to_u[t] = r * s;
            ring[k] = s + gamma * (r * s / q);
        } else {
            r = season == ETS_ADD ? (y[t] - s) - q : y[t] - q;
            to_u[t] = r;
            if (season == ETS_ADD) ring[k] = s + gamma * r;
        }
        last = q + alpha * r;
        q = trend ? (q + phi2 * b) + move * r : last;
        if (trend) b = phi * b + beta * r;
        if (season != ETS_NONE) k = k + 1 == c->m ? 0 : k + 1;
    }
    c->level = last, c->slope = b;
    return positive;
}

bool SIMD(ets_ahead)(ets_core *c) {
    bool trend = c->form.trend != ETS_NONE;
    switch (c->form.season) {
    case ETS_MULTIPLY: return trend ? ahead(c, true, ETS_MULTIPLY) : ahead(c, false, ETS_MULTIPLY);
    case ETS_ADD: return trend ? ahead(c, true, ETS_ADD) : ahead(c, false, ETS_ADD);
    default: return trend ? ahead(c, true, ETS_NONE) : ahead(c, false, ETS_NONE);
    }
}

typedef double lane __attribute__((vector_size(ETS_LANES * sizeof(double))));
typedef int64_t bits __attribute__((vector_size(ETS_LANES * sizeof(int64_t))));

static double total(const lane *v) {
    double sum = 0;
    for (int i = 0; i < ETS_LANES; i++) sum += (*v)[i];
    return sum;
}

double SIMD(ets_squares)(ets_core *c) {
    const lane *u = (const lane *)c->u;
    lane sum = {0};
    for (int i = 0; i < ETS_PAD(c->n) / ETS_LANES; i++) sum += u[i] * u[i];
    return total(&sum);
}

/* Logarithms by their exponents and, for up to 64 x ETS_LANES values at a time, one product of
 * mantissas, each in [1, 2). */
double SIMD(ets_shares)(ets_core *c, ets_logs *logs) {
    enum { BLOCK = 64 };
    const lane *q = (const lane *)c->q, *s = (const lane *)c->s, *u = (const lane *)c->u;
    lane *inverse = (lane *)c->inverse, sum = {0};
    bits positive = ~(bits){0}, exponents = {0};
    bool product = c->form.season == ETS_MULTIPLY;
    int vectors = ETS_PAD(c->n) / ETS_LANES;
    *logs = (ets_logs){.positive = true};
    for (int at = 0; at < vectors; at += BLOCK) {
        lane mantissa = (lane){0} + 1;
        for (int i = at; i < vectors && i < at + BLOCK; i++) {
            lane f = product ? q[i] * s[i] : q[i] + s[i];
            inverse[i] = 1 / f;
            lane e = u[i] * inverse[i];
            sum += e * e;
            positive &= f > 0;
            exponents += ((bits)f >> 52) - 1023;
            mantissa *= (lane)(((bits)f & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        }
        double all = 1;
        for (int i = 0; i < ETS_LANES; i++) all *= mantissa[i];
        logs->mantissas += log(all);
    }
    for (int i = 0; i < ETS_LANES; i++) {
        logs->exponents += exponents[i];
        logs->positive &= positive[i] != 0;
    }
    return total(&sum);
}

/* Adjoints of level, slope and season, gl, gb, gs, from the last step to the first; `out` is dL/df
 * with y held: -weight u, or for error M with e = u / f: (2 - weight e (1 + e)) / f. */
FORM void back(ets_core *c, double weight, bool trend, ets_choice season, bool share) {
    const double *q_of = c->q, *s_of = c->s, *b_of = c->b, *u_of = c->u, *inverse = c->inverse;
    double *restrict adjoint = c->adjoint;
    double alpha = c->at.alpha, beta = c->at.beta, gamma = c->at.gamma, phi = c->at.phi;
    double stay = 1 - alpha, gl = 0, gb = 0, to_alpha = 0, to_beta = 0, to_gamma = 0, to_phi = 0;
    for (int t = c->n - 1, k = t % c->m; t >= 0; t--) {
        double u = u_of[t], r = u, out = -weight * u, flow = 0;
        if (share) {
            double e = u * inverse[t];
            out = inverse[t] * (2 - weight * (e * (1 + e)));
        }
        double gs = season == ETS_NONE ? 0 : adjoint[k], s = 1, gr = 0, q = 1;
        if (season == ETS_ADD) {
            to_gamma += u * gs;
            out -= gamma * gs;
        } else if (season == ETS_MULTIPLY) {
            q = q_of[t], s = s_of[t], r = u / s;
            double d = u / q, gd = gamma * gs / q;
            to_gamma += d * gs;
            out -= gd;
            flow = gd * d;
            gr = (trend ? alpha * gl + beta * gb : alpha * gl) / s;
        }
        double gq = (season == ETS_MULTIPLY ? out * s - flow : out) + stay * gl;
        if (trend) gq -= beta * gb;
        if (season == ETS_ADD) adjoint[k] = gs + (gq - gl);
        if (season == ETS_MULTIPLY) adjoint[k] = gs - gr * r + (out - gr) * q;
        to_alpha += r * gl;
        if (trend) {
            to_beta += r * gb;
            to_phi += b_of[t] * (gb + gq);
            gb = phi * (gb + gq);
        }
        gl = gq;
        if (season != ETS_NONE) k = k == 0 ? c->m - 1 : k - 1;
    }
    double *seasonal = c->gradient.seasonal;
    c->gradient = (ets_values){to_alpha, to_beta, to_gamma, to_phi, gl, gb, seasonal};
}

FORM void back_season(ets_core *c, double weight, ets_choice season) {
    bool trend = c->form.trend != ETS_NONE, share = c->form.error == ETS_MULTIPLY;
    if (trend && share) back(c, weight, true, season, true);
    else if (trend) back(c, weight, true, season, false);
    else if (share) back(c, weight, false, season, true);
    else back(c, weight, false, season, false);
}

void SIMD(ets_back)(ets_core *c, double weight) {
    switch (c->form.season) {
    case ETS_MULTIPLY: back_season(c, weight, ETS_MULTIPLY); break;
    case ETS_ADD: back_season(c, weight, ETS_ADD); break;
    default: back_season(c, weight, ETS_NONE);
    }
}
