/* funnel_say: a funnel's result for people and scripts.
 *
 * Members of the document: definition, hash, spec, steps, all (counts, step_rates, overall,
 * medians, histogram, converted), by.COLUMN[] with the difference of each value to the others
 * (Newcombe) and explain. The counts of a breakdown add up to all. */
#ifndef SURFACES_FUNNEL_SAY_H
#define SURFACES_FUNNEL_SAY_H

#include "pipeline/funnel_log.h"
#include "surfaces/verbs.h"

/* grouped: NULL without a breakdown (then log.by[0]). curve: with converted, which takes a sort of
 * all units. */
void funnel_say_all(js *out, const funnel_spec *spec, const funnel_log *log,
                    const funnel_outcome *o, const funnel_table *all, const funnel_table *grouped,
                    bool curve, pool *threads, scope *s);

/* The events of one user (table log of the verb: who, unit, time, name, event) in order: which step
 * each can serve, whether it is in the chain, and how far the user had come by then. Refused when
 * there is no such user. Without json, a table on stderr. */
bool funnel_say_why(js *out, const funnel_spec *spec, bench *b, const char *user, bool json,
                    scope *s, err *e);

#endif
