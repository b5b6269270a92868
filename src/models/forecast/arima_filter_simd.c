/* arima_filter_simd: the Chandrasekhar recursion: exact innovations at a few operations a lag. */
#include <math.h>
#include <string.h>

#include "base/simd.h"
#include "models/forecast/arima_core.h"

SIMD_DECLARE(void, arima_filter, arima_pass *p);

/* One step of a column's state: a_i <- a_{i+1} + phi_i a_0 + gain_i u. */
static void step(double *restrict a, const double *restrict phi, const double *restrict gain,
                 double u, int r) {
    double first = a[0];
    for (int i = 0; i < r; i++) a[i] = a[i + 1] + phi[i] * first + gain[i] * u;
}

/* The gain of the next value, and what changes it after that. */
static void advance(double *restrict gain, double *restrict l, const double *restrict phi, double s,
                    double over, int r) {
    double first = l[0], minus = first * over;
    for (int i = 0; i < r; i++) {
        double old = gain[i], moved = l[i + 1] + phi[i] * first;
        gain[i] = old + s * moved;
        l[i] = moved - old * minus;
    }
}

void SIMD(arima_filter)(arima_pass *p) {
    int n = p->n, r = p->r, t = 0, shift;
    double f = p->f, m = -1 / f, mantissa = 1;
    int64_t exponent = 0;
    for (; t < n && f - 1 >= p->settle; t++) {
        double root = 1 / sqrt(f), over = 1 / f;
        for (int c = 0; c < p->columns; c++) {
            double *a = &p->a[c * (r + 1)], v = p->in[c][t] - a[0];
            p->out[(int64_t)c * n + t] = v * root;
            step(a, p->phi, p->gain, v * over, r);
        }
        mantissa *= f;
        if (t % 8 == 7) mantissa = frexp(mantissa, &shift), exponent += shift;
        double s = m * p->l[0];
        double next = f + s * p->l[0];
        advance(p->gain, p->l, p->phi, s, over, r);
        m -= s * s / next;
        f = next;
    }
    p->stopped = t;
    p->f = f;
    p->logs = log(mantissa) + (double)exponent * 0.69314718055994530942;
}
