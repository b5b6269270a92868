/* rates: conversion rates of many cells, shrunk toward their common rate. */
#include "models/behaviour/rates.h"

#include <assert.h>
#include <math.h>

#include "models/interval.h"

#define LEAST_STRENGTH 1.0
#define MOST_STRENGTH  1e6

/* Beta-binomial log likelihood without the binomial coefficients. */
static double likelihood(const int64_t *k, const int64_t *n, int cells, double m, double s) {
    double a = s * m, b = s - a, base = beta_log(a, b), sum = 0.0;
    for (int i = 0; i < cells; i++)
        if (n[i]) sum += beta_log(a + (double)k[i], b + (double)(n[i] - k[i])) - base;
    return sum;
}

/* The likeliest strength by golden section over ln s, to one per cent. */
static double fit_strength(const int64_t *k, const int64_t *n, int cells, double m) {
    const double golden = 0.6180339887498949;
    double low = log(LEAST_STRENGTH), high = log(MOST_STRENGTH);
    double wide = high - low; /* break: low is 0 */
    double x0 = high - golden * wide, x1 = low + golden * wide;
    double f0 = likelihood(k, n, cells, m, exp(x0)), f1 = likelihood(k, n, cells, m, exp(x1));
    while (high - low > 0.01) {
        if (f0 < f1) {
            low = x0, x0 = x1, f0 = f1;
            x1 = low + golden * (high - low);
            f1 = likelihood(k, n, cells, m, exp(x1));
        } else {
            high = x1, x1 = x0, f1 = f0;
            x0 = high - golden * (high - low);
            f0 = likelihood(k, n, cells, m, exp(x0));
        }
    }
    return exp(0.5 * (low + high));
}

void rates_fit(rates_model *out, const int64_t *k, const int64_t *n, int cells, rates_params p,
               double *rate) {
    int64_t converted = 0, units = 0;
    for (int i = 0; i < cells; i++) {
        assert(k[i] >= 0 && k[i] <= n[i]);
        converted += k[i], units += n[i];
    }
    /* half a unit of each outcome keeps a pooled rate of 0 or 1 inside */
    out->pooled = ((double)converted + 0.5) / ((double)units + 1.0);
    out->fitted = fit_strength(k, n, cells, out->pooled);
    out->strength = out->fitted * p.strength;
    for (int i = 0; i < cells; i++)
        rate[i] = ((double)k[i] + out->strength * out->pooled) / ((double)n[i] + out->strength);
}

double rates_log_loss(double p, int converted) {
    p = fmin(fmax(p, 1e-6), 1.0 - 1e-6);
    return converted ? -log(p) : -log1p(-p);
}
