/* live: a run is told to an MLflow server while it goes on.
 *
 *     live *l = live_open(s, &server, &about, e);  // NULL: the address is wrong, or no disk
 *     live_told(l, facts_step(live_tell(l), step, &why) ? NULL : &why);  // any of facts.h
 *     live_close(l, "FINISHED", NULL, &sent);
 *
 * Two threads of its own: one sends what is in the spool, in order, and pauses longer and longer
 * (up to ten seconds) while the server is away; one looks every two seconds at processor and memory
 * (metrics system/…) and waits for SIGINT and SIGTERM, upon which the run becomes KILLED there
 * and the process ends by that signal. The run itself never waits for the server; at the end it
 * does, at most 30 s, while the server answers, and not at all when it did not answer last. What
 * has not been sent stays in the spool. */
#ifndef SURFACES_LIVE_H
#define SURFACES_LIVE_H

#include "surfaces/facts.h"
#include "surfaces/track.h"

typedef struct live live;

/* about: as facts_begin has it. Everything lives in s. */
live *live_open(scope *s, const track_server *to, const char *out, const char *about, int64_t began,
                err *e);

/* Between the two, facts are told; by one thread. A reason: no more is told (the spool could not be
 * written, or a file not be read), which live_close says. */
facts *live_tell(live *l);
void live_told(live *l, const err *why);

typedef struct live_sent {
    const char *run; /* its id there; NULL while it is not there */
    bool all;        /* nothing waits */
    int64_t waiting, refused, calls, points;
    const char *spool; /* its path */
    err why;           /* what went wrong last */
} live_sent;

/* The run's end: status and why as facts_end has them; a status of NULL deletes the run there.
 * Signals do again what they did. */
void live_close(live *l, const char *status, const char *why, live_sent *out);

#endif
