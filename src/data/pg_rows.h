/* pg_rows: rows in the binary form of PostgreSQL's COPY, made of columns and back.
 *
 *     pg_rows_begin(&to);
 *     pg_rows_put(&to, &shape, &chunk, e);   // for every chunk
 *     pg_rows_end(&to);
 *
 *     pg_intake *in = pg_intake_open(s, &shape, each, what);
 *     pg_intake_add(in, bytes, e)            // for every message; each gets the rows
 *     pg_intake_end(in, &rows, e)
 *
 * A header, then per row a count of fields and per field its length (-1 for NULL) and its bytes,
 * all numbers big-endian; days and instants count from 2000-01-01, a NUMERIC is a row of digits to
 * the base 10,000. Source: PostgreSQL manual, COPY, "Binary Format"; numeric_send, date_send. */
#ifndef DATA_PG_ROWS_H
#define DATA_PG_ROWS_H

#include "data/columns.h"

typedef enum pg_type { /* from which kind of column */
    PG_BOOL,           /* I32, 0 or 1 */
    PG_INT2,           /* I32 */
    PG_INT4,           /* I32 */
    PG_INT8,           /* I64 */
    PG_FLOAT4,         /* REAL that a float holds */
    PG_FLOAT8,         /* REAL */
    PG_NUMERIC,        /* I64: the value times 10^scale */
    PG_TEXT,           /* TEXT without NUL bytes */
    PG_JSONB,          /* TEXT */
    PG_DATE,           /* DAY; INT32_MAX and -INT32_MAX are infinity and -infinity */
    PG_TIMESTAMP,      /* TIME; INT64_MAX and -INT64_MAX likewise */
    PG_TIMESTAMPTZ,    /* TIME */
    PG_TYPES
} pg_type;

/* From 1970-01-01 to 2000-01-01. */
#define PG_DAYS_BETWEEN 10957
#define PG_US_BETWEEN   INT64_C(946684800000000)

typedef struct pg_column {
    const char *name;
    pg_type type;
    int digits, scale; /* of NUMERIC: in all, and behind the point (at most 18) */
} pg_column;

typedef struct pg_shape {
    const char *table; /* for messages */
    int n;
    const pg_column *at; /* [n] */
} pg_shape;

const char *pg_type_word(pg_type t);    /* "integer", as CREATE TABLE wants it */
column_type pg_type_column(pg_type t);  /* the kind of column it is made of */

void pg_rows_begin(text *to);
/* Refuses a text with a NUL byte, which the server's text cannot hold, by table and column. */
bool pg_rows_put(text *to, const pg_shape *shape, const columns *rows, err *e);
void pg_rows_end(text *to);

/* The way back: bytes as they come, cut anywhere, become columns of the same kinds (no NUMERIC and
 * no JSONB: those are asked for as text). Fails on bytes that are no such rows, or end early. */
typedef bool pg_each_rows(void *what, const columns *rows, err *e); /* rows die with the call */
typedef struct pg_intake pg_intake;
pg_intake *pg_intake_open(scope *owner, const pg_shape *shape, pg_each_rows *each, void *what);
bool pg_intake_add(pg_intake *in, slice bytes, err *e);
int64_t pg_intake_rows(const pg_intake *in); /* that came so far */
bool pg_intake_end(pg_intake *in, int64_t *rows, err *e);

#endif
