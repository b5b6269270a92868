/* forecast_tiles: forecasts after the last day and their alerts, as tiles and as the bundle. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/order.h"
#include "data/store.h"
#include "pipeline/forecast_alerts.h"
#include "pipeline/forecast_parts.h"

enum { WEEKS_AHEAD = 4, HISTORY = 104, TOP_ARTICLES = 50, CHART_WEEKS = 26 };

static bool load_all(work *w, scope *s, forecast_panel *p, forecast_result *r,
                     forecast_factors *f, err *e) {
    if (!forecast_panel_load(w, w->days.end, WEEKS_AHEAD, &s->keep, p, e)) return false;
    forecast_policy policy = forecast_policy_tuned(w, s);
    forecast_panel_run(w, p, policy, &s->keep, r);
    if (!forecast_factors_fit(w, p->origin, p->horizon, policy, s, f, e)) return false;
    forecast_factors_apply(f, p, r);
    return true;
}

void forecast_put_guards(const forecast_panel *p, const forecast_result *r, js *j) {
    js_object(j, "guards");
    for (int k = 0; k < GUARD_KINDS; k++) {
        int series = 0;
        for (int i = 0; i < p->rest; i++) series += (r->told[i].guards & GUARD(k)) != 0;
        js_put_int(j, guard_names[k], series);
    }
    js_end(j);
}

/* Names of guards, separated by spaces. */
static const char *guard_words(unsigned guards, arena *keep) {
    const char *all = "";
    for (int k = 0; k < GUARD_KINDS; k++)
        if (guards & GUARD(k))
            all = arena_text(keep, "%s%s%s", all, *all ? " " : "", guard_names[k]);
    return all;
}

static double last_weeks(const forecast_panel *p, int i, int n) {
    double sum = 0;
    for (int t = p->weeks[i] - 1; t >= 0 && t >= p->weeks[i] - n; t--) sum += p->sold[i][t];
    return sum;
}

/* ---- 09: forecasts.json ---- */

static void put_series(js *j, const forecast_panel *p, const forecast_result *r, int i,
                       slice found) {
    double before = last_weeks(p, i, WEEKS_AHEAD);
    js_object(j, NULL);
    js_put_text(j, "level", p->level[i]);
    js_put_text(j, "series", p->series[i]);
    js_put_text(j, "name", p->name[i]);
    js_put_fixed(j, "last_4_weeks", before, 0);
    js_put_fixed(j, "next_4_weeks", r->total[i], 1);
    js_put_fixed(j, "change", before > 0 ? r->total[i] / before - 1 : NAN, 4);
    js_put_fixed(j, "low", r->total_low[i], 1);
    js_put_fixed(j, "high", r->total_high[i], 1);
    js_put_word(j, "model", r->told[i].model);
    js_put_int(j, "sold_out_weeks", p->sold_out[i]);
    if (found.n > 0) js_put_raw(j, "detections", found);
    else js_put_null(j, "detections");
    js_end(j);
}

static bool put_alerts(work *w, folder *f, const forecast_panel *p, const forecast_result *r,
                       const forecast_factors *factors, scope *s, err *e) {
    forecast_alerts a;
    insight_prices prices;
    const forecast_open *before = forecast_open_read(w, s);
    if (!forecast_alerts_load(w, p, s, &a, e) ||
        !insight_prices_fit(&prices, w, w->days.end, s, e))
        return false;
    a.prices = &prices;
    forecast_alerts_find(w, p, r, factors, before, s, &a);
    return forecast_alerts_write(w, f, &a, before, s, e);
}

bool forecast_insight(work *w, folder *f, scope *s, js *report, err *e) {
    forecast_panel p;
    forecast_result r;
    forecast_factors factors;
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    if (!load_all(w, s, &p, &r, &factors, e)) return false;
    slice *found = take(&s->keep, slice, p.n);
    forecast_parts(w, &p, false, s, found);
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.forecasts/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    js_put_int(j, "horizon_weeks", WEEKS_AHEAD);
    js_put_int(j, "series", p.n);
    forecast_put_stock_outs(&p, j);
    forecast_put_guards(&p, &r, j);
    js_array(j, "top");
    for (int i = 0, articles = 0; i < p.n && articles < TOP_ARTICLES; i++) {
        articles += slice_is(p.level[i], "article");
        put_series(j, &p, &r, i, found[i]);
    }
    js_end(j);
    js_end(j);
    js_put_int(report, "series", p.n);
    return folder_write(f, "forecasts.json", text_slice(&j->out), e) &&
           put_alerts(w, f, &p, &r, &factors, s, e);
}

/* ---- 10: forecast.atm and the home tile ---- */

static float *narrow(const double *x, int64_t n, arena *keep) {
    float *to = take(keep, float, n);
    for (int64_t i = 0; i < n; i++) to[i] = (float)x[i];
    return to;
}

static float *histories(const forecast_panel *p, arena *keep) {
    float *to = take(keep, float, (int64_t)p->n *HISTORY);
    for (int i = 0; i < p->n; i++)
        for (int k = 0; k < HISTORY; k++) {
            int t = p->weeks[i] - HISTORY + k;
            to[(int64_t)i * HISTORY + k] = t < 0 ? NAN : (float)p->sold[i][t];
        }
    return to;
}

static bool write_bundle(const work *w, folder *f, const forecast_panel *p,
                         const forecast_result *r, scope *s, err *e) {
    int64_t n = p->n, cells = n * p->horizon;
    slice *model = take(&s->keep, slice, n), *found = take(&s->keep, slice, n);
    slice *guards = take(&s->keep, slice, n);
    int32_t *start = take(&s->keep, int32_t, n);
    for (int64_t i = 0; i < n; i++) {
        model[i] = slice_of(r->told[i].model), start[i] = p->origin;
        guards[i] = slice_of(guard_words(r->told[i].guards, &s->keep));
    }
    forecast_parts(w, p, true, s, found);
    store_writer *m = store_create(s, folder_path(f, "forecast.atm"), "forecast", e);
    return m && store_put_texts(m, "level", p->level, n, e) &&
           store_put_texts(m, "series", p->series, n, e) &&
           store_put_texts(m, "model", model, n, e) &&
           store_put_texts(m, "detections", found, n, e) &&
           store_put_texts(m, "guards", guards, n, e) &&
           store_put(m, "start", STORE_I32, n, 1, start, e) &&
           store_put(m, "mean", STORE_F32, n, p->horizon, narrow(r->mean, cells, &s->keep), e) &&
           store_put(m, "low", STORE_F32, n, p->horizon, narrow(r->low, cells, &s->keep), e) &&
           store_put(m, "high", STORE_F32, n, p->horizon, narrow(r->high, cells, &s->keep), e) &&
           store_put(m, "history", STORE_F32, n, HISTORY, histories(p, &s->keep), e) &&
           store_close(m, e);
}

/* `before` gaps, the values, `after` gaps. */
static void put_padded(js *j, const char *key, const double *x, int n, int before, int after) {
    js_array(j, key);
    for (int i = 0; i < before; i++) js_put_null(j, NULL);
    for (int i = 0; i < n; i++) js_put_fixed(j, NULL, x[i], 1);
    for (int i = 0; i < after; i++) js_put_null(j, NULL);
    js_end(j);
}

/* Series 0 is the total: the last weeks sold, and the weeks ahead with their interval. */
static void put_chart(js *j, const forecast_panel *p, const forecast_result *r, scope *s) {
    int past = p->weeks[0] < CHART_WEEKS ? p->weeks[0] : CHART_WEEKS, ahead = p->horizon;
    js_object(j, "chart");
    js_put_word(j, "kind", "line");
    js_put_word(j, "x_title", "week from");
    js_put_word(j, "y_title", "units a week");
    js_array(j, "x");
    for (int k = -past; k < ahead; k++)
        js_put_word(j, NULL, day_text(&s->keep, p->origin + 7 * k));
    js_end(j);
    js_array(j, "series");
    js_object(j, NULL);
    js_put_word(j, "name", "sold");
    put_padded(j, "values", p->sold[0] + p->weeks[0] - past, past, 0, ahead);
    js_end(j);
    js_object(j, NULL);
    js_put_word(j, "name", "forecast");
    put_padded(j, "values", r->mean, ahead, past, 0);
    put_padded(j, "low", r->low, ahead, past, 0);
    put_padded(j, "high", r->high, ahead, past, 0);
    js_end(j);
    js_end(j);
    js_end(j);
}

static void put_evaluated(work *w, scope *s, js *j) {
    slice verdict;
    const js_node *mine = work_report(w, s, "08_evaluate", "evaluation.json", "forecast");
    if (js_text(js_get(mine, "verdict"), &verdict)) js_put_text(j, "verdict", verdict);
    else js_put_word(j, "verdict", "not evaluated: the history is too short");
}

static void put_tile(work *w, const forecast_panel *p, const forecast_result *r, scope *s,
                     js *j) {
    double before = last_weeks(p, 0, WEEKS_AHEAD);
    js_put_null(j, "skipped");
    js_object(j, "headline");
    js_put_word(j, "label", "Units in the next 4 weeks");
    js_put_fixed(j, "value", r->total[0], 0);
    js_put_word(j, "format", "integer");
    js_putf(j, "note", "last 4 weeks %.0f", before);
    js_end(j);
    js_putf(j, "sentence",
            "The shop is expected to sell %.0f units in the next 4 weeks (80 %% interval %.0f to "
            "%.0f), %+.0f %% against the last 4; %d series are forecast.",
            r->total[0], r->total_low[0], r->total_high[0],
            before > 0 ? 100 * (r->total[0] / before - 1) : 0.0, p->n);
    put_evaluated(w, s, j);
    put_chart(j, p, r, s);
}

bool forecast_publish(work *w, folder *f, scope *s, js *report, err *e) {
    forecast_panel p;
    forecast_result r;
    forecast_factors factors;
    if (!load_all(w, s, &p, &r, &factors, e) || !write_bundle(w, f, &p, &r, s, e)) return false;
    if (p.n > 0) put_tile(w, &p, &r, s, report);
    else js_put_word(report, "skipped", "the shop has no sales to forecast from");
    return true;
}
