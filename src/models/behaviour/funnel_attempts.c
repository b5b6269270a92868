/* funnel_attempts: a unit's attempts at a funnel, one after the other. */
#include <assert.h>

#include "models/behaviour/funnel.h"

enum { UNITS_PER_CHUNK = 4096 };

/* The open attempt of a unit, and where attempts go once they are over. */
typedef struct attempt {
    const funnel_params *p;
    const funnel_events *v;
    int level; /* 0: none is open */
    int64_t chain[FUNNEL_STEPS];
    int64_t n; /* of the chunk so far */
    uint8_t *to_level;  /* NULL: they are only counted */
    int64_t *to_chain;
} attempt;

typedef struct job {
    const funnel_params *p;
    const funnel_events *v;
    const funnel_outcome *out; /* NULL while they are counted */
    int64_t *at;               /* [chunks + 1] */
} job;

static void close_attempt(attempt *a) {
    int steps = a->p->steps;
    if (a->level == 0) return;
    if (a->to_level) {
        int64_t *chain = a->to_chain + a->n * steps;
        for (int k = 0; k < steps; k++) chain[k] = k < a->level ? a->chain[k] : -1;
        a->to_level[a->n] = (uint8_t)a->level;
    }
    a->n++;
    a->level = 0;
}

/* True when the open attempt ends at event i, whatever else i may do. */
static bool ends(const attempt *a, int64_t i, uint32_t serves) {
    const int64_t *time = a->v->time;
    if (a->level == 0) return false;
    if (a->p->window && time[i] - time[a->chain[0]] > a->p->window) return true;
    int64_t gap = a->p->gap[a->level];
    if (gap && time[i] - time[a->chain[a->level - 1]] > gap) return true;
    for (int x = 0; x < a->p->excludes; x++)
        if ((serves >> (FUNNEL_STEPS + x) & 1) && a->level >= a->p->exclude[x].from &&
            a->level < a->p->exclude[x].to)
            return true;
    return false;
}

static void walk_unit(attempt *a, int64_t unit) {
    const funnel_events *v = a->v;
    for (int64_t i = v->first[unit]; i < v->first[unit + 1]; i++) {
        uint32_t serves = funnel_serves(v, i);
        if (ends(a, i, serves)) close_attempt(a);
        if (!(serves >> a->level & 1)) continue;
        if (a->p->strictly_after && a->level && v->time[i] == v->time[a->chain[a->level - 1]])
            continue;
        a->chain[a->level++] = i;
        if (a->level == a->p->steps) close_attempt(a);
    }
    close_attempt(a);
}

static void walk_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const job *j = what;
    attempt a = {.p = j->p, .v = j->v};
    if (j->out) {
        a.to_level = j->out->level + j->at[chunk];
        a.to_chain = j->out->chain + j->at[chunk] * j->p->steps;
    }
    int64_t end = (chunk + 1) * UNITS_PER_CHUNK;
    if (end > j->v->units) end = j->v->units;
    for (int64_t u = chunk * UNITS_PER_CHUNK; u < end; u++) walk_unit(&a, u);
    if (!j->out) j->at[chunk + 1] = a.n;
}

/* Counted first, so that each chunk knows where its attempts go. */
void funnel_attempts(funnel_outcome *out, const funnel_events *v, const funnel_params *p,
                     pool *threads, arena *keep) {
    assert(!funnel_check(p) && p->order == FUNNEL_LOOSE && !p->optional);
    int64_t chunks = (v->units + UNITS_PER_CHUNK - 1) / UNITS_PER_CHUNK;
    job j = {.p = p, .v = v, .at = take(keep, int64_t, chunks + 1)};
    pool_for(threads, chunks, walk_chunk, &j);
    for (int64_t c = 0; c < chunks; c++) j.at[c + 1] += j.at[c];
    *out = (funnel_outcome){.steps = p->steps, .units = j.at[chunks]};
    out->level = take_raw(keep, uint8_t, out->units);
    out->chain = take_raw(keep, int64_t, out->units * p->steps);
    j.out = out;
    pool_for(threads, chunks, walk_chunk, &j);
}
