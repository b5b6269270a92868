/* mstl: a series with several seasons: STL for one after the other. */
#include "models/forecast/mstl.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/loess.h"

const char *mstl_check(const double *y, int n, mstl_params p) {
    if (n < 1) return "a series needs a value";
    if (p.rounds < 1 || p.outer < 0) return "rounds must be at least 1, outer at least 0";
    if ((p.season_window && (p.season_window < 3 || p.season_window % 2 == 0)) ||
        (p.trend_window && (p.trend_window < 3 || p.trend_window % 2 == 0)))
        return "windows of a decomposition must be odd and at least 3";
    for (int i = 0; i < MSTL_SEASONS; i++) {
        if (p.season[i] < 0) return "a season must not be negative";
        if (i > 0 && p.season[i] > 1 && p.season[i] <= p.season[i - 1])
            return "seasons must be ascending";
    }
    for (int t = 0; t < n; t++)
        if (!isfinite(y[t])) return "a value is not finite";
    return NULL;
}

static int window_of(mstl_params p, int i) {
    return p.season_window ? p.season_window : 11 + 4 * i;
}

/* The i-th season again, from what the others leave of y; x is y without all of them. */
static void again(mstl_model *m, int i, double *x, mstl_params p, arena scratch) {
    int n = m->n;
    stl_params q = STL_DEFAULTS, robust = STL_ROBUST;
    if (p.outer > 0) q = robust, q.outer = p.outer;
    q.season = m->length[i];
    q.season_window = window_of(p, i);
    q.trend_window = p.trend_window;
    arena keep = arena_split(&scratch, (size_t)n * 32 + 1024);
    stl_model one;
    for (int t = 0; t < n; t++) x[t] += m->season[i][t];
    stl_fit(&one, x, n, q, &keep, scratch);
    for (int t = 0; t < n; t++) x[t] -= one.season[t];
    memcpy(m->season[i], one.season, sizeof(double) * (size_t)n);
    memcpy(m->trend, one.trend, sizeof(double) * (size_t)n);
}

void mstl_fit(mstl_model *out, const double *y, int n, mstl_params p, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && mstl_check(y, n, p) == NULL);
    *out = (mstl_model){.n = n};
    for (int i = 0; i < MSTL_SEASONS; i++) {
        if (p.season[i] < 2 || n < 2 * p.season[i]) continue;
        out->length[out->seasons] = p.season[i];
        out->season[out->seasons++] = take(keep, double, n);
    }
    out->trend = take(keep, double, n), out->remainder = take(keep, double, n);
    out->adjusted = take_copy(keep, double, y, n);
    int rounds = out->seasons > 1 ? p.rounds : 1;
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < out->seasons; i++) again(out, i, out->adjusted, p, scratch);
    if (out->seasons == 0) {
        int window = p.trend_window ? p.trend_window : n / 2 < 3 ? 3 : n / 2 + !(n / 2 % 2);
        loess l = {y, n, window, 1, NULL, take(&scratch, double, n)};
        loess_smooth(&l, out->trend);
    }
    for (int t = 0; t < n; t++) out->remainder[t] = out->adjusted[t] - out->trend[t];
}

/* The weight of value j (1-based) in the curve at x, of k values. */
static double influence(int k, int window, int x, int j, double *y, double *space) {
    loess l = {y, k, window, 1, NULL, space};
    int wide = window < k ? window : k, left = x - (wide + 1) / 2 + 1;
    if (left > k - wide + 1) left = k - wide + 1;
    if (left < 1) left = 1;
    double to = x == j;
    y[j - 1] = 1;
    loess_at(&l, x, left, left + wide - 1, &to);
    y[j - 1] = 0;
    return to;
}

double mstl_widening(const mstl_model *m, mstl_params p, arena scratch) {
    double top = 1, bottom = 1;
    for (int i = 0; i < m->seasons; i++) {
        int k = m->n / m->length[i], window = window_of(p, i), middle = (k + 1) / 2;
        double *y = take(&scratch, double, k), *space = take(&scratch, double, k), left = 0;
        for (int j = 1; j <= k; j++) {
            if (j < k - window && (j < middle - window || j > middle + window)) continue;
            double end = influence(k, window, k, j, y, space);
            double inner = (j == middle) - influence(k, window, middle, j, y, space);
            top += end * end, left += inner * inner;
        }
        bottom *= left;
    }
    return sqrt(top / fmax(bottom, 0.05));
}

void mstl_back(const mstl_model *m, band *to) {
    for (int h = 0; h < to->steps; h++) {
        double add = 0;
        for (int i = 0; i < m->seasons; i++)
            add += m->season[i][m->n - m->length[i] + h % m->length[i]];
        to->mean[h] += add;
        for (int l = 0; l < to->n_levels; l++) {
            to->low[l * to->steps + h] += add;
            to->high[l * to->steps + h] += add;
        }
    }
}
