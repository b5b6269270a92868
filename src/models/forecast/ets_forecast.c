/* ets_forecast: means and intervals of a fitted exponential smoothing model. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/ets_core.h"

enum { PATHS = 2000 };

static void means(const ets_model *m, band *to) {
    double damp = 0, power = 1;
    for (int h = 0; h < to->steps; h++) {
        power *= m->fitted.phi;
        damp += power;
        double q = m->level + damp * m->slope, s = m->seasonal[h % m->season];
        to->mean[h] = m->form.season == ETS_MULTIPLY ? q * s : q + s;
    }
}

/* c_j: how much an error j steps ago moves the forecast of now. */
static double carry(const ets_model *m, int j, double damp) {
    double c = m->fitted.alpha;
    if (m->form.trend != ETS_NONE) c += m->fitted.beta * damp;
    if (m->form.season != ETS_NONE && j % m->season == 0) c += m->fitted.gamma;
    return c;
}

/* Error A: v_h = sigma^2 (1 + sum_{j<h} c_j^2). Error M with additive components:
 * theta_h = mu_h^2 + sigma^2 sum_{j<h} c_j^2 theta_{h-j}, v_h = (1 + sigma^2) theta_h - mu_h^2.
 * Source: Hyndman et al. (2008), tables 6.2 and 6.3; damp is phi + … + phi^j. */
static void closed(const ets_model *m, band *to, arena scratch) {
    int steps = to->steps;
    double *c2 = take(&scratch, double, steps), *theta = take(&scratch, double, steps);
    double damp = 0, power = 1, sum = 1;
    for (int j = 1; j < steps; j++) {
        power *= m->fitted.phi;
        damp += power;
        double c = carry(m, j, damp);
        c2[j] = c * c;
    }
    for (int h = 0; h < steps; h++) {
        double mu2 = to->mean[h] * to->mean[h];
        if (m->form.error == ETS_ADD) {
            if (h > 0) sum += c2[h];
            band_normal(to, h, sqrt(m->sigma2 * sum));
            continue;
        }
        theta[h] = mu2;
        for (int j = 1; j <= h; j++) theta[h] += m->sigma2 * c2[j] * theta[h - j];
        band_normal(to, h, sqrt((1 + m->sigma2) * theta[h] - mu2));
    }
}

static void sort(double *v, int n) {
    static const int gaps[] = {1750, 701, 301, 132, 57, 23, 10, 4, 1}; /* Ciura 2001 */
    for (int g = 0; g < 9; g++)
        for (int i = gaps[g]; i < n; i++) {
            double x = v[i];
            int j = i;
            for (; j >= gaps[g] && v[j - gaps[g]] > x; j -= gaps[g]) v[j] = v[j - gaps[g]];
            v[j] = x;
        }
}

static double quantile(const double *sorted, int n, double p) {
    double at = p * (n - 1);
    int i = (int)at;
    return i + 1 < n ? sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

/* One path of season M, error M from the last states; writes y of step h to out[h * PATHS]. */
static void walk(const ets_model *m, int steps, rng *r, double *ring, double *out) {
    const ets_values *v = &m->fitted;
    double l = m->level, b = m->slope, sd = sqrt(m->sigma2);
    memcpy(ring, m->seasonal, sizeof(double) * (size_t)m->season);
    for (int h = 0, k = 0; h < steps; h++, k = k + 1 == m->season ? 0 : k + 1) {
        double e = fmax(sd * rng_normal(r), -1), q = l + v->phi * b, s = ring[k];
        out[h * PATHS] = q * s * (1 + e);
        l = q + v->alpha * q * e;
        b = v->phi * b + v->beta * q * e;
        ring[k] = s + v->gamma * s * e;
    }
}

static void simulated(const ets_model *m, band *to, rng r, arena scratch) {
    double *paths = take(&scratch, double, (int64_t)to->steps * PATHS);
    double *ring = take(&scratch, double, m->season);
    for (int i = 0; i < PATHS; i++) walk(m, to->steps, &r, ring, paths + i);
    for (int h = 0; h < to->steps; h++) {
        double *y = paths + (int64_t)h * PATHS;
        sort(y, PATHS);
        for (int i = 0; i < to->n_levels; i++) {
            double level = to->levels[i];
            to->low[i * to->steps + h] = quantile(y, PATHS, 0.5 - level / 2);
            to->high[i * to->steps + h] = quantile(y, PATHS, 0.5 + level / 2);
        }
    }
}

/* Variance of the sum of all steps: sigma^2 sum_i (size_i + sum_j size_{i,j} c_j)^2, where an error
 * at step i has the size 1 (error A), mu_i (error M, additive components) or moves step i + j by
 * c_j mu_{i+j} (season M). Exact for error A, first-order for error M. */
static double total_variance(const ets_model *m, const band *to) {
    double sum = 0;
    bool relative = m->form.season == ETS_MULTIPLY;
    for (int i = 0; i < to->steps; i++) {
        double own = m->form.error == ETS_ADD ? 1 : to->mean[i], moved = own;
        double damp = 0, power = 1;
        for (int j = 1; i + j < to->steps; j++) {
            power *= m->fitted.phi;
            damp += power;
            moved += carry(m, j, damp) * (relative ? to->mean[i + j] : own);
        }
        sum += moved * moved;
    }
    return m->sigma2 * sum;
}

void ets_forecast(const ets_model *m, band *to, rng r, arena scratch) {
    means(m, to);
    to->total_sd = sqrt(total_variance(m, to));
    if (to->n_levels == 0) return;
    if (m->form.season == ETS_MULTIPLY) simulated(m, to, r, scratch);
    else closed(m, to, scratch);
}
