/* wire: a client of bytes for tests of the server: send what you like, read what comes. */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include "check.h"

/* A connection to 127.0.0.1; check fails when there is none. */
int wire_open(int port);
bool wire_send(int fd, slice bytes); /* false when the other side closed */

/* Everything until the other side closes, at most `seconds` of silence; memory of s. */
slice wire_read(scope *s, int fd, double seconds);

/* Opens, sends, reads to the end, closes. */
slice wire_ask(scope *s, int port, slice request);
/* The same for "GET PATH", with Connection: close and X-Request-ID: test. */
slice wire_get(scope *s, int port, const char *path);

int wire_status(slice answer);      /* 0 when it is no answer */
slice wire_body(slice answer);
slice wire_header(scope *s, slice answer, const char *name); /* value; n = 0 when absent */
/* The answer without its Date line: the rest must not change. */
slice wire_undated(scope *s, slice answer);

double wire_clock(void);
void wire_sleep_ms(int ms);

#endif
