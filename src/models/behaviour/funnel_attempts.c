/* funnel_attempts: a unit's attempts at a funnel, one after the other. */
#include <assert.h>

#include "models/behaviour/funnel.h"

typedef struct attempt {
    funnel_outcome *out;
    const funnel_params *p;
    const funnel_events *v;
    int level; /* of the open one; 0: none is open */
} attempt;

static int64_t *chain_of(const attempt *a) { return a->out->chain + a->out->units * a->p->steps; }

static void close_attempt(attempt *a) {
    if (a->level == 0) return;
    int64_t *chain = chain_of(a);
    for (int k = a->level; k < a->p->steps; k++) chain[k] = -1;
    a->out->level[a->out->units++] = (uint8_t)a->level;
    a->level = 0;
}

/* True when the open attempt ends at event i, whatever else i may do. */
static bool ends(const attempt *a, int64_t i) {
    const int64_t *chain = chain_of(a), *time = a->v->time;
    if (a->level == 0) return false;
    if (a->p->window && time[i] - time[chain[0]] > a->p->window) return true;
    int64_t gap = a->p->gap[a->level];
    if (gap && time[i] - time[chain[a->level - 1]] > gap) return true;
    for (int x = 0; x < a->p->excludes; x++)
        if ((a->v->serves[i] >> (FUNNEL_STEPS + x) & 1) && a->level >= a->p->exclude[x].from &&
            a->level < a->p->exclude[x].to)
            return true;
    return false;
}

void funnel_attempts(funnel_outcome *out, const funnel_events *v, const funnel_params *p,
                     arena *keep) {
    assert(!funnel_check(p) && p->order == FUNNEL_LOOSE && !p->optional);
    int64_t most = 0;
    for (int64_t i = 0; i < v->n; i++) most += v->serves[i] & 1;
    *out = (funnel_outcome){.steps = p->steps};
    out->level = take(keep, uint8_t, most);
    out->chain = take(keep, int64_t, most * p->steps);
    attempt a = {out, p, v, 0};
    for (int64_t u = 0; u < v->units; u++) {
        for (int64_t i = v->first[u]; i < v->first[u + 1]; i++) {
            if (ends(&a, i)) close_attempt(&a);
            if (!(v->serves[i] >> a.level & 1)) continue;
            if (p->strictly_after && a.level &&
                v->time[i] == v->time[chain_of(&a)[a.level - 1]])
                continue;
            chain_of(&a)[a.level++] = i;
            if (a.level == p->steps) close_attempt(&a);
        }
        close_attempt(&a);
    }
}
