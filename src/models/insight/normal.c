/* normal: weighted normal equations of centred columns, and their standard errors. */
#include "models/insight/normal.h"

#include <math.h>
#include <string.h>

static double dot(const within *w, const double *a, const double *b) {
    double sum = 0.0;
    if (w->weight)
        for (int64_t i = 0; i < w->n; i++) sum += w->weight[i] * a[i] * b[i];
    else
        for (int64_t i = 0; i < w->n; i++) sum += a[i] * b[i];
    return sum;
}

/* Inverse of a symmetric positive definite a[k,k] by Cholesky, in place. Returns -1, or the number
 * of the first column that the earlier ones explain (its pivot is under 1e-9 of its square sum,
 * some ten times the rounding of a column of a million rows). */
static int invert(int k, double *a) {
    double l[ELASTICITY_COLUMNS][ELASTICITY_COLUMNS] = {{0}}, inverse[ELASTICITY_COLUMNS];
    for (int i = 0; i < k; i++)
        for (int c = 0; c <= i; c++) {
            double rest = a[i * k + c];
            for (int m = 0; m < c; m++) rest -= l[i][m] * l[c][m];
            if (c < i) l[i][c] = rest / l[c][c];
            else if (!(rest > 1e-9 * a[i * k + i])) return i;
            else l[i][i] = sqrt(rest);
        }
    for (int c = 0; c < k; c++) { /* column c: L L' x = unit vector */
        for (int i = 0; i < k; i++) {
            double rest = i == c;
            for (int m = 0; m < i; m++) rest -= l[i][m] * inverse[m];
            inverse[i] = rest / l[i][i];
        }
        for (int i = k - 1; i >= 0; i--) {
            for (int m = i + 1; m < k; m++) inverse[i] -= l[m][i] * inverse[m];
            inverse[i] /= l[i][i];
        }
        for (int i = 0; i < k; i++) a[i * k + c] = inverse[i];
    }
    return -1;
}

bool normal_solve(const within *w, const within_column *columns, int k, double *beta, double *a,
                  err *e) {
    double b[ELASTICITY_COLUMNS];
    const within_column *y = columns, *x = columns + 1;
    for (int i = 0; i < k; i++) {
        b[i] = dot(w, x[i].x, y->x);
        for (int c = 0; c <= i; c++) a[i * k + c] = a[c * k + i] = dot(w, x[i].x, x[c].x);
        if (!(a[i * k + i] > 1e-12 * x[i].spread)) /* rounding of a column that is all effect */
            return refuse(e, "column %d%s does not vary within the fixed effects; use fewer", i,
                          i == 0 ? " (the price)" : "");
    }
    int bad = invert(k, a);
    if (bad >= 0) return refuse(e, "column %d is explained by the columns before it: drop it", bad);
    for (int i = 0; i < k; i++) {
        beta[i] = 0.0;
        for (int c = 0; c < k; c++) beta[i] += a[i * k + c] * b[c];
    }
    return true;
}

void normal_cluster(elasticity_fit *f, const within *w, const within_column *columns,
                    const double *a, const double *weighted_residual, const elasticity_data *d,
                    arena scratch) {
    int k = f->k;
    double *scores = take(&scratch, double, (int64_t)d->clusters * k);
    double meat[ELASTICITY_COLUMNS * ELASTICITY_COLUMNS] = {0};
    uint8_t *seen = take(&scratch, uint8_t, d->clusters);
    for (int c = 0; c < k; c++)
        for (int64_t i = 0; i < w->n; i++)
            scores[(int64_t)d->cluster[i] * k + c] += /* break: products of two scores count */
                columns[c + 1].x[i] * weighted_residual[i];
    for (int64_t i = 0; i < w->n; i++) seen[d->cluster[i]] = 1;
    for (int32_t g = 0; g < d->clusters; g++) {
        f->clusters += seen[g];
        const double *s = scores + (int64_t)g * k;
        for (int i = 0; i < k; i++)
            for (int c = 0; c < k; c++) meat[i * k + c] += s[i] * s[c];
    }
    int64_t counted = k + (w->effects == 0), kept = 0;
    for (int m = 0; m < w->effects; m++)
        if (!within_nested(w, m, d->cluster, scratch))
            counted += within_present(w, m) - (kept++ > 0);
    double groups = (double)f->clusters, n = (double)w->n;
    double adjust = groups / (groups - 1.0) * (n - 1.0) / (n - (double)counted);
    for (int c = 0; c < k; c++) {
        double variance = 0.0;
        for (int i = 0; i < k; i++)
            for (int m = 0; m < k; m++)
                variance += a[c * k + i] * meat[i * k + m] * a[m * k + c];
        f->se_cluster[c] = f->clusters > 1 ? sqrt(adjust * variance) : NAN;
    }
}

/* beta without the rows of cluster g; y and x are as they were before they were centred. */
static bool leave_out(double *beta, within *w, within_column *columns, const double *all,
                      double *weight, const double *y, const elasticity_data *d, int32_t g,
                      pool *threads) {
    double a[ELASTICITY_COLUMNS * ELASTICITY_COLUMNS];
    err ignored = {0};
    size_t bytes = (size_t)w->n * sizeof *y;
    for (int64_t i = 0; i < w->n; i++) weight[i] = d->cluster[i] == g ? 0.0 : all ? all[i] : 1.0;
    memcpy(columns[0].x, y, bytes);
    for (int c = 0; c < d->k; c++) memcpy(columns[c + 1].x, d->x + c * w->n, bytes);
    within_weigh(w);
    within_centre(w, columns, d->k + 1, threads);
    for (int c = 0; c <= d->k; c++)
        if (!columns[c].settled) return false;
    return normal_solve(w, columns, d->k, beta, a, &ignored);
}

void normal_jackknife(elasticity_fit *f, within *w, within_column *columns, const double *y,
                      const elasticity_data *d, pool *threads, arena scratch) {
    const double *all = w->weight;
    double *weight = take(&scratch, double, w->n), sum[ELASTICITY_COLUMNS] = {0};
    double beta[ELASTICITY_COLUMNS], tolerance = w->tolerance;
    uint8_t *seen = take(&scratch, uint8_t, d->clusters);
    for (int64_t i = 0; i < w->n; i++) seen[d->cluster[i]] = 1;
    w->weight = weight;
    w->tolerance = fmax(tolerance, 1e-7); /* of what moves by a tenth of an error at least */
    bool done = f->clusters > 1;
    for (int32_t g = 0; g < d->clusters && done; g++) {
        if (!seen[g]) continue;
        done = leave_out(beta, w, columns, all, weight, y, d, g, threads);
        for (int c = 0; c < f->k; c++) sum[c] += (beta[c] - f->beta[c]) * (beta[c] - f->beta[c]);
    }
    double groups = (double)f->clusters;
    for (int c = 0; c < f->k; c++)
        f->se_jackknife[c] = done ? sqrt((groups - 1.0) / groups * sum[c]) : NAN;
    w->weight = all, w->tolerance = tolerance;
    within_weigh(w);
}
