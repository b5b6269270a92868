/* forecast_coherent: the hierarchy of a panel and forecasts that add up in it. */
#include <math.h>
#include <string.h>

#include "models/forecast/reconcile.h"
#include "pipeline/forecast_panel.h"

enum { EARLIER = 3, KNOWN = 26, LEVEL = 13, RESIDUALS = 26, SHRINK_MOST = 4000 };

static const char *const names[FORECAST_METHODS] = {"as they are", "bottom-up", "top-down",
                                                    "struct",      "var",       "shrink"};

const char *forecast_method_name(forecast_method m) { return names[m]; }

/* ---- the hierarchy ---- */

/* Units of week `back` before the origin (1 = the last one). */
static double units(const forecast_panel *p, int i, int back) {
    return back <= p->weeks[i] ? p->y[i][p->weeks[i] - back] : 0;
}

/* True when the series had sold nothing in the 26 weeks before the one that is `back` before the
 * origin: at that time nobody would have forecast it. */
static bool unknown_then(const forecast_panel *p, int i, int back) {
    double recent = 0;
    for (int k = 1; k <= KNOWN; k++) recent += units(p, i, back + k);
    return recent <= 0;
}

/* What articles of category c sold in each week after an earlier origin that did not know them. */
static void count_newcomers(const forecast_panel *p, int c, int earlier, double *to) {
    int origin = earlier * p->horizon; /* weeks from it to the panel's */
    for (int i = forecast_panel_upper(p); i < p->rest; i++)
        if (p->parent[i] == c && unknown_then(p, i, origin))
            for (int h = 0; h < p->horizon; h++) to[h] += units(p, i, origin - h);
}

/* Mean weekly sales of the category that no series of the panel has. */
static double left_out(const forecast_panel *p, int c) {
    double gap = 0;
    for (int k = 1; k <= LEVEL; k++) {
        gap += units(p, c, k);
        for (int i = forecast_panel_upper(p); i < p->rest; i++)
            if (p->parent[i] == c) gap -= units(p, i, k);
    }
    return fmax(gap / LEVEL, 0);
}

/* Sold after the origin by articles that the panel does not hold. */
static void fill_actual(forecast_panel *p, int c, int at) {
    for (int h = 0; h < p->horizon; h++) {
        double *to = &p->actual[(int64_t)at * p->horizon + h];
        *to = p->actual[(int64_t)c * p->horizon + h];
        for (int i = forecast_panel_upper(p); i < p->rest; i++)
            if (p->parent[i] == c) *to -= p->actual[(int64_t)i * p->horizon + h];
    }
}

/* The expected units of the rest of category c into mean, its weekly variance; false: nothing. */
static bool expect_rest(const forecast_panel *p, int c, double *mean, double *variance,
                        arena scratch) {
    int used = 0, h = p->horizon;
    double *sold = take(&scratch, double, EARLIER *h), sum = 0, between = 0, gap = left_out(p, c);
    for (int k = 1; k <= EARLIER && p->weeks_known >= k * h + KNOWN; k++, used++)
        count_newcomers(p, c, k, sold + used * h);
    for (int k = 0; k < h; k++) {
        for (int o = 0; o < used; o++) mean[k] += sold[o * h + k] / used;
        for (int o = 0; o < used; o++)
            between += (sold[o * h + k] - mean[k]) * (sold[o * h + k] - mean[k]) / h;
        sum += mean[k] += gap;
    }
    *variance = sum / h + (used > 1 ? between / (used - 1) : 0);
    return sum > 0;
}

static void add_rest(forecast_panel *p, int c, arena *keep) {
    int at = p->n++;
    p->level[at] = SLICE("rest");
    p->series[at] = p->series[c];
    p->name[at] = slice_of(arena_text(keep, "%.*s: articles yet to come", (int)p->series[c].n,
                                      p->series[c].p));
    p->parent[at] = c;
    p->y[at] = p->sold[at] = take(keep, double, 1);
    fill_actual(p, c, at);
}

void forecast_panel_close(forecast_panel *p, const slice *category, arena *keep) {
    int upper = forecast_panel_upper(p), h = p->horizon;
    bool total = p->n > 0 && slice_is(p->level[0], "total");
    p->rest = p->n;
    for (int i = 0; i < p->n; i++) p->parent[i] = total && i > 0 ? 0 : -1;
    for (int i = upper; i < p->n; i++)
        for (int c = total; c < upper; c++)
            if (slice_compare(p->series[c], category[i]) == 0) p->parent[i] = c;
    p->newcomer = take(keep, double, (int64_t)upper *h);
    p->newcomer_variance = take(keep, double, upper);
    for (int c = total; c < upper; c++) {
        int k = p->n - p->rest;
        if (expect_rest(p, c, p->newcomer + k * h, p->newcomer_variance + k, *keep))
            add_rest(p, c, keep);
    }
}

/* ---- adding up ---- */

/* Variance of a week's error as the model states it: the mean over the steps of (upper bound less
 * mean)^2 / z^2; at least Poisson's, so that nobody is beyond doubt. */
static double stated_variance(const forecast_panel *p, const forecast_result *r, int i) {
    double z = normal_quantile(0.9), sum = 0, mean = 0;
    for (int h = 0; h < p->horizon; h++) {
        int64_t at = (int64_t)i * p->horizon + h;
        double sd = (r->high[at] - r->mean[at]) / z;
        sum += sd * sd, mean += r->mean[at];
    }
    return fmax(sum, fmax(mean, 0.01)) / p->horizon;
}

/* One-step errors of the window mean over the last weeks, [RESIDUALS, n]; 0 before a series began
 * and for the rest. */
static double *residuals(const forecast_panel *p, arena *keep) {
    double *to = take(keep, double, (int64_t)RESIDUALS *p->n);
    for (int i = 0; i < p->rest; i++)
        for (int t = 0; t < RESIDUALS; t++) {
            int back = RESIDUALS - t, n = p->weeks[i] - back;
            double mean = 0;
            if (n < 1) continue;
            int window = n < LEVEL ? n : LEVEL;
            for (int k = 1; k <= window; k++) mean += units(p, i, back + k) / window;
            to[(int64_t)t * p->n + i] = units(p, i, back) - mean;
        }
    return to;
}

/* The leaves under each of the first `upper` series; false when one has none. */
static bool as_groups(const forecast_panel *p, int upper, reconcile_groups *g, arena *keep) {
    int leaves = p->n - upper;
    int64_t *at = take(keep, int64_t, upper + 1), used = 0;
    int32_t *leaf = take(keep, int32_t, 2 * (int64_t)leaves);
    for (int a = 0; a < upper; a++) {
        for (int i = upper; i < p->n; i++) {
            int32_t c = p->parent[i];
            if (c == a || (c >= 0 && p->parent[c] == a)) leaf[used++] = i - upper;
        }
        at[a + 1] = used;
        if (used == at[a]) return false;
    }
    *g = (reconcile_groups){upper, leaves, at, leaf};
    return true;
}

static bool shrink(const forecast_panel *p, const double *variance, double *f, arena scratch) {
    int upper = forecast_panel_upper(p);
    reconcile_groups g;
    if (p->n > SHRINK_MOST || !as_groups(p, upper, &g, &scratch)) return false;
    reconcile_errors w = reconcile_shrunk(residuals(p, &scratch), RESIDUALS, p->n, &scratch);
    double *own = take(&scratch, double, p->n);
    for (int i = 0; i < p->n; i++) own[i] = i < p->rest ? w.variance[i] : variance[i];
    w.variance = own;
    reconcile_groups_solve(&g, &w, p->horizon, true, f, scratch);
    reconcile_bottom_up(&(reconcile_tree){p->n, p->parent}, p->horizon, f, scratch);
    return true;
}

static void move(const forecast_panel *p, const double *f, forecast_result *r) {
    for (int64_t i = 0; i < (int64_t)p->n * p->horizon; i++) {
        double by = f[i] - r->mean[i];
        r->mean[i] = f[i];
        r->low[i] = forecast_whole(r->low[i] + by), r->high[i] += by;
        r->low95[i] = forecast_whole(r->low95[i] + by), r->high95[i] += by;
    }
}

void forecast_reconcile(const forecast_panel *p, forecast_method m, forecast_result *r,
                        arena scratch) {
    reconcile_tree t = {p->n, p->parent};
    double *f = take(&scratch, double, (int64_t)p->n *p->horizon);
    double *variance = take(&scratch, double, p->n);
    memcpy(f, r->mean, sizeof(double) * (size_t)p->n * (size_t)p->horizon);
    for (int i = 0; i < p->n; i++) variance[i] = stated_variance(p, r, i);
    if (m == FORECAST_BOTTOM_UP) reconcile_bottom_up(&t, p->horizon, f, scratch);
    if (m == FORECAST_TOP_DOWN) reconcile_top_down(&t, p->horizon, f, scratch);
    if (m == FORECAST_STRUCT) reconcile_tree_leaves(&t, variance);
    if (m == FORECAST_STRUCT || m == FORECAST_VAR ||
        (m == FORECAST_SHRINK && !shrink(p, variance, f, scratch)))
        reconcile_tree_solve(&t, variance, p->horizon, true, f, scratch);
    move(p, f, r);
}
