/* tune_study: a study of step 07: trials by TPE, and whether their best is taken. */
#include "pipeline/tune_study.h"

#include <math.h>
#include <string.h>

#include "base/random.h"

/* What the trials said of each unit: of the known point and of the best one so far. */
typedef struct watch {
    tuner_task inner;
    int64_t begun;
    double *known, *best; /* [units] */
    double score;         /* of the best; NaN before there is one */
} watch;

static bool better(const watch *x, double score) {
    if (isnan(score)) return false;
    return isnan(x->score) || (x->inner.maximise ? score > x->score : score < x->score);
}

static bool score(void *what, const double *point, tuner_part part, tuner_trial *t, pool *threads,
                  scope *s, double *unit, err *e) {
    watch *x = what;
    int64_t n = x->inner.units[TUNER_VALID];
    if (!x->inner.score(x->inner.what, point, part, t, threads, s, unit, e)) return false;
    bool first = x->begun++ == 0, given_up = tuner_gave_up(t);
    if (first) memcpy(x->known, unit, sizeof *unit * (size_t)n);
    double mean = tuner_mean(unit, n);
    if (!given_up && better(x, mean)) {
        x->score = mean;
        memcpy(x->best, unit, sizeof *unit * (size_t)n);
    }
    return true;
}

typedef struct verdict {
    int64_t top, n; /* the best trial, -1 = none; units that both have */
    double best, known;
    metrics_interval gain;
} verdict;

/* Mean of best - known, and of each, over the units that both have. */
static void compare(const tune_study *t, const double *best, const double *known, uint64_t seed,
                    verdict *v, arena scratch) {
    int64_t units = t->task.units[TUNER_VALID];
    double *a = take(&scratch, double, units), *b = take(&scratch, double, units);
    v->n = 0;
    for (int64_t i = 0; i < units; i++) {
        if (isnan(best[i]) || isnan(known[i])) continue;
        a[v->n] = best[i];
        b[v->n++] = known[i];
    }
    v->best = tuner_mean(a, v->n);
    v->known = tuner_mean(b, v->n);
    v->gain = t->gain ? t->gain(t->task.what, best, known, scratch)
                      : metrics_bootstrap_paired(a, b, v->n, seed, METRICS_RESAMPLES, scratch);
}

static void put_trials(const tune_study *t, const journal *j, js *report) {
    static const char *const states[] = {"running", "complete", "pruned", "failed", "waiting"};
    js_array(report, "trials");
    for (int64_t i = 0; i < j->n; i++) {
        const study_trial *trial = &j->trial[i];
        js_object(report, NULL);
        js_put_int(report, "number", i);
        js_put_word(report, "state", states[trial->state]);
        js_object(report, "parameters");
        tuner_put_point(report, t->task.s, trial->point);
        js_end(report);
        js_put_real(report, "score", trial->score);
        js_end(report);
    }
    js_end(report);
}

static bool is_shown(const tune_study *t, const verdict *v) {
    return v->top > 0 && (t->task.maximise ? v->gain.low > 0 : v->gain.high < 0);
}

static bool judge(tune_study *t, watch *x, const journal *j, uint64_t seed, scope *s, verdict *v,
                  err *e) {
    study now = journal_study(j);
    *v = (verdict){study_best(&now), 0, NAN, NAN, {NAN, NAN, NAN, 0}};
    if (v->top >= 0) compare(t, x->best, x->known, seed, v, s->scratch);
    if (t->confirm && is_shown(t, v)) {
        const double *point = j->trial[v->top].point;
        if (!t->confirm(x->inner.what, point, s, x->best, x->known, e)) return false;
        compare(t, x->best, x->known, seed, v, s->scratch);
    }
    t->taken = is_shown(t, v);
    const double *to = t->taken ? j->trial[v->top].point : t->task.known;
    t->point = take_copy(&s->keep, double, to, t->task.s->n);
    return true;
}

/* The file of `atelier tune`: unit by unit beside the parameters in use, as the best trial was. */
static bool judge_offered(tune_study *t, const watch *x, uint64_t seed, const verdict *v, scope *s,
                          err *e) {
    tuned_file *of = t->offered;
    int64_t n = t->task.units[TUNER_VALID];
    verdict own = {0};
    if (!of || !of->name || of->why) return true;
    double *unit = take(&s->keep, double, n);
    double *known = take_copy(&s->keep, double, x->known, n);
    if (!t->score_offered(x->inner.what, of, s, unit, known, e)) return e->kind == ERR_NONE;
    compare(t, unit, known, seed, &own, s->scratch);
    bool beaten = t->taken && (t->task.maximise ? v->best >= own.best : v->best <= own.best);
    tuned_file_judge(of, t->task.metric, t->task.maximise, own.known, own.best, own.gain, beaten);
    if (of->taken) t->taken = false;
    return true;
}

static const char *say(const tune_study *t, int64_t trials, const verdict *v, arena *keep) {
    const char *does = t->offered && t->offered->taken ? "gets the parameters that were offered"
                       : t->taken                      ? "gets other parameters"
                                                       : "keeps its parameters";
    if (v->top < 0) return arena_text(keep, "%s %s: no trial has a score.", t->title, does);
    if (v->top == 0)
        return arena_text(keep, "%s %s: none of %lld trials is better (%s %.4g, %lld %s).",
                          t->title, does, (long long)trials, t->task.metric, v->known,
                          (long long)v->n, t->task.unit);
    return arena_text(keep, "%s %s: the best of %lld trials is %sshown to be better on validation "
                      "(%s %.4g against %.4g, difference %+.4g, 95 %% interval %+.4g to %+.4g, "
                      "%lld %s).", t->title, does, (long long)trials,
                      is_shown(t, v) ? "" : "not ", t->task.metric, v->best, v->known,
                      v->gain.mean, v->gain.low, v->gain.high, (long long)v->n, t->task.unit);
}

static void put_row(const tune_study *t, const verdict *v, const journal *j, scope *s,
                    js *report) {
    js_object(report, NULL);
    js_put_word(report, "model", t->model);
    js_put_word(report, "study", t->task.study);
    js_put_word(report, "metric", t->task.metric);
    js_put_bool(report, "maximise", t->task.maximise);
    js_put_word(report, "unit", t->task.unit);
    js_put_int(report, "units", v->n);
    put_trials(t, j, report);
    js_put_real(report, "default", v->known);
    js_put_real(report, "best", v->best);
    js_object(report, "parameters");
    if (v->top >= 0) tuner_put_point(report, t->task.s, j->trial[v->top].point);
    js_end(report);
    js_put_real(report, "gain", v->gain.mean);
    js_put_real(report, "gain_low", v->gain.low);
    js_put_real(report, "gain_high", v->gain.high);
    js_put_bool(report, "taken", t->taken);
    js_put_word(report, "why", say(t, j->n, v, &s->keep));
    js_end(report);
}

bool tune_study_run(tune_study *t, work *w, const char *journal_path, scope *s, js *report,
                    err *e) {
    int64_t n = t->task.units[TUNER_VALID];
    watch x = {.inner = t->task, .known = take(&s->keep, double, n),
               .best = take(&s->keep, double, n), .score = NAN};
    journal *j = take(&s->keep, journal, 1);
    tuner *run = take(&s->keep, tuner, 1);
    tuner_task task = t->task;
    journal_params p = {.study = task.study, .s = task.s, .maximise = task.maximise};
    tuner_params how = {.how = STUDY_DEFAULTS, .trials = t->trials, .parallel = 1,
                        .threads = w->threads, .progress = w->progress};
    how.how.seed = seed_for(w->seed, task.study);
    if (how.how.startup > t->trials / 2) how.how.startup = (int)(t->trials / 2);
    task.what = &x;
    task.score = score;
    if (!journal_open(j, journal_path, p, s, e) || !tuner_run(run, task, how, j, e)) return false;
    verdict v;
    if (!judge(t, &x, j, how.how.seed, s, &v, e) ||
        !judge_offered(t, &x, how.how.seed, &v, s, e))
        return false;
    put_row(t, &v, j, s, report);
    return true;
}
