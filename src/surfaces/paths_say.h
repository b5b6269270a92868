/* paths_say: where sessions go, for scripts and the dashboard.
 *
 * Members: definition, sessions, paths (and users where they are known); steps[], paths at each
 * event of each step; moves[], step, source, target, paths, users, median_seconds; sequences[] with
 * conversion (Wilson) and lift, and the conversion of all. */
#ifndef SURFACES_PATHS_SAY_H
#define SURFACES_PATHS_SAY_H

#include "base/json.h"
#include "models/behaviour/paths.h"

typedef struct paths_told {
    const paths_log *log;
    const char *const *names; /* [log->events] */
} paths_told;

const char *paths_say_name(const paths_told *w, int token); /* or "(exit)" */
void paths_say_counts(const paths_told *w, paths_params p, const paths_graph *g, int64_t users,
                      js *out);
void paths_say_steps(const paths_told *w, const paths_graph *g, js *out);
void paths_say_sequences(const paths_told *w, int goal, double support, pool *threads, scope *s,
                         js *out);
void paths_say_rate(js *out, const char *key, int64_t k, int64_t n);

#endif
