/* pattern: looking for an order of events in sessions.
 *
 *     (?view).*(?cart_add)(?t<600)(?purchase)
 *
 * (?NAME) or (?N), the N-th name from 1: one event; directly after the one before unless something
 * stands between. `.` one event of any name; `.*` any number of events; (?t<S), also <=, >, >=: the
 * event after it and the one before it lie so many seconds apart (and any events between). The
 * pattern may begin anywhere. One pass an item over the session: linear, whatever the pattern.
 *
 *     pattern p;
 *     pattern_compile(&p, slice_of(text), names, n, e) && pattern_match(&p, token, time, n, room)
 */
#ifndef MODELS_BEHAVIOUR_PATTERN_H
#define MODELS_BEHAVIOUR_PATTERN_H

#include "base/text.h"

#define PATTERN_ITEMS 32

typedef enum pattern_time { PATTERN_ANY, PATTERN_BELOW, PATTERN_AT_MOST, PATTERN_ABOVE,
                            PATTERN_AT_LEAST } pattern_time;

typedef struct pattern_item {
    int token;         /* -1: any event */
    bool far;          /* any number of events may lie before it */
    pattern_time when; /* its time after the item before it */
    int64_t apart;     /* microseconds */
} pattern_item;

typedef struct pattern {
    int n;
    pattern_item item[PATTERN_ITEMS];
} pattern;

/* Refused with the place where the pattern is not understood, or the nearest name. */
bool pattern_compile(pattern *p, slice said, const char *const *names, int n, err *e);

/* True when the session has the pattern; room [2 * n]. */
bool pattern_match(const pattern *p, const uint8_t *token, const int64_t *time, int64_t n,
                   uint8_t *room);

#endif
