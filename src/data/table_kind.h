/* table_kind: what the parts of table.h share: the kind of a file by its name, and its problems. */
#ifndef DATA_TABLE_KIND_H
#define DATA_TABLE_KIND_H

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

/* The relation to select from: read_parquet('…', file_row_number = true), or a table of the array
 * named `temp` with file_row_number beside its columns. Names come from `c` for an array (NULL:
 * column1, column2, …). */
bool table_relation(db *d, const char *path, const contract *c, const char *temp, arena *keep,
                    char **relation, err *e);

/* Names and engine types of a relation's columns, without file_row_number; types may be NULL. */
bool table_describe(db *d, const char *path, const char *relation, arena *keep, slice **names,
                    slice **types, int *n, err *e);

#endif
