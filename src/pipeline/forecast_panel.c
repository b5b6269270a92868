/* forecast_panel: weekly series of a shop before a day, and their forecasts after it. */
#include "pipeline/forecast_panel.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/forecast/yearly.h"

static const double levels[] = {0.80, 0.95};

int forecast_horizon(int32_t from, int32_t to) { return to - from < 7 ? 0 : (to - from) / 7; }

int forecast_panel_upper(const forecast_panel *p) {
    int i = 0;
    while (i < p->n && !slice_is(p->level[i], "article")) i++;
    return i;
}

/* ---- reading ---- */

/* Only articles have names: the level is asked inside the equality, for a condition beside it would
 * make the join one of every row with every article. */
static const char query[] =
    "WITH weekly AS ("
    " SELECT level, series, CAST(floor((day - DATE '%s') / 7.0) AS INTEGER) AS week,"
    "  CAST(sum(units) AS DOUBLE) AS units FROM d_sales"
    " WHERE day >= DATE '%s' AND day < DATE '%s' GROUP BY 1, 2, 3), "
    "known AS ("
    " SELECT level, series, sum(CASE WHEN week >= -26 THEN units ELSE 0 END) AS recent"
    " FROM weekly WHERE week < 0 GROUP BY level, series), "
    "ranked AS ("
    " SELECT level, series, CAST(row_number() OVER"
    "  (PARTITION BY level ORDER BY recent DESC, series) AS INTEGER) AS place"
    " FROM known WHERE recent > 0) "
    "SELECT r.level, r.series, coalesce(a.name, r.series) AS name, "
    "coalesce(a.category, '') AS category, r.place, w.week, w.units "
    "FROM ranked r JOIN weekly w ON w.level = r.level AND w.series = r.series "
    "LEFT JOIN articles a ON a.article_id = CASE r.level WHEN 'article' THEN r.series END "
    "WHERE r.level <> 'article' OR r.place <= %d "
    "ORDER BY CASE r.level WHEN 'total' THEN 0 WHEN 'category' THEN 1 ELSE 2 END, r.place, "
    "r.series, w.week";

/* Rows [from, to) are one series, weeks ascending. */
static void add_series(forecast_panel *p, const columns *c, int64_t from, int64_t to,
                       arena *keep) {
    const int32_t *week = columns_i32(c, "week");
    const double *units = columns_real(c, "units");
    int i = p->n++;
    p->level[i] = columns_text(c, "level")[from];
    p->series[i] = columns_text(c, "series")[from];
    p->name[i] = columns_text(c, "name")[from];
    bool article = slice_is(p->level[i], "article");
    if (!article || columns_i32(c, "place")[from] <= FORECAST_FULL) p->full = i + 1;
    p->weeks[i] = -week[from]; /* a known series sold something before origin */
    p->y[i] = take(keep, double, p->weeks[i]);
    for (int64_t r = from; r < to; r++) {
        if (week[r] < 0) p->y[i][p->weeks[i] + week[r]] = units[r];
        else p->actual[i * p->horizon + week[r]] = units[r];
    }
}

/* Factors of each upper series from itself; an article has those of its category, cut to its
 * weeks. category[i] is the category of series i. */
static void add_factors(forecast_panel *p, const slice *category, arena *keep) {
    int upper = forecast_panel_upper(p);
    if (p->weeks_known < FORECAST_SEASON_NEEDS) return;
    for (int i = 0; i < upper; i++) {
        if (p->weeks[i] < FORECAST_SEASON_NEEDS) continue;
        p->factor[i] = take(keep, double, p->weeks[i] + p->horizon);
        yearly_factors(p->y[i], p->weeks[i], p->horizon, p->factor[i]);
    }
    for (int i = upper; i < p->n; i++)
        for (int k = 0; k < upper; k++) {
            if (!p->factor[k] || p->weeks[k] < p->weeks[i]) continue;
            if (!slice_is(p->level[k], "category")) continue;
            if (slice_compare(p->series[k], category[i]) != 0) continue;
            p->factor[i] = p->factor[k] + p->weeks[k] - p->weeks[i];
        }
}

bool forecast_panel_load(const work *w, int32_t origin, int horizon, arena *keep,
                         forecast_panel *out, err *e) {
    columns c;
    *out = (forecast_panel){.origin = origin, .horizon = horizon};
    out->weeks_known = forecast_horizon(w->days.first, origin);
    if (out->weeks_known > FORECAST_WEEKS) out->weeks_known = FORECAST_WEEKS;
    const char *day = day_text(keep, origin);
    const char *first = day_text(keep, origin - 7 * out->weeks_known);
    const char *end = day_text(keep, origin + 7 * horizon);
    if (!db_query(w->d, keep, &c, e, query, day, first, end, FORECAST_ARTICLES)) return false;
    const slice *series = columns_text(&c, "series"), *level = columns_text(&c, "level");
    int n = 0, rows = 0;
    for (int64_t r = 0; r < c.rows; r++)
        n += r == 0 || slice_compare(series[r], series[r - 1]) != 0 ||
             slice_compare(level[r], level[r - 1]) != 0;
    for (int64_t r = 0; r < c.rows; r++) /* one series of level rest a category, at most */
        rows += slice_is(level[r], "category") &&
                (r == 0 || slice_compare(series[r], series[r - 1]) != 0);
    rows += n;
    out->level = take(keep, slice, rows);
    out->series = take(keep, slice, rows);
    out->name = take(keep, slice, rows);
    out->weeks = take(keep, int, rows);
    out->y = take(keep, double *, rows);
    out->sold = take(keep, double *, rows);
    out->sold_out = take(keep, int, rows);
    out->factor = take(keep, double *, rows);
    out->parent = take(keep, int32_t, rows);
    out->actual = take(keep, double, (int64_t)rows *horizon);
    slice *category = take(keep, slice, n);
    for (int64_t from = 0, to = 0; from < c.rows; from = to) {
        for (to = from + 1; to < c.rows && slice_compare(series[to], series[from]) == 0 &&
                            slice_compare(level[to], level[from]) == 0;)
            to++;
        category[out->n] = columns_text(&c, "category")[from];
        add_series(out, &c, from, to, keep);
    }
    assert(out->n == n);
    if (!forecast_stock_outs(w, out, category, keep, e)) return false;
    add_factors(out, category, keep);
    forecast_panel_close(out, category, keep);
    return n == 0 || forecast_launches_load(w, out, keep, e);
}

/* ---- forecasting ---- */

typedef struct job {
    const forecast_panel *p;
    forecast_policy policy;
    uint64_t seed;
    forecast_result *to;
} job;

static forecaster_params params_of(const job *j, int i, forecast_part part) {
    forecaster_params p = FORECASTER_DEFAULTS;
    p.kind = i < j->p->full ? part.model : FORECASTER_MEAN;
    p.season = j->p->weeks_known >= FORECAST_SEASON_NEEDS ? FORECAST_SEASON : 1;
    p.window = j->policy.window;
    bool upper = forecast_level(j->p, i) != FORECAST_ARTICLE;
    for (int k = 0; k < FORECASTER_KNOBS && upper; k++)
        if (j->policy.knob[k] > 0)
            forecaster_knob_set(&p, &forecaster_knobs[k], j->policy.knob[k]);
    p.ets.trend = upper ? j->policy.upper_trend : j->policy.trend;
    if (upper && !part.yearly) p.ets.season = p.season;
    p.units = true;
    p.seed = j->seed;
    p.stream = slice_hash(j->p->series[i]);
    return p;
}

static void multiply(band *b, const double *factor) {
    double mean = 0;
    for (int h = 0; h < b->steps; h++) {
        b->mean[h] *= factor[h];
        for (int l = 0; l < b->n_levels; l++) {
            b->low[l * b->steps + h] *= factor[h];
            b->high[l * b->steps + h] *= factor[h];
        }
        mean += factor[h] / b->steps;
    }
    b->total_sd *= mean; /* factors of weeks that follow each other hardly differ */
}

static void run_part(const job *j, int i, forecast_part part, band *to, forecaster_told *told,
                     arena scratch) {
    const forecast_panel *p = j->p;
    err e = {0};
    forecaster_params params = params_of(j, i, part);
    int n = p->weeks[i];
    const double *y = p->y[i], *factor = part.yearly ? p->factor[i] : NULL;
    if (factor && params.kind != FORECASTER_SNAIVE) {
        double *even = take(&scratch, double, n);
        for (int t = 0; t < n; t++) even[t] = y[t] / factor[t];
        y = even;
    } else {
        factor = NULL;
    }
    bool done = forecaster_run(y, n, params, to, told, scratch, &e);
    assert(done); /* sums of units are finite, and the parameters are ours */
    if (factor) multiply(to, factor + n);
}

static void add_band(const band *b, double weight, band *to) {
    for (int h = 0; h < b->steps; h++) to->mean[h] += weight * b->mean[h];
    for (int k = 0; k < b->steps * b->n_levels; k++)
        to->low[k] += weight * b->low[k], to->high[k] += weight * b->high[k];
    to->total_sd += weight * b->total_sd;
}

/* "2/4 snaive, 1/4 ETS(A,N,A), 1/4 blend", as far as there is room. */
static void add_name(const char *one, int parts, char *to) {
    char part[FORECASTER_NAME + 8];
    snprintf(part, sizeof part, "%s%d/%d %s", *to ? ", " : "", parts, FORECAST_MIX, one);
    if (strlen(to) + strlen(part) < FORECASTER_NAME) strcat(to, part);
}

/* The mean of the parts of its level; those that are the same run once. */
static void run_parts(const job *j, int i, band *to, forecaster_told *told, arena scratch) {
    const forecast_part *part = j->policy.part[forecast_level(j->p, i)];
    char name[FORECASTER_NAME] = "";
    forecaster_told all = {0};
    for (int k = 0; k < FORECAST_MIX; k++) {
        int times = 0, earlier = 0;
        for (int m = 0; m < FORECAST_MIX; m++) {
            bool same = part[m].model == part[k].model && part[m].yearly == part[k].yearly;
            times += same, earlier += same && m < k;
        }
        if (earlier > 0) continue;
        arena own = scratch;
        forecaster_told one;
        band b = band_new(&own, to->steps, to->levels, to->n_levels);
        run_part(j, i, part[k], &b, &one, own);
        add_band(&b, (double)times / FORECAST_MIX, to);
        if (times < FORECAST_MIX) add_name(one.model, times, name);
        one.guards |= all.guards;
        all = one;
    }
    if (*name) memcpy(all.model, name, sizeof name);
    *told = all;
}

static void run_one(void *what, int64_t at, arena scratch) {
    const job *j = what;
    const forecast_panel *p = j->p;
    int i = (int)at;
    band b = band_new(&scratch, p->horizon, levels, 2);
    run_parts(j, i, &b, &j->to->told[i], scratch);
    j->to->told[i].guards |= guard_width(p->y[i], p->weeks[i], 1, &b); /* factors may widen it */
    size_t bytes = sizeof(double) * (size_t)p->horizon;
    memcpy(j->to->mean + i * p->horizon, b.mean, bytes);
    memcpy(j->to->low + i * p->horizon, b.low, bytes);
    memcpy(j->to->high + i * p->horizon, b.high, bytes);
    memcpy(j->to->low95 + i * p->horizon, b.low + p->horizon, bytes);
    memcpy(j->to->high95 + i * p->horizon, b.high + p->horizon, bytes);
    band_sums(&b, j->to->sum_sd + i * p->horizon);
}

/* A series of level rest: the mean that was counted, and Poisson's spread at least. */
static void run_rest(const forecast_panel *p, forecast_result *to, int i) {
    double z80 = normal_quantile(0.9), z95 = normal_quantile(0.975);
    memcpy(to->told[i].model, "newcomers", sizeof "newcomers");
    for (int h = 0; h < p->horizon; h++) {
        int64_t at = (int64_t)i * p->horizon + h;
        double mean = p->newcomer[(int64_t)(i - p->rest) * p->horizon + h];
        double sd = sqrt(fmax(p->newcomer_variance[i - p->rest], mean));
        to->mean[at] = mean;
        to->low[at] = fmax(mean - z80 * sd, 0), to->high[at] = mean + z80 * sd;
        to->low95[at] = fmax(mean - z95 * sd, 0), to->high95[at] = mean + z95 * sd;
        to->sum_sd[at] = sd * sqrt(h + 1.0);
    }
}

void forecast_totals(const forecast_panel *p, forecast_result *r) {
    double z = normal_quantile(0.5 + levels[0] / 2);
    for (int i = 0; i < p->n; i++) {
        double sum = 0, sd = r->sum_sd[(int64_t)(i + 1) * p->horizon - 1];
        for (int h = 0; h < p->horizon; h++) sum += r->mean[(int64_t)i * p->horizon + h];
        r->total[i] = sum;
        r->total_low[i] = fmax(sum - z * sd, 0);
        r->total_high[i] = sum + z * sd;
    }
}

void forecast_panel_run(const work *w, const forecast_panel *p, forecast_policy policy,
                        arena *keep, forecast_result *out) {
    double **weekly[] = {&out->mean,  &out->low,    &out->high,
                         &out->low95, &out->high95, &out->sum_sd};
    double **sums[] = {&out->total, &out->total_low, &out->total_high};
    for (int i = 0; i < 6; i++) *weekly[i] = take(keep, double, (int64_t)p->n *p->horizon);
    for (int i = 0; i < 3; i++) *sums[i] = take(keep, double, p->n);
    out->told = take(keep, forecaster_told, p->n);
    job j = {.p = p, .policy = policy, .seed = seed_for(w->seed, "forecast"), .to = out};
    pool_for(w->threads, p->rest, run_one, &j);
    for (int i = p->rest; i < p->n; i++) run_rest(p, out, i);
    if (policy.global[0] > 0 || policy.global[1] > 0 || policy.global[2] > 0) {
        arena scratch = *keep;
        err unused = {0}; /* without that model the local ones stand */
        forecast_global fitted;
        if (!p->global) forecast_global_fit(w, p, policy.global, &scratch, &fitted, &unused);
        forecast_mix(p, p->global ? p->global : &fitted, policy.global, out);
    }
    forecast_cold(w, p, policy.cold, policy.part[FORECAST_ARTICLE][0].yearly, out,
                  *keep);
    if (policy.method != FORECAST_AS_THEY_ARE) {
        arena scratch = *keep; /* forgotten after it */
        forecast_reconcile(p, policy.method, out, scratch);
    }
    forecast_totals(p, out);
}
