/* assortment: which articles carry the revenue, how unevenly, and how steadily each sells. */
#include "models/insight/assortment.h"

#include <math.h>

#include "base/order.h"

#define SEASON_PRIOR 20.0 /* units a week */

const char *const assortment_abc_words[ASSORTMENT_ABC] = {"A", "B", "C"};
const char *const assortment_xyz_words[ASSORTMENT_XYZ] = {"X", "Y", "Z", "none"};

const char *assortment_check(assortment_cuts c) {
    if (!(c.a > 0 && c.a < c.b && c.b < 1))
        return "the cuts of ABC are two shares of revenue, 0 < a < b < 1";
    if (!(c.x > 0 && c.x < c.y)) return "the cuts of XYZ are two numbers, 0 < x < y";
    return NULL;
}

static double at_least_0(double x) { return x > 0 ? x : 0.0; }

static double total_of(const double *value, int64_t n) {
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += at_least_0(value[i]);
    return sum;
}

void assortment_classify(uint8_t *class_of, int32_t *order, const double *revenue, int64_t n,
                         assortment_cuts c, arena scratch) {
    double total = total_of(revenue, n), before = 0.0;
    for (int64_t i = 0; i < n; i++) order[i] = (int32_t)i;
    order_down(order, n, revenue, scratch);
    for (int64_t k = 0; k < n; k++) {
        double mine = at_least_0(revenue[order[k]]);
        assortment_abc class = before < c.a * total ? ASSORTMENT_A
                             : before < c.b * total ? ASSORTMENT_B : ASSORTMENT_C;
        class_of[order[k]] = (uint8_t)(mine > 0 ? class : ASSORTMENT_C);
        before += mine;
    }
}

double assortment_cv(const double *units, const double *category, int n, arena scratch) {
    double *v = take(&scratch, double, n), season = 0.0, mean = 0.0, squares = 0.0;
    if (n < ASSORTMENT_LEAST_WEEKS) return NAN;
    for (int t = 0; t < n; t++) {
        v[t] = at_least_0(category[t] - units[t]) + SEASON_PRIOR;
        season += v[t] / n;
    }
    for (int t = 0; t < n; t++) {
        v[t] = at_least_0(units[t]) * season / v[t];
        mean += v[t] / n;
    }
    for (int t = 0; t < n; t++) squares += (v[t] - mean) * (v[t] - mean);
    return mean > 0 ? sqrt(squares / (n - 1)) / mean : NAN;
}

assortment_xyz assortment_steadiness(double cv, assortment_cuts c) {
    if (isnan(cv)) return ASSORTMENT_NO_XYZ;
    return cv < c.x ? ASSORTMENT_X : cv <= c.y ? ASSORTMENT_Y : ASSORTMENT_Z;
}

double assortment_gini(const double *value, int64_t n, arena scratch) {
    double total = total_of(value, n), ranked = 0.0;
    if (!(total > 0)) return NAN;
    int32_t *order = order_count(n, &scratch);
    order_up(order, n, value, scratch);
    for (int64_t i = 0; i < n; i++) ranked += (double)(i + 1) * at_least_0(value[order[i]]);
    return 2.0 * ranked / ((double)n * total) - ((double)n + 1.0) / (double)n;
}

void assortment_lorenz(double *share, int points, const double *value, int64_t n, arena scratch) {
    double total = total_of(value, n), sum = 0.0;
    int32_t *order = order_count(n, &scratch);
    order_down(order, n, value, scratch);
    int64_t taken = 0;
    for (int k = 0; k < points; k++) {
        double wanted = (double)k * (double)n / (points - 1), part;
        for (; taken < n && (double)(taken + 1) <= wanted; taken++)
            sum += at_least_0(value[order[taken]]);
        part = taken < n ? (wanted - (double)taken) * at_least_0(value[order[taken]]) : 0.0;
        share[k] = total > 0 ? (sum + part) / total : 0.0;
    }
}
