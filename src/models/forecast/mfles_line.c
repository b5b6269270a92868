/* mfles_line: the two trends of mfles: repeated medians, and a lasso over lines that bend. */
#include "models/forecast/mfles_line.h"

#include <math.h>
#include <string.h>

#include "base/order.h"

enum { SPEAKERS = 1000, SWEEPS = 1000 };
#define PENALTY   1.0
#define TOLERANCE 1e-3 /* of the dual gap, in sums of squares of y: that of the source */

static double median(double *x, int n, arena scratch) {
    int32_t *order = order_count(n, &scratch);
    order_up(order, n, x, scratch);
    return n % 2 ? x[order[n / 2]] : (x[order[n / 2 - 1]] + x[order[n / 2]]) / 2;
}

void mfles_siegel(const double *y, int n, double *to, arena scratch) {
    int apart = (n + SPEAKERS - 1) / SPEAKERS, speakers = (n - 1) / apart + 1;
    double *slope = take(&scratch, double, speakers), *own = take(&scratch, double, speakers);
    double *start = take(&scratch, double, speakers);
    for (int i = 0; i < speakers; i++) {
        int k = 0;
        for (int j = 0; j < speakers; j++)
            if (j != i) own[k++] = (y[j * apart] - y[i * apart]) / ((double)(j - i) * apart);
        slope[i] = k ? median(own, k, scratch) : 0;
        start[i] = y[i * apart] - slope[i] * i * apart;
    }
    double b = median(slope, speakers, scratch), a = median(start, speakers, scratch);
    for (int t = 0; t < n; t++) to[t] = a + b * t;
}

/* One column: a line from 0 to `through` at place - 1, and from there on to near the end. */
static void bend(const double *y, int n, int place, double mean, double *x) {
    double through = y[place - 1] - y[0], last = y[n - 1] - y[0];
    double share = through * through;
    if (mean != 0) share /= mean * mean;
    share = fmin(fmax(share, 0.001), 0.99);
    double end = through - (through - last) * (1 - share);
    for (int t = 0; t < place; t++) x[t] = place > 1 ? through * t / (place - 1) : 0;
    if (place == 1) x[0] = 0;
    for (int t = place; t < n; t++)
        x[t] = through + (end - through) * (t - place + 1) / (n - place);
}

/* [columns, n], the last one the constant. */
static double *basis(const double *y, int n, int bends, arena *keep) {
    double *x = take(keep, double, (int64_t)(bends + 1) * n), mean = 0;
    for (int t = 0; t < n; t++) mean += (y[t] - y[0]) / n;
    for (int i = 0, place = 0; i < bends; i++) {
        place += (n - place) / (bends - i);
        bend(y, n, place, mean, x + (int64_t)i * n);
    }
    for (int t = 0; t < n; t++) x[(int64_t)bends * n + t] = bends ? 1 : t; /* a line alone */
    return x;
}

static double dot(const double *a, const double *b, int n) {
    double sum = 0;
    for (int t = 0; t < n; t++) sum += a[t] * b[t];
    return sum;
}

/* The dual gap of w: r are the products of the columns with the residuals, b those with y. */
static double gap_of(const double *w, const double *r, const double *b, int k, double yy,
                     double penalty) {
    double most = 0, size = 0, wb = 0, wr = 0;
    for (int i = 0; i < k; i++)
        most = fmax(most, fabs(r[i])), size += fabs(w[i]), wb += w[i] * b[i], wr += w[i] * r[i];
    double rr = yy - wb - wr, ry = yy - wb; /* of the residuals with themselves and with y */
    double shrink = most > penalty ? penalty / most : 1;
    double half = most > penalty ? (rr + rr * shrink * shrink) / 2 : rr;
    return half + penalty * size - shrink * ry;
}

void mfles_bends(const double *y, int n, int bends, double *to, arena scratch) {
    int k = bends + 1;
    double *x = basis(y, n, bends, &scratch), penalty = PENALTY * n;
    double *gram = take(&scratch, double, k *k), *b = take(&scratch, double, k);
    double *w = take(&scratch, double, k), *r = take(&scratch, double, k), yy = dot(y, y, n);
    for (int i = 0; i < k; i++) {
        r[i] = b[i] = dot(x + (int64_t)i * n, y, n);
        for (int j = 0; j <= i; j++)
            gram[i * k + j] = gram[j * k + i] = dot(x + (int64_t)i * n, x + (int64_t)j * n, n);
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double moved = 0, largest = 0;
        for (int i = 0; i < k; i++) {
            double norm = gram[i * k + i], before = w[i], pull = r[i] + norm * before;
            if (!(norm > 0)) continue;
            w[i] = copysign(fmax(fabs(pull) - penalty, 0), pull) / norm;
            double by = w[i] - before;
            for (int j = 0; j < k && by != 0; j++) r[j] -= by * gram[i * k + j];
            moved = fmax(moved, fabs(by)), largest = fmax(largest, fabs(w[i]));
        }
        bool still = largest == 0 || moved / largest < TOLERANCE;
        if (still && gap_of(w, r, b, k, yy, penalty) < TOLERANCE * yy) break;
    }
    memset(to, 0, sizeof *to * (size_t)n);
    for (int i = 0; i < k; i++)
        for (int t = 0; t < n && w[i] != 0; t++) to[t] += w[i] * x[(int64_t)i * n + t];
}
