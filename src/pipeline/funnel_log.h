/* funnel_log: what a funnel means in words, its events out of the engine, its counts into JSON.
 *
 *     funnel_spec spec = {.unit = "visitor", .step = {"view", "purchase"}, .p = {.steps = 2, …}};
 *     funnel_log log;
 *     funnel_log_read(&log, d, &spec, "SELECT visitor AS unit, time, event, channel FROM f_events",
 *                     (const char *const[]){"channel"}, 1, &s.keep, e)
 *     funnel_run(&outcome, &log.events, &spec.p, threads, &s.keep);
 *
 * The same spec always has the same canonical text, and so the same hash: the key under which its
 * numbers may be kept and compared. */
#ifndef PIPELINE_FUNNEL_LOG_H
#define PIPELINE_FUNNEL_LOG_H

#include "base/hash.h"
#include "base/json.h"
#include "data/db.h"
#include "models/behaviour/funnel.h"

#define FUNNEL_LOG_BY     4  /* most breakdowns read together */
#define FUNNEL_LOG_VALUES 40 /* most values of one; the rarer ones become "(other)" */

typedef struct funnel_spec {
    const char *unit; /* "visitor", "session" */
    const char *step[FUNNEL_STEPS];
    funnel_params p;
} funnel_spec;

/* "7d", "36h", "30m", "90s" into microseconds; "none" is 0: no limit. */
bool funnel_spec_window(const char *said, int64_t *microseconds, err *e);

/* One sentence for people; canonical JSON; SHA-256 of the canonical text. */
char *funnel_spec_sentence(const funnel_spec *s, arena *keep);
char *funnel_spec_canonical(const funnel_spec *s, arena *keep);
hash_text funnel_spec_hash(const funnel_spec *s, arena scratch);

typedef struct funnel_by {
    const char *column;
    int values;           /* commonest first, ties by name; "(other)" last where there is one */
    slice value[FUNNEL_LOG_VALUES];
    const int32_t *code;  /* [events] */
} funnel_by;

typedef struct funnel_log {
    funnel_events events; /* those that serve a step */
    const int64_t *unit;  /* [units] the numbers of the source, ascending */
    const int32_t *day;   /* [events] days since 1970 */
    int by_n;
    funnel_by by[FUNNEL_LOG_BY];
} funnel_log;

/* source: a SELECT with the columns unit (whole number), time, event and those named in by. */
bool funnel_log_read(funnel_log *out, db *d, const funnel_spec *s, const char *source,
                     const char *const *by, int by_n, arena *keep, err *e);

/* Members counts, step_rates, overall, median_seconds (from the step before; null for the first)
 * and median_total_seconds of one group; all arrays have one entry a step. */
void funnel_put(js *j, const funnel_table *t, int group);
void funnel_put_rate(js *j, const char *key, interval rate);

#endif
