/* trend_trial: what came after a day, against what the trends of that day foretold. */
#include "pipeline/trend_trial.h"

#include <math.h>

const char *const trend_trial_names[TREND_MODELS] = {"raw growth", "no growth", "shrunk growth"};

trend_exposures trend_trial_exposures(const trend_panel *p, int64_t i, int32_t days) {
    int weeks = p->items.weeks;
    const double *x = p->items.exposure + i * 2 * weeks;
    trend_exposures e = {0};
    for (int k = 0; k < weeks; k++) e.previous += x[k], e.recent += x[weeks + k];
    e.next = days / 7.0 * p->ahead[p->items.category[i]];
    return e;
}

/* What is known of an article at as_of decides whether it is judged, the same in every trial. */
static bool is_judged(const trend_panel *p, int64_t i, int32_t as_of, bool settled) {
    const int32_t *end = p->items.units + (i + 1) * 2 * p->items.weeks;
    trend_exposures x = trend_trial_exposures(p, i, 1);
    return x.previous > 0 && x.recent > 0 && end[-1] + end[-2] > 0 &&
           (!settled || columns_i32(&p->names, "born")[i] < as_of - 57);
}

/* Whether an article left the shop: weeks[n] units before a day, with the silence at their end. */
static bool has_left(const int32_t *weeks, int n) {
    double units = 0.0;
    int last = n, first = 0;
    while (last > 0 && weeks[last - 1] <= 0) last--;
    while (first < last && weeks[first] <= 0) first++;
    for (int k = first; k < last; k++) units += weeks[k];
    return last == 0 || exp(-units / (last - first) * (n - last)) < TREND_DEFAULTS.ended;
}

/* Of the next units at the recent rate, and of growth that goes on. */
void trend_trial_errors(const trend_panel *p, const trend_item *one, int64_t i, double sold,
                        int32_t days, double error[TREND_MODELS],
                        double growth_error[TREND_MODELS]) {
    trend_exposures x = trend_trial_exposures(p, i, days);
    double growth[TREND_MODELS] = {one->raw, 1.0, one->growth};
    double n = (double)(one->previous + one->recent) + 1.0; /* half a unit a window, as raw has */
    double held = ((double)one->recent + 0.5) / x.recent * x.next;
    sold = fmax(sold, 0.0);
    for (int m = 0; m < TREND_MODELS; m++) {
        double g = growth[m], units = n * g / (x.previous + g * x.recent) * x.next;
        if (m == TREND_SHRUNK) units = trend_foretell(one, x.next) + 0.5;
        error[m] = fabs(log((sold + 0.5) / units));
        growth_error[m] = fabs(log((sold + 0.5) / (held * g)));
    }
}

static void put_errors(trend_trial *out, const trend_panel *p, const trend_item *one, int64_t i,
                       int32_t days) {
    double error[TREND_MODELS], growth_error[TREND_MODELS];
    trend_trial_errors(p, one, i, out->next[i], days, error, growth_error);
    for (int m = 0; m < TREND_MODELS; m++) {
        out->error[m][out->n] = error[m];
        out->growth_error[m][out->n] = growth_error[m];
    }
    out->item[out->n++] = (int32_t)i;
}

bool trend_trial_run(trend_trial *out, const trend_panel *panel, const trend_item *item, db *d,
                     const char *source, int32_t as_of, int32_t to, bool settled, arena *keep,
                     err *e) {
    int32_t *weeks, days = to - as_of, n_weeks = days / 7 + 4; /* from four weeks before as_of */
    int64_t n = panel->items.n;
    *out = (trend_trial){0};
    if (!trend_panel_units(panel, d, source, as_of, to, &out->next, keep, e) ||
        !trend_panel_weeks(panel, d, source, to, n_weeks, &weeks, keep, e))
        return false;
    out->left = take(keep, uint8_t, n);
    out->item = take(keep, int32_t, n);
    for (int m = 0; m < TREND_MODELS; m++) {
        out->error[m] = take(keep, double, n);
        out->growth_error[m] = take(keep, double, n);
    }
    for (int64_t i = 0; i < n; i++) {
        out->left[i] = has_left(weeks + i * n_weeks, n_weeks);
        if (!is_judged(panel, i, as_of, settled)) continue;
        out->ended += out->left[i];
        if (!out->left[i]) put_errors(out, panel, &item[i], i, days);
    }
    return true;
}
