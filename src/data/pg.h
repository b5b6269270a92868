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
 * A server older than 9.6 is refused. What another session holds is waited for a minute, unless the
 * address, the role or the server says otherwise (lock_timeout).
 *
 * A refusal of the server carries its message, detail and, in a COPY, row and column. Causes:
 * no_server (no connection, or it is lost), permission (password, rights), temporary (locks),
 * cannot_create (no room), usage (no such database, table or column), bad_data. */
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

/* Ends a transaction that a BEGIN in pg_run began. When the connection is lost in it, whether all
 * of the transaction is there or nothing is not known, and the sentence says so. */
bool pg_commit(pg *p, err *e);

/* One statement with the values $1 … $n; the cells of its rows as texts. */
bool pg_query(pg *p, arena *keep, columns *out, err *e, const char *sql, int n,
              const char *const *values);

/* Puts the rights that a statement takes in front of a refusal for want of rights: "wanted is the
 * right SELECT on t: …". Returns false. */
bool pg_wants_right(err *e, const char *rights);

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
