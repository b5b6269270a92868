/* journeys: the channels by which visitors came, session by session, until they convert.
 *
 * Each session is one touch: of the first channel that its events name, else of "(none)". A journey
 * ends with a session that has the goal, or is lost after a silence of more than `lookback` and at
 * the end of the log. */
#ifndef PIPELINE_JOURNEYS_H
#define PIPELINE_JOURNEYS_H

#include "base/json.h"
#include "data/columns.h"
#include "models/behaviour/attribution.h"
#include "models/behaviour/paths.h"

#define JOURNEYS_LOOKBACK (INT64_C(30) * 86400 * 1000000) /* 30 days, unless somebody says so */

typedef struct journeys_source {
    const paths_log *log;
    int goal;               /* token; -1: none */
    const int32_t *channel; /* [events] 0 … channels - 1 */
    int channels, none;     /* none: the channel of events that name none, or -1 */
    const slice *names;     /* [channels] */
    int64_t lookback;       /* microseconds; 0: no limit */
} journeys_source;

void journeys_make(attribution_log *out, const journeys_source *from, arena *keep,
                   arena scratch);

/* Member attribution: definition, goal, journeys, conversions and channels[], the most by markov
 * first; null and false where the log has fewer than two channels or no conversion. table: unless
 * NULL, the same channels, a row each. */
bool journeys_put(js *j, const journeys_source *from, const char *goal, columns *table, scope *s);

#endif
