/* seasonality: which periods a series has, how sure that is and how strong they are. */
#include "models/forecast/seasonality.h"

#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "base/order.h"
#include "models/forecast/adjust.h"
#include "models/forecast/stl.h"

enum { PEAKS = 6, MOST_CANDIDATES = 24, LONGEST_LAG = 1000 };
#define SURE 2.33 /* quantile of the standard normal: one in a hundred */
#define M4   1.645 /* that of adjust_correlation's limit */

/* y without its parabola, by least squares, into x; returns the sum of squares. */
static double bend_out(const double *y, int n, double *x) {
    double a[9] = {0}, b[3] = {0}, total = 0;
    for (int t = 0; t < n; t++) {
        double u = (2.0 * t - n + 1) / n, power[3] = {1, u, u * u};
        for (int i = 0; i < 3; i++) {
            b[i] += power[i] * y[t];
            for (int j = 0; j < 3; j++) a[i * 3 + j] += power[i] * power[j];
        }
    }
    bool solved = kernels_plain.solve_spd_d(3, a, 3, b);
    for (int t = 0; t < n; t++) {
        double u = (2.0 * t - n + 1) / n;
        x[t] = y[t] - (solved ? b[0] + u * (b[1] + u * b[2]) : 0);
        total += x[t] * x[t];
    }
    return total;
}

static double correlation(const double *x, int n, int lag, double total) {
    double sum = 0;
    for (int t = lag; t < n; t++) sum += x[t] * x[t - lag];
    return sum / total;
}

static int add_once(int *list, int n, int m) {
    int at = n;
    for (int i = 0; i < n; i++)
        if (list[i] == m) return n;
    if (n == MOST_CANDIDATES) return n;
    for (; at > 0 && list[at - 1] > m; at--) list[at] = list[at - 1];
    list[at] = m;
    return n + 1;
}

/* The caller's candidates and the highest peaks of the autocorrelation, ascending. */
static int candidates(const double *y, int n, seasonality_params p, int *list, arena scratch) {
    int found = 0, last = n / 3 < LONGEST_LAG ? n / 3 : LONGEST_LAG;
    for (int i = 0; i < p.candidates; i++)
        if (p.candidate[i] >= 2 && n >= 3 * p.candidate[i])
            found = add_once(list, found, p.candidate[i]);
    if (!p.search || last < 3) return found;
    double *x = take(&scratch, double, n), *r = take(&scratch, double, last + 2);
    double total = bend_out(y, n, x);
    if (!(total > 0)) return found;
    for (int m = 1; m <= last + 1; m++) r[m] = correlation(x, n, m, total);
    int32_t *order = order_count(last + 1, &scratch);
    double *height = take(&scratch, double, last + 1);
    for (int m = 0; m <= last; m++)
        height[m] = m >= 2 && r[m] > r[m - 1] && r[m] >= r[m + 1] ? r[m] : -1;
    order_down(order, last + 1, height, scratch);
    for (int i = 0; i < PEAKS && i <= last && height[order[i]] > 0; i++)
        found = add_once(list, found, order[i]);
    return found;
}

/* r_m of y less its centred moving average of m values. */
static double local_correlation(const double *y, int n, int m, double *limit, arena scratch) {
    int half = m / 2, left = n - 2 * half;
    double *x = take(&scratch, double, left), total = 0;
    for (int i = 0; i < left; i++) {
        double sum = 0;
        for (int k = -half; k <= half; k++)
            sum += y[i + half + k] * (m % 2 == 0 && (k == -half || k == half) ? 0.5 : 1);
        x[i] = y[i + half] - sum / m;
        total += x[i] * x[i];
    }
    *limit = 1;
    if (!(total > 0) || left <= m) return 0;
    double r = adjust_correlation(x, left, m, total, limit);
    *limit *= SURE / M4;
    return r;
}

static void describe(const stl_model *s, int n, seasonality_one *to) {
    double high = -INFINITY, low = INFINITY;
    for (int k = 0; k < to->period; k++) {
        double mean = 0;
        int count = 0;
        for (int t = k; t < n; t += to->period) mean += s->season[t], count++;
        mean /= count;
        if (mean > high) high = mean, to->peak = k;
        if (mean < low) low = mean, to->trough = k;
    }
    to->amplitude = high - low;
}

int seasonality_find(const double *y, int n, seasonality_params p, seasonality_one *to,
                     arena scratch) {
    int list[MOST_CANDIDATES], found = 0, many = candidates(y, n, p, list, scratch);
    double first[MOST_CANDIDATES], unused, *x = take_copy(&scratch, double, y, n);
    for (int i = 0; i < many; i++) first[i] = local_correlation(y, n, list[i], &unused, scratch);
    for (int i = 0; i < many && found < SEASONALITY_MOST; i++) {
        seasonality_one one = {.period = list[i]};
        bool part = false;
        for (int j = i + 1; j < many; j++)
            part |= list[j] % list[i] == 0 && first[j] > 2 * fmax(first[i], 0);
        one.correlation = local_correlation(x, n, list[i], &one.limit, scratch);
        if (part || one.correlation <= one.limit) continue;
        arena own = scratch;
        arena keep = arena_split(&own, (size_t)n * 32 + 1024);
        stl_params q = STL_DEFAULTS;
        stl_model s;
        q.season = list[i], q.season_window = 11;
        stl_fit(&s, x, n, q, &keep, own);
        one.strength = stl_strength(s.season, s.remainder, n);
        if (one.strength < p.least) continue;
        describe(&s, n, &one);
        for (int t = 0; t < n; t++) x[t] -= s.season[t];
        to[found++] = one;
    }
    return found;
}
