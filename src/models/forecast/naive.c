/* naive: the forecasts that every other one has to beat, with analytic intervals. */
#include "models/forecast/naive.h"

#include <assert.h>
#include <math.h>

static double root_mean(double sum, int count) { return count > 0 ? sqrt(sum / count) : 0; }

/* Variance of the sum of k steps of a random walk: 1 + 4 + … + k^2 times that of one. */
static double walk_sum(double k) { return k * (k + 1) * (2 * k + 1) / 6; }

static void seasonal(const double *y, int n, int m, band *to) {
    double sum = 0;
    for (int t = m; t < n; t++) sum += (y[t] - y[t - m]) * (y[t] - y[t - m]);
    double s = root_mean(sum, n - m);
    for (int h = 0; h < to->steps; h++) {
        to->mean[h] = y[n - m + h % m];
        band_normal(to, h, s * sqrt(h / m + 1));
    }
    int whole = to->steps / m, rest = to->steps % m; /* each phase is a walk of its own */
    to->total_sd = s * sqrt(rest * walk_sum(whole + 1) + (m - rest) * walk_sum(whole));
}

static void drift(const double *y, int n, band *to) {
    double slope = n > 1 ? (y[n - 1] - y[0]) / (n - 1) : 0, sum = 0;
    for (int t = 1; t < n; t++) {
        double residual = y[t] - y[t - 1] - slope;
        sum += residual * residual;
    }
    double s = root_mean(sum, n - 2);
    for (int h = 1; h <= to->steps; h++) {
        to->mean[h - 1] = y[n - 1] + h * slope;
        band_normal(to, h - 1, n > 1 ? s * sqrt(h * (1 + (double)h / (n - 1))) : 0);
    }
    double k = to->steps, steps = k * (k + 1) / 2;
    if (n > 1) to->total_sd = s * sqrt(walk_sum(k) + steps * steps / (n - 1));
}

static void window_mean(const double *y, int n, int window, band *to) {
    int w = window < 1 || window > n ? n : window;
    double total = 0, sum = 0;
    for (int t = n - w; t < n; t++) total += y[t];
    double mean = total / w, k = to->steps;
    for (int t = n - w; t < n; t++) sum += (y[t] - mean) * (y[t] - mean);
    double s = root_mean(sum, w - 1), sd = s * sqrt(1 + 1.0 / w);
    to->total_sd = s * sqrt(k + k * k / w);
    for (int h = 0; h < to->steps; h++) {
        to->mean[h] = mean;
        band_normal(to, h, sd);
    }
}

void naive_forecast(const double *y, int n, naive_params p, band *to) {
    assert(n >= 1 && (p.kind != NAIVE_SEASONAL || p.season >= 1));
    switch (p.kind) {
    case NAIVE_LAST: seasonal(y, n, 1, to); break;
    case NAIVE_SEASONAL: seasonal(y, n, p.season <= n ? p.season : 1, to); break;
    case NAIVE_DRIFT: drift(y, n, to); break;
    case NAIVE_MEAN: window_mean(y, n, p.window, to); break;
    }
}
