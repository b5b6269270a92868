/* breaks: where a series changed its level or its slope: cheapest cutting into straight pieces. */
#include "models/forecast/breaks.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"
#include "models/pelt.h"

enum { ROUNDS = 6 };
#define FIRST_CORRELATION 0.5 /* too much rather than too little: too many pieces hide it */

/* Running sums of y, t y and y^2, about the mean of the series. */
typedef struct sums {
    const double *y, *ty, *yy; /* [n + 1] */
    bool lines;
} sums;

typedef struct piece {
    double middle, slope, cost; /* value at the middle of the piece, its slope, squared errors */
} piece;

static piece fit(const sums *s, int a, int b) {
    double n = b - a, mean = (s->y[b] - s->y[a]) / n, centre = (a + b - 1) / 2.0;
    piece p = {.middle = mean, .cost = s->yy[b] - s->yy[a] - n * mean * mean};
    double across = s->ty[b] - s->ty[a] - n * centre * mean, spread = n * (n * n - 1) / 12;
    if (s->lines && spread > 0) p.slope = across / spread, p.cost -= across * across / spread;
    p.cost = fmax(p.cost, 0);
    return p;
}

static double cost_of(const void *what, int a, int b) { return fit(what, a, b).cost; }

/* Standard deviation of the noise: second differences have 6 times its variance. */
static double noise(const double *y, int n, arena scratch) {
    double *size = take(&scratch, double, n), mean = 0;
    for (int t = 2; t < n; t++) size[t - 2] = fabs(y[t] - 2 * y[t - 1] + y[t - 2]);
    int32_t *order = order_count(n - 2, &scratch);
    order_up(order, n - 2, size, scratch);
    double middle = (size[order[(n - 3) / 2]] + size[order[(n - 2) / 2]]) / 2;
    for (int t = 0; t < n - 2; t++) mean += size[t] / (n - 2); /* break: a start */
    /* more than half of them nothing at all: the mean size speaks */
    return middle > 0 ? middle / (0.6744897501960817 * sqrt(6)) : mean * sqrt(M_PI / 12);
}

/* Autocorrelation at one step of what the cutting leaves, and its deviation. */
static double left_over(const sums *s, const double *y, int n, const int32_t *from, double *sd) {
    double before = 0, top = 0, total = 0;
    for (int b = n; b > 0; b = from[b]) {
        piece p = fit(s, from[b], b);
        before = 0;
        for (int t = from[b]; t < b; t++) {
            double off = y[t] - p.middle - p.slope * (t - (from[b] + b - 1) / 2.0);
            top += off * before, total += off * off;
            before = off;
        }
    }
    *sd = sqrt(total / n);
    return total > 0 ? top / total : 0;
}

breaks_model breaks_find(const double *y, int n, breaks_params p, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && p.least >= 3 && p.strength > 0);
    breaks_model m = {0};
    if (n < 2 * p.least) return m;
    double *x = take(&scratch, double, n), mean = 0;
    double *part[3];
    for (int i = 0; i < 3; i++) part[i] = take(&scratch, double, n + 1);
    for (int t = 0; t < n; t++) mean += y[t] / n; /* break: any origin serves */
    for (int t = 0; t < n; t++) {
        x[t] = y[t] - mean;
        part[0][t + 1] = part[0][t] + x[t];
        part[1][t + 1] = part[1][t] + t * x[t];
        part[2][t + 1] = part[2][t] + x[t] * x[t];
    }
    sums s = {part[0], part[1], part[2], p.lines};
    int32_t *from = take(&scratch, int32_t, n + 1);
    double sigma = noise(x, n, scratch), least = 1e-9 * sqrt(part[2][n] / n);
    m.sigma = fmax(sigma, least);
    if (!(m.sigma > 0)) return m;
    m.correlation = FIRST_CORRELATION;
    for (int round = 0; round < ROUNDS; round++) {
        double a = m.correlation, sd, before = m.sigma;
        double penalty = p.strength * m.sigma * m.sigma * (1 + a) / (1 - a) * log(n);
        pelt_cut(cost_of, &s, n, p.least, penalty, from, scratch);
        m.correlation = fmin(fmax(left_over(&s, x, n, from, &sd), 0), 0.9);
        m.sigma = fmax(m.sigma, sd);
        if (m.correlation == a && m.sigma == before) break;
    }
    for (int b = n; from[b] > 0; b = from[b]) m.n++;
    m.one = take(keep, breaks_one, m.n);
    int i = m.n;
    for (int b = n; from[b] > 0; b = from[b]) {
        int at = from[b], a = from[at];
        piece before = fit(&s, a, at), after = fit(&s, at, b);
        m.one[--i] = (breaks_one){at, mean + before.middle + before.slope * (at - a + 1) / 2.0,
                                  mean + after.middle - after.slope * (b - 1 - at) / 2.0,
                                  before.slope, after.slope};
    }
    return m;
}
