/* rest: calls to another program's HTTP interface, through libcurl.
 *
 *     rest *r = rest_open(s, "http://127.0.0.1:5000", (rest_login){0}, 30, e);
 *     rest_call(r, "POST", "/api/2.0/…", "application/json", body, &answer, e);
 *
 * One connection is kept and used again; no redirect is followed. All calls together have
 * `seconds`, a connection at most two. Tried again, after 0.2, 0.4 and 0.8 s, is only what the
 * server surely has not done: no connection, 429 and 503. */
#ifndef SURFACES_REST_H
#define SURFACES_REST_H

#include "base/text.h"

typedef struct rest rest;

typedef struct rest_login {
    const char *user, *password; /* basic; NULL = none */
    const char *token;           /* bearer; NULL = none */
} rest_login;

typedef struct rest_answer {
    long status;
    slice body; /* of the scope */
} rest_answer;

/* Refuses what is no http:// or https:// address, and one with credentials in it. */
rest *rest_open(scope *s, const char *url, rest_login login, double seconds, err *e);

/* False (cause "no_server") when no answer came; any status is an answer. */
bool rest_call(rest *r, const char *method, const char *path, const char *type, slice body,
               rest_answer *out, err *e);

char *rest_escaped(rest *r, slice part); /* percent-encoded, of the scope */

#endif
