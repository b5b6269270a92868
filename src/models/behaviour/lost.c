/* lost: articles whose step of a funnel stands out from the rate of all of them. */
#include "models/behaviour/lost.h"

#include <math.h>

void lost_fit(rates_model *out, const int64_t *k, const int64_t *n, int cells, double *rate,
              lost_cell *cell) {
    rates_fit(out, k, n, cells, RATES_DEFAULTS, rate);
    double m = out->pooled, s = out->strength;
    for (int i = 0; i < cells; i++) {
        double a = (double)k[i] + s * m, b = (double)(n[i] - k[i]) + s * (1 - m);
        cell[i].rate = (interval){rate[i], beta_quantile(0.05, a, b), beta_quantile(0.95, a, b)};
        cell[i].below = beta_below(m, a, b);
        cell[i].missing = fmax(0, m - rate[i]) * (double)n[i];
    }
}
