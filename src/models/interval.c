/* interval: intervals of counted shares, and the beta distribution behind them. */
#include "models/interval.h"

#include <assert.h>
#include <math.h>

interval interval_wilson_z(int64_t k, int64_t n, double z) {
    assert(k >= 0 && k <= n);
    if (n == 0) return (interval){0.0, 0.0, 1.0};
    double count = (double)n, p = (double)k / count, zz = z * z;
    double scale = 1.0 + zz / count;
    double centre = (p + zz / (2.0 * count)) / scale;
    double half = z * sqrt(p * (1.0 - p) / count + zz / (4.0 * count * count)) / scale;
    /* the limits of 0 of n and n of n are exactly 0 and 1, whatever rounding says */
    double low = k == 0 ? 0.0 : centre - half, high = k == n ? 1.0 : centre + half;
    return (interval){p, low, high};
}

interval interval_wilson(int64_t k, int64_t n) { return interval_wilson_z(k, n, INTERVAL_Z95); }

interval interval_newcombe(int64_t ka, int64_t na, int64_t kb, int64_t nb) {
    interval a = interval_wilson(ka, na), b = interval_wilson(kb, nb);
    double d = a.value - b.value;
    double down = hypot(a.value - a.low, b.high - b.value);
    double up = hypot(a.high - a.value, b.value - b.low);
    return (interval){d, d - down, d + up};
}

double beta_log(double a, double b) {
    int sign;
    return lgamma_r(a, &sign) + lgamma_r(b, &sign) - lgamma_r(a + b, &sign);
}

/* The continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8) by Lentz's
 * method; converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b) {
    const double tiny = 1e-300;
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m <= 10000; m++) { /* needs O(sqrt(max(a, b))) rounds */
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double steps[2] = {even, odd}, change = 1.0;
        for (int i = 0; i < 2; i++) {
            d = 1.0 + steps[i] * d;
            d = 1.0 / (fabs(d) < tiny ? tiny : d);
            c = 1.0 + steps[i] / c;
            if (fabs(c) < tiny) c = tiny;
            change = c * d;
            value *= change;
        }
        if (fabs(change - 1.0) < 1e-15) break;
    }
    return value;
}

double beta_below(double x, double a, double b) {
    assert(a > 0 && b > 0);
    if (!(x > 0)) return 0.0;
    if (x >= 1) return 1.0;
    double front = exp(a * log(x) + b * log1p(-x) - beta_log(a, b));
    if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(x, a, b) / a;
    return 1.0 - front * beta_fraction(1.0 - x, b, a) / b;
}

double beta_quantile(double p, double a, double b) {
    if (!(p > 0)) return 0.0;
    if (p >= 1) return 1.0;
    /* Newton inside a bracket that only shrinks; a step that leaves the bracket bisects it. */
    double low = 0.0, high = 1.0, x = a / (a + b), log_b = beta_log(a, b);
    for (int i = 0; i < 1200; i++) { /* 1,074 halvings reach the smallest double */
        double excess = beta_below(x, a, b) - p;
        if (excess > 0) high = x;
        else low = x;
        double slope = exp((a - 1.0) * log(x) + (b - 1.0) * log1p(-x) - log_b); /* break: speed */
        double next = x - excess / slope; /* break: speed; the bracket finds the same value */
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        if (fabs(next - x) <= 1e-15 * x) return next; /* break: speed */
        x = next;
    }
    return x;
}
