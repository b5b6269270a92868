/* prophet_spread: how far a trend that goes on bending may be off, with noise: exact quantiles. */
#include "models/forecast/prophet_spread.h"

#include <math.h>

enum { MOST_POINTS = 4096, BISECTIONS = 48 };
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
    for (int i = 0; i < n; i++) {
        double low = 0, high = REACH * sd;
        for (int k = 0; k < BISECTIONS; k++) {
            double middle = (low + high) / 2;
            *(below(w, points, du, middle) < level[i] ? &low : &high) = middle;
        }
        to[i] = (low + high) / 2;
    }
}
