/* guard: what a model said of a series and was not let through, by name. */
#include "models/forecast/guard.h"

#include <math.h>

const char *const guard_names[GUARD_KINDS] = {"too_short",  "not_finite", "trend",   "obsolete",
                                              "below_zero", "capped",     "too_wide"};

#define FREE_RANGES 3.0  /* of the history that means may leave it by */
#define MOST_RANGES 10.0
#define DAMPING     0.9
#define RARE_CHANCE 1e-3
enum { PAUSE_LEAST = 13 };

typedef struct range {
    double low, high;
} range;

static range range_of(const double *y, int n) {
    range r = {y[0], y[0]};
    for (int t = 1; t < n; t++) r.low = fmin(r.low, y[t]), r.high = fmax(r.high, y[t]);
    return r;
}

/* Moves the mean of a step and its bounds with it. */
static void move(band *to, int h, double mean) {
    double by = mean - to->mean[h];
    to->mean[h] = mean;
    for (int l = 0; l < to->n_levels; l++)
        to->low[l * to->steps + h] += by, to->high[l * to->steps + h] += by;
}

unsigned guard_trend(const double *y, int n, band *to) {
    range r = range_of(y, n);
    double wide = r.high - r.low, above = r.high + FREE_RANGES * wide;
    double below = r.low - FREE_RANGES * wide, said = y[n - 1], now = y[n - 1], by = 1;
    unsigned acted = 0;
    for (int h = 0; h < to->steps && wide > 0; h++) {
        double step = to->mean[h] - said;
        said = to->mean[h];
        if (!acted && said <= above && said >= below) {
            now = said;
            continue;
        }
        acted = GUARD(GUARD_TREND);
        by *= DAMPING;
        now += by * step;
        now = fmin(fmax(now, r.low - MOST_RANGES * wide), r.high + MOST_RANGES * wide);
        move(to, h, now);
    }
    return acted;
}

unsigned guard_obsolete(const double *y, int n, int season, band *to) {
    int pause = 0, longest = 0, gap = 0, sold = 0;
    for (int t = 0; t < n; t++)
        if (y[t] < 0) return 0;
    while (pause < n && y[n - 1 - pause] <= 0) pause++;
    int first = 0, active = n - pause;
    while (first < active && y[first] <= 0) first++;
    for (int t = first; t < active; t++) {
        gap = y[t] > 0 ? 0 : gap + 1;
        sold += y[t] > 0;
        longest = gap > longest ? gap : longest;
    }
    if (sold < 2 || pause < PAUSE_LEAST || pause < 2 * longest) return 0;
    if (season > 1 && active - first >= season && pause < season) return 0;
    double rate = (double)sold / (active - first);
    if (rate < 1 && pause * log1p(-rate) > log(RARE_CHANCE)) return 0;
    for (int h = 0; h < to->steps; h++) to->mean[h] = 0;
    for (int k = 0; k < to->steps * to->n_levels; k++)
        to->low[k] = 0, to->high[k] = fmax(to->high[k], 0);
    return GUARD(GUARD_OBSOLETE);
}

unsigned guard_units(const double *y, int n, band *to) {
    double most = fmax(range_of(y, n).high, 0);
    unsigned acted = 0;
    for (int h = 0; h < to->steps; h++) {
        if (to->mean[h] < 0) acted |= GUARD(GUARD_BELOW_ZERO);
        if (to->mean[h] <= 3 * most) continue;
        acted |= GUARD(GUARD_CAPPED);
        to->mean[h] = 3 * most;
    }
    band_not_negative(to);
    return acted;
}

unsigned guard_width(const double *y, int n, double least_range, band *to) {
    range r = range_of(y, n);
    double wide = MOST_RANGES * fmax(r.high - r.low, least_range);
    unsigned acted = 0;
    if (!(wide > 0)) return 0;
    for (int k = 0; k < to->steps * to->n_levels; k++) {
        int h = k % to->steps;
        double mean = to->mean[h], most = wide * fmax(1, sqrt((h + 1.0) / n));
        if (to->high[k] > mean + most || to->low[k] < mean - most) acted = GUARD(GUARD_TOO_WIDE);
        to->high[k] = fmin(to->high[k], mean + most), to->low[k] = fmax(to->low[k], mean - most);
    }
    if (acted) to->total_sd = fmin(to->total_sd, wide * to->steps);
    return acted;
}
