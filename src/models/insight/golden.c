/* golden: where a function of one number is largest, by golden section. */
#include "models/insight/golden.h"

#include <math.h>

double golden_largest(golden_of *f, const void *what, double low, double high, double tolerance) {
    const double golden = 0.6180339887498949;
    double x[2] = {high - golden * (high - low), low + golden * (high - low)};
    double y[2] = {f(what, x[0]), f(what, x[1])};
    while (high - low > tolerance) {
        int worse = y[0] < y[1] ? 0 : 1, better = 1 - worse;
        if (worse == 0) low = x[0];
        else high = x[1];
        x[worse] = x[better], y[worse] = y[better];
        x[better] = worse == 0 ? low + golden * (high - low) : high - golden * (high - low);
        y[better] = f(what, x[better]);
    }
    return 0.5 * (low + high);
}

double golden_log_gamma(double x) {
    double product = 1.0;
    while (x < 7.0) product *= x, x += 1.0;
    double r = 1.0 / x, rr = r * r, rest = product > 1.0 || product < 1.0 ? log(product) : 0.0;
    double series = r * (1.0 / 12 - rr * (1.0 / 360 - rr / 1260));
    return (x - 0.5) * log(x) - x + 0.9189385332046727 + series - rest;
}
