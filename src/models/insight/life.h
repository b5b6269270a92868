/* life: where in its life an item is.
 *
 * The shape of its last weeks is Theil and Sen's slope of ln((units + .5) / exposure) with Mann and
 * Kendall's test, widened for autocorrelation (models/kendall.h). The stage is the first to hold:
 *
 *     ended      no longer on sale (trend.h), or no sale in 4 weeks
 *     launch     first sold less than 4 weeks ago
 *     clearance  sold more than 20 % under its list price
 *     growth     rising, or a slope up that is sure (z > 1.96)
 *     decline    declining, or a slope down that is sure
 *     plateau    none of these */
#ifndef MODELS_INSIGHT_LIFE_H
#define MODELS_INSIGHT_LIFE_H

#include "models/insight/trend.h"
#include "models/kendall.h"

typedef enum life_stage {
    LIFE_LAUNCH,
    LIFE_GROWTH,
    LIFE_PLATEAU,
    LIFE_DECLINE,
    LIFE_CLEARANCE,
    LIFE_ENDED,
    LIFE_STAGES
} life_stage;
extern const char *const life_words[LIFE_STAGES];

enum { LIFE_LEAST_WEEKS = 8 }; /* fewer have no shape */

/* Slope per week of ln units; fewer weeks: p = 1 and all else 0. */
kendall_result life_shape(const int32_t *units, const double *exposure, int n, arena scratch);

/* The z of that test where it is sure (beyond 1.96); else some z that is not: a board of many items
 * need not know the slopes of those that have none. */
double life_sure(const int32_t *units, const double *exposure, int n, arena scratch);

typedef struct life_facts {
    trend_call call;
    int weeks, silent; /* since the first sale; since the last */
    double z;          /* of the shape */
    double depth;      /* 1 - price / list price; NAN: not known */
} life_facts;
life_stage life_of(life_facts f);

#endif
