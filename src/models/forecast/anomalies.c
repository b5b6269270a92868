/* anomalies: values that a series' trend and season do not explain. */
#include "models/forecast/anomalies.h"

#include <math.h>

#include "base/order.h"

static double median(const double *x, int n, arena scratch) {
    int32_t *order = order_count(n, &scratch);
    order_up(order, n, x, scratch);
    return (x[order[(n - 1) / 2]] + x[order[n / 2]]) / 2;
}

void anomalies_score(const double *remainder, int n, double *score, arena scratch) {
    double *off = take(&scratch, double, n), middle = median(remainder, n, scratch), mean = 0;
    double size = 0;
    for (int t = 0; t < n; t++) {
        off[t] = fabs(remainder[t] - middle);
        mean += off[t] / n;
        size = fmax(size, fabs(remainder[t]));
    }
    double scale = 1.4826 * median(off, n, scratch);
    if (scale <= 1e-12 * size) scale = mean * sqrt(M_PI / 2);
    for (int t = 0; t < n; t++)
        score[t] = scale > 1e-12 * size ? (remainder[t] - middle) / scale : 0;
}
