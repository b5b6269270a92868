/* table_kind: what the parts of table.h share: the kind of a file by its name, and its problems. */
#ifndef DATA_TABLE_KIND_H
#define DATA_TABLE_KIND_H

#include "data/csv.h"
#include "data/table.h"

typedef enum table_kind { TABLE_CSV, TABLE_PARQUET, TABLE_NPY } table_kind;

table_kind table_kind_of(const char *path);

/* Opening it works, and it is a file: one sentence when not. */
bool table_can_open(const char *path, err *e);

/* Adds one example sentence when there is room. `cell`, its column, may be NULL. */
void table_example(table_count *count, const char *path, int64_t line, const char *rule,
                   const char *cell, slice observed, const char *expected);

/* Parquet and NumPy files: see table_load_file. */
bool table_load_engine(db *d, const table_load *l, arena *keep, table_loaded *out, err *e);

/* A CSV file on its way into a table: rows batch by batch, problems into the quarantine. */
typedef struct table_reader {
    const table_load *l;
    table_loaded *out;
    db_appender *problems;
    csv *r;
    columns to;     /* the batch's rows, with src_file before src_line */
    int32_t *files; /* [batch] all l->src_file */
    scope *s;       /* of the file */
    bool end;       /* nothing more; to is empty */
} table_reader;

bool table_reader_open(table_reader *w, arena *keep, scope *s, err *e);
bool table_reader_next(table_reader *w, err *e);
void table_reader_count(const table_reader *w); /* into out */

/* The relation to select from: read_parquet('…', file_row_number = true), or a table of the array
 * named `temp` with file_row_number beside its columns. Names come from `c` for an array (NULL:
 * column1, column2, …). */
bool table_relation(db *d, const char *path, const contract *c, const char *temp, arena *keep,
                    char **relation, err *e);

/* Names and engine types of a relation's columns, without file_row_number; types may be NULL. */
bool table_describe(db *d, const char *path, const char *relation, arena *keep, slice **names,
                    slice **types, int *n, err *e);

#endif
