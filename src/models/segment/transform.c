/* transform: what is done to the columns of a table before its rows are clustered. */
#include "models/segment/transform.h"

#include <math.h>
#include <string.h>

int transform_width(const transform_model *m) {
    return m->pca.d > 0 ? m->pca.d : m->scale.d > 0 ? m->scale.d : m->cols;
}

const double *transform_log(const transform_model *m, const double *x, int64_t n, arena *keep) {
    if (!m->log || !memchr(m->log, 1, (size_t)m->cols)) return x;
    double *z = take_copy(keep, double, x, n * m->cols);
    for (int64_t i = 0; i < n; i++)
        for (int c = 0; c < m->cols; c++) {
            double *at = &z[i * m->cols + c];
            if (m->log[c]) *at = copysign(log1p(fabs(*at)), *at);
        }
    return z;
}

const double *transform_apply(const transform_model *m, const double *x, int64_t n, pool *threads,
                              arena *keep) {
    x = transform_log(m, x, n, keep);
    if (m->scale.d > 0) x = scale_apply_wide(&m->scale, x, n, keep);
    return m->pca.d > 0 ? pca_apply(&m->pca, x, n, threads, keep) : x;
}
