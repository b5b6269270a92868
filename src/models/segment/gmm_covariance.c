/* gmm_covariance: the M step of gmm: from moments to means, covariances and precision factors. */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "models/segment/gmm_parts.h"

#define WORST_CONDITION 1e10

int64_t gmm_cell(gmm_kind kind, int d) {
    return gmm_has_corners(kind) ? (int64_t)d * d : kind == GMM_DIAG ? d : 1;
}

/* Adds scale x the second moments of component c around its new mean, which lies `shift` from where
 * they were taken; spherical: their mean. */
static void add_spread(gmm_kind kind, const gmm_run *r, int c, const double *shift, double scale,
                       double *to) {
    const double *moments = r->moments + c * r->size, *second = moments + 1 + r->wide;
    double mass = moments[0];
    for (int i = 0; i < r->d; i++) {
        if (!gmm_has_corners(kind)) {
            double v = fmax(second[i] - mass * shift[i] * shift[i], 0) * scale;
            to[kind == GMM_DIAG ? i : 0] += kind == GMM_DIAG ? v : v / r->d;
            continue;
        }
        for (int j = i; j < r->d; j++) {
            double v = second[(int64_t)i * r->wide + j] - mass * shift[i] * shift[j];
            if (i == j) v = fmax(v, 0);
            to[(int64_t)i * r->d + j] += v * scale;
            if (i != j) to[(int64_t)j * r->d + i] += v * scale;
        }
    }
}

static void add_ridge(gmm_kind kind, int d, double ridge, double *to) {
    int n = kind == GMM_SPHERICAL ? 1 : d, step = gmm_has_corners(kind) ? d + 1 : 1;
    for (int i = 0; i < n; i++) to[i * step] += ridge;
}

void gmm_update(gmm_model *m, const gmm_run *r) {
    int64_t cell = gmm_cell(m->kind, m->d);
    int cells = m->kind == GMM_TIED ? 1 : m->k;
    double all = 0;
    memset(m->covariance, 0, (size_t)(cells * cell) * sizeof(double));
    for (int c = 0; c < m->k; c++)
        all += m->weight[c] = r->moments[c * r->size] + 10 * DBL_EPSILON; /* break: far too small */
    for (int c = 0; c < m->k; c++) {
        const double *moments = r->moments + c * r->size, *old = r->mean + (int64_t)c * r->wide;
        double shift[GMM_WIDEST], *to = m->covariance + (m->kind == GMM_TIED ? 0 : c * cell);
        for (int i = 0; i < m->d; i++) {
            shift[i] = moments[1 + i] / m->weight[c];
            m->mean[(int64_t)c * m->d + i] = old[i] + shift[i];
        }
        add_spread(m->kind, r, c, shift, 1 / (m->kind == GMM_TIED ? all : m->weight[c]), to);
    }
    for (int c = 0; c < cells; c++) add_ridge(m->kind, m->d, r->ridge, m->covariance + c * cell);
    for (int c = 0; c < m->k; c++) m->weight[c] /= all;
}

/* a = L L' in the lower triangle; false where it is not positive definite. */
static bool cholesky(double *a, int n) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double sum = a[(int64_t)i * n + j];
            for (int l = 0; l < j; l++) sum -= a[(int64_t)i * n + l] * a[(int64_t)j * n + l];
            if (i > j) a[(int64_t)i * n + j] = sum / a[(int64_t)j * n + j];
            else if (sum > 0) a[(int64_t)i * n + i] = sqrt(sum);
            else return false;
        }
    return true;
}

/* The lower triangle L becomes its inverse, turned over into the upper one. */
static void invert(double *a, int n) {
    for (int i = 0; i < n; i++) {
        double own = a[(int64_t)i * n + i];
        for (int j = 0; j < i; j++) {
            double sum = 0;
            for (int l = j; l < i; l++) sum += a[(int64_t)i * n + l] * a[(int64_t)l * n + j];
            a[(int64_t)i * n + j] = -sum / own;
        }
        a[(int64_t)i * n + i] = 1 / own;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            a[(int64_t)j * n + i] = a[(int64_t)i * n + j];
            a[(int64_t)i * n + j] = 0;
        }
}

/* One attempt at the factor: *condition from the diagonal of L, a lower bound of the real one. */
static bool attempt(gmm_kind kind, int d, const double *covariance, const double *variance,
                    double *factor, double *condition) {
    double least = INFINITY, most = 0;
    memcpy(factor, covariance, (size_t)gmm_cell(kind, d) * sizeof *factor);
    if (kind == GMM_SPHERICAL) {
        *condition = 1;
        factor[0] = 1 / sqrt(factor[0]);
        return covariance[0] > 0 && isfinite(covariance[0]);
    }
    bool corners = gmm_has_corners(kind);
    if (corners && !cholesky(factor, d)) return false;
    for (int i = 0; i < d; i++) {
        double v = corners ? factor[(int64_t)i * d + i] * factor[(int64_t)i * d + i] : factor[i];
        if (!(v > 0) || !isfinite(v)) return false;
        least = fmin(least, v / variance[i]);
        most = fmax(most, v / variance[i]);
        if (!corners) factor[i] = 1 / sqrt(v);
    }
    if (corners) invert(factor, d);
    *condition = most / least;
    return true;
}

bool gmm_factor(gmm_model *m, int c, const double *variance) {
    int64_t cell = gmm_cell(m->kind, m->d);
    double *covariance = m->covariance + c * cell, *factor = m->factor + c * cell, condition;
    if (attempt(m->kind, m->d, covariance, variance, factor, &condition))
        return condition <= WORST_CONDITION;
    bool done = false;
    for (double add = 1e-12; !done; add *= 10) { /* from 1 on no rounding can stand against it */
        assert(add < 1e6);
        for (int i = 0; i < m->d; i++)
            covariance[gmm_has_corners(m->kind) ? (int64_t)i * (m->d + 1) : i] += add * variance[i];
        done = attempt(m->kind, m->d, covariance, variance, factor, &condition);
    }
    return false;
}
