/* launch: how the articles of a category sell week by week after their launch. */
#include "models/insight/launch.h"

#include <math.h>

#include "base/order.h"
#include "models/interval.h"

#define NORMAL_QUARTILE 0.6744897501960817 /* standard deviations */

const char *const launch_call_words[LAUNCH_CALLS] = {"ahead", "par", "behind", "young", "unknown"};

typedef struct quartiles {
    double q[3]; /* of ln(units + 1/2) */
    int32_t n;
} quartiles;

static double quantile(const double *z, const int32_t *order, int64_t n, double p) {
    double at = p * (double)(n - 1);
    int64_t k = (int64_t)at;
    double low = z[order[k]], high = z[order[k + 1 < n ? k + 1 : k]];
    return low + (at - (double)k) * (high - low);
}

/* Of some rows at one week. */
static quartiles quartiles_of(const launch_data *d, int week, const int32_t *row, int64_t rows,
                              arena scratch) {
    quartiles out = {.q = {NAN, NAN, NAN}};
    double *z = take(&scratch, double, rows);
    for (int64_t i = 0; i < rows; i++) {
        double value = d->value[row[i] * (int64_t)d->weeks + week];
        if (isnan(value)) continue;
        z[out.n++] = log((value > 0 ? value : 0.0) + 0.5);
    }
    if (out.n == 0) return out;
    int32_t *order = order_count(out.n, &scratch);
    order_up(order, out.n, z, scratch);
    for (int k = 0; k < 3; k++) out.q[k] = quantile(z, order, out.n, 0.25 * (k + 1));
    return out;
}

static double error_of(const quartiles *mine, const quartiles *all) {
    const quartiles *from = mine->n >= LAUNCH_LEAST_ARTICLES ? mine : all;
    double sd = (from->q[2] - from->q[0]) / 1.349;
    if (!(sd > 0)) sd = (all->q[2] - all->q[0]) / 1.349;
    return acos(-1.0) / 2.0 * sd * sd / mine->n;
}

/* Variance between the categories' medians. Their error is never 0, lest one of them weigh all. */
static double between(const quartiles *of, const double *error, int categories) {
    double w1 = 0.0, w2 = 0.0, sum = 0.0, q = 0.0;
    int n = 0;
    for (int c = 0; c < categories; c++) {
        if (of[c].n == 0 || !(error[c] > 0)) continue;
        double w = 1.0 / error[c];
        w1 += w, w2 += w * w, sum += w * of[c].q[1], n++;
    }
    if (n < 2) return 0.0;
    for (int c = 0; c < categories; c++)
        if (of[c].n > 0 && error[c] > 0)
            q += (of[c].q[1] - sum / w1) * (of[c].q[1] - sum / w1) / error[c];
    double tau = (q - (n - 1)) / (w1 - w2 / w1);
    return tau > 0 ? tau : 0.0;
}

static double units_of(double z) {
    double units = exp(z) - 0.5;
    return units > 0 ? units : 0.0;
}

static void put(launch_curves *out, int row, int week, const double q[3], double variance,
                double weight, int32_t n) {
    int64_t at = (int64_t)row * out->weeks + week;
    out->low[at] = isnan(q[0]) ? NAN : units_of(q[0]);
    out->mid[at] = isnan(q[1]) ? NAN : units_of(q[1]);
    out->high[at] = isnan(q[2]) ? NAN : units_of(q[2]);
    out->se[at] = sqrt(variance);
    out->weight[at] = weight;
    out->n[at] = n;
}

/* σ of one side of each category at a week; the last is the pooled one. */
static void fill_spreads(double *spread, const launch_curves *out, const quartiles *of, int week,
                         int side) {
    enum { PRIOR = 40 };
    double squares = 0.0, all = 0.0;
    for (int k = 0; k < 2; k++)
        for (int c = 0; c <= out->categories; c++) {
            double own = of[c].n ? (of[c].q[side] - of[c].q[1]) / NORMAL_QUARTILE : 0.0;
            double n = c < out->categories ? of[c].n : 0, pool = all > 0 ? squares / all : 0.0;
            if (k == 0) squares += n * own * own, all += n;
            else spread[(int64_t)c * out->weeks + week] =
                sqrt((n * own * own + PRIOR * pool) / (n + PRIOR));
        }
}

/* row: the rows, category after category; first[categories + 1]. */
static void fit_week(launch_curves *out, const launch_data *d, int week, const int32_t *row,
                     const int64_t *first, arena scratch) {
    quartiles *of = take(&scratch, quartiles, d->categories + 1);
    double *error = take(&scratch, double, d->categories);
    quartiles all = quartiles_of(d, week, row, d->n, scratch);
    for (int c = 0; c < d->categories; c++) {
        of[c] = quartiles_of(d, week, row + first[c], first[c + 1] - first[c], scratch);
        error[c] = of[c].n ? error_of(&of[c], &all) : NAN;
    }
    double tau = between(of, error, d->categories);
    for (int c = 0; c < d->categories; c++) {
        double q[3], w = of[c].n && tau + error[c] > 0 ? tau / (tau + error[c]) : 0.0;
        for (int k = 0; k < 3; k++)
            q[k] = w > 0 ? w * of[c].q[k] + (1.0 - w) * all.q[k] : all.q[k];
        double variance = of[c].n ? w * error[c] : tau;
        put(out, c, week, q, variance, w, of[c].n);
    }
    of[d->categories] = all;
    fill_spreads(out->down, out, of, week, 0);
    fill_spreads(out->up, out, of, week, 2);
    put(out, d->categories, week, all.q, all.n ? error_of(&all, &all) : NAN, 1.0, all.n);
}

void launch_fit(launch_curves *out, const launch_data *d, arena *keep, arena scratch) {
    int64_t cells = (int64_t)(d->categories + 1) * d->weeks;
    *out = (launch_curves){.categories = d->categories, .weeks = d->weeks,
                           .low = take(keep, double, cells), .mid = take(keep, double, cells),
                           .high = take(keep, double, cells), .se = take(keep, double, cells),
                           .weight = take(keep, double, cells),
                           .down = take(keep, double, cells), .up = take(keep, double, cells),
                           .n = take(keep, int32_t, cells)};
    int64_t *first = take(&scratch, int64_t, d->categories + 1);
    int32_t *row = take(&scratch, int32_t, d->n), *at = take(&scratch, int32_t, d->categories);
    for (int64_t i = 0; i < d->n; i++) first[d->category[i] + 1]++;
    for (int c = 0; c < d->categories; c++) first[c + 1] += first[c];
    for (int32_t i = 0; i < d->n; i++) {
        int32_t c = d->category[i];
        row[first[c] + at[c]++] = i;
    }
    for (int week = 0; week < d->weeks; week++) fit_week(out, d, week, row, first, scratch);
}

double launch_spread(const double *units, int64_t n, int weeks) {
    double sum = 0.0;
    int64_t pairs = 0;
    for (int64_t i = 0; i < n; i++)
        for (int w = 1; w < weeks; w++) {
            double a = units[i * weeks + w - 1], b = units[i * weeks + w];
            if (isnan(a) || isnan(b) || !(a + b > 0)) continue;
            sum += (a - b) * (a - b) / (a + b), pairs++;
        }
    return pairs && sum > (double)pairs ? sum / (double)pairs : 1.0;
}

/* The quantile at z standard deviations of a gamma variable of shape a. */
static double gamma_at(double a, double z) {
    double root = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * sqrt(a));
    return root > 0 ? a * root * root * root : 0.0;
}

/* How many times `limit` lies from `value`, widened by the error of the usual. */
static double widened(double limit, double value, double se) {
    double own = log(limit / value);
    return exp(sqrt(own * own + INTERVAL_Z95 * se * INTERVAL_Z95 * se));
}

/* What 95 of 100 launches sell at most (side 1) or at least (-1). */
static double ordinary(double usual, double spread, double se, int side) {
    double variance = spread * spread, chance = 1.0 / (usual + 0.5);
    if (variance < chance) variance = chance;
    return units_of(log(usual + 0.5) + side * INTERVAL_Z95 * sqrt(variance + se * se));
}

launch_place launch_stand(const launch_curves *c, int32_t category, const double *sums, bool known,
                          double phi) {
    launch_place p = {.call = known ? LAUNCH_YOUNG : LAUNCH_UNKNOWN,
                      .units = NAN, .usual = NAN, .ratio = NAN, .low = NAN, .high = NAN,
                      .usual_low = NAN, .usual_high = NAN};
    while (p.weeks < c->weeks && !isnan(sums[p.weeks])) p.weeks++;
    if (!known || p.weeks < LAUNCH_LEAST_WEEKS) return p;
    int64_t at = (int64_t)category * c->weeks + p.weeks - 1;
    p.units = sums[p.weeks - 1] > 0 ? sums[p.weeks - 1] : 0.0;
    p.usual = c->mid[at];
    p.ratio = (p.units + 0.5) / (p.usual + 0.5);
    double shape = p.units / phi + 0.5, sold = p.units + 0.5;
    double low = phi * gamma_at(shape, -INTERVAL_Z95);
    double high = phi * gamma_at(shape, INTERVAL_Z95);
    p.low = low > 0 ? p.ratio / widened(low, sold, c->se[at]) : 0.0;
    p.high = p.ratio * widened(high, sold, c->se[at]);
    p.usual_low = ordinary(p.usual, c->down[at], c->se[at], -1);
    p.usual_high = ordinary(p.usual, c->up[at], c->se[at], 1);
    p.call = p.units > p.usual_high  ? LAUNCH_AHEAD
             : p.units < p.usual_low ? LAUNCH_BEHIND : LAUNCH_PAR;
    return p;
}
