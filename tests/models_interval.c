/* interval: Wilson, Newcombe and the beta distribution against published numbers. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/interval.h"

CHECK(wilson_agrees_with_newcombes_paper) {
    /* Newcombe (1998), Statistics in Medicine 17, table I, method 3 (4 printed digits) */
    interval a = interval_wilson(81, 263), b = interval_wilson(15, 148), c = interval_wilson(0, 20),
             d = interval_wilson(1, 29);
    check_near(a.low, 0.2553, 5e-5), check_near(a.high, 0.3662, 5e-5);
    check_near(b.low, 0.0624, 5e-5), check_near(b.high, 0.1605, 5e-5);
    check(c.low == 0.0);
    check_near(c.high, 0.1611, 5e-5);
    check_near(d.low, 0.0061, 5e-5), check_near(d.high, 0.1718, 5e-5);
    interval none = interval_wilson(0, 0), all = interval_wilson(7, 7);
    check(none.low == 0.0 && none.high == 1.0 && all.high == 1.0 && all.low > 0.6);
}

CHECK(newcombe_agrees_with_the_paper) {
    /* Newcombe (1998), Statistics in Medicine 17:873, table II, method 10: 56/70 - 48/80 etc. */
    interval a = interval_newcombe(56, 70, 48, 80), b = interval_newcombe(9, 10, 3, 10),
             c = interval_newcombe(10, 10, 0, 20);
    check_near(a.value, 0.2, 1e-12); /* rounding of two divisions */
    check_near(a.low, 0.0524, 5e-5), check_near(a.high, 0.3339, 5e-5);
    check_near(b.low, 0.1705, 5e-5), check_near(b.high, 0.8090, 5e-5);
    check_near(c.low, 0.6791, 5e-5), check_near(c.high, 1.0, 1e-12);
}

CHECK(wilson_covers_95_percent) {
    rng r = rng_open(7, 1);
    int covered = 0, n = 20000;
    for (int i = 0; i < n; i++) {
        double p = 0.05 + 0.9 * rng_uniform(&r);
        int k = 0;
        for (int j = 0; j < 50; j++) k += rng_uniform(&r) < p;
        interval w = interval_wilson(k, 50);
        covered += w.low <= p && p <= w.high;
    }
    check_near((double)covered / n, 0.952, 0.006); /* 4 standard errors of 20,000 draws */
}

CHECK(beta_distribution_known_values) {
    /* closed forms: Beta(1, b): 1 - (1-x)^b; Beta(a, 1): x^a; Beta(2, 3): 6x² - 8x³ + 3x⁴ */
    for (double x = 0.05; x < 1; x += 0.1) {
        check_near(beta_below(x, 1, 4), 1 - pow(1 - x, 4), 1e-13);
        check_near(beta_below(x, 5, 1), pow(x, 5), 1e-13);
        check_near(beta_below(x, 2, 3), 6 * x * x - 8 * x * x * x + 3 * x * x * x * x, 1e-13);
        check_near(beta_below(x, 0.5, 0.5), 2 / M_PI * asin(sqrt(x)), 1e-13);
    }
    check(beta_below(0, 2, 2) == 0 && beta_below(1, 2, 2) == 1 && beta_below(-1, 2, 2) == 0);
    /* a large case, symmetric about one half */
    check_near(beta_below(0.5, 40000, 40000), 0.5, 1e-10);
}

CHECK(beta_quantile_inverts_the_distribution) {
    const double shapes[][2] = {{0.3, 7}, {1, 1}, {2, 5}, {50, 3}, {900, 1100}, {0.02, 3}};
    for (int i = 0; i < 6; i++)
        for (double p = 0.025; p < 1; p += 0.095) {
            double x = beta_quantile(p, shapes[i][0], shapes[i][1]);
            check_near(beta_below(x, shapes[i][0], shapes[i][1]), p, 1e-9);
        }
    check(beta_quantile(0, 2, 2) == 0 && beta_quantile(1, 2, 2) == 1);
    check_near(beta_quantile(0.5, 3, 3), 0.5, 1e-14);
}
