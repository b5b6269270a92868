/* sbg: how many of a cohort are still there, period by period: the shifted-beta-geometric model. */
#include "models/segment/sbg.h"

#include <assert.h>
#include <math.h>

typedef struct cohort_counts {
    const double *alive;
    int periods;
} cohort_counts;

/* ln S(t) is a sum over the periods before; ln P(t) = ln S(t-1) + ln alpha - ln(alpha+beta+t-1). */
static double at(void *what, const double *p, double *g) {
    const cohort_counts *c = what;
    double a = p[0], b = p[1], value = 0, s = 0, s_a = 0, s_b = 0; /* ln S(t-1) and its slopes */
    g[0] = g[1] = 0;
    for (int t = 1; t <= c->periods; t++) {
        double lost = c->alive[t - 1] - c->alive[t], all = a + b + t - 1, kept = b + t - 1;
        value += lost * (s + log(a) - log(all));
        g[0] += lost * (s_a + 1 / a - 1 / all);
        g[1] += lost * (s_b - 1 / all);
        s += log(kept) - log(all);
        s_a -= 1 / all;
        s_b += 1 / kept - 1 / all;
    }
    double left = c->alive[c->periods];
    g[0] += left * s_a;
    g[1] += left * s_b;
    return value + left * s;
}

bool sbg_fit(sbg *m, const double *alive, int periods, arena scratch, err *e) {
    static const double starts[][LIKELIHOOD_MOST] = {{1, 1}, {0.5, 4}, {5, 50}};
    if (periods < 2)
        return refuse(e, "a projection of retention needs at least 2 periods, got %d", periods);
    for (int t = 0; t <= periods; t++)
        if (!(alive[t] >= 0) || !isfinite(alive[t]) || (t > 0 && alive[t] > alive[t - 1]))
            return refuse(e, "period %d of the cohort has %g customers: a count that never rises "
                             "is needed", t, alive[t]);
    if (!(alive[0] > alive[periods]))
        return refuse(e, "nobody of %g customers left in %d periods: there is nothing to learn "
                         "how they leave from", alive[0], periods);
    cohort_counts c = {alive, periods};
    likelihood f = {.n = 2, .what = &c, .at = at, .observations = alive[0], .unit = {1, 1},
                    .starts = starts, .n_starts = 3};
    m->fit = likelihood_maximise(&f, scratch);
    return true;
}

double sbg_retention(const sbg *m, int period) {
    double a = m->fit.p[0], b = m->fit.p[1];
    assert(period >= 1);
    return (b + period - 1) / (a + b + period - 1);
}

double sbg_survival(const sbg *m, int period) {
    double s = 1;
    for (int t = 1; t <= period; t++) s *= sbg_retention(m, t);
    return s;
}
