/* session_kinds: the kinds of sessions (trajectories.h) in words and into JSON. */
#include "pipeline/session_kinds.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "data/event_names.h"
#include "pipeline/funnel_log.h"

enum { MOST_EVENTS = 5, MOST_MOVES = 5, COMPARED = 4 };

static double share_of(const int64_t *count, int events, int token) {
    int64_t sum = 0;
    for (int i = 0; i < events; i++) sum += count[i];
    return sum ? (double)count[token] / (double)sum : 0;
}

/* Tokens by how much larger their share is in the kind than in all; of one kind, by their share. */
static int32_t *most_its_own(const trajectories *m, int k, double *surplus, scope *s) {
    int32_t *order = order_count(m->events, &s->keep);
    for (int i = 0; i < m->events; i++)
        surplus[i] = share_of(m->of[k].count, m->events, i) -
                     (m->kinds > 1 ? share_of(m->count, m->events, i) : 0);
    order_down(order, m->events, surplus, s->scratch);
    return order;
}

/* "" where the name says it all. */
static const char *activity_of(const char *name, double events) {
    static const struct {
        const char *event, *activity;
    } known[] = {{"search", "search"},      {"list_view", "browse"},   {"home", "browse"},
                 {"promo_view", "browse"},  {"promo_click", "browse"}, {"cart_add", "collect"},
                 {"cart_view", "collect"},  {"cart_remove", "collect"},
                 {"wishlist_add", "collect"}, {"checkout", "pay"}};
    const char *usual = event_name(slice_of(name));
    if (!usual) return "";
    if (strcmp(usual, "view") == 0 || strcmp(usual, "click") == 0)
        return events >= COMPARED ? "compare" : "look";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(usual, known[i].event) == 0) return known[i].activity;
    return "";
}

char *session_kinds_word(const trajectories *m, int k, const char *const *names, scope *s) {
    double *surplus = take(&s->keep, double, m->events);
    int32_t *order = most_its_own(m, k, surplus, s);
    const char *first = names[order[0]], *activity = activity_of(first, m->of[k].events);
    bool two = m->events > 1 && surplus[order[1]] > surplus[order[0]] / 2;
    return arena_text(&s->keep, "%s%s%s%s%s", activity, *activity ? ": " : "", first,
                      two ? ", " : "", two ? names[order[1]] : "");
}

/* ---- into JSON ---- */

static void put_most(js *j, const trajectories *m, int k, const char *const *names, scope *s) {
    double *surplus = take(&s->keep, double, m->events);
    int32_t *order = most_its_own(m, k, surplus, s);
    js_array(j, "most");
    for (int i = 0; i < m->events && i < MOST_EVENTS; i++) {
        double own = share_of(m->of[k].count, m->events, order[i]);
        if (own == 0) continue;
        js_object(j, NULL);
        js_put_word(j, "event", names[order[i]]);
        js_put_real(j, "share", own);
        js_put_real(j, "times_all", own / share_of(m->count, m->events, order[i]));
        js_end(j);
    }
    js_end(j);
}

/* From each of the kind's commonest events, where most go. */
static void put_moves(js *j, const trajectories *m, int k, const char *const *names, scope *s) {
    int side = m->events + 1;
    const double *move = m->move + (int64_t)k * side * side;
    double *count = take(&s->keep, double, m->events);
    int32_t *order = order_count(m->events, &s->keep);
    for (int i = 0; i < m->events; i++) count[i] = (double)m->of[k].count[i];
    order_down(order, m->events, count, s->scratch);
    js_array(j, "moves");
    for (int i = -1; i < m->events && i < MOST_MOVES - 1; i++) {
        int from = i < 0 ? m->events : order[i], best = 0;
        if (i >= 0 && count[from] == 0) continue;
        for (int to = 1; to < side; to++)
            if (move[from * side + to] > move[from * side + best]) best = to;
        js_object(j, NULL);
        js_put_word(j, "source", i < 0 ? "(start)" : names[from]);
        js_put_word(j, "target", best == m->events ? "(end)" : names[best]);
        js_put_real(j, "share", move[from * side + best]);
        js_end(j);
    }
    js_end(j);
}

void session_kinds_put(js *j, const trajectories *m, int goal, const char *const *names, scope *s) {
    js_object(j, "kinds");
    js_put_word(j, "goal", goal < 0 ? NULL : names[goal]);
    js_put_int(j, "sessions", m->sessions);
    js_array(j, "scores");
    for (int k = 0; isfinite(m->score[k]); k++) js_put_fixed(j, NULL, m->score[k], 6);
    js_end(j);
    js_array(j, "list");
    for (int k = 0; k < m->kinds; k++) {
        const trajectory_kind *of = &m->of[k];
        js_object(j, NULL);
        js_put_word(j, "word", session_kinds_word(m, k, names, s));
        js_put_int(j, "sessions", of->sessions);
        js_put_real(j, "share", (double)of->sessions / (double)m->sessions);
        js_put_int(j, "converted", of->converted);
        funnel_put_rate(j, "conversion", interval_wilson(of->converted, of->sessions));
        js_put_real(j, "events", of->events);
        js_put_real(j, "seconds", of->seconds);
        put_most(j, m, k, names, s);
        put_moves(j, m, k, names, s);
        js_end(j);
    }
    js_end(j);
    js_end(j);
}
