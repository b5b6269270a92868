/* table: one file of the user's (.csv, .tsv, also .gz; .parquet, .npy) as an engine table.
 *
 * CSV passes our own validating reader (csv.h); Parquet and NumPy files pass the same contract in
 * the engine. Rows that fail are counted, kept as examples and left out. A file none of whose rows
 * pass is refused. Types after reading: TEXT -> VARCHAR, INT -> BIGINT, REAL -> DOUBLE, DAY ->
 * DATE, TIME -> TIMESTAMP; plus src_line BIGINT (row i of a file without lines has i + 1: as if a
 * header were line 1). The columns of a .npy file are the contract's in order. */
#ifndef DATA_TABLE_H
#define DATA_TABLE_H

#include "base/pool.h"
#include "data/contract.h"
#include "data/db.h"

typedef struct table_count {
    int64_t seen, accepted, quarantined, blank;
    char examples[3][256]; /* "sales.csv:12: column price: 'abc' is not_a_number, wanted number" */
    int n_examples;
} table_count;

/* Reads path into a new engine table by contract. `map` ("item=StockCode,user=CustomerID", may be
 * NULL) names headers outright. */
bool table_read(db *d, const char *path, const contract *c, const char *map, const char *table,
                table_count *count, err *e);

/* The same for one file of several that make a table, with where its rows came from. */
typedef struct table_load {
    const char *path, *map;
    const contract *c;
    const char *table;      /* made when it is not there: contract's columns, src_file, src_line */
    const char *quarantine; /* likewise: src_file, src_line, rule, column_name, observed, expected,
                               raw */
    int32_t src_file;
    pool *threads; /* may be NULL */
    void (*tick)(void *what, double share); /* may be NULL; share of the file, 0 to 1 */
    void *what;
} table_load;

typedef struct table_loaded {
    table_count count;
    int n;
    slice *headers; /* [n] in keep */
    contract_match match;
} table_loaded;

/* Makes the two tables of a load, empty, if they are not there. */
bool table_make(db *d, const contract *c, const char *table, const char *quarantine, err *e);

/* Appends the file's rows and problems. A file without rows is no mistake here. */
bool table_load_file(db *d, const table_load *l, arena *keep, table_loaded *out, err *e);

/* The rows of n CSV files of one contract, one after the other, straight into a Parquet file: the
 * bytes of a table that they were loaded into. Problems are appended to the loads' quarantine by d,
 * which is the caller's own (db_beside) where several run at once; out is [n]. */
bool table_is_csv(const char *path); /* by its name */
bool table_stream_files(db *d, const table_load *loads, int n, const char *path, arena *keep,
                        table_loaded *out, err *e);

/* Runs an INSERT … SELECT whose rows come in their order, with one thread: where the engine cuts
 * its table into groups then depends on the numbers of rows alone, and so do the bytes written of
 * it. */
bool table_insert(db *d, slice sql, err *e);

/* The header of a file of any kind, for finding out what it is. */
bool table_headers(db *d, const char *path, scope *s, slice **headers, int *n, err *e);

/* Reads all numeric columns (CSV: every column whose values all parse as numbers; or those named in
 * `only`, comma-separated) as one row-major matrix in keep. `id` (may be NULL) names a text column
 * returned beside it. A missing number is refused with file, line and column. */
typedef struct table_matrix {
    int64_t rows;
    int cols;
    double *at;         /* [rows, cols] */
    const char **names; /* [cols] */
    slice *ids;         /* [rows], or NULL */
} table_matrix;
bool table_read_matrix(db *d, const char *path, const char *only, const char *id, arena *keep,
                       table_matrix *out, table_count *count, err *e);

/* The same, where `gaps` takes a number that is missing or not finite as NaN. */
typedef struct table_wish {
    const char *only, *id; /* as above; may be NULL */
    bool gaps;
} table_wish;
bool table_read_wish(db *d, const char *path, const table_wish *wish, arena *keep,
                     table_matrix *out, table_count *count, err *e);

/* Writes an engine table (in its order) to path, format by its name: .csv, .csv.gz, .tsv, .parquet,
 * .npy (numeric columns only), .jsonl. Appears whole or not at all. Text cells that a spreadsheet
 * would run as a formula are written with a leading apostrophe in CSV. */
bool table_write(db *d, const char *table, const char *path, err *e);

#endif
