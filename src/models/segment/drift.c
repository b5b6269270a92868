/* drift: how far a feature's values have moved away from what they were: PSI and Wasserstein. */
#include "models/segment/drift.h"

#include <math.h>
#include <string.h>

#include "base/order.h"

/* The values of x that are there, ascending. */
static double *sorted(const double *x, int64_t n, int64_t *count, arena *keep, arena scratch) {
    double *values = take(&scratch, double, n), *up = take(keep, double, n);
    *count = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(x[i])) values[(*count)++] = x[i];
    int32_t *order = order_count(*count, &scratch);
    order_up(order, *count, values, scratch);
    for (int64_t i = 0; i < *count; i++) up[i] = values[order[i]];
    return up;
}

drift_bins drift_cut(const double *x, int64_t n, arena scratch) {
    drift_bins b = {0};
    int64_t count;
    arena keep = scratch;
    take(&scratch, double, n + 8); /* where the sorted values lie */
    double *up = sorted(x, n, &count, &keep, scratch);
    if (count == 0) return b;
    b.edges[0] = up[0];
    b.n = 1;
    for (int q = 1; q < DRIFT_BINS; q++) {
        double cut = up[count * q / DRIFT_BINS];
        if (cut > b.edges[b.n - 1]) b.edges[b.n++] = cut;
    }
    b.edges[b.n] = up[count - 1];
    drift_share(&b, x, n, b.share);
    return b;
}

void drift_share(const drift_bins *b, const double *x, int64_t n, double *share) {
    int64_t count = 0;
    memset(share, 0, sizeof *share * (size_t)b->n);
    for (int64_t i = 0; i < n; i++) {
        int bin = 0;
        if (isnan(x[i]) || b->n == 0) continue;
        while (bin < b->n - 1 && x[i] >= b->edges[bin + 1]) bin++;
        share[bin]++;
        count++;
    }
    for (int bin = 0; bin < b->n && count > 0; bin++) share[bin] /= (double)count;
}

double drift_psi(const double *then, const double *now, int bins) {
    double psi = 0;
    for (int b = 0; b < bins; b++) {
        double was = fmax(then[b], 1e-4), is = fmax(now[b], 1e-4);
        psi += (is - was) * log(is / was);
    }
    return psi;
}

const char *drift_verdict(double psi) {
    return psi < 0.1 ? "calm" : psi < 0.2 ? "moderate" : "alarm";
}

double drift_wasserstein(const double *a, int64_t n_a, const double *b, int64_t n_b,
                         arena scratch) {
    int64_t count_a, count_b, i = 0, j = 0;
    arena keep = scratch;
    take(&scratch, double, n_a + n_b + 16); /* where the sorted values lie */
    double *x = sorted(a, n_a, &count_a, &keep, scratch);
    double *y = sorted(b, n_b, &count_b, &keep, scratch);
    double sum = 0, at = 0;
    if (count_a == 0 || count_b == 0) return 0;
    at = fmin(x[0], y[0]);
    while (i < count_a || j < count_b) {
        double next = j == count_b || (i < count_a && x[i] <= y[j]) ? x[i] : y[j];
        sum += (next - at) * fabs((double)i / (double)count_a - (double)j / (double)count_b);
        at = next;
        while (i < count_a && x[i] == at) i++;
        while (j < count_b && y[j] == at) j++;
    }
    return sum;
}
