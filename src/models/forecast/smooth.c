/* smooth: simple exponential smoothing with the optimal start, and the search for its alpha. */
#include "models/forecast/smooth.h"

#include <assert.h>
#include <math.h>

enum { GRID = 16, SECTIONS = 34 };

double smooth_least(double (*value)(void *what, double at), void *what, double low, double high) {
    if (!(high > low)) return low;
    double best = INFINITY, step = (high - low) / GRID;
    int at = 0;
    for (int i = 0; i <= GRID; i++) {
        double v = value(what, low + i * step);
        if (v < best) best = v, at = i;
    }
    double a = fmax(low, low + (at - 1) * step), b = fmin(high, low + (at + 1) * step);
    const double ratio = 0.61803398874989485;
    double c = b - ratio * (b - a), d = a + ratio * (b - a);
    double vc = value(what, c), vd = value(what, d);
    for (int i = 0; i < SECTIONS && b - a > 1e-7 * (high - low); i++) {
        if (vc <= vd) {
            b = d, d = c, vd = vc;
            c = b - ratio * (b - a), vc = value(what, c);
        } else {
            a = c, c = d, vc = vd;
            d = a + ratio * (b - a), vd = value(what, d);
        }
    }
    double inside = vc <= vd ? c : d, found = fmin(vc, vd), grid = low + at * step;
    return found <= best ? inside : grid;
}

typedef struct series {
    const double *y;
    int n;
    double shift; /* taken off the values, so that sums of squares do not cancel */
} series;

/* Errors from l_0 = shift are u_t; those from l_0 are u_t - (l_0 - shift) (1 - alpha)^(t-1). */
static double best_start(const series *s, double alpha, double *sse) {
    double level = 0, power = 1, uu = 0, uw = 0, ww = 0;
    for (int t = 0; t < s->n; t++) {
        double u = s->y[t] - s->shift - level;
        uu += u * u, uw += u * power, ww += power * power;
        level += alpha * u;
        power *= 1 - alpha;
    }
    *sse = uu - uw * uw / ww;
    return s->shift + uw / ww;
}

static double value(void *what, double alpha) {
    double sse;
    best_start(what, alpha, &sse);
    return sse;
}

smooth_model smooth_fit(const double *y, int n, double low, double high) {
    assert(n >= 1);
    series s = {y, n, y[0]};
    smooth_model m = {.alpha = smooth_least(value, &s, low, high)};
    m.start = m.level = best_start(&s, m.alpha, &m.sse);
    m.sse = 0;
    for (int t = 0; t < n; t++) {
        double u = y[t] - m.level;
        m.sse += u * u;
        m.level += m.alpha * u;
    }
    return m;
}
