/* kendall: is there a trend, and how steep: Mann-Kendall's test and Theil-Sen's slope. */
#include "models/kendall.h"

#include <math.h>

#include "base/order.h"

enum { MOST = 500 }; /* values whose pairs are all looked at for the slope */

/* Ranks 1 … n, those of equal values their mean; returns sum t(t-1)(2t+5) over the ties. */
static double rank(const double *y, int n, double *to, arena scratch) {
    int32_t *order = order_count(n, &scratch);
    double ties = 0;
    order_up(order, n, y, scratch);
    for (int i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && y[order[j]] == y[order[i]]; j++) {}
        double t = j - i;
        for (int k = i; k < j; k++) to[order[k]] = (i + 1 + j) / 2.0;
        ties += t * (t - 1) * (2 * t + 5);
    }
    return ties;
}

/* S from the ranks: how many earlier values are smaller less how many are larger (Fenwick tree
 * over twice the rank, which is whole). */
static int64_t score(const double *ranks, int n, arena scratch) {
    int size = 2 * n + 1;
    int32_t *tree = take(&scratch, int32_t, size + 1);
    int64_t s = 0;
    for (int t = 0; t < n; t++) {
        int at = (int)lround(2 * ranks[t]);
        int64_t below = 0, upto = 0;
        for (int i = at - 1; i > 0; i -= i & -i) below += tree[i];
        for (int i = at; i > 0; i -= i & -i) upto += tree[i];
        s += below - (t - upto);
        for (int i = at; i <= size; i += i & -i) tree[i]++;
    }
    return s;
}

static double at_rank(const double *x, const int32_t *order, int64_t n, double rank_of) {
    double at = fmin(fmax(rank_of, 0), (double)(n - 1));
    int64_t i = (int64_t)at;
    double rest = at - (double)i;
    return rest > 0 ? x[order[i]] + rest * (x[order[i + 1]] - x[order[i]]) : x[order[i]];
}

/* Slopes of all pairs in order: x[pairs] by order[pairs]. */
typedef struct slopes {
    int64_t pairs;
    double *x;
    int32_t *order;
} slopes;

static slopes all_slopes(const double *y, int n, arena *scratch) {
    int apart = (n + MOST - 1) / MOST, m = (n + apart - 1) / apart;
    slopes s = {.pairs = (int64_t)m * (m - 1) / 2};
    int64_t k = 0;
    s.x = take_raw(scratch, double, s.pairs);
    for (int i = 0; i < m; i++)
        for (int j = i + 1; j < m; j++)
            s.x[k++] = (y[j * apart] - y[i * apart]) / ((double)(j - i) * apart);
    s.order = order_count(s.pairs, scratch);
    order_up(s.order, s.pairs, s.x, *scratch);
    return s;
}

/* c of the header, from the ranks of y without its slope. */
static double widen(const double *y, int n, double slope, arena scratch) {
    double *x = take(&scratch, double, n), *r = take(&scratch, double, n);
    double total = 0, sum = 0, scale = (double)n * (n - 1) * (n - 2);
    for (int t = 0; t < n; t++) x[t] = y[t] - slope * t;
    rank(x, n, r, scratch);
    for (int t = 0; t < n; t++) r[t] -= (n + 1) / 2.0, total += r[t] * r[t];
    int lags = n - 3 < 200 ? n - 3 : 200;
    for (int k = 1; k <= lags && total > 0; k++) {
        double c = 0;
        for (int t = k; t < n; t++) c += r[t] * r[t - k];
        c /= total;
        double weight = (double)(n - k) * (n - k - 1) * (n - k - 2);
        if (fabs(c) > 1.959963984540054 / sqrt(n)) sum += weight * c;
    }
    return fmax(1 + 2 * sum / scale, 1);
}

kendall_result kendall_test(const double *y, int n, arena scratch) {
    kendall_result to = {.widened = 1, .p = 1};
    if (n < 3) return to;
    double *ranks = take(&scratch, double, n);
    double ties = rank(y, n, ranks, scratch);
    double variance = ((double)n * (n - 1) * (2.0 * n + 5) - ties) / 18;
    to.s = score(ranks, n, scratch);
    to.tau = (double)to.s / ((double)n * (n - 1) / 2);
    if (!(variance > 0)) return to;
    slopes all = all_slopes(y, n, &scratch);
    double middle = (double)(all.pairs - 1) / 2;
    to.slope = at_rank(all.x, all.order, all.pairs, middle);
    to.widened = widen(y, n, to.slope, scratch);
    double sd = sqrt(to.widened * variance);
    to.z = ((double)to.s - (to.s > 0) + (to.s < 0)) / sd;
    to.p = erfc(fabs(to.z) / sqrt(2));
    /* ranks of the interval: those of all n values, as shares of the pairs looked at */
    double half = 1.959963984540054 * sd / ((double)n * (n - 1)) * (double)all.pairs;
    to.low = at_rank(all.x, all.order, all.pairs, middle - half);
    to.high = at_rank(all.x, all.order, all.pairs, middle + half);
    return to;
}
