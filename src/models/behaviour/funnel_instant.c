/* funnel_instant: the events of one instant, and which steps they can serve together. */
#include "models/behaviour/funnel_instant.h"

#include <assert.h>
#include <string.h>

void funnel_instant_open(funnel_instant *g) {
    g->n = 0;
    g->all = 0;
    memset(g->seen, 0, sizeof g->seen);
}

/* An event is not needed when each of its steps already has as many listed as there are steps. */
void funnel_instant_add(funnel_instant *g, int steps, int64_t event, uint32_t serves) {
    bool needed = false;
    g->all++;
    for (int k = 0; k < steps; k++) needed |= (serves >> k & 1) && g->seen[k] < steps;
    if (!needed) return;
    for (int k = 0; k < steps; k++) g->seen[k] += (int)(serves >> k & 1);
    assert(g->n < FUNNEL_INSTANT);
    g->event[g->n] = event;
    g->serves[g->n++] = serves;
}

/* Finds an event for `step`, moving other steps to other events where needed (Kuhn's augmenting
 * path, depth at most the number of steps). */
static bool augment(funnel_instant *g, int step, uint8_t *tried) {
    for (int i = 0; i < g->n; i++) {
        if (!(g->serves[i] >> step & 1) || tried[i]) continue;
        tried[i] = 1;
        if (g->taken_by[i] >= 0 && !augment(g, g->taken_by[i], tried)) continue;
        g->taken_by[i] = step;
        g->used[step] = i;
        return true;
    }
    return false;
}

void funnel_instant_free(funnel_instant *g) {
    for (int i = 0; i < g->n; i++) g->taken_by[i] = -1;
}

bool funnel_instant_serve(funnel_instant *g, int step) {
    uint8_t tried[FUNNEL_INSTANT] = {0};
    return augment(g, step, tried);
}
