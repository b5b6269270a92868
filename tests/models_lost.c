/* lost: the posterior by hand, and who stands out. */
#include "check.h"

#include "models/behaviour/lost.h"

/* Strength and pooled rate as fitted; mean, mass and quantiles of the beta put in by hand. */
CHECK(lost_articles_by_hand) {
    int64_t k[4] = {2, 60, 1, 0}, n[4] = {200, 200, 3, 0};
    double rate[4];
    lost_cell c[4];
    rates_model m;
    lost_fit(&m, k, n, 4, rate, c);
    check_near(m.pooled, 63.5 / 404, 1e-12);
    for (int i = 0; i < 4; i++) {
        double s = m.strength, mean = ((double)k[i] + s * m.pooled) / ((double)n[i] + s);
        check_near(c[i].rate.value, mean, 1e-12);
        check(c[i].rate.low < mean && mean < c[i].rate.high);
        check_near(beta_below(c[i].rate.low, (double)k[i] + s * m.pooled,
                              (double)(n[i] - k[i]) + s * (1 - m.pooled)), 0.05, 1e-9);
    }
    check(c[0].below > 0.999 && c[1].below < 0.001); /* 1 % and 30 % against 15.7 % */
    check(c[2].below > 0.05 && c[2].below < 0.95);   /* one of three says nothing */
    check_near(c[0].missing, (m.pooled - c[0].rate.value) * 200, 1e-9);
    check(c[1].missing == 0 && c[3].missing == 0);
}
