/* csv_rows: cut records into typed columns by a contract, and the records that fail it. */
#ifndef DATA_CSV_ROWS_H
#define DATA_CSV_ROWS_H

#include "data/csv.h"
#include "data/csv_records.h"

/* What every record is held against; set up once per file. */
typedef struct csv_shape {
    const contract *c;
    int fields;                                  /* of the header */
    int field_of[contract_columns_max];          /* [c->n] -1 = the file does not have it */
    const char *expected[contract_columns_max];  /* [c->n] "whole number from 1 to 5" */
    const char *expected_fields;                 /* "5 fields" */
    slice header;                                /* its bytes: it may come again */
    size_t field_limit;
} csv_shape;

void csv_shape_init(csv_shape *s, const contract *c, const contract_match *m, int fields,
                    slice header, arena *keep);

/* Room for one group of records that is parsed by one thread. */
typedef struct csv_group {
    int64_t rows, blank, n_problems;
    csv_problem *problems; /* [most records of a group] */
    char *memory; /* bytes of the records and csv_record_room a record: unescaped cells */
} csv_group;

enum { csv_group_records = 2048, csv_record_room = 32 };

/* Parses records [from, from + n) into rows of `to` that begin at row `from`; counts in g. */
void csv_rows_parse(const csv_shape *s, const csv_cutter *cut, int64_t from, int64_t n,
                    const columns *to, csv_group *g);

#endif
