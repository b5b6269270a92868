/* detect: what a series is made of and what is odd in it: one call for all of it. */
#include "models/forecast/detect.h"

#include <math.h>

#include "models/forecast/anomalies.h"

/* Wider than those of a forecast: a part that follows every value leaves nothing to be odd. */
enum { SEASON_WINDOW = 21, TREND_WINDOW = 25 };

/* Lone anomalies give way to their neighbours: one odd day is no change of level. */
static double *without_lone(const double *x, const double *score, int n, arena *keep) {
    double *to = take_copy(keep, double, x, n);
    for (int t = 0; t < n; t++) {
        int before = t > 0 ? t - 1 : 1, after = t + 1 < n ? t + 1 : n - 2;
        if (!(fabs(score[t]) > ANOMALIES_LIMIT)) continue;
        double sign = score[t] > 0 ? 1 : -1;
        if (sign * score[before] > ANOMALIES_LIMIT || sign * score[after] > ANOMALIES_LIMIT)
            continue;
        to[t] = (x[before] + x[after]) / 2;
    }
    return to;
}

void detect_series(detect_result *out, const double *y, int n, const int *candidates,
                   int n_candidates, arena *keep, arena scratch) {
    seasonality_params sp = SEASONALITY_DEFAULTS;
    mstl_params mp = {.rounds = 2, .outer = 4, .season_window = SEASON_WINDOW};
    breaks_params bp = BREAKS_DEFAULTS;
    sp.candidate = candidates, sp.candidates = n_candidates;
    *out = (detect_result){.score = take(keep, double, n)};
    out->seasons = seasonality_find(y, n, sp, out->season, scratch);
    for (int i = 0; i < out->seasons; i++) mp.season[i] = out->season[i].period;
    if (out->seasons == 0 || out->season[out->seasons - 1].period < TREND_WINDOW / 2)
        mp.trend_window = TREND_WINDOW;
    mstl_fit(&out->parts, y, n, mp, keep, scratch);
    double most = 0; /* remainders of rounding alone are none */
    for (int t = 0; t < n; t++) most = fmax(most, fabs(y[t]));
    for (int t = 0; t < n; t++)
        if (fabs(out->parts.remainder[t]) < 1e-9 * most) out->parts.remainder[t] = 0;
    out->trend = kendall_test(out->parts.adjusted, n, scratch);
    out->trend_strength = stl_strength(out->parts.trend, out->parts.remainder, n);
    anomalies_score(out->parts.remainder, n, out->score, scratch);
    double *calm = without_lone(out->parts.adjusted, out->score, n, &scratch);
    out->breaks = breaks_find(calm, n, bp, keep, scratch);
    for (int t = 0; t < n; t++) out->anomalies += fabs(out->score[t]) > ANOMALIES_LIMIT;
}
