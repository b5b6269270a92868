/* prophet_spread: how far a trend that goes on bending may be off, with noise: exact quantiles. */
#include "models/forecast/prophet_spread.h"

#include <math.h>

enum { MOST_POINTS = 4096, STEPS = 100 };
#define REACH 30.0 /* standard deviations: half the period that the trapezoid rule implies */
#define PI    3.14159265358979323846

double prophet_spread_sd(prophet_spread d) {
    return sqrt(d.sigma * d.sigma + 2 * d.size * d.size * d.rate * d.far * d.far * d.far / 3);
}

/* phi at u > 0 */
static double characteristic(prophet_spread d, double u) {
    double a = d.size * u, x = a * d.far;
    double held = x < 1e-4 ? d.far * x * x / 3 : d.far - atan(x) / a;
    return exp(-d.sigma * d.sigma * u * u / 2 - d.rate * held);
}

/* P(D <= x) with w[k] = phi(k du) / (k pi): sines by the addition theorem. */
static double below(const double *w, int n, double du, double x) {
    double turn = 2 * cos(du * x), before = 0, now = sin(du * x), sum = du * x / (2 * PI);
    for (int k = 1; k < n; k++) {
        sum += w[k] * now;
        double next = turn * now - before;
        before = now, now = next;
    }
    return 0.5 + sum;
}

/* Where P(D <= x) = level, between 0 and high: false position, halving an end that stays (the
 * Illinois rule). */
static double find(const double *w, int n, double du, double level, double high) {
    double low = 0, under = 0.5 - level, over = below(w, n, du, high) - level, x = 0;
    for (int k = 0, side = 0; k < STEPS && high - low > 1e-10 * high; k++) {
        x = low + (high - low) * fmin(fmax(under / (under - over), 0.001), 0.999);
        double off = below(w, n, du, x) - level;
        if (fabs(off) < 1e-13) return x;
        if (off < 0) {
            low = x, under = off;
            if (side < 0) over /= 2;
            side = -1;
        } else {
            high = x, over = off;
            if (side > 0) under /= 2;
            side = 1;
        }
    }
    return x;
}

void prophet_spread_quantiles(prophet_spread d, const double *level, int n, double *to,
                              arena scratch) {
    double sd = prophet_spread_sd(d), du = PI / (REACH * sd);
    int points = 1;
    double *w = take_raw(&scratch, double, MOST_POINTS);
    for (; points < MOST_POINTS; points++) {
        double phi = characteristic(d, points * du);
        w[points] = phi / (points * PI);
        if (phi < 1e-12) break;
    }
    for (int i = 0; i < n; i++) to[i] = find(w, points, du, level[i], REACH * sd);
}
