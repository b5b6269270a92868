/* funnel_why: what separates the units that went on at each step of a funnel from those that left,
 * and what is lost there in money.
 *
 * Units at step k are compared at the moment they first got there: those that ever reach the next
 * step went on, the others left; who is there with a window still open at the end of the log is
 * neither. Features are what the event of that moment has (its columns) and which events the unit
 * had before it: nothing from after it. Odds ratios (odds.h) are within strata of how many
 * events the unit had before (tenths of the units) and whether it was there a day before or longer.
 * Tested are features that at least 25 and 2 % of the units have, and as many have not.
 *
 *     money lost at k      units left · share of those at k + 1 that get through · value
 *     money of a point     1 % of the units at k · the same share · value
 *     value                mean sum of a unit's prices at the last step, from the event that
 *                          took it there to the end of its window
 *
 * That is what they were worth had they gone on as the others did, no forecast. */
#ifndef PIPELINE_FUNNEL_WHY_H
#define PIPELINE_FUNNEL_WHY_H

#include "models/behaviour/odds.h"
#include "pipeline/funnel_log.h"

#define FUNNEL_WHY_RATE 0.05 /* false discoveries among what is said to differ */

typedef struct funnel_difference {
    slice feature, value;
    int64_t with, with_on, without, without_on; /* units compared; of these went on */
    odds of;
} funnel_difference;

typedef struct funnel_why_step {
    int64_t entered, compared, went_on; /* went_on: of those compared */
    int n;                              /* features tested */
    funnel_difference *difference;      /* [n] those that raise the odds most first */
    double lost, point;                 /* money; NAN where the log has no prices */
} funnel_why_step;

typedef struct funnel_why {
    double value;          /* NAN where the log has no prices */
    funnel_why_step *step; /* [steps - 1] of the units at step i, which go on to i + 1 or leave */
} funnel_why;

/* A funnel in loose or strict order whose steps are all needed, over a log of funnel_log_read_all
 * whose by[0] are the events' names. */
void funnel_why_find(funnel_why *out, const funnel_log *log, const funnel_spec *spec,
                     pool *threads, scope *s);

/* Member why: value, steps[] with the features that differ with a false discovery rate of 5 %, at
 * most 10 each way. */
void funnel_why_put(js *j, const funnel_why *w, const funnel_spec *spec);

/* Column for the feature of an event's hour: 'night', 'morning', …; 'weekend' or 'weekday'. */
#define FUNNEL_WHY_HOUR                                                                            \
    "CASE WHEN hour(time) < 6 THEN 'night' WHEN hour(time) < 12 THEN 'morning' "                   \
    "WHEN hour(time) < 18 THEN 'afternoon' ELSE 'evening' END"
#define FUNNEL_WHY_DAY "CASE WHEN isodow(time) >= 6 THEN 'weekend' ELSE 'weekday' END"

#endif
