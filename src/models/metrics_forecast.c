/* metrics_forecast: how wrong a forecast was: WAPE, sMAPE, MASE, RMSSE, pinball, coverage, MSIS. */
#include "models/metrics_forecast.h"

#include <math.h>

static double over(double top, double bottom) { return bottom > 0 ? top / bottom : NAN; }

static double sum_error(const double *y, const double *f, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += fabs(y[i] - f[i]);
    return sum;
}

static double sum_square(const double *y, const double *f, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (y[i] - f[i]) * (y[i] - f[i]);
    return sum;
}

static double sum_size(const double *y, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += fabs(y[i]);
    return sum;
}

double metrics_rmse(const double *y, const double *f, int n) {
    return sqrt(over(sum_square(y, f, n), n));
}

double metrics_wape(const double *y, const double *f, int n) {
    return over(sum_error(y, f, n), sum_size(y, n));
}

double metrics_bias(const double *y, const double *f, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += f[i] - y[i];
    return over(sum, sum_size(y, n));
}

double metrics_smape(const double *y, const double *f, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double size = fabs(y[i]) + fabs(f[i]);
        if (size > 0) sum += 200 * fabs(y[i] - f[i]) / size;
    }
    return over(sum, n);
}

double metrics_scale(const double *history, int t, int season) {
    if (t <= season) return NAN;
    double scale = sum_error(history + season, history, t - season) / (t - season);
    return scale > 0 ? scale : NAN;
}

double metrics_mase(const double *y, const double *f, int n, double scale) {
    return over(over(sum_error(y, f, n), n), scale);
}

double metrics_rmsse(const double *y, const double *f, int n, const double *history, int t) {
    int first = 0;
    while (first < t && history[first] == 0) first++;
    int changes = t - first - 1;
    if (changes < 1) return NAN;
    double scale = sum_square(history + first + 1, history + first, changes) / changes;
    return sqrt(over(over(sum_square(y, f, n), n), scale));
}

double metrics_pinball(const double *y, const double *f, int n, double q) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += 2 * fmax(q * (y[i] - f[i]), (q - 1) * (y[i] - f[i]));
    return over(sum, n);
}

double metrics_coverage(const double *y, const double *low, const double *high, int n) {
    int inside = 0;
    for (int i = 0; i < n; i++) inside += y[i] >= low[i] && y[i] <= high[i];
    return over(inside, n);
}

double metrics_msis(const double *y, const double *low, const double *high, int n, double level,
                    double scale) {
    double sum = 0, weight = 2 / (1 - level);
    for (int i = 0; i < n; i++)
        sum += high[i] - low[i] + weight * (fmax(low[i] - y[i], 0) + fmax(y[i] - high[i], 0));
    return over(over(sum, n), scale);
}
