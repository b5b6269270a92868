/* db: the embedded SQL engine (DuckDB); the only file that includes its header is db.c.
 *
 * One in-memory database per run, spilling to a temporary folder; durable data lives in Parquet.
 *
 *     db *d;
 *     db_open(&d, (db_params){.threads = 2, .memory_mb = 4096, .temp = dir}, e)
 *     scope_defer(s, db_close, d);
 *     db_runf(d, e, "CREATE VIEW sales AS SELECT * FROM read_parquet('%s')", path)
 *
 * Thread rule: one caller at a time per db. Every query that reaches a file or a model has a total
 * ORDER BY, and no floating sum decides anything: then results do not depend on threads. */
#ifndef DATA_DB_H
#define DATA_DB_H

#include "data/columns.h"

typedef struct db db;
typedef struct db_params {
    int threads;       /* >= 1 */
    int64_t memory_mb; /* buffer limit; allow about 150 MB above it */
    const char *temp;  /* folder for spilling; created when needed */
} db_params;

bool db_open(db **out, db_params p, err *e);
void db_close(void *d); /* a closer */

/* Tells `seen` of every statement before it runs, and of a table that rows are appended to, by its
 * name; NULL tells nobody. */
typedef void db_seen(void *what, slice sql);
void db_watch(db *d, db_seen *seen, void *what);

/* One more caller of the same database, from a thread of its own; closed before d is. */
bool db_beside(db **out, const db *d, err *e);

/* Runs all statements of a script; the first that fails stops it. */
bool db_run(db *d, slice sql, err *e);
bool db_runf(db *d, err *e, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Runs one statement and copies the whole result into keep. */
bool db_query(db *d, arena *keep, columns *out, err *e, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* One integer: the first column of the only row; NULL counts as 0. */
bool db_count(db *d, int64_t *out, err *e, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Streams the result chunk by chunk (about 2,048 rows); a chunk dies with its call. */
typedef bool db_each_chunk(void *what, const columns *chunk, err *e);
bool db_each(db *d, slice sql, db_each_chunk *each, void *what, err *e);

/* Appends columns to an existing table: same number, order and kinds of columns.
 * COLUMN_REAL goes into DOUBLE; cast in SQL where a DECIMAL is wanted. */
typedef struct db_appender db_appender;
bool db_append_open(db_appender **out, db *d, const char *table, err *e);
bool db_append(db_appender *a, const columns *rows, err *e);
bool db_append_close(db_appender *a, err *e); /* flushes; call also after a failure */

/* Creates or replaces a table with the kinds of c and appends its rows. */
bool db_put(db *d, const char *table, const columns *c, err *e);

/* 'it''s': a text literal, quoted; and "name": an identifier, quoted. */
char *db_literal(arena *keep, slice value);
char *db_name(arena *keep, slice name);

/* Writes the rows of a SELECT that ends with a total ORDER BY to one Parquet file (zstd), in that
 * order, without a table in between; same bytes for any number of threads. *rows (may be NULL): how
 * many. */
bool db_write_select(db *d, slice select, const char *path, int64_t *rows, err *e);

/* The same of a table, rows in the table's order. */
bool db_write_parquet(db *d, const char *table, const char *path, err *e);

/* Writes rows of ours to one Parquet file as they are handed out: memory is that of a row group,
 * not of the rows. `shape` has the columns' names and types. `next` gives the rows that follow,
 * which it may take back with the following call; none is the end. It may use d, and may be called
 * on a thread of the engine's. The bytes are those of a table of these rows. */
typedef bool db_next_rows(void *what, columns *rows, err *e);
bool db_write_rows(db *d, const columns *shape, db_next_rows *next, void *what, const char *path,
                   int64_t *rows, err *e);

const char *db_version(void);

#endif
