/* outlook: how much an item sells, shrunk toward its category, and what it will sell next. */
#include "models/insight/outlook.h"

#include <math.h>

#include "models/insight/golden.h"
#include "models/interval.h"

#define LEAST_SHAPE 0.02
#define MOST_SHAPE  1e3 /* beyond it all items sell the same */
#define LONGEST     200.0

typedef struct likely {
    const double *y, *e;
    int64_t n;
    double log_shape, log_mean;
} likely;

/* Log likelihood without ln y!: the negative binomial, given that y is not 0. */
static double likelihood(const likely *l) {
    double a = exp(l->log_shape), per = a / exp(l->log_mean), sum = 0.0;
    double own = golden_log_gamma(a);
    for (int64_t i = 0; i < l->n; i++) {
        double ln_all = log(per + l->e[i]), none = a * (log(per) - ln_all);
        sum += golden_log_gamma(a + l->y[i]) - own + none + l->y[i] * (log(l->e[i]) - ln_all) -
               log(-expm1(none));
    }
    return sum;
}

static double by_shape(const void *what, double x) {
    likely l = *(const likely *)what;
    l.log_shape = x;
    return likelihood(&l);
}

static double by_mean(const void *what, double x) {
    likely l = *(const likely *)what;
    l.log_mean = x;
    return likelihood(&l);
}

outlook_prior outlook_fit(const double *y, const double *e, int64_t n) {
    if (n < 2) return (outlook_prior){0};
    double units = 0.0, exposure = 0.0;
    for (int64_t i = 0; i < n; i++) units += y[i], exposure += e[i];
    double top = log(units / exposure); /* the rate of those that sold: the mean is below it */
    likely l = {y, e, n, 0.0, top};
    for (int round = 0; round < 2; round++) {
        double near = round ? 1.0 : 4.0;
        l.log_shape = golden_largest(by_shape, &l, fmax(l.log_shape - near, log(LEAST_SHAPE)),
                                     fmin(l.log_shape + near, log(MOST_SHAPE)), 0.02);
        l.log_mean = golden_largest(by_mean, &l, l.log_mean - near, fmin(l.log_mean + near, top),
                                    0.02);
    }
    double shape = exp(l.log_shape);
    return (outlook_prior){shape, shape / exp(l.log_mean)};
}

double outlook_rate(outlook_prior p, double y, double e) { return (p.shape + y) / (p.per + e); }

double outlook_median(double mean, double size) {
    if (!(mean > 0)) return 0.0;
    if (mean > LONGEST) { /* Wilson and Hilferty, of the gamma with the same variance */
        double k = 1.0 / (1.0 / mean + 1.0 / size);
        return mean * pow(1.0 - 1.0 / (9.0 * k), 3.0);
    }
    double share = mean / (size + mean), one = exp(-size * log1p(mean / size)), sum = one;
    double y = 0.0;
    while (sum < 0.5 && y < 100.0 * LONGEST) one *= (size + y) / (y + 1.0) * share, sum += one, y++;
    return y;
}

/* P(Y <= y) of a negative binomial is the incomplete beta function. */
double outlook_place(double mean, double size, double y) {
    double share = size / (size + mean);
    double below = y > 0 ? beta_below(share, size, y) : 0.0;
    return 0.5 * (below + beta_below(share, size, y + 1.0));
}
