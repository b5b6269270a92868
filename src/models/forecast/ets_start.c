/* ets_start: start states of exponential smoothing, read off the first observations. */
#include "models/forecast/ets_core.h"

#include <math.h>
#include <string.h>

/* Least-squares line through x[0..n-1] at 1 … n. */
static void line(const double *x, int n, double *level, double *slope) {
    double mean = 0, top = 0, bottom = 0, middle = (n + 1) / 2.0;
    for (int i = 0; i < n; i++) mean += x[i];
    mean /= n;
    for (int i = 0; i < n; i++) {
        top += (i + 1 - middle) * (x[i] - mean);
        bottom += (i + 1 - middle) * (i + 1 - middle);
    }
    *slope = bottom > 0 ? top / bottom : 0;
    *level = mean - *slope * middle;
}

/* Smooth part of y at t: the centred average over m (half weights at both ends when m is even)
 * where there are three seasons, else a straight line through all. */
static bool smooth(const ets_core *c, int t, double level, double slope, double *to) {
    if (c->n < 3 * c->m) return *to = level + slope * (t + 1), true;
    int half = c->m / 2;
    if (t < half || t + half >= c->n) return false;
    double sum = 0;
    for (int i = -half; i <= half; i++)
        sum += c->y[t + i] * (c->m % 2 == 0 && (i == -half || i == half) ? 0.5 : 1);
    *to = sum / c->m;
    return true;
}

/* Mean difference (additive) or ratio (multiplicative) to the smooth part, per phase, centred. */
static void phases(ets_core *c, arena scratch) {
    bool ratio = c->form.season == ETS_MULTIPLY;
    double *index = c->at.seasonal, *count = take(&scratch, double, c->m), level, slope, total = 0;
    memset(index, 0, sizeof(double) * (size_t)c->m);
    line(c->y, c->n, &level, &slope);
    for (int t = 0; t < c->n; t++) {
        double base;
        if (!smooth(c, t, level, slope, &base) || (ratio && !(base > 0))) continue;
        index[t % c->m] += ratio ? c->y[t] / base : c->y[t] - base;
        count[t % c->m] += 1;
    }
    for (int k = 0; k < c->m; k++) {
        index[k] = count[k] > 0 ? index[k] / count[k] : ratio;
        if (ratio) index[k] = fmax(index[k], 0.01);
        total += index[k];
    }
    for (int k = 0; k < c->m; k++) {
        if (ratio) index[k] *= c->m / total;
        else index[k] -= total / c->m;
    }
}

void ets_start(ets_core *c, arena scratch) {
    int first = 2 * c->m > 10 ? 2 * c->m : 10;
    if (first > c->n) first = c->n;
    double *adjusted = take(&scratch, double, first);
    if (c->form.season != ETS_NONE) phases(c, scratch);
    else c->at.seasonal[0] = 0;
    for (int t = 0; t < first; t++) {
        double s = c->at.seasonal[t % c->m];
        adjusted[t] = c->form.season == ETS_MULTIPLY ? c->y[t] / s : c->y[t] - s;
    }
    line(adjusted, first, &c->at.level, &c->at.slope);
    if (c->form.trend != ETS_NONE) return;
    c->at.level += c->at.slope * (first + 1) / 2.0; /* the line at its middle: the mean */
    c->at.slope = 0;
}
