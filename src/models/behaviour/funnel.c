/* funnel: exact ordered funnels over time-sorted events, in one pass. */
#include "models/behaviour/funnel_instant.h"
#include "models/behaviour/funnel_marks.h"

#include <assert.h>

#define UNITS_PER_CHUNK 4096

/* The newest chain at every level: at[k][i] is the event of step i of the chain of k + 1 steps. */
typedef struct climb {
    int64_t start[FUNNEL_STEPS], last[FUNNEL_STEPS]; /* times; valid where reached */
    int64_t at[FUNNEL_STEPS][FUNNEL_STEPS];
    int top; /* levels reached so far */
} climb;

typedef struct job {
    const funnel_events *v;
    const funnel_params *p;
    int64_t window;
    int64_t gap[FUNNEL_STEPS];
    funnel_outcome *out;
    bool rules, quick, marks; /* what run_unit does not know; the short ways of most units */
    funnel_quick q;
} job;

static const char *check_rules(const funnel_params *p) {
    bool loose = p->order == FUNNEL_LOOSE, gaps = false;
    for (int i = 0; i < p->steps; i++) gaps |= p->gap[i] > 0;
    if (gaps && p->order == FUNNEL_ANY) return "steps in any order have no gaps between them";
    if ((p->optional || p->excludes) && !loose)
        return "optional steps and exclusions go with loose order alone";
    if (p->strictly_after && !loose) return "strictly after goes with loose order alone";
    if (p->optional & 1) return "the first step cannot be optional";
    if (p->excludes < 0 || p->excludes > FUNNEL_EXCLUDES) return "a funnel has 0 to 8 exclusions";
    for (int i = 0; i < p->excludes; i++)
        if (p->exclude[i].from < 1 || p->exclude[i].to <= p->exclude[i].from ||
            p->exclude[i].to > p->steps ||
            (p->optional >> (p->exclude[i].from - 1) | p->optional >> (p->exclude[i].to - 1)) & 1)
            return "an exclusion lies between two steps, the earlier one first, neither optional";
    return NULL;
}

const char *funnel_check(const funnel_params *p) {
    if (p->steps < 1 || p->steps > FUNNEL_STEPS) return "a funnel has 1 to 16 steps";
    if (p->window < 0) return "the window must not be negative";
    for (int i = 0; i < p->steps; i++)
        if (p->gap[i] < 0) return "a gap must not be negative";
    return check_rules(p);
}

/* Everything that the one pass below does not do. */
static bool has_rules(const funnel_params *p) {
    return p->order != FUNNEL_LOOSE || p->strictly_after || p->optional || p->excludes;
}

/* True when the chain at level k (steps done) may go on at time t. */
static inline bool may_follow(const job *j, const climb *c, int k, int64_t t) {
    return t - c->start[k - 1] <= j->window && t - c->last[k - 1] <= j->gap[k];
}

/* One event alone at its instant: highest step first, so that it serves one step of a chain. */
static inline void climb_one(const job *j, climb *c, int64_t event, int64_t t, uint32_t serves) {
    int k = c->top < j->p->steps ? c->top : j->p->steps - 1;
    int reached = c->top;
    for (; k > 0; k--) {
        if (!(serves >> k & 1) || !may_follow(j, c, k, t)) continue;
        for (int i = 0; i < k; i++) c->at[k][i] = c->at[k - 1][i];
        c->at[k][k] = event;
        c->start[k] = c->start[k - 1];
        c->last[k] = t;
        if (k + 1 > reached) reached = k + 1;
    }
    if (serves & 1) {
        c->start[0] = c->last[0] = t;
        c->at[0][0] = event;
        if (reached == 0) reached = 1;
    }
    c->top = reached;
}

/* Chains at level b come from the lowest level that can reach it: it has the latest start. */
static void climb_instant(const job *j, climb *c, funnel_instant *g, int64_t t) {
    int steps = j->p->steps;
    climb before = *c;
    bool set[FUNNEL_STEPS] = {false};
    for (int from = 0; from < steps && from <= before.top; from++) {
        if (from > 0 && !may_follow(j, &before, from, t)) continue;
        funnel_instant_free(g);
        for (int k = from; k < steps; k++) {
            if (!funnel_instant_serve(g, k)) break;
            if (set[k]) continue;
            set[k] = true;
            for (int i = 0; i < from; i++) c->at[k][i] = before.at[from - 1][i];
            for (int i = from; i <= k; i++) c->at[k][i] = g->event[g->used[i]];
            c->start[k] = from == 0 ? t : before.start[from - 1];
            c->last[k] = t;
            if (k + 1 > c->top) c->top = k + 1;
        }
    }
}

static void run_unit(const job *j, int64_t unit) {
    const funnel_events *v = j->v;
    int64_t end = v->first[unit + 1];
    int steps = j->p->steps, deepest = 0;
    int64_t *chain = j->out->chain + unit * steps;
    climb c;
    c.top = 0;
    for (int64_t i = v->first[unit]; i < end && deepest < steps;) {
        int64_t t = v->time[i], next = i + 1;
        if (next == end || v->time[next] != t) {
            uint32_t serves = funnel_serves(v, i);
            if (serves) climb_one(j, &c, i, t, serves);
        } else {
            funnel_instant g;
            funnel_instant_open(&g);
            for (next = i; next < end && v->time[next] == t; next++)
                funnel_instant_add(&g, steps, next, funnel_serves(v, next));
            if (g.n == 1) climb_one(j, &c, g.event[0], t, g.serves[0]);
            if (g.n > 1) climb_instant(j, &c, &g, t);
        }
        i = next;
        if (c.top == deepest) continue;
        deepest = c.top;
        for (int k = 0; k < deepest; k++) chain[k] = c.at[deepest - 1][k];
    }
    for (int k = deepest; k < steps; k++) chain[k] = -1;
    j->out->level[unit] = (uint8_t)deepest;
}

/* Marks the units from u on that fit together; the first that is not marked. */
static int64_t mark(const job *j, funnel_marks *m, int64_t u, int64_t end) {
    const int64_t *first = j->v->first;
    int64_t stop = u;
    while (stop < end && first[stop + 1] - first[u] <= MARKS_EVENTS) stop++;
    funnel_marks_fill(m, &j->q, first[u], first[stop]);
    return stop;
}

static void run_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const job *j = what;
    int64_t end = (chunk + 1) * UNITS_PER_CHUNK;
    if (end > j->v->units) end = j->v->units;
    int64_t marked = chunk * UNITS_PER_CHUNK;
    funnel_marks m;
    for (int64_t u = chunk * UNITS_PER_CHUNK; u < end; u++) {
        int64_t *chain = j->out->chain + u * j->p->steps;
        uint8_t *level = j->out->level + u;
        if (j->marks && u >= marked) marked = mark(j, &m, u, end);
        if (u < marked && funnel_marks_unit(&m, &j->q, u, chain, level)) continue;
        if (j->quick && funnel_quick_unit(&j->q, u, chain, level)) continue;
        if (j->rules) *level = (uint8_t)funnel_rules_unit(j->v, j->p, u, chain);
        else run_unit(j, u);
    }
}

static void run(funnel_outcome *out, const funnel_events *v, const funnel_params *p, bool quick,
                pool *threads, arena *keep) {
    assert(!funnel_check(p));
    *out = (funnel_outcome){.steps = p->steps, .units = v->units, .optional = p->optional};
    out->level = take_raw(keep, uint8_t, v->units);
    out->chain = take_raw(keep, int64_t, v->units * p->steps); /* each unit fills its own whole */
    job j = {.v = v, .p = p, .out = out, .window = p->window ? p->window : INT64_MAX};
    for (int i = 0; i < p->steps; i++) j.gap[i] = p->gap[i] ? p->gap[i] : INT64_MAX;
    j.rules = has_rules(p);
    j.quick = quick && funnel_quick_open(&j.q, v, p);
    j.marks = j.quick && funnel_marks_may(&j.q);
    pool_for(threads, (v->units + UNITS_PER_CHUNK - 1) / UNITS_PER_CHUNK, run_chunk, &j);
}

void funnel_run(funnel_outcome *out, const funnel_events *v, const funnel_params *p, pool *threads,
                arena *keep) {
    run(out, v, p, true, threads, keep);
}

void funnel_run_plain(funnel_outcome *out, const funnel_events *v, const funnel_params *p,
                      pool *threads, arena *keep) {
    run(out, v, p, false, threads, keep);
}
