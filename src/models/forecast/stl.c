/* stl: a series as trend + season + remainder by local regression. */
#include "models/forecast/stl.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/forecast/loess.h"

const char *stl_check(const double *y, int n, stl_params p) {
    int windows[] = {p.season_window, p.trend_window, p.low_window};
    if (p.season < 2) return "a season needs two values or more";
    for (int i = 0; i < 3; i++)
        if ((i == 0 || windows[i] != 0) && (windows[i] < 3 || windows[i] % 2 == 0))
            return "windows of a decomposition must be odd and at least 3";
    if (p.degree < 0 || p.degree > 1) return "degree must be 0 or 1";
    if (p.inner < 1 || p.outer < 0) return "inner must be at least 1 and outer at least 0";
    if (n < 2 * p.season) return "fewer than two seasons of values";
    for (int t = 0; t < n; t++)
        if (!isfinite(y[t])) return "a value is not finite";
    return NULL;
}

typedef struct work {
    const double *y;
    int n, m;
    stl_params p;
    stl_model *out;
    const double *weight;  /* NULL in the first round */
    double *rest;          /* [n] y without a part */
    double *cycle;         /* [n + 2 m] step 1 */
    double *a, *b;         /* [n + 2 m] */
    double *phase, *mine;  /* [cycles] one phase and its weights */
    double *curve;         /* [cycles + 2] of one phase */
} work;

/* Mean of each `length` neighbours of x[n]: n - length + 1 of them. */
static int average(const double *x, int n, int length, double *to) {
    double sum = 0;
    for (int i = 0; i < length; i++) sum += x[i];
    to[0] = sum / length;
    for (int i = length; i < n; i++) {
        sum += x[i] - x[i - length];
        to[i - length + 1] = sum / length;
    }
    return n - length + 1;
}

/* Step 1 for one phase: its curve from one cycle before the first to one after the last. */
static void smooth_phase(work *w, int phase) {
    int k = (w->n - phase - 1) / w->m + 1, window = w->p.season_window;
    for (int i = 0; i < k; i++) {
        w->phase[i] = w->rest[i * w->m + phase];
        if (w->weight) w->mine[i] = w->weight[i * w->m + phase];
    }
    loess l = {w->phase, k, window, w->p.degree, w->weight ? w->mine : NULL, w->a};
    loess_smooth(&l, w->curve + 1);
    w->curve[0] = w->curve[1], w->curve[k + 1] = w->curve[k];
    loess_at(&l, 0, 1, window < k ? window : k, &w->curve[0]);
    loess_at(&l, k + 1, k > window ? k - window + 1 : 1, k, &w->curve[k + 1]);
    for (int i = 0; i < k + 2; i++) w->cycle[i * w->m + phase] = w->curve[i];
}

static void round_inner(work *w, double *space) {
    int n = w->n, m = w->m;
    stl_model *out = w->out;
    for (int t = 0; t < n; t++) w->rest[t] = w->y[t] - out->trend[t];
    for (int k = 0; k < m; k++) smooth_phase(w, k);
    int left = average(w->cycle, n + 2 * m, m, w->a);
    left = average(w->a, left, m, w->b);
    left = average(w->b, left, 3, w->a);
    assert(left == n);
    loess low = {w->a, n, w->p.low_window, 1, NULL, space};
    loess_smooth(&low, w->b);
    for (int t = 0; t < n; t++) {
        out->season[t] = w->cycle[m + t] - w->b[t];
        w->rest[t] = w->y[t] - out->season[t];
    }
    loess trend = {w->rest, n, w->p.trend_window, 1, w->weight, space};
    loess_smooth(&trend, out->trend);
}

static void weigh_remainders(work *w, arena scratch) {
    stl_model *out = w->out;
    double *size = take(&scratch, double, w->n);
    for (int t = 0; t < w->n; t++)
        size[t] = fabs(w->y[t] - out->trend[t] - out->season[t]);
    int32_t *order = order_count(w->n, &scratch);
    order_up(order, w->n, size, scratch);
    double limit = 3 * (size[order[w->n / 2]] + size[order[w->n - w->n / 2 - 1]]);
    for (int t = 0; t < w->n; t++) {
        double share = size[t] / limit, rest = 1 - share * share;
        bool small = !(limit > 0) || size[t] <= 0.001 * limit;
        out->weight[t] = small ? 1 : size[t] <= 0.999 * limit ? rest * rest : 0;
    }
    w->weight = out->weight;
}

static int odd_above(double x) {
    int whole = (int)ceil(x);
    return whole % 2 ? whole : whole + 1;
}

void stl_fit(stl_model *out, const double *y, int n, stl_params p, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && stl_check(y, n, p) == NULL);
    int m = p.season, cycles = n / m + 1;
    if (p.trend_window == 0) p.trend_window = odd_above(1.5 * m / (1 - 1.5 / p.season_window));
    if (p.low_window == 0) p.low_window = odd_above(m + 1);
    *out = (stl_model){.n = n};
    double **parts[] = {&out->trend, &out->season, &out->remainder, &out->weight};
    for (int i = 0; i < 4; i++) *parts[i] = take(keep, double, n);
    for (int t = 0; t < n; t++) out->weight[t] = 1;
    work w = {.y = y, .n = n, .m = m, .p = p, .out = out};
    double **long_ones[] = {&w.cycle, &w.a, &w.b};
    for (int i = 0; i < 3; i++) *long_ones[i] = take(&scratch, double, n + 4 * m);
    w.rest = take(&scratch, double, n);
    w.phase = take(&scratch, double, cycles), w.mine = take(&scratch, double, cycles);
    w.curve = take(&scratch, double, cycles + 2);
    double *space = take(&scratch, double, n);
    for (int o = 0; o <= p.outer; o++) {
        if (o > 0) weigh_remainders(&w, scratch);
        for (int i = 0; i < p.inner; i++) round_inner(&w, space);
    }
    for (int t = 0; t < n; t++) out->remainder[t] = y[t] - out->trend[t] - out->season[t];
}

static double variance(const double *a, const double *b, int n) {
    double mean = 0, sum = 0;
    for (int t = 0; t < n; t++) mean += (a[t] + (b ? b[t] : 0)) / n;
    for (int t = 0; t < n; t++) {
        double d = a[t] + (b ? b[t] : 0) - mean;
        sum += d * d;
    }
    return sum / n;
}

double stl_strength(const double *part, const double *remainder, int n) {
    double both = variance(part, remainder, n);
    return both > 0 ? fmax(0, 1 - variance(remainder, NULL, n) / both) : 0;
}
