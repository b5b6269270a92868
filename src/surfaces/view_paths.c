/* view_paths: where sessions go, step by step, over the published log. */
#include <string.h>

#include "surfaces/paths_say.h"
#include "surfaces/view.h"

enum { ANCHOR, BACKWARDS, DEPTH, GOAL, SUPPORT };
enum { THREADS = 2 };

/* Which event a word is; -1 and false where there is none. */
static bool find_event(const paths_told *w, slice word, int *token) {
    for (*token = 0; *token < w->log->events; ++*token)
        if (slice_is(word, w->names[*token])) return true;
    *token = -1;
    return false;
}

static int no_event(view *v, const paths_told *w, const char *name, slice word) {
    const char *known = "";
    for (int i = 0; i < w->log->events; i++)
        known = arena_text(v->keep, "%s%s'%s'", known, i ? ", " : "", w->names[i]);
    return view_mistake(v, &(param_mistake){
        "enum", "query", name, arena_text(v->keep, "Input should be one of %s", known), NULL,
        word});
}

static int answer(view *v, const paths_told *w, pool *threads, scope *s) {
    const param_value *q = v->values;
    paths_params p = {.depth = (int)q[DEPTH].number, .anchor = -1,
                      .backwards = q[BACKWARDS].number != 0};
    paths_graph g;
    int goal;
    if (q[ANCHOR].given && !find_event(w, q[ANCHOR].text, &p.anchor))
        return no_event(v, w, "anchor", q[ANCHOR].text);
    if (!find_event(w, q[GOAL].text, &goal) && q[GOAL].given)
        return no_event(v, w, "goal", q[GOAL].text);
    paths_count(&g, w->log, p, threads, &s->keep, s->scratch);
    int64_t users = 0;
    for (int64_t k = 0; k < w->log->sessions; k++)
        users += k == 0 || w->log->user[k] != w->log->user[k - 1];
    paths_say_counts(w, p, &g, users, v->j);
    js_array(v->j, "events");
    for (int i = 0; i < w->log->events; i++) js_put_word(v->j, NULL, w->names[i]);
    js_end(v->j);
    paths_say_steps(w, &g, v->j);
    paths_say_sequences(w, goal, q[SUPPORT].real, threads, s, v->j);
    js_put_int(v->j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
    return 200;
}

int view_paths(view *v) {
    const bundle_events *b = &v->b->events;
    const bundle_event_log *l = &b->log[BUNDLE_BY_SESSION];
    const bundle_texts *words = &l->names[BUNDLE_EVENT_NAME];
    const char *names[BUNDLE_EVENT_NAMES];
    scope s;
    err e = {0};
    int status = 503;
    if (!b->has) return view_missing(v, "this bundle has no event log; run step 10 again");
    for (int64_t i = 0; i < words->n; i++) names[i] = slice_copy(v->keep, bundle_text(words, i));
    paths_log log = {(int)words->n, l->units, l->at, l->code[BUNDLE_EVENT_NAME], l->time,
                     b->visitor};
    paths_told told = {&log, names};
    /* a graph's tables, and those of its pieces (paths.h) */
    if (!scope_open(&s, (size_t)1 << 30, (size_t)1 << 30, &e)) return 503;
    pool *threads = pool_open(THREADS, (size_t)64 << 20, &e);
    if (threads) status = answer(v, &told, threads, &s);
    if (threads) pool_close(threads);
    scope_close(&s);
    return status;
}
