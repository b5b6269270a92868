/* event_tokens: the event names of a table that was read, numbered from the commonest on. */
#ifndef SURFACES_EVENT_TOKENS_H
#define SURFACES_EVENT_TOKENS_H

#include "surfaces/verbs.h"

typedef struct event_tokens {
    int n;
    const char **name;     /* [n] as the file has them; the last "(other)" where it is several */
    const int64_t *events; /* [n] rows of each */
} event_tokens;

/* At most `most` tokens of raw_events; table names: event, token, n. */
bool event_tokens_read(event_tokens *out, bench *b, int64_t most, scope *s, err *e);

/* The token of an event by the file's name or the usual one; -1: none. */
int event_tokens_find(const event_tokens *t, const char *said);

#endif
