/* pg_proxy: stands between a client and the test's PostgreSQL server, and counts their messages.
 *
 *     pg_proxy *p = pg_proxy_open(&s);
 *     … a client talks to pg_proxy_address(p) …
 *     int n = pg_proxy_seen(p);
 *     pg_proxy_cut(p, 7);      // the next client is cut off in the 7th message
 *
 * Messages are those of the protocol (a byte of type, four of length, then as many), both ways in
 * one count: what a connection of one statement after the other says has one order. A thread of its
 * own serves one connection at a time; it ends with the scope. */
#ifndef TESTS_PG_PROXY_H
#define TESTS_PG_PROXY_H

#include "check.h"

typedef struct pg_proxy pg_proxy;

pg_proxy *pg_proxy_open(scope *owner);
const char *pg_proxy_address(const pg_proxy *p);

/* Of an odd message the first half goes on, of an even one nothing; then both sides are closed. */
void pg_proxy_cut(pg_proxy *p, int at); /* 0 = never */

/* The server says that it is of this version; NULL = as it is. */
void pg_proxy_version(pg_proxy *p, const char *version);

/* Messages of the last connection, when it has ended. */
int pg_proxy_seen(pg_proxy *p);

#endif
