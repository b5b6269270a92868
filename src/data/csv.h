/* csv: the validating reader: a CSV file by its contract as typed columns, and what fails it.
 *
 *     csv *r = csv_open(s, "sales.csv", contract_find("transactions"), CSV_DEFAULTS, e);
 *     csv_batch b;
 *     while (r && csv_next(r, &b, e) && !b.end) ...   // b.rows, b.problems die with the next call
 *
 * Format: RFC 4180 with comma, semicolon, tab or pipe (found by which of them the contract fits),
 * UTF-8, LF, CRLF or CR, gzip or plain, of any size in constant memory. Every record is accepted,
 * quarantined with line, rule, column, observed and expected, or blank: nothing is dropped in
 * silence. The verdicts are listed in docs/contracts.md. A file that is no such table at all is
 * refused in one sentence. Rows come in the file's order and do not depend on the buffer or on the
 * number of threads. */
#ifndef DATA_CSV_H
#define DATA_CSV_H

#include "base/pool.h"
#include "data/columns.h"
#include "data/contract.h"

typedef struct csv_params {
    size_t chunk;        /* bytes read at a time */
    size_t field_limit;  /* longest field in bytes */
    size_t record_limit; /* longest record in bytes */
    int64_t row_limit;   /* refuse a file with more records; 0 = no limit */
    int64_t batch;       /* most records in a batch */
    const char *map;     /* "column=Header,…", may be NULL; see contract_map */
    pool *threads;       /* may be NULL */
    size_t look;         /* first bytes in which the header must be, at most 64 KiB */
    bool plain;          /* cut records by the plain walk: for tests */
} csv_params;

#define CSV_DEFAULTS                                                                               \
    ((csv_params){.chunk = 1 << 20, .field_limit = 1 << 20, .record_limit = 2 << 20,               \
                  .batch = 1 << 14, .look = 1 << 16})

typedef struct csv_problem { /* one quarantined record */
    int64_t line;
    const char *rule;   /* "missing", "not_a_number", …: docs/contracts.md */
    const char *column; /* of the contract; NULL when the record as a whole is broken */
    slice observed;     /* bytes of the cell, at most 4 KiB */
    const char *expected;
    slice raw; /* bytes of the record, at most 4 KiB */
} csv_problem;

typedef struct csv_batch {
    columns rows; /* the contract's columns in order, then src_line (I64) */
    const csv_problem *problems;
    int64_t n_problems;
    bool end; /* nothing more; this batch is empty */
} csv_batch;

typedef struct csv_count {
    int64_t seen, accepted, quarantined, blank; /* seen = accepted + quarantined + blank */
} csv_count;

typedef struct csv csv;

/* Needs about 40 MiB of address space in owner->keep with the default parameters. */
csv *csv_open(scope *owner, const char *path, const contract *c, csv_params p, err *e);
bool csv_next(csv *r, csv_batch *out, err *e);

csv_count csv_counts(const csv *r);
const slice *csv_headers(const csv *r, int *n); /* as written, trimmed */
const contract_match *csv_match(const csv *r);
char csv_delimiter(const csv *r);
double csv_done(const csv *r); /* share of the file's bytes taken, 0 to 1 */

/* Bytes that are not UTF-8, and control characters, written as \xNN: a cell for messages. */
slice csv_printable(arena *keep, slice bytes);

#endif
