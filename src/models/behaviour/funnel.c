/* funnel: exact ordered funnels over time-sorted events, in one pass. */
#include "models/behaviour/funnel_instant.h"

#include <assert.h>
#include <math.h>
#include <string.h>

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
            if (v->serves[i]) climb_one(j, &c, i, t, v->serves[i]);
        } else {
            funnel_instant g;
            funnel_instant_open(&g);
            for (next = i; next < end && v->time[next] == t; next++)
                if (v->serves[next]) funnel_instant_add(&g, steps, next, v->serves[next]);
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

static void run_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const job *j = what;
    int64_t end = (chunk + 1) * UNITS_PER_CHUNK;
    if (end > j->v->units) end = j->v->units;
    for (int64_t u = chunk * UNITS_PER_CHUNK; u < end; u++) run_unit(j, u);
}

static void run_rules(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const job *j = what;
    int64_t end = (chunk + 1) * UNITS_PER_CHUNK;
    if (end > j->v->units) end = j->v->units;
    for (int64_t u = chunk * UNITS_PER_CHUNK; u < end; u++)
        j->out->level[u] = (uint8_t)funnel_rules_unit(j->v, j->p, u, j->out->chain +
                                                      u * j->p->steps);
}

void funnel_run(funnel_outcome *out, const funnel_events *v, const funnel_params *p, pool *threads,
                arena *keep) {
    assert(!funnel_check(p));
    *out = (funnel_outcome){.steps = p->steps, .units = v->units, .optional = p->optional};
    out->level = take_raw(keep, uint8_t, v->units);
    out->chain = take_raw(keep, int64_t, v->units * p->steps); /* each unit fills its own whole */
    job j = {.v = v, .p = p, .out = out, .window = p->window ? p->window : INT64_MAX};
    for (int i = 0; i < p->steps; i++) j.gap[i] = p->gap[i] ? p->gap[i] : INT64_MAX;
    int64_t chunks = (v->units + UNITS_PER_CHUNK - 1) / UNITS_PER_CHUNK;
    pool_for(threads, chunks, has_rules(p) ? run_rules : run_chunk, &j);
}

/* ---- counting ---- */

int funnel_bucket(int64_t microseconds) {
    if (microseconds < 1000000) return 0;
    /* quarter octaves of seconds, from the exponent and the fraction of the double; a boundary that
     * is not a power of two is irrational, so rounding moves no whole microsecond across it */
    double seconds = (double)microseconds / 1e6, part;
    uint64_t bits;
    memcpy(&bits, &seconds, sizeof bits);
    int octave = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffff) | UINT64_C(1023) << 52;
    memcpy(&part, &bits, sizeof part);
    int b = 1 + 4 * octave + (part >= 0x1.306fe0a31b715p+0) + (part >= 0x1.6a09e667f3bcdp+0) +
            (part >= 0x1.ae89f995ad3adp+0);
    return b < FUNNEL_BUCKETS ? b : FUNNEL_BUCKETS - 1;
}

double funnel_bucket_seconds(int b) { return b == 0 ? 0.0 : exp2((b - 1) / 4.0); }

void funnel_count(funnel_table *out, const funnel_outcome *o, const funnel_events *v,
                  const int32_t *group, int groups, arena *keep) {
    assert(groups >= 1);
    int steps = o->steps;
    *out = (funnel_table){.steps = steps, .groups = groups, .optional = o->optional};
    out->counts = take(keep, int64_t, (int64_t)groups * steps);
    out->times = take(keep, int64_t, (int64_t)groups * steps * FUNNEL_BUCKETS);
    for (int64_t u = 0; u < o->units; u++) {
        int level = o->level[u];
        if (level == 0) continue;
        const int64_t *chain = o->chain + u * steps;
        int64_t g = group ? group[chain[0]] : 0;
        if (g < 0) continue;
        assert(g < groups);
        int64_t *times = out->times + g * steps * FUNNEL_BUCKETS;
        for (int k = 0, before = 0; k < level; k++) {
            if (chain[k] < 0) continue; /* an optional step that was not taken */
            out->counts[g * steps + k]++;
            int64_t waited = v->time[chain[k]] - v->time[chain[before]];
            if (k > 0) times[k * FUNNEL_BUCKETS + funnel_bucket(waited)]++;
            before = k;
        }
        if (level == steps && steps > 1)
            times[funnel_bucket(v->time[chain[steps - 1]] - v->time[chain[0]])]++;
    }
}

int funnel_before(uint32_t optional, int step) {
    do step -= step > 0;
    while (step > 0 && optional >> step & 1);
    return step;
}

interval funnel_step_rate(const funnel_table *t, int group, int step) {
    const int64_t *counts = t->counts + (int64_t)group * t->steps;
    return interval_wilson(counts[step], counts[funnel_before(t->optional, step)]);
}

interval funnel_overall_rate(const funnel_table *t, int group) {
    const int64_t *counts = t->counts + (int64_t)group * t->steps;
    return interval_wilson(counts[t->steps - 1], counts[0]);
}

double funnel_time_quantile(const funnel_table *t, int group, int step, double q) {
    const int64_t *in = t->times + ((int64_t)group * t->steps + step) * FUNNEL_BUCKETS;
    int64_t n = 0, below = 0;
    for (int b = 0; b < FUNNEL_BUCKETS; b++) n += in[b];
    if (n == 0) return NAN;
    double wanted = q * (double)n;
    int b = 0;
    while (b < FUNNEL_BUCKETS - 1 && (double)(below + in[b]) < wanted) below += in[b++];
    double share = in[b] ? (wanted - (double)below) / (double)in[b] : 0.0;
    if (b == 0) return 0.0; /* under a second */
    return exp2((b - 1 + share) / 4.0);
}
