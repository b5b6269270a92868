/* rest: calls to another program's HTTP interface, through libcurl.
 *
 *     rest *r = rest_open(s, "http://127.0.0.1:5000", (rest_login){0}, 30, e);
 *     rest_call(r, s, "POST", "/api/2.0/…", "application/json", body, &answer, e);
 *
 * One connection is kept and used again; no redirect is followed. A call has `seconds`, a
 * connection at most two; nothing but a GET is tried again here. */
#ifndef SURFACES_REST_H
#define SURFACES_REST_H

#include <stdatomic.h>

#include "base/text.h"

typedef struct rest rest;

typedef struct rest_login {
    const char *user, *password; /* basic; NULL = none */
    const char *token;           /* bearer; NULL = none */
} rest_login;

typedef struct rest_answer {
    long status;
    slice body;  /* of the call's scope */
    bool undone; /* no answer, and the server surely has not seen the request */
} rest_answer;

/* Refuses what is no http:// or https:// address, and one with credentials in it. */
rest *rest_open(scope *s, const char *url, rest_login login, double seconds, err *e);

/* A call ends within a second, as if no answer came, once *stop is true. */
void rest_stop_when(rest *r, const atomic_bool *stop);

/* False (cause "no_server") when no answer came; any status is an answer. Memory is that of s. */
bool rest_call(rest *r, scope *s, const char *method, const char *path, const char *type,
               slice body, rest_answer *out, err *e);

char *rest_escaped(slice part, arena *keep); /* percent-encoded part of a path */

#endif
