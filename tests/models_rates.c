/* rates: a planted prior, the limits of shrinkage, the loss. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/behaviour/rates.h"

enum { CELLS = 400 };

CHECK(rates_recover_the_planted_strength) {
    int64_t k[CELLS], n[CELLS];
    double truth[CELLS], rate[CELLS], shrunk = 0, raw = 0, pooled = 0;
    rng r = rng_open(3, 9);
    for (int i = 0; i < CELLS; i++) { /* p ~ Beta(6, 54): mean 0.1, strength 60 */
        double a = rng_gamma(&r, 6), b = rng_gamma(&r, 54);
        truth[i] = a / (a + b);
        n[i] = rng_below(&r, 80), k[i] = 0;
        for (int64_t j = 0; j < n[i]; j++) k[i] += rng_uniform(&r) < truth[i];
    }
    rates_model m;
    rates_fit(&m, k, n, CELLS, RATES_DEFAULTS, rate);
    check_near(m.pooled, 0.1, 0.012); /* 4 standard errors: units and cells */
    check(m.fitted > 35 && m.fitted < 110); /* a factor of 1.8: ln s has a standard error of .15 */
    for (int i = 0; i < CELLS; i++) {
        shrunk += pow(rate[i] - truth[i], 2), pooled += pow(m.pooled - truth[i], 2);
        raw += pow((n[i] ? (double)k[i] / (double)n[i] : m.pooled) - truth[i], 2);
    }
    check(shrunk < 0.7 * raw && shrunk < 0.9 * pooled);
}

CHECK(rates_at_the_limits) {
    int64_t k[3] = {5, 0, 0}, n[3] = {10, 90, 0};
    double own[3], same[3];
    rates_model m;
    rates_fit(&m, k, n, 3, (rates_params){.strength = 1e-9}, own);
    check_near(own[0], 0.5, 1e-6), check_near(own[1], 0, 1e-6);
    check_near(own[2], 5.5 / 101, 1e-12); /* no units: the pooled rate */
    rates_fit(&m, k, n, 3, (rates_params){.strength = 1e12}, same);
    check_near(same[0], m.pooled, 1e-6), check_near(same[1], m.pooled, 1e-6);
    check(m.fitted < 40); /* 5 of 10 against 0 of 90: nearly no shrinkage */
    int64_t equal[2] = {50, 100}, of[2] = {500, 1000};
    rates_fit(&m, equal, of, 2, RATES_DEFAULTS, same);
    check(m.fitted > 1e5); /* the same rate twice: all of it */
    check_near(rates_log_loss(0.25, 1), log(4), 1e-12);
    check_near(rates_log_loss(0.25, 0), log(4.0 / 3), 1e-12);
    check_near(rates_log_loss(0, 1), 6 * log(10), 1e-9);
    check_near(rates_log_loss(1, 0), 6 * log(10), 1e-9);
}
