/* funnel: exact funnels over time-sorted events.
 *
 * A unit (visitor, session, …) reaches level k when it has k different events e1 … ek with
 *     e_i serving step i,   time(e1) <= … <= time(ek),   time(ek) - time(e1) <= window,
 *     time(e_i) - time(e_(i-1)) <= gap[i]  (where a gap is set).
 * Any step 1 event may open a chain. Events of equal time have no order, so they may climb
 * several steps; one event never serves two steps of a chain. Beyond that:
 *     loose          events in between are ignored
 *     strict         the chain is consecutive: of the unit's events (those that serve nothing too)
 *                    none lies between two of its own. At one instant any order of the events will
 *                    do: unused ones may go before the first or after the last of the chain, but
 *                    an instant that a chain passes through must be used up
 *     any            steps in any order: level = most steps that different events of one window
 *                    serve, the first step among them or not; the chain has these events by time
 *     strictly_after time(e_(i-1)) < time(e_i)
 *     optional       a step that may be left out (chain -1): the next takes up from before it. The
 *                    level is that of the last step done; gaps count from the last step done
 *     exclude        {from, to}: no excluded event lies strictly between the times of the chain's
 *                    events of steps `from` and `to` (counted from 1), or `from` and its last event
 *                    where it ends before `to`; neither step is optional
 *
 * Per level the pass keeps only the newest chain: it has the latest start and the latest last
 * event of all chains that reach the level, so every other one is dominated and the pass is exact.
 * Times come from the chain with the latest start that first reaches the deepest level.
 *
 *     funnel_events v = {units, n, first, time, serves};
 *     funnel_outcome o;
 *     funnel_run(&o, &v, &p, threads, &s.keep);                    // level and chain per unit
 *     funnel_table t;
 *     int32_t *group = funnel_group(&o, group_of_event, &s.keep);
 *     funnel_count(&t, &o, &v, group, groups, threads, &s.keep, s.scratch);
 *
 * A unit belongs to the group of the event that opened its chain: each unit is in one group, so
 * the groups add up to the whole exactly. Everything is counted in integers; results do not
 * depend on threads. */
#ifndef MODELS_BEHAVIOUR_FUNNEL_H
#define MODELS_BEHAVIOUR_FUNNEL_H

#include "base/bitmap.h"
#include "base/pool.h"
#include "models/interval.h"

#define FUNNEL_STEPS    16 /* most steps of one funnel */
#define FUNNEL_EXCLUDES 8  /* most exclusions */
#define FUNNEL_BUCKETS  100

typedef enum funnel_order { FUNNEL_LOOSE, FUNNEL_STRICT, FUNNEL_ANY } funnel_order;

typedef struct funnel_params {
    int steps;                   /* 1 … FUNNEL_STEPS */
    int64_t window;              /* microseconds from step 1, inclusive; 0 = no limit */
    int64_t gap[FUNNEL_STEPS];   /* gap[i]: most microseconds from step i-1 to i; 0 = no limit */
    funnel_order order;
    bool strictly_after;
    uint32_t optional;           /* bit i: step i (0-based) may be left out; never bit 0 */
    int excludes;
    struct {
        int from, to;            /* 1 <= from < to <= steps */
    } exclude[FUNNEL_EXCLUDES];
} funnel_params;

#define FUNNEL_DEFAULTS                                                                            \
    ((funnel_params){.steps = 4, .window = (int64_t)7 * 86400 * 1000000, .gap = {0}})

typedef struct funnel_events {
    int64_t units, n;
    const int64_t *first; /* [units + 1] unit u has events first[u] … first[u + 1] - 1 */
    const int64_t *time;  /* [n] microseconds, never falling within a unit */
    /* [n] bit i: the event can serve step i (0-based); bit FUNNEL_STEPS + x: exclusion x. Optional
     * steps want events that serve one step each */
    const uint32_t *serves;
    /* or, where serves is NULL: [n] codes of the events, and [256] what events of a code serve */
    const uint8_t *code;
    const uint32_t *by_code;
    const bitmap *tied; /* [units] in are those that have two events of one time; NULL: not known */
} funnel_events;

static inline uint32_t funnel_serves(const funnel_events *v, int64_t event) {
    return v->serves ? v->serves[event] : v->by_code[v->code[event]];
}

typedef struct funnel_outcome {
    int steps;
    int64_t units;
    uint8_t *level; /* [units] deepest level reached, 0 … steps */
    int64_t *chain; /* [units, steps] event indexes of the chain; -1 beyond the level */
    uint32_t optional;
} funnel_outcome;

/* NULL, or what is wrong with the parameters, in words. */
const char *funnel_check(const funnel_params *p);

/* The result lives in keep. Parameters must have passed funnel_check. */
void funnel_run(funnel_outcome *out, const funnel_events *v, const funnel_params *p, pool *threads,
                arena *keep);

/* The same without the shortcuts of funnel_quick.h: the twin that judges it. */
void funnel_run_plain(funnel_outcome *out, const funnel_events *v, const funnel_params *p,
                      pool *threads, arena *keep);

/* Counts attempts instead of units: greedily, one after the other. An event of step 1 opens an
 * attempt when none is open; it goes on with the next step's events and closes when it is done, out
 * of its window or gap, or at an excluded event. out->units is the number of attempts, in the order
 * of the events. Loose order without optional steps. */
void funnel_attempts(funnel_outcome *out, const funnel_events *v, const funnel_params *p,
                     pool *threads, arena *keep);

typedef struct funnel_table {
    int steps, groups;
    uint32_t optional;
    int64_t *counts; /* [groups, steps] units that reached at least step i; optional: that did it */
    /* [groups, steps, FUNNEL_BUCKETS] units by seconds: entry i >= 1 is from step i-1 to step i,
     * entry 0 from step 1 to the last step */
    int64_t *times;
} funnel_table;

/* group: [o->units] of every unit, 0 … groups-1 (-1: left out; of units at level 0 it may be
 * anything), or NULL for one group of all. scratch: for the counts of each thread's part. */
void funnel_count(funnel_table *out, const funnel_outcome *o, const funnel_events *v,
                  const int32_t *group, int groups, pool *threads, arena *keep, arena scratch);

/* The group of every unit: that of the event which opened its chain; of: [n] of every event. */
int32_t *funnel_group(const funnel_outcome *o, const int32_t *of, arena *keep);

/* The step that `step` is measured against: the last before it that is not optional; 0 for 0. */
int funnel_before(uint32_t optional, int step);

/* Share of the units at the step before (funnel_before) that reached step i; step 0: of itself. */
interval funnel_step_rate(const funnel_table *t, int group, int step);
interval funnel_overall_rate(const funnel_table *t, int group);

/* Quantile q of the seconds of funnel_table.times[group, step]; NAN when nobody got there.
 * Buckets grow by 2^(1/4), log-linear inside: within 9 % of the exact value; 0 is below 1 s. */
double funnel_time_quantile(const funnel_table *t, int group, int step, double q);

/* Bucket of a duration, and the seconds at which bucket b begins (b = 0 … FUNNEL_BUCKETS). */
int funnel_bucket(int64_t microseconds);
double funnel_bucket_seconds(int b);

#endif
