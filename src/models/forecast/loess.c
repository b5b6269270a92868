/* loess: local regression of an evenly spaced series. */
#include "models/forecast/loess.h"

#include <math.h>

/* Weights of the points left … right at x into work; false when there are none. */
static bool weigh(const loess *l, double x, int left, int right) {
    double h = fmax(x - left, right - x), sum = 0, *w = l->work;
    if (l->window > l->n) h += (l->window - l->n) / 2;
    for (int j = left; j <= right; j++) {
        double far = fabs(j - x), share = far / h, rest = 1 - share * share * share;
        double one = far > 0.999 * h ? 0 : far > 0.001 * h ? rest * rest * rest : 1;
        if (l->weight) one *= l->weight[j - 1];
        sum += w[j - 1] = one;
    }
    if (!(sum > 0)) return false;
    double middle = 0, spread = 0;
    for (int j = left; j <= right; j++) w[j - 1] /= sum;
    if (l->degree == 0 || h <= 0) return true;
    for (int j = left; j <= right; j++) middle += w[j - 1] * j;
    for (int j = left; j <= right; j++) {
        double off = j - middle;
        spread += w[j - 1] * off * off;
    }
    if (sqrt(spread) <= 0.001 * (l->n - 1)) return true; /* break: in effect one point: no slope */
    double slope = (x - middle) / spread;
    for (int j = left; j <= right; j++) w[j - 1] *= slope * (j - middle) + 1;
    return true;
}

static double weighed(const double *w, const double *y, int n) {
    double sum[4] = {0};
    int j = 0;
    for (; j + 4 <= n; j += 4)
        for (int k = 0; k < 4; k++) sum[k] += w[j + k] * y[j + k];
    for (; j < n; j++) sum[0] += w[j] * y[j];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

bool loess_at(const loess *l, double x, int left, int right, double *to) {
    if (!weigh(l, x, left, right)) return false;
    *to = weighed(l->work + left - 1, l->y + left - 1, right - left + 1);
    return true;
}

void loess_smooth(const loess *l, double *to) {
    int n = l->n, wide = l->window < n ? l->window : n, half = (wide + 1) / 2;
    bool same = false; /* work holds the weights of an inner point, for [0, wide) of its window */
    for (int i = 1; i <= n; i++) {
        int left = i > half ? i - half + 1 : 1;
        if (left > n - wide + 1) left = n - wide + 1;
        bool inner = left > 1 && left < n - wide + 1 && !l->weight; /* break: only saves work */
        if (inner && same) {
            to[i - 1] = weighed(l->work + 1, l->y + left - 1, wide);
            continue;
        }
        to[i - 1] = l->y[i - 1];
        if (n > 1) loess_at(l, i, left, left + wide - 1, &to[i - 1]);
        same = inner && left == 2; /* the first inner window: its weights lie at 1 … wide */
    }
}
