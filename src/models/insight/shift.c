/* shift: when the level of a series of counts changed: PELT with a Poisson cost. */
#include "models/insight/shift.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"
#include "models/pelt.h"

#define MEDIAN_CHI2 0.4549364231195724 /* of one degree of freedom */

typedef struct sums {
    const double *y, *e; /* [n + 1] running */
    double phi;
} sums;

static double cost(const void *what, int a, int b) {
    const sums *s = what;
    double y = s->y[b] - s->y[a], e = s->e[b] - s->e[a];
    return y > 0 ? -2.0 * (y * log(y / e) - y) / s->phi : 0.0; /* break: y's sum is fixed */
}

static double spread_of(const sums *s, int n, arena scratch) {
    double *x = take(&scratch, double, n);
    int many = 0;
    for (int t = 0; t + 1 < n; t++) { /* break: past the end nothing sells */
        double e0 = s->e[t + 1] - s->e[t], e1 = s->e[t + 2] - s->e[t + 1];
        double both = s->y[t + 2] - s->y[t], share = e1 / (e0 + e1);
        if (!(both > 0)) continue;
        double off = s->y[t + 2] - s->y[t + 1] - both * share;
        x[many++] = off * off / (both * share * (1.0 - share));
    }
    if (many == 0) return 1.0;
    int32_t *order = order_count(many, &scratch);
    order_up(order, many, x, scratch);
    return fmax(1.0, (x[order[(many - 1) / 2]] + x[order[many / 2]]) / 2 / MEDIAN_CHI2);
}

int shift_find(const int32_t *units, const double *exposure, int n, int least, shift_cut *cuts,
               arena scratch) {
    assert(least >= 1);
    if (n < 2 * least) return 0;
    double *y = take(&scratch, double, n + 1), *e = take(&scratch, double, n + 1);
    for (int t = 0; t < n; t++) {
        y[t + 1] = y[t] + (units[t] > 0 ? units[t] : 0);
        e[t + 1] = e[t] + (exposure ? exposure[t] : 1.0);
    }
    sums s = {y, e, 1.0};
    s.phi = spread_of(&s, n, scratch);
    int32_t *from = take(&scratch, int32_t, n + 1); /* break: room */
    int many = 0;
    pelt_cut(cost, &s, n, least, 3.0 * log(n), from, scratch);
    for (int b = n; from[b] > 0; b = from[b]) many++;
    int i = many;
    for (int b = n; from[b] > 0; b = from[b]) {
        int at = from[b], a = from[at];
        cuts[--i] = (shift_cut){at, (y[at] - y[a]) / (e[at] - e[a]),
                                (y[b] - y[at]) / (e[b] - e[at]), s.phi};
    }
    return many;
}
