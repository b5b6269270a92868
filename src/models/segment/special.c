/* special: ln Gamma, its slope, and nothing else that counting models need. */
#include "models/segment/special.h"

#include <assert.h>
#include <math.h>

#define HALF_LOG_2PI 0.918938533204672741780
#define SHIFT        10.0 /* from here on the series below end under 1e-15 */

double special_lgamma(double x) {
    /* Bernoulli numbers B_2k / (2k (2k - 1)) */
    static const double c[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                               1.0 / 1188, -691.0 / 360360, 1.0 / 156};
    double product = 1;
    assert(x > 0);
    for (; x < SHIFT; x++) product *= x;
    double y = 1 / (x * x), sum = c[6];
    for (int k = 5; k >= 0; k--) sum = sum * y + c[k];
    return (x - 0.5) * log(x) - x + HALF_LOG_2PI + sum / x - log(product);
}

double special_digamma(double x) {
    /* B_2k / 2k */
    static const double c[] = {1.0 / 12,  -1.0 / 120,     1.0 / 252, -1.0 / 240,
                               1.0 / 132, -691.0 / 32760, 1.0 / 12};
    double below = 0;
    assert(x > 0);
    for (; x < SHIFT; x++) below += 1 / x;
    double y = 1 / (x * x), sum = c[6];
    for (int k = 5; k >= 0; k--) sum = sum * y + c[k];
    return log(x) - 0.5 / x - sum * y - below;
}

double special_log_sum(double x, double y) {
    double most = fmax(x, y), least = fmin(x, y);
    return isinf(most) ? most : most + log1p(exp(least - most));
}

/* Q(1/2, y) = erfc(sqrt y), Q(1, y) = exp(-y), Q(h + 1, y) = Q(h, y) + y^h exp(-y) / Gamma(h+1) */
double special_chi2_above(double x, int dof) {
    double y = x / 2, h = dof % 2 ? 0.5 : 1, q = dof % 2 ? erfc(sqrt(y)) : exp(-y);
    assert(dof >= 1 && x >= 0);
    for (; h < dof / 2.0 && y > 0; h++) q += exp(h * log(y) - y - special_lgamma(h + 1));
    return q;
}
