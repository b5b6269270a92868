/* deliver: the requests of a spool reach an MLflow server, in their order, each once.
 *
 * A request whose answer was lost (the connection broke, the server failed, this program was
 * killed) may have been carried out. Before it is made again the server is asked: a run, a logged
 * model and a version carry the tag atelier.request; of a batch only those points are sent that
 * metrics/get-history does not give (appending is the one call that is not the same when done
 * twice); everything else is the same when it is done twice.
 *
 * What the server will never take (400, 404, 501, a file that has changed since) is written down
 * as refused and what needs it with it; the rest goes on. 401 and 403, and a refusal of the
 * experiment or of the run itself, stop it: then somebody has to act, and nothing is lost. */
#ifndef SURFACES_DELIVER_H
#define SURFACES_DELIVER_H

#include "surfaces/rest.h"
#include "surfaces/spool.h"

typedef struct delivery {
    spool *from;
    rest *server;
    scope each;     /* of one request */
    bool uncertain; /* the next request may have been carried out already */
    int64_t calls, requests, points, inputs, files; /* calls include questions */
} delivery;

/* from may be NULL: only for questions. */
bool delivery_open(delivery *d, spool *from, rest *server, scope *s, err *e);

typedef enum delivered {
    DELIVERED_ONE,    /* taken or refused: go on */
    DELIVERED_ALL,    /* nothing is left */
    DELIVERY_WAITS,   /* the server is away or too busy: later, e says why */
    DELIVERY_STOPPED, /* somebody has to act, e says how */
} delivered;
delivered deliver_next(delivery *d, err *e);

/* All that is there, with pauses of 0.2, 0.4, … s (with jitter) while the server is away, for at
 * most `seconds` without an answer. */
bool deliver_all(delivery *d, double seconds, err *e);

/* How long to pause after `failures` in a row: 0.2 s doubled each time, at most 10 s, times a
 * number in [0.5, 1.5) that is a function of seed. */
double deliver_pause(int failures, uint64_t seed);

/* One call, its answer parsed in s: false with the server's own words when it is not 200; a->status
 * is 0 when there was no answer. */
bool deliver_call(delivery *d, scope *s, const char *method, const char *path, slice body,
                  const js_node **answer, rest_answer *a, err *e);

/* ---- deliver_found.c ---- */

/* Looks for what the request (its body resolved) would make. *info gets the server's account of
 * it, NULL when it is not there. */
bool deliver_found(delivery *d, const char *call, const js_node *body, const js_node **info,
                   err *e);

/* The body without the metrics that the server has; *n is how many are left. */
bool deliver_missing(delivery *d, const js_node *body, slice *left, int64_t *n, err *e);

#endif
