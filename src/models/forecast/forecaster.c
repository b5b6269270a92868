/* forecaster: one series, one named model, and the choice among models by rolling origins. */
#include "models/forecast/forecaster.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/adjust.h"
#include "models/forecast/ensemble.h"
#include "models/forecast/forecaster_models.h"

#define LARGEST 1e100 /* sums of squares stay finite */

static const char *const composed[] = {"blend", "best", "auto", "global"};

const char *forecaster_name(forecaster_kind kind) {
    return kind < FORECASTER_SINGLE ? forecaster_models[kind].name
                                    : composed[kind - FORECASTER_SINGLE];
}

bool forecaster_find(const char *name, forecaster_kind *out) {
    for (int i = 0; i < FORECASTER_KINDS; i++)
        if (strcmp(name, forecaster_name((forecaster_kind)i)) == 0)
            return *out = (forecaster_kind)i, true;
    return false;
}

const char *forecaster_list(arena *keep) {
    const char *list = NULL;
    for (int i = FORECASTER_KINDS - 1; i >= 0; i--)
        list = arena_text(keep, "%s%s%s", list ? list : "", list ? ", " : "",
                          forecaster_name((forecaster_kind)i));
    return list;
}

bool forecaster_rare(int demand) {
    return demand == CROSTON_INTERMITTENT || demand == CROSTON_LUMPY;
}

static bool run_one(const double *y, int n, forecaster_params p, forecaster_kind kind, band *to,
                    char *model, arena scratch, err *e) {
    p.kind = kind;
    return forecaster_single(y, n, &p, to, model, scratch, e);
}

static double middle(double a, double b, double c) {
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Per step and bound the median of three bands of the same shape. */
static void blend(const band *part, band *to) {
    for (int h = 0; h < to->steps; h++)
        to->mean[h] = middle(part[0].mean[h], part[1].mean[h], part[2].mean[h]);
    for (int i = 0; i < to->steps * to->n_levels; i++) {
        to->low[i] = middle(part[0].low[i], part[1].low[i], part[2].low[i]);
        to->high[i] = middle(part[0].high[i], part[1].high[i], part[2].high[i]);
    }
    to->total_sd = middle(part[0].total_sd, part[1].total_sd, part[2].total_sd);
}

/* Rules that say what they do: they need no three values, and no bending. */
static bool is_rule(forecaster_kind kind) {
    return kind == FORECASTER_MEAN || kind == FORECASTER_NAIVE || kind == FORECASTER_SNAIVE ||
           kind == FORECASTER_DRIFT;
}

static unsigned guard(const double *y, int n, const forecaster_params *p,
                      const forecaster_told *told, band *to) {
    unsigned acted = is_rule(p->kind) ? 0 : guard_trend(y, n, to);
    bool rare = told->kind == FORECASTER_AUTO && forecaster_rare((int)told->demand);
    if (p->units) acted |= guard_units(y, n, to);
    if (p->units || rare) acted |= guard_obsolete(y, n, p->season, to);
    return acted | guard_width(y, n, p->units ? 1 : 0, to);
}

/* mean, snaive and ets into part[0..2]; ets repeats snaive where it is not finite. */
static bool run_parts(const double *y, int n, forecaster_params p, band *part, char *model,
                      arena scratch, err *e) {
    static const forecaster_kind kinds[] = {FORECASTER_MEAN, FORECASTER_SNAIVE, FORECASTER_ETS};
    for (int i = 0; i < 3; i++)
        if (!run_one(y, n, p, kinds[i], &part[i], model, scratch, e)) return false;
    return forecaster_finite(&part[2]) ||
           run_one(y, n, p, FORECASTER_SNAIVE, &part[2], model, scratch, e);
}

static void new_parts(band *part, const band *like, arena *keep) {
    for (int i = 0; i < 3; i++) part[i] = band_new(keep, like->steps, like->levels, like->n_levels);
}

static double squares(const double *y, const double *f, int h) {
    double sum = 0;
    for (int i = 0; i < h; i++) sum += (y[i] - f[i]) * (y[i] - f[i]);
    return sum;
}

/* The candidate with the least squared error; the earlier one when equal. */
static bool choose(const double *y, int n, forecaster_params p, int h, forecaster_kind *out,
                   arena scratch, err *e) {
    static const forecaster_kind order[] = {FORECASTER_MEAN, FORECASTER_SNAIVE, FORECASTER_ETS,
                                            FORECASTER_BLEND};
    double error[4] = {0};
    band part[4];
    char model[FORECASTER_NAME];
    for (int i = 0; i < 4; i++) part[i] = band_new(&scratch, h, NULL, 0);
    int used = 0;
    for (int o = 1; o <= p.origins && n - o * h >= 2 * h && n - o * h >= 8; o++, used++) {
        int m = n - o * h;
        if (!run_parts(y, m, p, part, model, scratch, e)) return false;
        blend(part, &part[3]);
        for (int i = 0; i < 4; i++) {
            if (p.units) guard_units(y, m, &part[i]);
            error[i] += squares(y + m, part[i].mean, h);
        }
    }
    int best = used ? 0 : 3;
    for (int i = 1; i < 4 && used; i++)
        if (error[i] < error[best]) best = i;
    *out = order[best];
    return true;
}

bool forecaster_run(const double *y, int n, forecaster_params p, band *to, forecaster_told *told,
                    arena scratch, err *e) {
    const char *why = ets_check(y, n, p.ets);
    if (why) return refuse(e, "%s", why);
    for (int t = 0; t < n; t++)
        if (fabs(y[t]) > LARGEST)
            return refuse(e, "value %d of the series is %g, outside -1e100 to 1e100: no forecast",
                          t + 1, y[t]);
    if (p.season < 1 || p.window < 0 || p.origins < 0)
        return refuse(e, "season must be at least 1, window and origins at least 0");
    if (p.kind == FORECASTER_GLOBAL)
        return refuse(e, "the model global is fitted to all series at once, not to one");
    *told = (forecaster_told){.kind = p.kind};
    if (n < GUARD_LEAST && !is_rule(p.kind)) {
        told->guards = GUARD(GUARD_TOO_SHORT);
        told->kind = FORECASTER_NAIVE;
    }
    if (told->kind == FORECASTER_BEST && !choose(y, n, p, to->steps, &told->kind, scratch, e))
        return false;
    if (told->kind == FORECASTER_AUTO) {
        memcpy(told->model, "auto", 5);
        if (!ensemble_run(y, n, &p, to, told, scratch)) to->total_sd = NAN;
    } else if (told->kind == FORECASTER_BLEND) {
        band part[3];
        char model[FORECASTER_NAME];
        memcpy(told->model, "blend", 6);
        new_parts(part, to, &scratch);
        if (!run_parts(y, n, p, part, model, scratch, e)) return false;
        blend(part, to);
    } else if (!run_one(y, n, p, told->kind, to, told->model, scratch, e)) {
        return false;
    }
    if (!forecaster_finite(to)) {
        told->guards |= GUARD(GUARD_NOT_FINITE);
        told->kind = FORECASTER_MEAN;
        if (!run_one(y, n, p, FORECASTER_MEAN, to, told->model, scratch, e)) return false;
    }
    told->guards |= guard(y, n, &p, told, to);
    return true;
}

int forecaster_season(const double *y, int n, const int *candidates, int n_candidates,
                      arena scratch) {
    double *x = take(&scratch, double, n), mean = 0, top = 0, bottom = 0, total = 0;
    for (int t = 0; t < n; t++) mean += y[t] / n;
    for (int t = 0; t < n; t++) {
        double at = t - (n - 1) / 2.0;
        top += at * (y[t] - mean), bottom += at * at;
    }
    double slope = bottom > 0 ? top / bottom : 0;
    for (int t = 0; t < n; t++) {
        x[t] = y[t] - mean - slope * (t - (n - 1) / 2.0);
        total += x[t] * x[t];
    }
    int best = 1;
    double largest = 0;
    for (int i = 0; i < n_candidates && total > 0; i++) {
        int m = candidates[i];
        if (m < 2 || n < 3 * m) continue;
        double limit, r = adjust_correlation(x, n, m, total, &limit);
        if (r <= limit || r <= largest) continue;
        largest = r;
        best = m;
    }
    return best;
}
