/* run_live: a run of the plan is told to an MLflow server step by step. */
#include "surfaces/run_live.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/embed.h"
#include "base/hash.h"

struct run_live {
    live *l;
    work *w;
    double began; /* of args_clock */
    int64_t now;  /* seconds since 1970 */
};

/* What facts_begin asks for. */
static const char *about_of(const work *w, const args *a, int64_t now, scope *s) {
    static const char *const words[] = {"from", "to", "as-of", "encoder", "content"};
    char id[32];
    struct tm at;
    time_t seconds = (time_t)now;
    js *j = take(&s->keep, js, 1);
    gmtime_r(&seconds, &at);
    strftime(id, sizeof id, "%Y%m%d-%H%M%S", &at);
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "id", id);
    js_put_word(j, "shop", w->shop);
    js_put_int(j, "seed", (int64_t)w->seed);
    js_put_int(j, "threads", w->n_threads);
    js_put_word(j, "build", embed_build);
    js_object(j, "options");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (args_text(a, words[i])) js_put_word(j, words[i], args_text(a, words[i]));
    js_put_int(j, "memory_mb", w->memory_mb);
    js_end(j);
    js_end(j);
    return text_slice(&j->out).p;
}

run_live *run_live_open(scope *s, const track_server *to, work *w, const args *a, int64_t now,
                        double began, err *e) {
    run_live *r = take(&s->keep, run_live, 1);
    *r = (run_live){NULL, w, began, now};
    r->l = live_open(s, to, w->out, about_of(w, a, now, s), now * 1000, e);
    return r->l ? r : NULL;
}

/* ---- steps ---- */

static bool tell_line(run_live *r, facts *f, const stage *step, const plan_result *result, scope *s,
                      err *e) {
    int index;
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    js_array(j, NULL);
    if (!plan_find(step->word, &index, e)) return false;
    run_record_step(r->w, index, result, r->began, s, j);
    js_end(j);
    const js_node *n = js_parse(s, text_slice(&j->out), e);
    return n && facts_step(f, js_at(n, 0), e);
}

static bool tell_datasets(run_live *r, facts *f, scope *s, err *e) {
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    js_object(j, NULL);
    if (!run_record_datasets(r->w, s, j, e)) return false;
    js_end(j);
    const js_node *n = js_parse(s, text_slice(&j->out), e);
    return n && facts_datasets(f, js_get(n, "datasets"), e);
}

static const js_node *step_file(const run_live *r, const char *step, const char *file, scope *s,
                                err *e) {
    slice bytes;
    return facts_read(work_path(r->w, &s->keep, step, file), s, &bytes, e);
}

static bool tell_step(run_live *r, facts *f, const stage *step, const plan_result *result, scope *s,
                      err *e) {
    const js_node *n = NULL;
    int64_t when = r->now * 1000 + (int64_t)((result->ended - r->began) * 1000);
    if (!tell_line(r, f, step, result, s, e)) return false;
    if (strcmp(step->word, "datasets") == 0) return tell_datasets(r, f, s, e);
    if (strcmp(step->word, "train") == 0)
        return (n = step_file(r, "06_train", "train.json", s, e)) && facts_trained(f, n, e);
    if (strcmp(step->word, "tune") == 0 && !result->reused)
        return (n = step_file(r, "07_tune", "tune.json", s, e)) && facts_tuned(f, n, e);
    if (strcmp(step->word, "evaluate") == 0)
        return (n = step_file(r, "08_evaluate", "evaluation.json", s, e)) &&
               facts_evaluated(f, n, when, e);
    return true;
}

void run_live_step(run_live *r, const stage *step, const plan_result *result) {
    scope s;
    err why = {0};
    facts *f = live_tell(r->l);
    if (scope_open(&s, (size_t)1 << 30, 0, &why)) {
        tell_step(r, f, step, result, &s, &why);
        scope_close(&s);
    }
    live_told(r->l, why.kind != ERR_NONE ? &why : NULL);
}

void run_live_record(run_live *r, const char *record) {
    scope s;
    err why = {0};
    slice bytes;
    if (!r) return;
    facts *f = live_tell(r->l);
    if (scope_open(&s, (size_t)1 << 30, 0, &why)) {
        const char *file = arena_text(&s.keep, "%s/run.json", record);
        const js_node *run = facts_read(file, &s, &bytes, &why);
        if (run) facts_record(f, run, record, hash_of(bytes).hex, &why);
        scope_close(&s);
    }
    live_told(r->l, why.kind != ERR_NONE ? &why : NULL);
}

const char *run_live_close(run_live *r, const char *status, const char *why, char *line,
                           size_t size) {
    live_sent sent;
    live_close(r->l, status, why, &sent);
    if (sent.all)
        snprintf(line, size, "tracked as run %s: %lld points in %lld calls%s",
                 sent.run ? sent.run : "that was never made", (long long)sent.points,
                 (long long)sent.calls,
                 sent.refused ? "; some requests were refused, see the spool" : "");
    else
        snprintf(line, size, "not all tracked: %s%s%lld requests wait; atelier sync %s sends them",
                 sent.why.text, sent.why.text[0] ? "; " : "", (long long)sent.waiting,
                 sent.spool);
    return sent.run;
}
