/* funnel_log: the events of a funnel out of the engine, its counts into JSON.
 *
 *     funnel_spec spec = {.unit = "visitor", .step = {"view", "purchase"}, .p = {.steps = 2, …}};
 *     funnel_log log;
 *     funnel_log_read(&log, d, &spec, "SELECT visitor AS unit, time, event, channel FROM f_events",
 *                     (const char *const[]){"channel"}, 1, &s.keep, e)
 *     funnel_run(&outcome, &log.events, &spec.p, threads, &s.keep);
 *     const int32_t *group = funnel_log_group(&log, 0, &outcome, threads, &s.keep);
 */
#ifndef PIPELINE_FUNNEL_LOG_H
#define PIPELINE_FUNNEL_LOG_H

#include "data/db.h"
#include "pipeline/funnel_spec.h"

#define FUNNEL_LOG_BY     12 /* most breakdowns read together */
#define FUNNEL_LOG_VALUES 40 /* most values of one; the rarer ones become "(other)" */

typedef struct funnel_by {
    const char *column;
    int values;           /* commonest first, ties by name; "(other)" last where there is one */
    slice value[FUNNEL_LOG_VALUES];
    const int32_t *code;  /* [events] */
    const uint8_t *byte;  /* [events] the same where code is NULL */
} funnel_by;

typedef struct funnel_log {
    funnel_events events; /* those that serve a step or an exclusion; in strict order all */
    int64_t end;          /* of the log: time of its last event, whether it serves or not */
    int64_t from, to;     /* times of the first and last of `events`; 0 where there are none */
    const int64_t *unit;  /* [units] the numbers of the source, ascending */
    const int32_t *day;   /* [events] days since 1970; NULL in a log of events_file.h */
    const double *price;  /* [events] of funnel_log_read_all; NAN: none */
    int by_n;
    funnel_by by[FUNNEL_LOG_BY];
} funnel_log;

/* SQL over a column `event`: what an event serves, as in funnel_events. */
char *funnel_log_serves(const funnel_spec *s, arena *keep);

/* source: a SELECT with the columns unit (whole number), time, event and those named in by. */
bool funnel_log_read(funnel_log *out, db *d, const funnel_spec *s, const char *source,
                     const char *const *by, int by_n, arena *keep, err *e);

/* The same with all events, whatever they serve, and their prices: source has a column price. */
bool funnel_log_read_all(funnel_log *out, db *d, const funnel_spec *s, const char *source,
                         const char *const *by, int by_n, arena *keep, err *e);

/* For funnel_count: [o->units] the value of breakdown `by` that each unit belongs to. */
int32_t *funnel_log_group(const funnel_log *log, int by, const funnel_outcome *o, pool *threads,
                          arena *keep);

/* Members counts, step_rates, overall, median_seconds (from the step before; null for the first)
 * and median_total_seconds of one group; all arrays have one entry a step. */
void funnel_put(js *j, const funnel_table *t, int group);
void funnel_put_rate(js *j, const char *key, interval rate);

/* Member trend: counts by periods of `days` (7: from Monday) of the chain's first event; the first
 * day is member `first_day`; complete: whoever is in it has had the whole window by `end`. */
void funnel_put_trend(js *j, const funnel_log *log, const funnel_outcome *o,
                      const funnel_params *p, int days, const char *first_day, int64_t end,
                      pool *threads, scope *s);

#endif
