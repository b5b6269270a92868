/* als_plain: the readable twin of als: each row by one dense system in double precision. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "models/recommend/als.h"

/* g = alpha0 y'y */
static void plain_gram(int64_t n, int k, int ld, const float *y, double alpha0, double *g) {
    memset(g, 0, sizeof *g * (size_t)k * (size_t)k);
    for (int64_t r = 0; r < n; r++)
        for (int i = 0; i < k; i++)
            for (int j = 0; j < k; j++)
                g[i * k + j] += alpha0 * (double)y[r * ld + i] * y[r * ld + j];
}

static void plain_half(als_params p, const sparse *rows, const float *y, int ld, float *x,
                       arena scratch) {
    int k = p.factors;
    double *g = take(&scratch, double, k * k), *a = take(&scratch, double, k * k);
    double *b = take(&scratch, double, k);
    plain_gram(rows->cols, k, ld, y, p.alpha0, g);
    for (int64_t r = 0; r < rows->rows; r++) {
        double total = 0;
        memcpy(a, g, sizeof *a * (size_t)k * (size_t)k);
        memset(b, 0, sizeof *b * (size_t)k);
        for (int64_t at = rows->at[r]; at < rows->at[r + 1]; at++) {
            const float *row = y + (int64_t)rows->col[at] * ld;
            double c = rows->value[at];
            total += c;
            double extra = p.target == ALS_TARGET_ONE ? c : c - p.alpha0;
            for (int i = 0; i < k; i++) {
                b[i] += c * row[i];
                for (int j = 0; j < k; j++) a[i * k + j] += extra * row[i] * row[j];
            }
        }
        double lambda = p.lambda * pow(total + p.alpha0 * (double)rows->cols, p.nu);
        for (int i = 0; i < k; i++) a[i * k + i] += lambda;
        bool solved = kernels_plain.solve_spd_d(k, a, k, b);
        assert(solved);
        (void)solved;
        for (int i = 0; i < k; i++) x[r * ld + i] = (float)b[i];
    }
}

void als_plain_fit(als_model *m, const sparse *by_user, const sparse *by_item, als_params p,
                   arena *keep, arena scratch) {
    err e = {0};
    bool started = als_start(m, by_user, by_item, p, keep, &e);
    assert(started);
    (void)started;
    for (int i = 0; i < p.iterations; i++) {
        plain_half(p, by_item, m->user, m->ld, m->item, scratch);
        plain_half(p, by_user, m->item, m->ld, m->user, scratch);
    }
}

static double row_loss(als_params p, const sparse *rows, int64_t r, const float *x) {
    double total = p.alpha0 * (double)rows->cols, norm = 0;
    for (int64_t at = rows->at[r]; at < rows->at[r + 1]; at++) total += rows->value[at];
    for (int j = 0; j < p.factors; j++) norm += (double)x[j] * x[j];
    return p.lambda * pow(total, p.nu) * norm;
}

double als_loss(const als_model *m, const sparse *by_user, arena scratch) {
    int k = m->p.factors, ld = m->ld;
    sparse by_item = sparse_transpose(by_user, &scratch);
    double *gx = take(&scratch, double, k * k), *gy = take(&scratch, double, k * k), loss = 0;
    plain_gram(m->users, k, ld, m->user, 1, gx);
    plain_gram(m->items, k, ld, m->item, m->p.alpha0, gy);
    for (int j = 0; j < k * k; j++) loss += gx[j] * gy[j];
    for (int64_t u = 0; u < m->users; u++) {
        const float *x = m->user + u * ld;
        loss += row_loss(m->p, by_user, u, x);
        for (int64_t at = by_user->at[u]; at < by_user->at[u + 1]; at++) {
            const float *y = m->item + (int64_t)by_user->col[at] * ld;
            double guess = 0;
            for (int j = 0; j < k; j++) guess += (double)x[j] * y[j];
            loss += by_user->value[at] * (1 - guess) * (1 - guess);
            if (m->p.target == ALS_TARGET_CONFIDENCE) loss -= m->p.alpha0 * guess * guess;
        }
    }
    for (int64_t i = 0; i < m->items; i++) loss += row_loss(m->p, &by_item, i, m->item + i * ld);
    return loss;
}
