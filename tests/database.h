/* database: an export into the test's PostgreSQL server, and a shop's tables out of it, in this
 * process, for tests of what happens when the server does not do its part. */
#ifndef TESTS_DATABASE_H
#define TESTS_DATABASE_H

#include "data/pg.h"
#include "pg_server.h"
#include "pipeline/work.h"

/* An engine of its own, closed with s. */
db *database_engine(scope *s);

/* A folder of results with the tables `articles` (article, name) of n rows and `customers` of 3;
 * every name is `name` with 100 bytes more. */
const char *database_results(scope *s, db *d, const char *name, int n);
/* The same with `articles` of a query. */
const char *database_results_of(scope *s, db *d, const char *name, const char *query);

/* Exports both; `during` (NULL = nothing) is called when rows have been sent. */
bool database_export(db *d, const char *out, const char *address, const char *schema,
                     void (*during)(void), err *e);

/* The same, which must end well, over the server's own socket. */
void database_exported(db *d, const char *out, const char *schema);

void database_during(void (*during)(void)); /* the same for what a work tells of */

/* A work whose shop has one source a query: "transactions\0SELECT …\0customers\0SELECT …\0". */
work database_shop(scope *s, const char *name, const char *address, const char *sources);

/* The address of the server with session settings: "lock_timeout=300ms", "a=b c=d". */
const char *database_address(scope *s, const char *database, const char *role,
                             const char *settings);

/* One value of one row, over p. */
slice database_ask(scope *s, pg *p, const char *sql);
pg *database_open(scope *s, const char *address); /* which must work */

#endif
