/* sessions: cutting each unit's events into visits.
 *
 * An event begins a session when it is the unit's first, when more than `gap` has passed since the
 * event before (exactly the gap does not split), when `longest` is set and the session would last
 * longer than that, or when `midnight` is set and a new day (UTC) has begun.
 *
 *     int64_t n = sessions_cut(&v, SESSIONS_DEFAULTS, threads, session);   // number of each event
 *
 * Sessions are numbered in the order of the events, so unit after unit; the same on any number of
 * threads. */
#ifndef MODELS_BEHAVIOUR_SESSIONS_H
#define MODELS_BEHAVIOUR_SESSIONS_H

#include "base/pool.h"

typedef struct sessions_params {
    int64_t gap, longest; /* microseconds; longest 0: no limit */
    bool midnight;
} sessions_params;

#define SESSIONS_DEFAULTS ((sessions_params){.gap = (int64_t)1800 * 1000000})

typedef struct sessions_events {
    int64_t units, n;
    const int64_t *first; /* [units + 1] */
    const int64_t *time;  /* [n] microseconds, never falling within a unit */
} sessions_events;

/* NULL, or what is wrong with the parameters. */
const char *sessions_check(sessions_params p);

/* session: [n]. Returns how many there are. */
int64_t sessions_cut(const sessions_events *v, sessions_params p, pool *threads, int64_t *session);

#endif
