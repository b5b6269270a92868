/* behaviour: what the behaviour family's hooks share: the shop's funnel, its key figures. */
#ifndef PIPELINE_BEHAVIOUR_H
#define PIPELINE_BEHAVIOUR_H

#include "pipeline/funnel_log.h"
#include "pipeline/work.h"

#define BEHAVIOUR_STEPS 4

/* view, click, cart_add, purchase */
extern const char *const behaviour_steps[BEHAVIOUR_STEPS];

typedef struct behaviour_funnel {
    funnel_spec spec; /* the steps that the log has, in their order; window 7 days */
    int64_t events[BEHAVIOUR_STEPS]; /* of each of the four */
    windows days;                    /* of the event log */
} behaviour_funnel;

/* False members of spec.p.steps < 2 mean that there is no funnel to speak of. */
bool behaviour_open(behaviour_funnel *out, work *w, scope *s, err *e);

/* Member kpis: {"name": {"title", "value", "format", "low"?, "high"?, "why": null | text}}. A value
 * that the shop's files cannot give is null, and why says what is missing. */
bool behaviour_kpis(work *w, scope *s, js *j, err *e);

#endif
