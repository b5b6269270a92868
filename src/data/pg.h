/* pg: a PostgreSQL server, over libpq; the only file that includes its header is pg.c.
 *
 *     pg *p = pg_open(s, "postgresql://reader@db.local/shop", e);
 *     pg_run(p, e, "CREATE TABLE %s (a integer)", pg_name(p, &s->keep, "sales"));
 *     pg_put_open(p, "\"sales\"", &shape, e) && pg_put(p, &chunk, e) && pg_put_close(p, &rows, e)
 *
 * An address is postgresql://[user@][host][:port][/database][?parameters], as libpq reads it; what
 * it leaves open comes from PGHOST and friends, a service file, or libpq's defaults. Secrets come
 * from ~/.pgpass, PGPASSFILE, a service file or PGPASSWORD: an address with a password is refused,
 * because command lines and settings are read by others. No text from here holds one.
 *
 * A refusal of the server carries its message and detail. Causes: no_server (no connection, or it
 * is lost), permission (password, rights), usage (no such database, table or column). */
#ifndef DATA_PG_H
#define DATA_PG_H

#include "data/pg_rows.h"

typedef struct pg pg;

bool pg_is_address(const char *said); /* begins with postgresql:// or postgres:// */

/* The connection is closed with owner; what was not committed is undone then. NULL when refused. */
pg *pg_open(scope *owner, const char *address, err *e);
const char *pg_where(const pg *p); /* "user@host:port/database" */

/* Runs statements; rows they give are dropped. */
bool pg_run(pg *p, err *e, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* One statement with the values $1 … $n; the cells of its rows as texts. */
bool pg_query(pg *p, arena *keep, columns *out, err *e, const char *sql, int n,
              const char *const *values);

/* An identifier, quoted. Refuses one that the server would cut (over 63 bytes): NULL. */
char *pg_name(pg *p, arena *keep, const char *name, err *e);
char *pg_literal(pg *p, arena *keep, const char *value);

/* COPY table FROM STDIN in binary form; `table` is quoted by the caller. pg_put_close without all
 * rows leaves a transaction that can only be rolled back. */
bool pg_put_open(pg *p, const char *table, const pg_shape *shape, err *e);
bool pg_put(pg *p, const columns *rows, err *e);
bool pg_put_close(pg *p, int64_t *rows, err *e);

/* What a SELECT gives: its columns, as pg_get asks for them. Kept apart are those whose type no
 * column here takes (bytea, arrays, composites, ranges, …), named in left_out with their types. */
typedef struct pg_source {
    pg_shape shape;
    const char *copy;     /* the COPY that gives them */
    const char *left_out; /* "photo (bytea), tags (text[])"; NULL = none */
} pg_source;

/* `name` stands for the SELECT in messages; a semicolon at its end is taken off. */
bool pg_describe(pg *p, arena *keep, const char *name, const char *select, pg_source *out, err *e);
/* Streams the rows in binary form; *rows as the server counts them. */
bool pg_get(pg *p, const pg_source *from, pg_each_rows *each, void *what, int64_t *rows, err *e);

const char *pg_version(void); /* of the library: "15.18" */

#endif
