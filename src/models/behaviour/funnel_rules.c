/* funnel_rules: one unit's funnel under the rules that funnel.c's one pass does not know.
 *
 * Instant by instant: the newest chain per level before it, and what its events make of them. */
#include <string.h>

#include "models/behaviour/funnel_instant.h"

/* The newest chain that has step k as its last: at[i] is the event of step i, -1 left out. */
typedef struct rung {
    bool held;
    int64_t start, last;
    int64_t at[FUNNEL_STEPS];
} rung;

typedef struct walk {
    const funnel_events *v;
    const funnel_params *p;
    rung now[FUNNEL_STEPS], before[FUNNEL_STEPS];
    int deepest;
    int64_t *chain;
} walk;

static bool may_follow(const funnel_params *p, const rung *r, int step, int64_t t) {
    return r->held && (!p->window || t - r->start <= p->window) &&
           (!p->gap[step] || t - r->last <= p->gap[step]);
}

static void reached(walk *w, int level, const int64_t *at) {
    if (level <= w->deepest) return;
    w->deepest = level;
    for (int k = 0; k < level; k++) w->chain[k] = at[k];
}

/* Fills `to`, the rung of `step` that goes on from `from` (NULL: begins here). */
static void follow(const walk *w, rung *to, const rung *from, int step, int64_t event, int64_t t) {
    to->held = true, to->start = from ? from->start : t, to->last = t;
    for (int k = 0; k < w->p->steps; k++) to->at[k] = from ? from->at[k] : -1;
    to->at[step] = event;
}

/* Runs of steps from each level: chains at level k come from the lowest level that can reach it,
 * which has the latest start. Strict: only from the instant before, and what it passes through must
 * be used up. */
static void climb_runs(walk *w, funnel_instant *g, int64_t t) {
    bool strict = w->p->order == FUNNEL_STRICT, set[FUNNEL_STEPS] = {false};
    for (int from = 0; from < w->p->steps; from++) {
        const rung *r = from ? &w->before[from - 1] : NULL;
        if (r && !may_follow(w->p, r, from, t)) continue;
        funnel_instant_free(g);
        for (int k = from; k < w->p->steps && funnel_instant_serve(g, k); k++) {
            rung made;
            follow(w, &made, r, from, 0, t);
            for (int i = from; i <= k; i++) made.at[i] = g->event[g->used[i]];
            reached(w, k + 1, made.at);
            made.held = !strict || !r || k - from + 1 == g->all;
            if (set[k] || !made.held) continue;
            set[k] = true;
            w->now[k] = made;
        }
    }
}

/* The chain that step k can go on from: of those between the last step that is not optional and k
 * the one with the latest start, of equal ones the one with more steps. */
static const rung *predecessor(const walk *w, const bool *fresh, int k, int64_t t) {
    const rung *best = NULL;
    for (int from = k - 1; from >= 0; from--) {
        const rung *of[2] = {fresh[from] && !w->p->strictly_after ? &w->now[from] : NULL,
                             &w->before[from]};
        for (int i = 0; i < 2; i++)
            if (of[i] && may_follow(w->p, of[i], k, t) && (!best || of[i]->start > best->start))
                best = of[i];
        if (!(w->p->optional >> from & 1)) break;
    }
    return best;
}

/* Step by step, each with an event of its own (strictly after: one step an instant). */
static void climb_steps(walk *w, const funnel_instant *g, int64_t t) {
    bool fresh[FUNNEL_STEPS] = {false};
    for (int k = 0; k < w->p->steps; k++) {
        int i = g->n - 1;
        while (i >= 0 && !(g->serves[i] >> k & 1)) i--;
        const rung *from = k && i >= 0 ? predecessor(w, fresh, k, t) : NULL;
        if (i < 0 || (k && !from)) continue;
        follow(w, &w->now[k], from, k, g->event[i], t);
        fresh[k] = true;
        reached(w, k + 1, w->now[k].at);
    }
}

/* Ends the chains between the two steps of each exclusion that happens at t. */
static void exclude(walk *w, uint32_t happens, int64_t t) {
    for (int x = 0; x < w->p->excludes; x++) {
        if (!(happens >> (FUNNEL_STEPS + x) & 1)) continue;
        int from = w->p->exclude[x].from, to = w->p->exclude[x].to;
        for (int level = from; level < to; level++) {
            rung *r = &w->now[level - 1];
            if (r->held && w->v->time[r->at[from - 1]] < t) r->held = false;
        }
    }
}

/* Strict, one event alone at its instant: it goes on from the instant before or begins anew. Its
 * steps from the last to the first, so that each still finds the rung before. */
static void climb_strict(walk *w, int64_t event, int64_t t) {
    uint32_t serves = funnel_serves(w->v, event);
    for (int k = w->p->steps - 1; k >= 0; k--) {
        const rung *from = k ? &w->now[k - 1] : NULL;
        bool goes = serves >> k & 1 && (!from || may_follow(w->p, from, k, t));
        if (!goes) w->now[k].held = false;
        else follow(w, &w->now[k], from, k, event, t), reached(w, k + 1, w->now[k].at);
    }
}

static void walk_instants(walk *w, int64_t i, int64_t end) {
    size_t rungs = sizeof *w->now * (size_t)w->p->steps;
    bool strict = w->p->order == FUNNEL_STRICT;
    bool by_step = w->p->optional || w->p->strictly_after;
    while (i < end && w->deepest < w->p->steps) {
        funnel_instant g;
        int64_t t = w->v->time[i];
        uint32_t happens = 0;
        if (strict && (i + 1 == end || w->v->time[i + 1] != t)) {
            climb_strict(w, i++, t);
            continue;
        }
        funnel_instant_open(&g);
        for (; i < end && w->v->time[i] == t; i++) {
            uint32_t serves = funnel_serves(w->v, i);
            happens |= serves;
            funnel_instant_add(&g, w->p->steps, i, serves);
        }
        if (!happens && !strict) continue;
        memcpy(w->before, w->now, rungs);
        if (strict) memset(w->now, 0, rungs);
        if (by_step) climb_steps(w, &g, t);
        else climb_runs(w, &g, t);
        if (w->p->excludes) exclude(w, happens, t);
    }
}

/* ---- any order ---- */

/* The last events of each step, as many as there are steps: more are never needed. */
typedef struct recent {
    int64_t event[FUNNEL_STEPS][FUNNEL_STEPS];
    int64_t n[FUNNEL_STEPS];
} recent;

static void sort_events(int64_t *event, int n) {
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && event[j - 1] > event[j]; j--) {
            int64_t swap = event[j];
            event[j] = event[j - 1], event[j - 1] = swap;
        }
}

/* At most so many steps have an event in the window ending at t. */
static int within_reach(const walk *w, const recent *r, int64_t t) {
    int steps = w->p->steps, reach = 0;
    for (int k = 0; k < steps; k++)
        reach += r->n[k] > 0 && (!w->p->window || t - w->v->time[r->event[k][(r->n[k] - 1) % steps]]
                                                      <= w->p->window);
    return reach;
}

/* Most steps that events of the window ending at t serve, newest events first. */
static void match_window(walk *w, const recent *r, int64_t t) {
    funnel_instant g;
    int steps = w->p->steps, level = 0;
    int64_t list[FUNNEL_INSTANT], chain[FUNNEL_STEPS];
    int n = 0;
    for (int k = 0; k < steps; k++)
        for (int64_t i = r->n[k] > steps ? r->n[k] - steps : 0; i < r->n[k]; i++) {
            int64_t event = r->event[k][i % steps];
            if (!w->p->window || t - w->v->time[event] <= w->p->window) list[n++] = event;
        }
    sort_events(list, n);
    funnel_instant_open(&g);
    for (int i = n - 1; i >= 0; i--)
        if (i == n - 1 || list[i] != list[i + 1])
            funnel_instant_add(&g, steps, list[i], funnel_serves(w->v, list[i]));
    funnel_instant_free(&g);
    bool served[FUNNEL_STEPS];
    for (int k = 0; k < steps; k++) served[k] = funnel_instant_serve(&g, k);
    for (int k = 0; k < steps; k++)
        if (served[k]) chain[level++] = g.event[g.used[k]];
    sort_events(chain, level);
    reached(w, level, chain);
}

static void walk_windows(walk *w, int64_t i, int64_t end) {
    recent r;
    memset(r.n, 0, sizeof r.n);
    int steps = w->p->steps;
    while (i < end && w->deepest < steps) {
        int64_t t = w->v->time[i];
        uint32_t happens = 0;
        for (; i < end && w->v->time[i] == t; i++) {
            uint32_t serves = funnel_serves(w->v, i);
            happens |= serves;
            for (int k = 0; k < steps; k++)
                if (serves >> k & 1) r.event[k][r.n[k]++ % steps] = i;
        }
        if (happens && within_reach(w, &r, t) > w->deepest) match_window(w, &r, t);
    }
}

int funnel_rules_unit(const funnel_events *v, const funnel_params *p, int64_t u, int64_t *chain) {
    walk w; /* rungs that are not held are not read: five kilobytes a unit are not cleared */
    w.v = v, w.p = p, w.chain = chain, w.deepest = 0;
    for (int k = 0; k < p->steps; k++) chain[k] = -1, w.now[k].held = w.before[k].held = false;
    if (p->order == FUNNEL_ANY) walk_windows(&w, v->first[u], v->first[u + 1]);
    else walk_instants(&w, v->first[u], v->first[u + 1]);
    return w.deepest;
}
