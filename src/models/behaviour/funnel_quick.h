/* funnel_quick: units whose events serve one step each, no two of them at one instant.
 *
 * There an event climbs one step at most, so a chain is a list: each event remembers the one that
 * its chain came from, and nothing is copied. No branch depends on what an event is, but for the
 * few that first reach a level. Any other unit is left to the passes of funnel.c and
 * funnel_rules.c, which give the same levels and chains for all units and judge this one.
 *
 *     funnel_quick q;
 *     bool may = funnel_quick_open(&q, &v, &p);
 *     if (!may || !funnel_quick_unit(&q, unit, chain, &level)) …   // the passes that know ties */
#ifndef MODELS_BEHAVIOUR_FUNNEL_QUICK_H
#define MODELS_BEHAVIOUR_FUNNEL_QUICK_H

#include "models/behaviour/funnel.h"

/* What an event is: a step (0-based), nothing, or QUICK_EXCLUDE + an exclusion. Steps open slot
 * step + 1 of the newest chains; the one of QUICK_NONE is never held. */
enum { QUICK_NONE = FUNNEL_STEPS + 1, QUICK_EXCLUDE, QUICK_SLOTS = QUICK_EXCLUDE + 1 };

typedef struct funnel_quick {
    const funnel_events *v;
    const funnel_params *p;
    int64_t window, gap[QUICK_SLOTS];
    uint32_t known;         /* bits of funnel_events.serves that mean something */
    bool gaps, rules;       /* rules: optional steps or exclusions */
    int low[QUICK_SLOTS];   /* lowest slot that a step can go on from */
    uint8_t step[256];      /* by code of the event */
} funnel_quick;

/* False when no unit is of that kind: a name that serves two steps. */
bool funnel_quick_open(funnel_quick *q, const funnel_events *v, const funnel_params *p);

/* False when the unit is none of that kind; chain [steps] may then hold anything. */
bool funnel_quick_unit(const funnel_quick *q, int64_t unit, int64_t *chain, uint8_t *level);

#endif
