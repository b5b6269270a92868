/* prophet_forecast: means and bounds of what comes after the history. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/forecast/prophet_parts.h"
#include "models/forecast/prophet_spread.h"

enum { KNOTS = 16 }; /* of the ratio of quantile to deviation, in long forecasts */

/* Mean size of the changes of the slope, as the trend is assumed to go on; as Prophet has it. */
static double usual_change(const prophet_model *m) {
    const prophet_design *d = m->design;
    double sum = 0;
    for (int j = 0; j < d->hinges; j++)
        sum += fabs(m->value[2 + d->betas + j]); /* break: its sign does not count */
    return d->hinges ? sum / d->hinges + 1e-8 : 0;
}

static prophet_spread spread_at(const prophet_model *m, int h) {
    const prophet_design *d = m->design;
    double swing = fabs(m->swing[d->n + h]);
    return (prophet_spread){m->sigma, d->hinges, usual_change(m) * swing, d->time[d->n + h] - 1};
}

/* Exact at every step of a short forecast; of a long one at KNOTS distances, evenly by their
 * logarithm, and between them the ratio to the deviation on a straight line. */
static void bound_linear(const prophet_model *m, band *to, const double *level, arena scratch) {
    int n = to->n_levels, steps = to->steps;
    bool few = m->design->linear && steps > KNOTS;
    double *wide = take(&scratch, double, n), *ratio = take(&scratch, double, KNOTS * n);
    double first = log(spread_at(m, 0).far), apart = log(spread_at(m, steps - 1).far) - first;
    for (int k = 0; few && k < KNOTS; k++) {
        prophet_spread d = spread_at(m, 0);
        d.far = exp(first + apart * k / (KNOTS - 1));
        prophet_spread_quantiles(d, level, n, ratio + k * n, scratch);
        for (int l = 0; l < n; l++) ratio[k * n + l] /= prophet_spread_sd(d);
    }
    for (int h = 0; h < steps; h++) {
        prophet_spread d = spread_at(m, h);
        if (few) {
            double at = fmin((log(d.far) - first) / apart, 1) * (KNOTS - 1);
            int k = at < KNOTS - 2 ? (int)at : KNOTS - 2;
            for (int l = 0; l < n; l++) {
                const double *r = ratio + k * n + l;
                wide[l] = prophet_spread_sd(d) * (r[0] + (at - k) * (r[n] - r[0]));
            }
        } else
            prophet_spread_quantiles(d, level, n, wide, scratch);
        for (int l = 0; l < n; l++) {
            to->low[l * steps + h] = to->mean[h] - m->scale * wide[l];
            to->high[l * steps + h] = to->mean[h] + m->scale * wide[l];
        }
    }
}

/* Deviation of the sum of all steps: noise of each, and each change of slope in all that follow. */
static double deviation_of_sum(const prophet_model *m, int steps) {
    const prophet_design *d = m->design;
    double size = usual_change(m), a = 0, b = 0, sum = 0; /* sums of w far and of w, from the end */
    for (int h = steps - 1; h >= 0; h--) {
        double far = d->time[d->n + h] - 1, near = h ? d->time[d->n + h - 1] - 1 : 0;
        a += m->swing[d->n + h] * far, b += m->swing[d->n + h];
        double f0 = a - b * near, f1 = a - b * (near + far) / 2, f2 = a - b * far;
        sum += (far - near) / 6 * (f0 * f0 + 4 * f1 * f1 + f2 * f2); /* exact for squares */
    }
    return m->scale * sqrt(steps * m->sigma * m->sigma + 2 * size * size * d->hinges * sum);
}

/* The value at rank (n - 1) level of the sorted sample, between two of them on a straight line. */
static double quantile(const double *x, const int32_t *order, int n, double level) {
    double at = level * (n - 1);
    int i = at < n - 2 ? (int)at : n - 2;
    if (n == 1) return x[0];
    return x[order[i]] + (at - i) * (x[order[i + 1]] - x[order[i]]);
}

/* Paths of z go on bending; the curve and the noise come after. */
static void bound_logistic(const prophet_model *m, band *to, rng r, arena scratch) {
    const prophet_design *d = m->design;
    int n = d->p.samples;
    double size = usual_change(m), cap = (d->p.cap - d->p.floor) / m->scale, mean = 0, squares = 0;
    double *slope = take(&scratch, double, n), *off = take(&scratch, double, n);
    double *x = take(&scratch, double, n), *sum = take(&scratch, double, n);
    int32_t *order = take(&scratch, int32_t, n);
    for (int h = 0; h < to->steps; h++) {
        int64_t t = d->n + h;
        double z = prophet_z(d, m->value, t), apart = d->time[t] - d->time[t - 1];
        double add = m->yhat[t] - d->p.floor - (m->trend[t] - d->p.floor) * m->swing[t];
        for (int i = 0; i < n; i++) {
            off[i] += slope[i] * apart; /* break: changes have either sign */
            for (int64_t left = rng_poisson(&r, d->hinges * apart); left > 0; left--) {
                double change = size * rng_exponential(&r) * (rng_u32(&r) % 2 ? 1 : -1);
                off[i] += change * apart * rng_uniform(&r); /* break: either sign */
                slope[i] += change; /* break: either sign */
            }
            double g = cap / (1 + exp(-z - off[i]));
            x[i] = d->p.floor + add + m->scale * (g * m->swing[t] + m->sigma * rng_normal(&r));
            sum[i] += x[i]; /* break: deviations are about its mean */
            order[i] = i;
        }
        order_up(order, n, x, scratch);
        for (int l = 0; l < to->n_levels; l++) {
            double tail = (1 - to->levels[l]) / 2;
            to->low[l * to->steps + h] = quantile(x, order, n, tail);
            to->high[l * to->steps + h] = quantile(x, order, n, 1 - tail);
        }
    }
    for (int i = 0; i < n; i++) mean += sum[i] / n;
    for (int i = 0; i < n; i++) squares += (sum[i] - mean) * (sum[i] - mean) / n;
    to->total_sd = sqrt(squares);
}

void prophet_forecast(const prophet_model *m, band *to, rng r, arena scratch) {
    const prophet_design *d = m->design;
    assert(to->steps == d->steps);
    memcpy(to->mean, m->yhat + d->n, sizeof(double) * (size_t)to->steps);
    if (d->p.growth == PROPHET_LOGISTIC) {
        bound_logistic(m, to, r, scratch);
        return;
    }
    double *level = take(&scratch, double, to->n_levels);
    for (int l = 0; l < to->n_levels; l++) level[l] = (1 + to->levels[l]) / 2;
    bound_linear(m, to, level, scratch);
    to->total_sd = deviation_of_sum(m, to->steps);
}
