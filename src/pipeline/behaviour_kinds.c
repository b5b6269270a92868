/* behaviour_kinds: the kinds of sessions in the shop's event log, and what channels do for it. */
#include "pipeline/behaviour.h"
#include "pipeline/journeys.h"
#include "pipeline/session_kinds.h"

static void put_attribution(js *j, const paths_log *log, const funnel_by *channel, int goal,
                            scope *s) {
    journeys_source from = {log, goal, channel->code, channel->values, -1, channel->value,
                            JOURNEYS_LOOKBACK};
    for (int i = 0; i < channel->values; i++)
        if (slice_is(channel->value[i], "(none)")) from.none = i;
    journeys_put(j, &from, "purchase", NULL, s);
}

bool behaviour_kinds(js *j, work *w, scope *s, err *e) {
    static const char *const by[] = {"event", "channel"};
    /* in strict order a log keeps the events that serve no step: here none does */
    funnel_spec all = {.unit = "session", .step = {""}, .p = {.steps = 1, .order = FUNNEL_STRICT}};
    funnel_log log;
    columns c;
    trajectories m;
    int goal = -1;
    if (!funnel_log_read(&log, w->d, &all, "SELECT session AS unit, time, event, channel FROM "
                         "f_events", by, 2, &s->keep, e) ||
        !db_query(w->d, &s->keep, &c, e,
                  "SELECT min(visitor) AS visitor FROM f_events WHERE time IS NOT NULL AND session "
                  "IS NOT NULL GROUP BY session ORDER BY session"))
        return false;
    const funnel_events *v = &log.events;
    uint8_t *token = take(&s->keep, uint8_t, v->n);
    for (int64_t i = 0; i < v->n; i++) token[i] = (uint8_t)log.by[0].code[i];
    const char **names = take(&s->keep, const char *, log.by[0].values);
    for (int i = 0; i < log.by[0].values; i++) {
        names[i] = slice_copy(&s->keep, log.by[0].value[i]);
        if (slice_is(log.by[0].value[i], "purchase")) goal = i;
    }
    paths_log sessions = {log.by[0].values, v->units, v->first, token, v->time,
                          columns_i32(&c, "visitor")};
    trajectories_fit(&m, &sessions, goal, SESSION_KINDS_MOST, &s->keep, s->scratch);
    session_kinds_put(j, &m, goal, names, s);
    put_attribution(j, &sessions, &log.by[1], goal, s);
    return true;
}
