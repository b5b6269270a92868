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

static double ratio(const double *a, const double *b, double r) {
    double top = a[7], bottom = b[7];
    for (int i = 6; i >= 0; i--) top = top * r + a[i], bottom = bottom * r + b[i];
    return top / bottom;
}

double normal_quantile(double p) {
    static const double a[] = {3.3871328727963666080e0, 1.3314166789178437745e+2,
                               1.9715909503065514427e+3, 1.3731693765509461125e+4,
                               4.5921953931549871457e+4, 6.7265770927008700853e+4,
                               3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double b[] = {1, 4.2313330701600911252e+1, 6.8718700749205790830e+2,
                               5.3941960214247511077e+3, 2.1213794301586595867e+4,
                               3.9307895800092710610e+4, 2.8729085735721942674e+4,
                               5.2264952788528545610e+3};
    static const double c[] = {1.42343711074968357734e0, 4.63033784615654529590e0,
                               5.76949722146069140550e0, 3.64784832476320460504e0,
                               1.27045825245236838258e0, 2.41780725177450611770e-1,
                               2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[] = {1, 2.05319162663775882187e0, 1.67638483018380384940e0,
                               6.89767334985100004550e-1, 1.48103976427480074590e-1,
                               1.51986665636164571966e-2, 5.47593808499534494600e-4,
                               1.05075007164441684324e-9};
    static const double g[] = {6.65790464350110377720e0, 5.46378491116411436990e0,
                               1.78482653991729133580e0, 2.96560571828504891230e-1,
                               2.65321895265761230930e-2, 1.24266094738807843860e-3,
                               2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double k[] = {1, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
                               1.48753612908506148525e-2, 7.86869131145613259100e-4,
                               1.84631831751005468180e-5, 1.42151175831644588870e-7,
                               2.04426310338993978564e-15};
    assert(p > 0 && p < 1);
    double q = p - 0.5;
    if (fabs(q) <= 0.425) return q * ratio(a, b, 0.180625 - q * q);
    double r = sqrt(-log(q < 0 ? p : 1 - p));
    double x = r <= 5 ? ratio(c, d, r - 1.6) : ratio(g, k, r - 5);
    return q < 0 ? -x : x;
}
