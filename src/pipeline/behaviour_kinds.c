/* behaviour_kinds: the kinds of sessions in the shop's event log. */
#include "pipeline/behaviour.h"
#include "pipeline/session_kinds.h"

bool behaviour_kinds(js *j, work *w, scope *s, err *e) {
    static const char *const by[] = {"event"};
    /* in strict order a log keeps the events that serve no step: here none does */
    funnel_spec all = {.unit = "session", .step = {""}, .p = {.steps = 1, .order = FUNNEL_STRICT}};
    funnel_log log;
    trajectories m;
    int goal = -1;
    if (!funnel_log_read(&log, w->d, &all, "SELECT session AS unit, time, event FROM f_events", by,
                         1, &s->keep, e))
        return false;
    const funnel_events *v = &log.events;
    uint8_t *token = take(&s->keep, uint8_t, v->n);
    for (int64_t i = 0; i < v->n; i++) token[i] = (uint8_t)log.by[0].code[i];
    const char **names = take(&s->keep, const char *, log.by[0].values);
    for (int i = 0; i < log.by[0].values; i++) {
        names[i] = slice_copy(&s->keep, log.by[0].value[i]);
        if (slice_is(log.by[0].value[i], "purchase")) goal = i;
    }
    paths_log sessions = {log.by[0].values, v->units, v->first, token, v->time, NULL};
    trajectories_fit(&m, &sessions, goal, SESSION_KINDS_MOST, &s->keep, s->scratch);
    session_kinds_put(j, &m, goal, names, s);
    return true;
}
