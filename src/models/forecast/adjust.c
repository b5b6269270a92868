/* adjust: takes the season out of a series before a model without one, and puts it back after. */
#include "models/forecast/adjust.h"

#include <assert.h>
#include <math.h>

#define LEAST_FACTOR 1e-3 /* a phase that sells less of the mean cannot be divided by */

double adjust_correlation(const double *x, int n, int m, double total, double *limit) {
    double before = 0, r = 0;
    for (int k = 1; k <= m; k++) {
        before += k > 1 ? r * r : 0;
        r = 0;
        for (int t = k; t < n; t++) r += x[t] * x[t - k];
        r /= total;
    }
    *limit = 1.645 * sqrt((1 + 2 * before) / n);
    return r;
}

bool adjust_seasonal(const double *y, int n, int m, arena scratch) {
    if (m < 2 || n < 3 * m) return false;
    double *x = take(&scratch, double, n), mean = 0, total = 0;
    for (int t = 0; t < n; t++) mean += y[t] / n;
    for (int t = 0; t < n; t++) x[t] = y[t] - mean, total += x[t] * x[t];
    if (!(total > 0)) return false;
    double limit;
    return fabs(adjust_correlation(x, n, m, total, &limit)) > limit;
}

static double least_of(const double *y, int n) {
    double least = y[0];
    for (int t = 1; t < n; t++) least = fmin(least, y[t]);
    return least;
}

/* Mean over each phase of y against its moving average, made to have the mean 1 (or 0). */
static void indices(const double *y, int n, int m, bool multiply, double *to, arena scratch) {
    int *count = take(&scratch, int, m), half = m / 2;
    double mean = 0;
    for (int k = 0; k < m; k++) to[k] = 0;
    for (int t = half; t + half < n; t++) {
        double sum = m % 2 ? y[t - half] + y[t + half] : (y[t - half] + y[t + half]) / 2;
        for (int j = 1 - half; j < half; j++) sum += y[t + j];
        double trend = sum / m;
        to[t % m] += multiply ? y[t] / trend : y[t] - trend;
        count[t % m]++;
    }
    for (int k = 0; k < m; k++) to[k] /= count[k], mean += to[k] / m;
    for (int k = 0; k < m; k++) to[k] = multiply ? to[k] / mean : to[k] - mean;
}

adjusted adjust_series(const double *y, int n, int m, arena *keep, arena scratch) {
    assert(n >= 1 && m >= 1);
    adjusted a = {.n = n, .season = 1, .multiply = true, .x = take(keep, double, n)};
    bool seasonal = adjust_seasonal(y, n, m, scratch);
    a.factor = take(keep, double, seasonal ? m : 1);
    a.factor[0] = 1;
    if (seasonal) {
        a.season = m;
        a.multiply = least_of(y, n) > 0;
        indices(y, n, m, a.multiply, a.factor, scratch);
        if (a.multiply && !(least_of(a.factor, m) >= LEAST_FACTOR)) {
            a.multiply = false;
            indices(y, n, m, false, a.factor, scratch);
        }
    }
    for (int t = 0; t < n; t++) {
        double s = a.factor[t % a.season];
        a.x[t] = a.multiply ? y[t] / s : y[t] - s;
    }
    return a;
}

void adjust_back(const adjusted *a, band *to) {
    double squares = 0;
    for (int h = 0; h < to->steps; h++) {
        double s = a->factor[(a->n + h) % a->season], by = a->multiply ? s : 1;
        double add = a->multiply ? 0 : s;
        squares += by * by;
        to->mean[h] = to->mean[h] * by + add;
        for (int l = 0; l < to->n_levels; l++) {
            double *low = &to->low[l * to->steps + h], *high = &to->high[l * to->steps + h];
            *low = *low * by + add;
            *high = *high * by + add;
        }
    }
    to->total_sd *= sqrt(squares / to->steps);
}
