/* paths: where sessions go from step to step.
 *
 * A path is the tokens (event names) of a session, repeats of one token in a row being one. It is
 * looked at from its start, or from the first `anchor` in it, forwards or backwards; step 0 is the
 * first token, then the anchor's neighbour, … up to `depth` steps. Where a path ends there is the
 * token `exit` (number events). Counts are integers and conserve flow exactly:
 *
 *     paths at (k, a) = sum over b of edge(k, a -> b),   a no exit, k < depth
 *     paths at (k, b) = sum over a of edge(k - 1, a -> b),   k > 0
 *
 * With every path that has ended counted at `exit` of each later step, the paths of a step are all
 * paths: a column of the step matrix (share at each token) sums to 1.
 *
 *     paths_graph g;
 *     paths_count(&g, &log, PATHS_DEFAULTS, threads, &s.keep, s.scratch);
 *
 * The same on any number of threads: sessions are cut into pieces by their number, and into fewer
 * where the tables are large (800 bytes an edge and piece, at most 256 MB or one piece). */
#ifndef MODELS_BEHAVIOUR_PATHS_H
#define MODELS_BEHAVIOUR_PATHS_H

#include "models/behaviour/funnel.h"

#define PATHS_EVENTS 64 /* most tokens */
#define PATHS_DEPTH  20

typedef struct paths_log {
    int events;           /* tokens 0 … events - 1 */
    int64_t sessions;
    const int64_t *first; /* [sessions + 1] */
    const uint8_t *token; /* [first[sessions]] */
    const int64_t *time;  /* likewise, microseconds, never falling within a session */
    const int32_t *user;  /* [sessions] equal ones side by side */
} paths_log;

typedef struct paths_params {
    int depth;     /* 1 … PATHS_DEPTH steps after step 0 */
    int anchor;    /* token, or -1: the start of the session */
    bool backwards;
} paths_params;

#define PATHS_DEFAULTS ((paths_params){.depth = 6, .anchor = -1})

typedef struct paths_graph {
    int events, depth;
    int64_t paths; /* sessions with a path: with the anchor, where there is one */
    int64_t *at;   /* [depth + 1, events + 1] paths at each token of each step; exit last */
    /* [depth, events, events + 1] of the step k -> k + 1 */
    int64_t *edge, *users;
    int64_t *times; /* [depth, events, events + 1, FUNNEL_BUCKETS] seconds from a to b */
} paths_graph;

/* NULL, or what is wrong with the parameters. */
const char *paths_check(paths_params p, int events);

void paths_count(paths_graph *out, const paths_log *log, paths_params p, pool *threads,
                 arena *keep, arena scratch);

/* Median seconds of an edge; NAN when nobody took it or it leads to exit. */
double paths_median(const paths_graph *g, int step, int from, int to);

/* ---- sequences: what comes before, and what it does to conversion ---- */

#define SEQUENCE_LONGEST 3
#define SEQUENCE_EVENTS  40 /* most tokens */

/* A sequence of 2 or 3 tokens, each at most `gap` tokens after the one before (repeats in a row
 * being one), before the first goal of the session. */
typedef struct sequence {
    int n;
    uint8_t token[SEQUENCE_LONGEST];
    int64_t sessions, converted; /* that have it; of these, with the goal */
} sequence;

typedef struct sequence_list {
    int64_t n, sessions, converted; /* of all */
    sequence *list; /* those in at least `support` of the sessions: commonest first */
} sequence_list;

/* goal: token, or -1 = none (converted is 0). */
void sequences_count(sequence_list *out, const paths_log *log, int goal, int gap, double support,
                     pool *threads, arena *keep, arena scratch);

#endif
