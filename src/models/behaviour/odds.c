/* odds: what separates those who went on from those who left: odds ratios over strata. */
#include "models/behaviour/odds.h"

#include <math.h>

#include "base/order.h"

typedef struct sums {
    double r, s;             /* of ad/n and bc/n */
    double pr, ps_qr, qs;    /* of the variance */
    double surplus, spread;  /* of a over what chance gives, and its variance */
    odds_table all;
} sums;

static void add_stratum(sums *t, const odds_table *x) {
    double a = (double)x->with_on, b = (double)x->with_left;
    double c = (double)x->without_on, d = (double)x->without_left, n = a + b + c + d;
    t->all.with_on += x->with_on, t->all.with_left += x->with_left;
    t->all.without_on += x->without_on, t->all.without_left += x->without_left;
    if (n < 2) return;
    double r = a * d / n, s = b * c / n, p = (a + d) / n, q = (b + c) / n;
    t->r += r, t->s += s;
    t->pr += p * r, t->ps_qr += p * s + q * r, t->qs += q * s;
    t->surplus += a - (a + b) * (a + c) / n; /* break: only its size counts */
    t->spread += (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1));
}

static double log_crude(const odds_table *x, double *variance) {
    double a = (double)x->with_on + 0.5, b = (double)x->with_left + 0.5;
    double c = (double)x->without_on + 0.5, d = (double)x->without_left + 0.5;
    *variance = 1 / a + 1 / b + 1 / c + 1 / d;
    return log(a * d / (b * c));
}

bool odds_fit(odds *out, const odds_table *stratum, int strata) {
    sums t = {0};
    double variance;
    for (int i = 0; i < strata; i++) add_stratum(&t, &stratum[i]);
    if (t.spread <= 0) return false;
    out->log = log_crude(&t.all, &variance);
    out->crude = exp(out->log);
    if (t.r > 0 && t.s > 0) {
        out->log = log(t.r / t.s);
        variance = t.pr / (2 * t.r * t.r) + t.ps_qr / (2 * t.r * t.s) + t.qs / (2 * t.s * t.s);
    }
    out->se = sqrt(variance);
    out->ratio = (interval){exp(out->log), exp(out->log - INTERVAL_Z95 * out->se),
                            exp(out->log + INTERVAL_Z95 * out->se)};
    out->p = erfc(fabs(t.surplus) / sqrt(2 * t.spread));
    out->q = out->p, out->shrunk = out->ratio.value;
    return true;
}

void odds_judge(odds *of, int n, arena scratch) {
    double *p = take(&scratch, double, n), between = 0, least = 1;
    int32_t *order = order_count(n, &scratch);
    for (int i = 0; i < n; i++) {
        p[i] = of[i].p;
        between += (of[i].log * of[i].log - of[i].se * of[i].se) / n;
    }
    order_up(order, n, p, scratch);
    for (int i = n - 1; i >= 0; i--) {
        odds *one = &of[order[i]];
        least = fmin(least, one->p * n / (i + 1));
        one->q = least;
        one->shrunk = between > 0
                          ? exp(one->log * between / (between + one->se * one->se)) : 1;
    }
}
