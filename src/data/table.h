/* table: one file of the user's as a table of the engine, and back.
 *
 * Formats by name: .csv, .csv.gz, .tsv, .parquet, .npy. CSV passes our own validating reader; rows
 * that fail are counted, kept as examples and left out. A file none of whose rows pass is refused.
 * Types after reading: TEXT -> VARCHAR, INT -> BIGINT, REAL -> DOUBLE, DAY -> DATE,
 * TIME -> TIMESTAMP; plus src_line BIGINT. */
#ifndef DATA_TABLE_H
#define DATA_TABLE_H

#include "data/contract.h"
#include "data/db.h"

typedef struct table_count {
    int64_t seen, accepted, quarantined, blank;
    char examples[3][256]; /* "sales.csv:12: column price: 'abc' is not a number" */
    int n_examples;
} table_count;

/* Reads path into a new engine table by contract. `map` ("item=StockCode,user=CustomerID", may be
 * NULL) names headers outright. */
bool table_read(db *d, const char *path, const contract *c, const char *map, const char *table,
                table_count *count, err *e);

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

/* Writes an engine table (in its order) to path, format by its name: .csv, .csv.gz, .tsv, .parquet,
 * .npy (numeric columns only), .jsonl. Appears whole or not at all. Text cells that a spreadsheet
 * would run as a formula are written with a leading apostrophe in CSV. */
bool table_write(db *d, const char *table, const char *path, err *e);

#endif
