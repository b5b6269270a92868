/* changes: months at which a share moved: change points of counts by penalised likelihood. */
#include "models/language/changes.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"

/* Median of a squared standard normal. */
static const double usual_median = 0.4549364231195724;

/* Running sums: segment [a, b) holds k[b] - k[a] of n[b] - n[a]. */
typedef struct sums {
    const int64_t *k, *n; /* [months + 1] */
    double phi;
} sums;

static double entropy(double k, double n) { return k > 0 ? -2 * k * log(k / n) : 0; }

static double cost(const sums *s, int32_t a, int32_t b) {
    double k = (double)(s->k[b] - s->k[a]), n = (double)(s->n[b] - s->n[a]);
    return (entropy(k, n) + entropy(n - k, n)) / s->phi;
}

static double dispersion(const int64_t *k, const int64_t *n, int32_t months, arena scratch) {
    double *ratio = take(&scratch, double, months);
    int32_t found = 0, last = -1;
    for (int32_t t = 0; t < months; t++) {
        if (n[t] == 0) continue;
        if (last >= 0) {
            double a = (double)n[last], b = (double)n[t];
            double p = (double)(k[last] + k[t]) / (a + b);
            double move = (double)k[last] / a - (double)k[t] / b;
            double usual = p * (1 - p) * (1 / a + 1 / b);
            ratio[found++] = usual > 0 ? move * move / usual : 0;
        }
        last = t;
    }
    if (found == 0) return 1;
    int32_t *order = order_count(found, &scratch);
    order_up(order, found, ratio, scratch);
    double middle = (ratio[order[(found - 1) / 2]] + ratio[order[found / 2]]) / 2;
    return fmax(1, middle / usual_median);
}

static bool holds(const sums *s, int32_t a, int32_t b, changes_params p) {
    return b - a >= p.least_months && s->n[b] - s->n[a] >= p.least_count;
}

/* from[b]: where the last segment of the best cutting of [0, b) begins; -1 = there is none. */
static void cut(const sums *s, int32_t months, changes_params p, double penalty, int32_t *from,
                arena scratch) {
    double *best = take(&scratch, double, months + 1);
    best[0] = -penalty;
    for (int32_t b = 1; b <= months; b++) {
        best[b] = INFINITY;
        from[b] = -1;
        for (int32_t a = 0; a < b; a++) {
            if (best[a] == INFINITY || !holds(s, a, b, p)) continue;
            double total = best[a] + cost(s, a, b) + penalty;
            if (!(total < best[b])) continue;
            best[b] = total;
            from[b] = a;
        }
    }
}

static int64_t whole(double x) { return (int64_t)llround(x); }

static changes_point describe(const sums *s, int32_t a, int32_t at, int32_t b) {
    double phi = s->phi;
    int64_t na = whole((double)(s->n[at] - s->n[a]) / phi);
    int64_t nb = whole((double)(s->n[b] - s->n[at]) / phi);
    int64_t ka = whole((double)(s->k[at] - s->k[a]) / phi);
    int64_t kb = whole((double)(s->k[b] - s->k[at]) / phi);
    return (changes_point){at, interval_wilson(ka, na), interval_wilson(kb, nb),
                           interval_newcombe(kb, nb, ka, na),
                           cost(s, a, b) - cost(s, a, at) - cost(s, at, b)};
}

changes_model changes_fit(const int64_t *k, const int64_t *n, int32_t months, changes_params p,
                          arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch));
    assert(p.least_months >= 1 && p.least_count >= 1 && p.series >= 1);
    changes_model m = {.phi = 1};
    if (months < 2 * p.least_months) return m;
    int64_t *ks = take(&scratch, int64_t, months + 1), *ns = take(&scratch, int64_t, months + 1);
    for (int32_t t = 0; t < months; t++) {
        assert(k[t] >= 0 && k[t] <= n[t]);
        ks[t + 1] = ks[t] + k[t];
        ns[t + 1] = ns[t] + n[t];
    }
    m.phi = dispersion(k, n, months, scratch);
    m.penalty = 3 * log((double)months) + 2 * log((double)p.series);
    sums s = {ks, ns, m.phi};
    int32_t *from = take(&scratch, int32_t, months + 1);
    cut(&s, months, p, m.penalty, from, scratch);
    for (int32_t b = months; from[b] > 0; b = from[b]) m.n++;
    m.point = take(keep, changes_point, m.n);
    int32_t i = m.n;
    for (int32_t b = months; from[b] > 0; b = from[b])
        m.point[--i] = describe(&s, from[from[b]], from[b], b);
    return m;
}
