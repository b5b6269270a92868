/* band: a forecast of one series: the mean of each step and bounds at several levels. */
#include "models/forecast/band.h"

#include <assert.h>
#include <math.h>

band band_new(arena *keep, int steps, const double *levels, int n_levels) {
    assert(steps >= 1 && n_levels >= 0);
    band b = {.steps = steps, .n_levels = n_levels, .levels = levels};
    b.mean = take(keep, double, steps);
    if (n_levels == 0) return b;
    b.low = take(keep, double, steps *n_levels);
    b.high = take(keep, double, steps *n_levels);
    return b;
}

void band_normal(band *b, int step, double sd) {
    for (int i = 0; i < b->n_levels; i++) {
        double z = normal_quantile(0.5 + b->levels[i] / 2);
        b->low[i * b->steps + step] = b->mean[step] - z * sd;
        b->high[i * b->steps + step] = b->mean[step] + z * sd;
    }
}

void band_total(const band *b, double level, double *sum, double *low, double *high) {
    double z = normal_quantile(0.5 + level / 2);
    *sum = 0;
    for (int h = 0; h < b->steps; h++) *sum += b->mean[h];
    *low = *sum - z * b->total_sd;
    *high = *sum + z * b->total_sd;
}

static double step_sd(const band *b, int h, double z) {
    return fmax(b->high[h] - b->mean[h], 0) / z;
}

/* Variances of the sums of the first steps when neighbours correlate by r; returns the last. Step
 * k has the covariance s_k w_k with those before it, w_k = sum_{j<k} r^(k-j) s_j. */
static double sums(const band *b, double z, double r, double *variance) {
    double all = 0, w = 0, before = 0;
    for (int h = 0; h < b->steps; h++) {
        double s = step_sd(b, h, z);
        w = r * (w + before);
        all += s * s + 2 * s * w;
        before = s;
        if (variance) variance[h] = all;
    }
    return all;
}

void band_sums(const band *b, double *sd) {
    assert(b->n_levels >= 1);
    double z = normal_quantile(0.5 + b->levels[0] / 2), wanted = b->total_sd * b->total_sd;
    double low = 0, high = 1;
    for (int i = 0; i < 50 && sums(b, z, 0, NULL) < wanted; i++) { /* to 1e-15 */
        double middle = (low + high) / 2;
        if (sums(b, z, middle, NULL) < wanted) low = middle;
        else high = middle;
    }
    double r = low, last = sums(b, z, r, sd);
    for (int h = 0; h < b->steps; h++)
        sd[h] = last > 0 ? b->total_sd * sqrt(sd[h] / last)
                         : b->total_sd * sqrt((h + 1.0) / b->steps);
}

void band_widen(band *b, double times) {
    for (int i = 0; i < b->steps * b->n_levels; i++) {
        double mean = b->mean[i % b->steps];
        b->low[i] = mean - times * (mean - b->low[i]);
        b->high[i] = mean + times * (b->high[i] - mean);
    }
    b->total_sd *= times;
}

void band_not_negative(band *b) {
    for (int h = 0; h < b->steps; h++) b->mean[h] = fmax(b->mean[h], 0);
    for (int i = 0; i < b->steps * b->n_levels; i++) {
        b->low[i] = fmax(b->low[i], 0);
        b->high[i] = fmax(b->high[i], 0);
    }
}
