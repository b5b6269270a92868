/* funnel_marks: a bit for each event and step, and a unit's funnel by looking for the next and the
 * last bit.
 *
 * Where no two events of a unit have one time and none serves two steps, only their order matters
 * to who reaches a level first: the next event of each step in turn. The newest chain that ends
 * there is found backwards: the last event of each step before it. So of a unit's events only those
 * of its chain are looked at. Where that chain is too long for the window, each later event that
 * might end the level is tried the same way. Gaps are for strict order alone, optional steps and
 * exclusions for none: those units are left to funnel_quick.h.
 *
 *     funnel_marks *m = …;                        // 66 KB
 *     funnel_marks_fill(m, &q, from, end);        // events from … end - 1, at most MARKS_EVENTS
 *     if (!funnel_marks_unit(m, &q, unit, chain, &level)) …                                     */
#ifndef MODELS_BEHAVIOUR_FUNNEL_MARKS_H
#define MODELS_BEHAVIOUR_FUNNEL_MARKS_H

#include "models/behaviour/funnel_quick.h"

enum { MARKS_EVENTS = 1 << 15 };

typedef struct funnel_marks {
    int64_t from; /* event of bit 0 */
    uint64_t step[FUNNEL_STEPS][MARKS_EVENTS / 64 + 1];
} funnel_marks;

/* Whether units without ties can be told by marks at all. */
bool funnel_marks_may(const funnel_quick *q);

void funnel_marks_fill(funnel_marks *m, const funnel_quick *q, int64_t from, int64_t end);

/* False when the unit is tied, or in any order does not lie within the window. */
bool funnel_marks_unit(const funnel_marks *m, const funnel_quick *q, int64_t unit, int64_t *chain,
                       uint8_t *level);

#endif
