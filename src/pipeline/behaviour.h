/* behaviour: what the behaviour family's hooks share: the shop's funnel, its key figures. */
#ifndef PIPELINE_BEHAVIOUR_H
#define PIPELINE_BEHAVIOUR_H

#include "pipeline/family.h"
#include "pipeline/funnel_log.h"

#define BEHAVIOUR_STEPS 4

/* view, click, cart_add, purchase */
extern const char *const behaviour_steps[BEHAVIOUR_STEPS];

typedef struct behaviour_funnel {
    funnel_spec spec; /* of visitors: the steps that the log has, in their order; window 7 days */
    int64_t events[BEHAVIOUR_STEPS]; /* of each of the four */
    int64_t articles; /* when each step names articles in at least half of its events: one more
                         than the largest number; else 0 */
    windows days;     /* of the event log */
} behaviour_funnel;

/* spec.p.steps < 2 means that there is no funnel to speak of. */
bool behaviour_open(behaviour_funnel *out, work *w, scope *s, err *e);

/* Writes member skipped and why, when there is no funnel; true when there is none. */
bool behaviour_skip(const behaviour_funnel *b, js *report);

/* SELECTs for funnel_log_read with category, channel, platform and category+channel: visitors, or
 * pairs of a visitor and an article (unit = visitor * articles + article). */
extern const char behaviour_visitors[];
char *behaviour_pairs(const behaviour_funnel *b, arena *keep);

typedef enum behaviour_unit { BEHAVIOUR_VISITOR, BEHAVIOUR_SESSION, BEHAVIOUR_PAIR } behaviour_unit;

/* Member why of a funnel (funnel_why.h) over what the log, customers and orders tell. */
bool behaviour_why(js *j, work *w, const behaviour_funnel *b, const funnel_spec *spec,
                   behaviour_unit unit, scope *s, err *e);

/* Member each (funnel_articles.h) of the funnel of pairs, counted in o. */
bool behaviour_articles(js *j, work *w, const behaviour_funnel *b, const funnel_spec *spec,
                        const funnel_log *log, const funnel_outcome *o, scope *s, err *e);

/* Members kinds (session_kinds.h) and attribution (journeys.h), with the goal purchase. */
bool behaviour_kinds(js *j, work *w, scope *s, err *e);

/* Member kpis: {"name": {"title", "value", "format", "low"?, "high"?, "why": null | text}}. A value
 * that the shop's files cannot give is null, and why says what is missing. */
bool behaviour_kpis(work *w, scope *s, js *j, err *e);

/* The hooks of the conversion rates (behaviour_rates.c). */
family_hook behaviour_train, behaviour_tune, behaviour_evaluate;

#endif
