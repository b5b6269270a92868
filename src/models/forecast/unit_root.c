/* unit_root: how many differences a series needs: KPSS, and the strength of its season. */
#include "models/forecast/unit_root.h"

#include <math.h>
#include <stdbool.h>

#define FIVE_PERCENT 0.463
enum { WINDOW = 11 }; /* seasons that say what the season is now, as in R's mstl */

double unit_root_kpss(const double *y, int n, arena scratch) {
    double *e = take(&scratch, double, n), mean = 0, squares = 0, running = 0, sums = 0;
    int lags = (int)(3 * sqrt(n) / 13);
    for (int t = 0; t < n; t++) mean += y[t] / n;
    for (int t = 0; t < n; t++) {
        e[t] = y[t] - mean;
        squares += e[t] * e[t];
        running += e[t]; /* break: only its square is read */
        sums += running * running;
    }
    double variance = squares;
    for (int j = 1; j <= lags && j < n; j++) {
        double both = 0;
        for (int t = j; t < n; t++) both += e[t] * e[t - j];
        variance += 2 * (1 - (double)j / (lags + 1)) * both;
    }
    return variance > 0 ? sums / ((double)n * variance) : 0;
}

static bool all_equal(const double *y, int n) {
    for (int t = 1; t < n; t++)
        if (y[t] != y[0]) return false;
    return true;
}

int unit_root_differences(const double *y, int n, int most, arena scratch) {
    double *x = take_copy(&scratch, double, y, n);
    for (int d = 0; d < most; d++) {
        if (n < 4 || all_equal(x, n) || unit_root_kpss(x, n, scratch) <= FIVE_PERCENT) return d;
        for (int t = 1; t < n; t++) x[t - 1] = x[t] - x[t - 1];
        n--;
    }
    return most;
}

/* Mean of the values of one phase about each of them: tricube weights over the nearest WINDOW. */
static void smooth_phase(const double *x, int n, int m, double *to) {
    int cycles = (n + m - 1) / m;
    for (int i = 0; i < cycles; i++) {
        int first = i - WINDOW / 2, last = i + WINDOW / 2;
        if (first < 0) first = 0, last = WINDOW - 1;
        if (last > cycles - 1) last = cycles - 1, first = cycles > WINDOW ? cycles - WINDOW : 0;
        double reach = fmax(i - first, last - i), sum = 0, weight = 0;
        if (cycles < WINDOW) reach *= (double)WINDOW / cycles;
        for (int j = first; j <= last; j++) {
            double u = reach > 0 ? fmin(fabs((double)j - i) / reach, 1) : 0, w = 1 - u * u * u;
            sum += w * w * w * x[j * m], weight += w * w * w;
        }
        to[i * m] = sum / weight;
    }
}

double unit_root_strength(const double *y, int n, int m, arena scratch) {
    int half = m / 2, used = n - 2 * half;
    if (m < 2 || n < 3 * m) return 0;
    double *x = take(&scratch, double, used), *season = take(&scratch, double, used);
    for (int t = half; t + half < n; t++) {
        double sum = m % 2 ? y[t - half] + y[t + half] : (y[t - half] + y[t + half]) / 2;
        for (int j = 1 - half; j < half; j++) sum += y[t + j];
        x[t - half] = y[t] - sum / m;
    }
    for (int k = 0; k < m; k++) smooth_phase(x + k, used - k, m, season + k);
    double mean = 0, left = 0, whole = 0, rest = 0;
    for (int t = 0; t < used; t++) mean += x[t] / used, left += (x[t] - season[t]) / used;
    for (int t = 0; t < used; t++) {
        double a = x[t] - mean, b = x[t] - season[t] - left;
        whole += a * a, rest += b * b;
    }
    return whole > 0 ? fmax(0, 1 - rest / whole) : 0;
}
