/* global_rows: what is known of a series at an origin, as the columns of a row. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/global.h"

enum { LAGS = 4, LEAST_SCALE = 8, AROUND = 1, RECENT = 4, EVERY = 1 << 30, OF_SEASON = 6 };

/* h, origin, log scale; lags; mean, spread and zeros of each window; of each season phase, value,
 * value before that, mean around, the panel's way, growth; calendar; regressors and changes;
 * attributes. */
global_shape global_shape_of(const global_panel *p, global_params q, const double *pooled) {
    global_shape s = {.lags = LAGS, .p = p, .pooled = pooled};
    for (int k = 0; k < GLOBAL_SEASONS; k++)
        if (q.season[k] > 1) s.season[s.seasons++] = q.season[k];
    int first = s.seasons ? s.season[0] : 0;
    for (int w = 2; w <= 8; w *= 2) s.window[s.windows++] = w;
    if (first <= 8 || first > 16) s.window[s.windows++] = 16;
    for (int k = 0; k < s.seasons; k++)
        if (s.season[k] > 8 && s.season[k] != 16) s.window[s.windows++] = s.season[k];
    s.window[s.windows++] = EVERY;
    s.first_category = 3 + s.lags + 3 * s.windows + OF_SEASON * s.seasons + p->calendars +
                       2 * p->regressors;
    s.cols = s.first_category + p->attributes;
    return s;
}

const char **global_columns(const global_shape *s, arena *keep) {
    static const char *const of_window[] = {"mean", "spread", "zeros"};
    static const char *const of_season[] = {"phase",  "season", "season_2",
                                            "around", "panel", "growth"};
    const char **name = take(keep, const char *, s->cols);
    int c = 0;
    name[c++] = "step", name[c++] = "age", name[c++] = "scale";
    for (int k = 1; k <= s->lags; k++) name[c++] = arena_text(keep, "lag_%d", k);
    for (int w = 0; w < s->windows; w++)
        for (int k = 0; k < 3; k++)
            name[c++] = s->window[w] == EVERY
                            ? arena_text(keep, "%s_all", of_window[k])
                            : arena_text(keep, "%s_%d", of_window[k], s->window[w]);
    for (int w = 0; w < s->seasons; w++)
        for (int k = 0; k < OF_SEASON; k++)
            name[c++] = arena_text(keep, "%s_%d", of_season[k], s->season[w]);
    for (int k = 0; k < s->p->calendars; k++) name[c++] = arena_text(keep, "calendar_%d", k);
    for (int k = 0; k < s->p->regressors; k++) {
        name[c++] = arena_text(keep, "regressor_%d", k);
        name[c++] = arena_text(keep, "change_%d", k);
    }
    for (int k = 0; k < s->p->attributes; k++) name[c++] = arena_text(keep, "attribute_%d", k);
    assert(c == s->cols);
    return name;
}

double *global_pool(const global_panel *p, arena *keep) {
    double *sum = take(keep, double, p->places);
    for (int i = 0; i < p->n; i++)
        for (int t = 0; t < p->one[i].n; t++) sum[p->one[i].start + t] += p->one[i].y[t];
    return sum;
}

double global_scale(const global_shape *s, const global_series *one, int o) {
    int most = s->seasons ? s->season[0] : LEAST_SCALE;
    if (most < LEAST_SCALE) most = LEAST_SCALE;
    double sum = 0;
    int n = 0;
    for (int t = o - 1; t >= 0 && n < most; t--, n++) sum += fabs(one->y[t]);
    for (int t = o - 1 - n; t >= 0 && sum == 0; t--, n++) sum += fabs(one->y[t]);
    return sum > 0 ? sum / n : 1;
}

static void put_windows(const global_shape *s, const double *y, int o, double scale, float *to) {
    double sum = 0, squares = 0;
    int zeros = 0, at = 0;
    for (int w = 0; w < s->windows; w++) {
        for (; at < s->window[w] && at < o; at++) {
            double v = y[o - 1 - at] / scale;
            sum += v, squares += v * v, zeros += v == 0;
        }
        double mean = sum / at;
        to[3 * w] = (float)mean;
        to[3 * w + 1] = (float)sqrt(fmax(squares / at - mean * mean, 0));
        to[3 * w + 2] = (float)zeros / (float)at;
    }
}

/* The value at t where it is known at the origin, else NaN. */
static double known(const double *y, int t, int o) { return t >= 0 && t < o ? y[t] : NAN; }

/* How the panel went from the origin to the target a season ago: over the mean before it. */
static double panel_way(const global_shape *s, int origin, int target) {
    double before = 0;
    int from = origin - RECENT;
    if (from < 0) return NAN;
    for (int t = from; t < origin; t++) before += s->pooled[t] / RECENT;
    return before > 0 ? s->pooled[target] / before : NAN;
}

static void put_season(const global_shape *s, const global_series *one, int m, int o, int h,
                       double scale, float *to) {
    int back = (h + m - 1) / m * m, t = o + h - 1 - back; /* the last season that is known there */
    double sum = 0;
    int n = 0;
    for (int k = t - AROUND; k <= t + AROUND; k++) {
        double v = known(one->y, k, o);
        if (!isnan(v)) sum += v, n++;
    }
    to[0] = (float)((one->start + o + h - 1) % m);
    to[1] = (float)(known(one->y, t, o) / scale);
    to[2] = (float)(known(one->y, t - m, o) / scale);
    to[3] = n ? (float)(sum / n / scale) : NAN;
    to[4] = (float)panel_way(s, one->start + o - back, one->start + t);
    double last = 0, before = 0;
    for (int k = 1; k <= m && o >= 2 * m; k++) last += one->y[o - k], before += one->y[o - m - k];
    to[5] = (float)(last / before);
    for (int k = 4; k < OF_SEASON; k++)
        if (!isfinite(to[k])) to[k] = NAN;
}

void global_row(const global_shape *s, const global_series *one, int o, int h, double scale,
                float *to) {
    const global_panel *p = s->p;
    int c = 0, target = o + h - 1;
    to[c++] = (float)h;
    to[c++] = (float)o;
    to[c++] = (float)log(scale);
    for (int k = 1; k <= s->lags; k++) to[c++] = (float)(known(one->y, o - k, o) / scale);
    put_windows(s, one->y, o, scale, to + c);
    c += 3 * s->windows;
    for (int k = 0; k < s->seasons; k++, c += OF_SEASON)
        put_season(s, one, s->season[k], o, h, scale, to + c);
    for (int k = 0; k < p->calendars; k++) to[c++] = (float)p->calendar[k][one->start + target];
    for (int k = 0; k < p->regressors; k++) {
        double then = one->x[k][target], now = one->x[k][o - 1];
        to[c++] = (float)then;
        to[c++] = (float)(then - now);
    }
    for (int k = 0; k < p->attributes; k++)
        to[c++] = one->attribute[k] < 0 ? NAN : (float)one->attribute[k];
    for (int k = 0; k < c; k++) /* beyond floats */
        if (isinf(to[k])) to[k] = NAN;
    assert(c == s->cols);
}
