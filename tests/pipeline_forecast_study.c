/* the study of forecasting models: what a shop's categories show is taken, and nothing else. */
#include "desk.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "pipeline/forecast_study.h"
#include "pipeline/tuned_file.h"

enum { WEEKS = 90, SERIES = 12, H = 4 };

/* Categories of 90 weeks and 4 to come, with the noise of `sd`; those that bend, by more and more
 * in turns of nine weeks. */
static forecast_panel panel_of(desk *p, double bend, double sd) {
    arena *keep = &p->s.keep;
    forecast_panel to = {.n = SERIES, .full = SERIES, .rest = SERIES, .horizon = H,
                         .weeks_known = 70, .origin = p->w.days.valid_from};
    to.level = take(keep, slice, SERIES), to.series = take(keep, slice, SERIES);
    to.name = take(keep, slice, SERIES), to.weeks = take(keep, int, SERIES);
    to.y = take(keep, double *, SERIES), to.sold_out = take(keep, int, SERIES);
    to.factor = take(keep, double *, SERIES), to.parent = take(keep, int32_t, SERIES);
    to.actual = take(keep, double, SERIES *H);
    for (int i = 0; i < SERIES; i++) {
        rng r = rng_open(3, (uint64_t)i);
        double level = 400, slope = 0;
        to.level[i] = SLICE("category");
        to.series[i] = to.name[i] = slice_of(arena_text(keep, "%c", 'A' + i));
        to.weeks[i] = WEEKS, to.parent[i] = -1, to.y[i] = take(keep, double, WEEKS);
        for (int t = 0; t < WEEKS + H; t++) {
            if (t % 9 == i % 9) slope = bend * (rng_uniform(&r) < 0.5 ? -1 : 1);
            if (level + slope < 150 || level + slope > 900) slope = -slope;
            level += slope;
            double units = floor(level + sd * rng_normal(&r));
            if (t < WEEKS) to.y[i][t] = units;
            else to.actual[i * H + t - WEEKS] = units;
        }
    }
    to.sold = to.y;
    return to;
}

static slice study_of(desk *p, const forecast_panel *panel, forecast_policy *policy) {
    js *report = take(&p->s.keep, js, 1);
    *policy = FORECAST_POLICY;
    js_open(report, &p->s);
    js_object(report, NULL);
    check_ok(forecast_studies(panel, policy, &p->w, p->f, &p->s, report, &p->e), &p->e);
    js_end(report);
    return text_slice(&report->out);
}

static const js_node *row_of(desk *p, slice report, int i) {
    const js_node *row = js_at(js_get(js_parse(&p->s, report, &p->e), "studies"), i);
    check(row && js_count(js_get(row, "trials")) == 12);
    return row;
}

static void open_plain(desk *p, const char *name, int threads) {
    desk_open(p, threads, name, (windows){18000, 18630, 18658, 18686});
}

CHECK(a_study_of_prophet_takes_the_prior_that_bends) {
    desk p;
    forecast_policy policy;
    open_plain(&p, "forecast-study", 2);
    forecast_panel panel = panel_of(&p, 25, 2);
    const js_node *row = row_of(&p, study_of(&p, &panel, &policy), 1);
    bool taken = false;
    check(js_bool(js_get(row, "taken"), &taken) && taken);
    check(desk_real(row, "gain_high") < 0 && desk_real(row, "best") < desk_real(row, "default"));
    double prior = 0;
    for (int k = 0; k < FORECASTER_KNOBS; k++)
        if (!strcmp(forecaster_knobs[k].name, "prophet.changepoint_prior")) prior = policy.knob[k];
    check(prior > 0.05); /* of the default it bends too late */
    slice json = forecast_policy_json(policy, &p.s.keep);
    check_near(desk_real(js_get(js_parse(&p.s, json, &p.e), "knobs"), "prophet.changepoint_prior"),
               prior, 1e-8 * prior); /* nine digits are written */
    desk_close(&p);
}

CHECK(a_study_of_forecasts_keeps_what_nothing_beats) {
    desk p;
    forecast_policy policy, usual = FORECAST_POLICY;
    open_plain(&p, "forecast-study-none", 2);
    forecast_panel panel = panel_of(&p, 0, 30); /* noise about one level */
    slice report = study_of(&p, &panel, &policy);
    bool taken = true;
    check(js_bool(js_get(row_of(&p, report, 0), "taken"), &taken) && !taken);
    check(memcmp(policy.knob, usual.knob, sizeof usual.knob) == 0);
    desk_close(&p);
}

CHECK(a_study_of_forecasts_is_the_same_on_any_threads) {
    static const char *const names[] = {"forecast-one", "forecast-two", "forecast-eight"};
    desk p[3];
    slice first = {0};
    for (int i = 0; i < 3; i++) {
        forecast_policy policy;
        open_plain(&p[i], names[i], (int[]){1, 2, 8}[i]);
        forecast_panel panel = panel_of(&p[i], 25, 2);
        slice now = study_of(&p[i], &panel, &policy);
        if (i == 0) first = now;
        check(slice_compare(first, now) == 0);
    }
    for (int i = 0; i < 3; i++) desk_close(&p[i]);
}

/* ---- what `atelier tune` found ---- */

/* tuned/prophet.json of these parameters, found on the sales of `shop`. */
static void offer(desk *p, const char *parameters, int shop) {
    js j;
    desk_sql(p, arena_text(&p->s.keep, "CREATE OR REPLACE TABLE d_sales AS SELECT 'article' AS "
                           "level, CAST(i %% 7 AS VARCHAR) AS series, DATE '2024-01-01' + "
                           "CAST(i AS INTEGER) AS day, CAST(i + %d AS BIGINT) AS units, 1.5 AS "
                           "revenue FROM range(90) t(i)", shop));
    js_open(&j, &p->s);
    js_object(&j, NULL);
    js_put_word(&j, "model", "prophet");
    js_put_raw(&j, "parameters", slice_of(parameters));
    check_ok(tuned_file_put_data(&j, &p->w, &p->s, &p->e), &p->e);
    js_end(&j);
    const char *into = arena_text(&p->s.keep, "%s/" TUNED_FOLDER, p->w.out);
    check_ok(file_make_folders(into, &p->e), &p->e);
    check_ok(file_replace(arena_text(&p->s.keep, "%s/prophet.json", into), text_slice(&j.out),
                          &p->e), &p->e);
}

static const js_node *offered(desk *p, slice report, bool *taken) {
    const js_node *rows = js_get(js_parse(&p->s, report, &p->e), "offered");
    check(js_count(rows) == 1 && js_bool(js_get(js_at(rows, 0), "taken"), taken));
    return js_at(rows, 0);
}

static double knob_of(const forecast_policy *policy, const char *name) {
    return policy->knob[forecaster_knob_find(name) - forecaster_knobs];
}

CHECK(what_tune_found_is_taken_where_it_is_better_than_all_trials) {
    desk p;
    forecast_policy policy;
    bool taken = false;
    open_plain(&p, "forecast-offered", 2);
    offer(&p, "{\"prophet.changepoint_prior\": 0.5, \"prophet.changepoints\": 45, "
              "\"prophet.range\": 0.95, \"prophet.multiply\": \"no\"}", 0);
    forecast_panel panel = panel_of(&p, 25, 2);
    const js_node *row = offered(&p, study_of(&p, &panel, &policy), &taken);
    check(taken && desk_real(row, "gain_high") < 0);
    check(desk_real(row, "score") < desk_real(row, "default"));
    check_near(knob_of(&policy, "prophet.changepoints"), 45, 0);
    check_near(knob_of(&policy, "prophet.changepoint_prior"), 0.5, 0);
    desk_close(&p);
}

CHECK(what_tune_found_is_left_where_it_is_no_better) {
    desk p;
    forecast_policy policy, usual = FORECAST_POLICY;
    bool taken = true;
    open_plain(&p, "forecast-offered-worse", 2);
    offer(&p, "{\"prophet.changepoint_prior\": 0.5}", 0);
    forecast_panel panel = panel_of(&p, 0, 30); /* noise: what bends runs after it */
    const js_node *row = offered(&p, study_of(&p, &panel, &policy), &taken);
    check(!taken && desk_real(row, "gain") > 0);
    check_has(js_word(row, "why"), "is not taken: on validation it is not shown to be better");
    check(memcmp(policy.knob, usual.knob, sizeof usual.knob) == 0);
    desk_close(&p);
}

CHECK(what_tune_found_elsewhere_or_nobody_knows_is_not_tried) {
    static const char *const said[][2] = {
        {"{\"prophet.bends\": 3}", "a run knows no parameter 'prophet.bends' of prophet"},
        {"{\"prophet.range\": 7}", "prophet.range must be 0.05 to 1, not 7"},
        {"{\"prophet.changepoints\": 7.5}", "prophet.changepoints is no whole number"},
        {"{\"prophet.multiply\": \"perhaps\"}", "prophet.multiply is no word that it can have"},
        {"[]", "has no parameters of model prophet"},
        {"{\"prophet.range\": 0.7}", "was found for another shop (this one has 0 of the 32 sales"},
    };
    desk p;
    forecast_policy policy;
    bool taken = true;
    open_plain(&p, "forecast-offered-not", 2);
    forecast_panel panel = panel_of(&p, 0, 30);
    for (int i = 0; i < 6; i++) {
        unlink(folder_path(p.f, "forecast_ets.journal"));
        unlink(folder_path(p.f, "forecast_prophet.journal"));
        offer(&p, said[i][0], 0);
        if (i == 5) desk_sql(&p, "UPDATE d_sales SET units = units + 500");
        const js_node *row = offered(&p, study_of(&p, &panel, &policy), &taken);
        check(!taken);
        check_has(js_word(row, "why"), said[i][1]);
    }
    desk_close(&p);
}
