/* naive: the forecasts that every other one has to beat, with analytic intervals. */
#include "models/forecast/naive.h"

#include <assert.h>
#include <math.h>

static double root_mean(double sum, int count) { return count > 0 ? sqrt(sum / count) : 0; }

static void seasonal(const double *y, int n, int m, band *to) {
    double sum = 0;
    for (int t = m; t < n; t++) sum += (y[t] - y[t - m]) * (y[t] - y[t - m]);
    double s = root_mean(sum, n - m);
    for (int h = 0; h < to->steps; h++) {
        to->mean[h] = y[n - m + h % m];
        band_normal(to, h, s * sqrt(h / m + 1));
    }
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
}

static void window_mean(const double *y, int n, int window, band *to) {
    int w = window < 1 || window > n ? n : window;
    double total = 0, sum = 0;
    for (int t = n - w; t < n; t++) total += y[t];
    double mean = total / w;
    for (int t = n - w; t < n; t++) sum += (y[t] - mean) * (y[t] - mean);
    double sd = root_mean(sum, w - 1) * sqrt(1 + 1.0 / w);
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
