/* als_explain: which past articles a factor score comes from. */
#include "models/recommend/als_explain.h"

#include <assert.h>
#include <math.h>

#include "base/kernels.h"

/* The weight of a seen pair beyond that of all pairs; never 0, as in als_fold. */
static double extra(als_params p, double c) {
    if (p.target == ALS_TARGET_ONE) return c;
    return fmax(c - (double)p.alpha0, 1e-6 * (double)p.alpha0);
}

double als_explain(const als_model *m, int64_t n, const int32_t *items, const float *weights,
                   int32_t item, double *parts, arena scratch) {
    int k = m->p.factors;
    double *a = take(&scratch, double, (int64_t)k * k), *z = take(&scratch, double, k);
    double total = 0, sum = 0;
    for (int64_t j = 0; j < n; j++) {
        double c = weights ? (double)weights[j] : 1, e = extra(m->p, c);
        const float *y = m->item + (int64_t)items[j] * m->ld;
        total += c;
        for (int r = 0; r < k; r++)
            for (int s = 0; s < k; s++) a[r * k + s] += e * (double)y[r] * (double)y[s];
    }
    double lambda = (double)als_lambda(m->p, total, m->items);
    for (int r = 0; r < k; r++) {
        a[r * k + r] += (double)m->p.alpha0 * (double)m->eigen[r] + lambda;
        z[r] = (double)m->item[(int64_t)item * m->ld + r];
    }
    bool solved = kernels_blas.solve_spd_d(k, a, k, z);
    assert(solved && "lambda is above 0");
    (void)solved;
    for (int64_t j = 0; j < n; j++) {
        const float *y = m->item + (int64_t)items[j] * m->ld;
        double dot = 0;
        for (int r = 0; r < k; r++) dot += z[r] * (double)y[r];
        parts[j] = (weights ? (double)weights[j] : 1) * dot;
        sum += parts[j];
    }
    return sum;
}
