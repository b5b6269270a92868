/* scale: columns made comparable before any distance: tails cut, centred, of variance 1. */
#include "models/segment/scale.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/metrics.h"

/* Quantiles of the known values of one column; false when there are none. */
static bool tails(const double *value, int64_t n, double tail, double *low, double *high,
                  arena scratch) {
    double *known = take(&scratch, double, n), *up = take(&scratch, double, n);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(value[i])) known[count++] = value[i];
    if (count == 0) return false;
    int32_t *order = order_count(count, &scratch);
    order_up(order, count, known, scratch);
    for (int64_t i = 0; i < count; i++) up[i] = known[order[i]];
    *low = metrics_quantile(up, count, tail);
    *high = metrics_quantile(up, count, 1 - tail);
    return true;
}

/* value -> z in place; false when the column does not vary. */
static bool standardise(double *value, int64_t n, double low, double high, double *mean,
                        double *sd) {
    double sum = 0, squares = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(value[i])) continue;
        value[i] = fmin(high, fmax(low, value[i]));
        sum += value[i];
        count++;
    }
    *mean = sum / (double)count;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(value[i])) squares += (value[i] - *mean) * (value[i] - *mean);
    *sd = sqrt(squares / (double)count);
    if (!(*sd > 1e-9 * (fabs(*mean) + 1e-9))) return false; /* rounding is no variation */
    for (int64_t i = 0; i < n; i++) value[i] = isfinite(value[i]) ? (value[i] - *mean) / *sd : 0;
    return true;
}

/* Size of the correlation of two centred columns. */
static double correlation_size(const double *a, const double *b, int64_t n) {
    double ab = 0, aa = 0, bb = 0;
    for (int64_t i = 0; i < n; i++) {
        ab += a[i] * b[i]; /* break: only its size is asked for */
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return fabs(ab) / sqrt(aa * bb);
}

scale_model scale_fit(const double *x, int64_t n, int cols, scale_params p, arena *keep,
                      arena scratch) {
    assert(arena_apart(keep, &scratch) && n >= 1 && p.tail >= 0 && p.tail <= 0.25);
    scale_model m = {.cols = cols, .from = take(keep, int, cols)};
    double **const parts[] = {&m.low, &m.high, &m.mean, &m.sd};
    for (int i = 0; i < 4; i++) *parts[i] = take(keep, double, cols);
    double *kept = take(&scratch, double, n * cols); /* kept columns, one after the other */
    for (int c = 0; c < cols; c++) {
        double *z = kept + (int64_t)m.d * n;
        for (int64_t i = 0; i < n; i++) z[i] = x[i * cols + c];
        if (!tails(z, n, p.tail, &m.low[m.d], &m.high[m.d], scratch)) continue;
        if (!standardise(z, n, m.low[m.d], m.high[m.d], &m.mean[m.d], &m.sd[m.d])) continue;
        bool again = false;
        for (int o = 0; o < m.d && !again && p.same < 1; o++)
            again = correlation_size(kept + (int64_t)o * n, z, n) > p.same;
        if (!again) m.from[m.d++] = c;
    }
    return m;
}

/* z of kept column j; a value that is not known becomes the mean. */
static double z_of(const scale_model *m, int j, double value) {
    if (!isfinite(value)) return 0;
    return (fmin(m->high[j], fmax(m->low[j], value)) - m->mean[j]) / m->sd[j];
}

float *scale_apply(const scale_model *m, const double *x, int64_t n, arena *keep) {
    float *z = take_raw(keep, float, n * m->d);
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < m->d; j++)
            z[i * m->d + j] = (float)z_of(m, j, x[i * m->cols + m->from[j]]);
    return z;
}

double *scale_apply_wide(const scale_model *m, const double *x, int64_t n, arena *keep) {
    double *z = take_raw(keep, double, n * m->d);
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < m->d; j++) z[i * m->d + j] = z_of(m, j, x[i * m->cols + m->from[j]]);
    return z;
}
