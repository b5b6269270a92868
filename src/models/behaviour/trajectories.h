/* trajectories: kinds of sessions by the order of their events, and how many of each convert.
 *
 * A session is its events before the first goal, repeats and all. Each kind k is a Markov chain:
 *
 *     P(session) = sum over k of prior_k · product of move_k(a -> b),
 *     a from `start` (number events) on, b up to `end` (number events)
 *
 * fitted by expectation and maximisation on every second session (every n-th, so that no more than
 * TRAJECTORIES_SAMPLE are). The moves of a kind are drawn toward those of all sessions with the
 * weight of one event a row. Kinds are added one by one: each kind is tried split in the better and
 * the worse half of its sessions (log-likelihood a move), and the best split goes on. A number of
 * kinds is kept where it gives as many other sessions a higher ln P than the number kept before, by
 * more than two standard errors of the mean; two numbers in vain end it. Each session is of its
 * likeliest kind, the commonest first. What comes at the goal and after it is not looked at, so
 * that a conversion is no property of the kind by itself.
 *
 * No random numbers, one thread: the same bytes everywhere.
 * Source: Cadez, Heckerman, Meek, Smyth, White, "Model-based clustering and visualization of
 * navigation patterns on a web site" (2003). */
#ifndef MODELS_BEHAVIOUR_TRAJECTORIES_H
#define MODELS_BEHAVIOUR_TRAJECTORIES_H

#include "models/behaviour/paths.h"

#define TRAJECTORIES_KINDS  12 /* most kinds */
#define TRAJECTORIES_SAMPLE 10000
#define TRAJECTORIES_NONE   255 /* kind of a session with nothing before the goal */

typedef struct trajectory_kind {
    int64_t sessions, converted; /* with the goal */
    double events, seconds;      /* medians, before the goal */
    int64_t *count;              /* [events] of its sessions, before the goal */
} trajectory_kind;

typedef struct trajectories {
    int events, kinds;       /* 0 kinds: no session has an event before the goal */
    int64_t sessions;        /* with an event before the goal */
    double *prior;           /* [kinds] */
    double *move;            /* [kinds, events + 1, events + 1] from an event or start, to or end */
    double score[TRAJECTORIES_KINDS + 1]; /* mean ln P of the other sessions under 1, 2, … kinds;
                                             NAN beyond those tried */
    uint8_t *kind;           /* [sessions of the log] */
    trajectory_kind *of;     /* [kinds] */
    int64_t *count;          /* [events] of all */
} trajectories;

/* goal: token, or -1: none. most: kinds at most, 1 … TRAJECTORIES_KINDS. */
void trajectories_fit(trajectories *out, const paths_log *log, int goal, int most, arena *keep,
                      arena scratch);

#endif
