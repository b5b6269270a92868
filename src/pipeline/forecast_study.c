/* forecast_study: parameters of ETS and Prophet for the series of a shop, by earlier origins. */
#include "pipeline/forecast_study.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/forecast/forecaster_knobs.h"
#include "models/metrics_forecast.h"
#include "pipeline/family.h"
#include "models/tune/asha.h"
#include "pipeline/tune_study.h"

enum { TRIALS = 12, RUNG_LEAST = 8, RUNGS = 3, PARAMS = 3, TWO_YEARS = 2 * FORECAST_SEASON };

/* The series of all origins: unit[origin][i] is the number of series i of its panel, in the order
 * in which trials meet them. */
typedef struct trial {
    const work *w;
    forecast_policy policy;
    const forecaster_knob *knob[PARAMS];
    space_param param[PARAMS];
    space s;
    forecaster_kind kind;
    int origins, units, rungs;
    int until[RUNGS];             /* units of each rung: its end */
    forecast_panel *panel[RUNGS]; /* [origins] the series of the rung */
    int32_t **unit[RUNGS];        /* [origins][series] */
} trial;

/* ---- series ---- */

static int find(const forecast_panel *p, slice level, slice series) {
    for (int i = 0; i < p->full; i++)
        if (slice_compare(p->level[i], level) == 0 && slice_compare(p->series[i], series) == 0)
            return i;
    return -1;
}

static forecast_panel room_for(const forecast_panel *like, int n, arena *keep) {
    forecast_panel to = {.horizon = like->horizon, .weeks_known = like->weeks_known,
                         .origin = like->origin};
    to.level = take(keep, slice, n), to.series = take(keep, slice, n);
    to.name = take(keep, slice, n), to.weeks = take(keep, int, n);
    to.y = take(keep, double *, n), to.sold = take(keep, double *, n);
    to.sold_out = take(keep, int, n), to.factor = take(keep, double *, n);
    to.parent = take(keep, int32_t, n), to.actual = take(keep, double, n *like->horizon);
    return to;
}

static void add_series(forecast_panel *to, const forecast_panel *from, int i) {
    int at = to->n++, h = from->horizon;
    to->level[at] = from->level[i], to->series[at] = from->series[i];
    to->name[at] = from->name[i], to->weeks[at] = from->weeks[i];
    to->y[at] = from->y[i], to->sold[at] = from->sold[i], to->factor[at] = from->factor[i];
    to->parent[at] = -1;
    memcpy(to->actual + (int64_t)at * h, from->actual + (int64_t)i * h,
           sizeof *to->actual * (size_t)h);
    to->full = to->rest = to->n;
}

/* The first `units` series of panels[0], and the same of the other origins, by rungs. */
static void open_series(trial *t, const forecast_panel *panels, int n, int units, arena *keep) {
    int32_t *order = take(keep, int32_t, units);
    rng r = rng_open(seed_for(t->w->seed, "forecast study"), 0);
    for (int i = 0; i < units; i++) order[i] = i;
    rng_shuffle(&r, order, units);
    t->origins = n;
    t->units = units;
    bool many = units >= 16 * RUNG_LEAST;
    t->rungs = many ? RUNGS : 1;
    for (int k = 0; k < t->rungs; k++) t->until[k] = units;
    if (many) t->until[0] = units / 16, t->until[1] = units / 16 * ASHA_ETA;
    for (int k = 0, from = 0; k < t->rungs; from = t->until[k++]) {
        int most = t->until[k] - from;
        t->panel[k] = take(keep, forecast_panel, n);
        t->unit[k] = take(keep, int32_t *, n);
        for (int o = 0; o < n; o++) {
            t->panel[k][o] = room_for(&panels[o], most, keep);
            t->unit[k][o] = take(keep, int32_t, most);
            for (int j = from; j < t->until[k]; j++) {
                int i = find(&panels[o], panels[0].level[order[j]], panels[0].series[order[j]]);
                if (i < 0) continue;
                t->unit[k][o][t->panel[k][o].n] = order[j];
                add_series(&t->panel[k][o], &panels[o], i);
            }
        }
    }
}

/* ---- a point ---- */

static int knob_at(const forecaster_knob *k) { return (int)(k - forecaster_knobs); }

static forecast_policy policy_at(const trial *t, const double *point) {
    forecast_policy policy = t->policy;
    for (int i = 0; i < t->s.n; i++) {
        if (t->knob[i]->kind == FORECASTER_KNOB_FLAG) policy.upper_trend = point[i] > 0;
        else policy.knob[knob_at(t->knob[i])] = point[i];
    }
    return policy;
}

static void add_scores(const forecast_panel *p, const forecast_result *r, const int32_t *unit,
                       double *sum, int *count) {
    for (int i = 0; i < p->n; i++) {
        int h = p->horizon;
        double x = metrics_rmsse(p->actual + i * h, r->mean + i * h, h, p->y[i], p->weeks[i]);
        if (isfinite(x)) sum[unit[i]] += x, count[unit[i]]++;
    }
}

static bool score(void *what, const double *point, tuner_part part, tuner_trial *reports,
                  pool *threads, scope *s, double *unit, err *e) {
    (void)part, (void)threads;
    const trial *t = what;
    forecast_policy policy = policy_at(t, point);
    int *count = take(&s->keep, int, t->units);
    double *sum = take(&s->keep, double, t->units);
    for (int i = 0; i < t->units; i++) unit[i] = NAN;
    for (int k = 0; k < t->rungs; k++) {
        for (int o = 0; o < t->origins; o++) {
            arena own = s->scratch;
            forecast_result r;
            forecast_panel_run(t->w, &t->panel[k][o], policy, &own, &r);
            add_scores(&t->panel[k][o], &r, t->unit[k][o], sum, count);
        }
        for (int i = 0; i < t->units; i++)
            if (count[i] > 0) unit[i] = sum[i] / count[i];
        if (t->rungs > 1 &&
            !tuner_report(reports, t->until[k], t->units, tuner_mean(unit, t->units), e))
            return e->kind == ERR_NONE;
    }
    return true;
}

/* ---- what `atelier tune` found ---- */

/* Every parameter of the model that can be set, as the file may name it. */
static space knobs_of(forecaster_kind kind, arena *keep) {
    static const char *const no_yes[] = {"no", "yes"};
    space_param *at = take(keep, space_param, FORECASTER_KNOBS);
    int n = 0;
    for (int i = 0; i < FORECASTER_KNOBS; i++) {
        const forecaster_knob *k = &forecaster_knobs[i];
        if (k->model != kind) continue;
        /* a policy says 0 for a parameter that has its default */
        double low = k->low > 0 ? k->low : k->from;
        at[n++] = k->kind == FORECASTER_KNOB_FLAG
                      ? (space_param){k->name, SPACE_WORD, .n = 2, .words = no_yes}
                      : (space_param){k->name, k->kind == FORECASTER_KNOB_INT ? SPACE_INT
                                                                              : SPACE_REAL,
                                      low, k->high};
    }
    return (space){n, at};
}

/* False with found->why where the file cannot be tried. */
static bool policy_of(const trial *t, tuned_file *found, forecast_policy *policy, arena *keep) {
    double point[SPACE_MOST];
    space all = knobs_of(t->kind, keep);
    if (!tuned_file_point(found, &all, point)) return false;
    *policy = t->policy;
    for (int i = 0; i < all.n; i++) {
        if (isnan(point[i])) continue;
        if (strcmp(all.at[i].name, "ets.trend") == 0) policy->upper_trend = point[i] > 0;
        else policy->knob[knob_at(forecaster_knob_find(all.at[i].name))] = point[i];
    }
    return true;
}

static bool score_offered(void *what, tuned_file *of, scope *s, double *unit, double *known,
                          err *e) {
    (void)known;
    trial own = *(const trial *)what;
    if (!policy_of(what, of, &own.policy, &s->keep)) return false;
    own.s.n = 0; /* the policy as it is */
    return score(&own, NULL, TUNER_VALID, NULL, NULL, s, unit, e);
}

/* ---- a study ---- */

static void open_space(trial *t, const char *const *names, int n, double *known) {
    static const char *const no_yes[] = {"no", "yes"};
    forecaster_params usual = FORECASTER_DEFAULTS;
    for (int i = 0; i < n; i++) {
        const forecaster_knob *k = t->knob[i] = forecaster_knob_find(names[i]);
        t->param[i] = k->kind == FORECASTER_KNOB_FLAG
                          ? (space_param){k->name, SPACE_WORD, .n = 2, .words = no_yes}
                          : (space_param){k->name, SPACE_REAL, k->from, k->to, .log = k->log};
        known[i] = k->kind == FORECASTER_KNOB_FLAG
                       ? t->policy.upper_trend
                       : space_round(&t->param[i], forecaster_knob_get(&usual, k));
    }
    t->s = (space){n, t->param};
}

typedef struct wish {
    forecaster_kind kind;
    const char *title, *study;
    const char *names[PARAMS];
    int params, trials;
    bool yearly;
} wish;

static bool run(const wish *of, const forecast_panel *panels, int n, int units,
                tuned_file *offered, forecast_policy *policy, work *w, folder *f, scope *s,
                js *report, err *e) {
    trial *t = take(&s->keep, trial, 1);
    double known[PARAMS];
    *t = (trial){.w = w, .policy = forecast_everywhere(*policy, of->kind, of->yearly),
                 .kind = of->kind};
    t->policy.method = FORECAST_AS_THEY_ARE, t->policy.cold = 0;
    memset(t->policy.global, 0, sizeof t->policy.global);
    open_space(t, of->names, of->params, known);
    open_series(t, panels, n, units, &s->keep);
    tune_study trials = {
        .model = forecaster_name(of->kind), .title = of->title, .trials = of->trials,
        .offered = offered, .score_offered = score_offered,
        .task = {.study = of->study, .metric = "rmsse", .unit = "series", .s = &t->s,
                 .known = known, .least = t->rungs > 1 ? t->until[0] : 0, .what = t,
                 .units = {units, 0}, .score = score}};
    const char *path = folder_path(f, arena_text(&s->keep, "%s.journal", of->study));
    if (!tune_study_run(&trials, w, path, s, report, e)) return false;
    if (!trials.taken && !offered->taken) return true;
    forecast_policy chosen = policy_at(t, trials.point);
    if (offered->taken) policy_of(t, offered, &chosen, &s->keep);
    policy->upper_trend = chosen.upper_trend;
    memcpy(policy->knob, chosen.knob, sizeof policy->knob);
    return true;
}

bool forecast_studies(const forecast_panel *p, forecast_policy *policy, work *w, folder *f,
                      scope *s, js *report, err *e) {
    /* with fewer than two years Prophet has no season of its own: the yearly factors are its */
    bool yearly = p->weeks_known >= FORECAST_SEASON_NEEDS && p->weeks_known < TWO_YEARS;
    const wish wishes[] = {
        {FORECASTER_ETS, "ETS", "forecast_ets", {"ets.slack", "ets.least_share", "ets.trend"}, 3,
         TRIALS, false},
        {FORECASTER_PROPHET, "Prophet", "forecast_prophet",
         {"prophet.changepoint_prior", "prophet.range", "prophet.season_prior"}, yearly ? 2 : 3,
         TRIALS, yearly}};
    forecast_panel panels[FORECAST_UPPER_ORIGINS];
    int all = forecast_upper_origins(p, panels, &s->keep), n = 0;
    for (int o = 0; o < all; o += 2) panels[n++] = panels[o]; /* a horizon apart */
    tuned_file found[2];
    for (int i = 0; i < 2; i++)
        if (!tuned_file_read(&found[i], w, forecaster_name(wishes[i].kind), s, e)) return false;
    js_array(report, "studies");
    for (int i = 0; i < 2 && panels[0].n > 0; i++)
        if (!run(&wishes[i], panels, n, panels[0].n, &found[i], policy, w, f, s, report, e))
            return false;
    js_end(report);
    tuned_file_put(report, w, (const tuned_file *[]){&found[0], &found[1]}, 2);
    return true;
}

/* ---- what it was worth in the test ---- */

static int rmsse_of(const work *w, const forecast_panel *p, int n, forecast_policy policy,
                    double *to, arena scratch) {
    forecast_result r;
    int count = 0, h = p->horizon;
    policy.method = FORECAST_AS_THEY_ARE, policy.cold = 0;
    memset(policy.global, 0, sizeof policy.global);
    forecast_panel_run(w, p, policy, &scratch, &r);
    for (int i = 0; i < n; i++) {
        double x = metrics_rmsse(p->actual + i * h, r.mean + i * h, h, p->y[i], p->weeks[i]);
        if (isfinite(x)) to[count++] = x; /* its scale, and so where it is, is that of the series */
    }
    return count;
}

static void put_one(const work *w, const forecast_panel *p, int n, const char *name,
                    forecast_policy now, scope *s, js *report) {
    arena scratch = s->scratch;
    forecast_policy was = now;
    double *a = take(&scratch, double, n), *b = take(&scratch, double, n);
    memset(was.knob, 0, sizeof was.knob);
    was.upper_trend = true;
    int count = rmsse_of(w, p, n, now, a, scratch);
    rmsse_of(w, p, n, was, b, scratch);
    metrics_interval d = metrics_bootstrap_paired(a, b, count, w->seed, METRICS_RESAMPLES, scratch);
    evaluation_compare(report, &(evaluation_comparison){
                                   arena_text(&s->keep, "%s, tuned", name),
                                   arena_text(&s->keep, "%s, default", name), "rmsse", d.mean,
                                   d.low, d.high, true});
}

void forecast_put_tuning(const work *w, const forecast_panel *p, const forecast_policy *policy,
                         scope *s, js *report) {
    static const forecaster_kind kinds[] = {FORECASTER_ETS, FORECASTER_PROPHET};
    bool yearly = p->weeks_known >= FORECAST_SEASON_NEEDS && p->weeks_known < TWO_YEARS;
    forecast_panel upper[FORECAST_UPPER_ORIGINS];
    forecast_upper_origins(p, upper, &s->keep);
    js_array(report, "tuning");
    for (int k = 0; k < 2 && upper[0].n > 0; k++) {
        bool set = kinds[k] == FORECASTER_ETS && !policy->upper_trend;
        for (int i = 0; i < FORECASTER_KNOBS; i++)
            set = set || (forecaster_knobs[i].model == kinds[k] && policy->knob[i] > 0);
        if (set)
            put_one(w, &upper[0], upper[0].n, forecaster_name(kinds[k]),
                    forecast_everywhere(*policy, kinds[k], k == 1 && yearly), s, report);
    }
    js_end(report);
}
