/* funnel_instant: the events of one instant, and which steps they can serve together.
 *
 * Events of equal time have no order, and one event serves one step: which runs of steps they serve
 * is a matching of steps to events. */
#ifndef MODELS_BEHAVIOUR_FUNNEL_INSTANT_H
#define MODELS_BEHAVIOUR_FUNNEL_INSTANT_H

#include "models/behaviour/funnel.h"

#define FUNNEL_INSTANT (FUNNEL_STEPS * FUNNEL_STEPS) /* events of one instant worth keeping */

typedef struct funnel_instant {
    int n;
    int64_t all; /* events of the instant, those that are not kept and serve nothing too */
    int64_t event[FUNNEL_INSTANT];
    uint32_t serves[FUNNEL_INSTANT];
    int seen[FUNNEL_STEPS];       /* listed events that can serve the step */
    int taken_by[FUNNEL_INSTANT]; /* step that uses the event in the matching, -1 */
    int used[FUNNEL_STEPS];       /* event that serves the step in the matching */
} funnel_instant;

void funnel_instant_open(funnel_instant *g);
void funnel_instant_add(funnel_instant *g, int steps, int64_t event, uint32_t serves);

/* Empties the matching; then steps are added to it one by one: false when no event is left. */
void funnel_instant_free(funnel_instant *g);
bool funnel_instant_serve(funnel_instant *g, int step);

/* Deepest level of unit u under the rules that funnel.c's one pass does not know; chain [steps] is
 * filled whole (funnel_rules.c). */
int funnel_rules_unit(const funnel_events *v, const funnel_params *p, int64_t u, int64_t *chain);

#endif
