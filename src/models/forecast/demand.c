/* demand: how many units may be asked for in a period: a negative binomial by mean and variance. */
#include "models/forecast/demand.h"

#include <assert.h>
#include <math.h>

#include "models/interval.h"

#define NEARLY_POISSON 1.0001

demand demand_of(double mean, double variance) {
    assert(isfinite(mean) && mean >= 0 && isfinite(variance) && variance >= 0);
    demand d = {mean, fmax(variance, NEARLY_POISSON * mean), 0, 1};
    if (mean > 0) {
        d.r = mean * mean / (d.variance - mean);
        d.p = d.r / (d.r + mean);
    }
    return d;
}

demand demand_over(double mean, double variance, double periods, double periods_variance) {
    return demand_of(mean * periods, periods * variance + periods_variance * mean * mean);
}

/* P(D <= x) of a negative binomial whose r is larger by `more`. */
static double below(const demand *d, double more, int64_t x) {
    if (x < 0) return 0;
    if (d->mean == 0) return 1;
    return beta_below(d->p, d->r + more, (double)x + 1);
}

double demand_at_most(const demand *d, int64_t x) { return below(d, 0, x); }

double demand_above(const demand *d, int64_t x) {
    if (x < 0) return 1;
    if (d->mean == 0) return 0;
    return beta_below(1 - d->p, (double)x + 1, d->r); /* the other tail, without cancellation */
}

int64_t demand_quantile(const demand *d, double q) {
    assert(q >= 0 && q < 1);
    int64_t low = -1, high = 1; /* P(D <= low) < q <= P(D <= high) */
    if (demand_at_most(d, 0) >= q) return 0;
    while (demand_at_most(d, high) < q) low = high, high *= 2;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (demand_at_most(d, middle) < q) low = middle;
        else high = middle;
    }
    return high;
}

double demand_lost(const demand *d, int64_t stock) {
    if (stock <= 0) return d->mean - (double)stock;
    double asked = d->mean * (1 - below(d, 1, stock - 2)); /* E[D; D >= stock] */
    return fmax(asked - (double)stock * demand_above(d, stock - 1), 0);
}

double demand_left(const demand *d, int64_t stock) {
    if (stock <= 0) return 0;
    return fmax((double)stock - d->mean + demand_lost(d, stock), 0);
}
