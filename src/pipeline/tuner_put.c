/* tuner_put: what a study found: its best point beside the known one, on validation and test. */
#include <math.h>

#include "models/metrics.h"
#include "pipeline/tuner.h"

void tuner_put_point(js *out, const space *s, const double *point) {
    for (int i = 0; i < s->n; i++) {
        const space_param *p = &s->at[i];
        if (isnan(point[i])) continue;
        if (p->kind == SPACE_WORD) js_put_word(out, p->name, p->words[(int)point[i]]);
        else if (p->kind == SPACE_INT) js_put_int(out, p->name, (int64_t)point[i]);
        else js_put_real(out, p->name, point[i]);
    }
}

static void put_interval(js *out, const char *name, metrics_interval x) {
    js_object(out, name);
    js_put_real(out, "value", x.mean);
    js_put_real(out, "low", x.low);
    js_put_real(out, "high", x.high);
    js_end(out);
}

/* Units that both points have. */
static int64_t common(double *a, double *b, int64_t n) {
    int64_t to = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(a[i]) || isnan(b[i])) continue;
        a[to] = a[i];
        b[to++] = b[i];
    }
    return to;
}

/* In a scope of its own: what a point takes is forgotten before the next. */
static bool score_whole(const tuner *t, const double *point, tuner_part part, double *unit,
                        err *e) {
    scope s;
    if (!scope_open(&s, (size_t)8 << 30, (size_t)8 << 30, e)) return false;
    bool done = t->task.score(t->task.what, point, part, NULL, t->p.threads, &s, unit, e);
    scope_close(&s);
    return done;
}

static bool judge_part(const tuner *t, const double *best, tuner_part part, tuner_judged *to,
                       err *e) {
    int64_t n = t->task.units[part];
    uint64_t seed = t->p.how.seed;
    scope s;
    if (n == 0) return true;
    if (!scope_open(&s, (size_t)1 << 30, (size_t)1 << 30, e)) return false;
    double *ours = take(&s.keep, double, n), *known = take(&s.keep, double, n);
    bool done = score_whole(t, best, part, ours, e) &&
                score_whole(t, t->task.known, part, known, e);
    if (done) {
        to->n = common(ours, known, n);
        to->best = metrics_bootstrap(ours, to->n, seed, METRICS_RESAMPLES, s.scratch);
        to->known = metrics_bootstrap(known, to->n, seed, METRICS_RESAMPLES, s.scratch);
        to->difference = metrics_bootstrap_paired(ours, known, to->n, seed, METRICS_RESAMPLES,
                                                  s.scratch);
    }
    scope_close(&s);
    return done;
}

bool tuner_judge(const tuner *t, tuner_judged to[2], err *e) {
    int64_t best = tuner_best(t);
    to[TUNER_VALID] = to[TUNER_TEST] = (tuner_judged){0};
    return best < 0 || (judge_part(t, t->j->trial[best].point, TUNER_VALID, &to[TUNER_VALID], e) &&
                        judge_part(t, t->j->trial[best].point, TUNER_TEST, &to[TUNER_TEST], e));
}

static void put_best(const tuner *t, js *out) {
    int64_t best = tuner_best(t);
    if (best < 0) {
        js_put_null(out, "best");
        return;
    }
    const study_trial *trial = &t->j->trial[best];
    js_object(out, "best");
    js_put_int(out, "number", best);
    js_put_real(out, "score", trial->score);
    js_object(out, "parameters");
    tuner_put_point(out, t->task.s, trial->point);
    js_end(out);
    js_end(out);
}

void tuner_put(const tuner *t, const tuner_judged judged[2], js *out) {
    static const char *const names[] = {"running", "complete", "pruned", "failed"};
    static const char *const parts[] = {"validation", "test"};
    const journal *j = t->j;
    int64_t count[5] = {0};
    for (int64_t i = 0; i < j->n; i++) count[j->trial[i].state]++;
    js_put_word(out, "study", t->task.study);
    js_put_word(out, "metric", t->task.metric);
    js_put_bool(out, "maximise", t->task.maximise);
    js_object(out, "trials");
    js_put_int(out, "all", j->n);
    for (int i = 0; i < 4; i++) js_put_int(out, names[i], count[i]);
    js_end(out);
    if (t->task.least > 0) {
        js_put_int(out, "steps", t->steps);
        js_put_int(out, "steps_without_pruning", t->whole);
    }
    put_best(t, out);
    for (int i = 0; i < 2; i++) {
        if (judged[i].n == 0) continue;
        js_object(out, parts[i]);
        js_put_int(out, t->task.unit, judged[i].n);
        put_interval(out, "default", judged[i].known);
        put_interval(out, "best", judged[i].best);
        put_interval(out, "difference", judged[i].difference);
        js_end(out);
    }
}
