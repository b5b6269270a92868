/* csv_head: the head of a CSV file: byte order mark, encoding, delimiter and header line. */
#ifndef DATA_CSV_HEAD_H
#define DATA_CSV_HEAD_H

#include "data/contract.h"
#include "data/csv_records.h"

typedef struct csv_head {
    char delimiter;
    int n;
    slice *headers;   /* [n] trimmed, unquoted; in keep */
    slice raw;        /* the header's bytes; in keep */
    size_t next;      /* where the records begin in the bytes looked at */
    int64_t line;     /* of the first record */
    int64_t blank;    /* blank lines before the header */
} csv_head;

enum { csv_head_bytes = 1 << 16 }; /* a header longer than this is refused */

/* Reads the head from the first bytes of the text (all of it when whole is true). `c` (may be NULL)
 * with `map` chooses the delimiter whose header fits best; NULL tries all six sources. Refuses an
 * empty file, text that is not UTF-8, and a header that is none. */
bool csv_head_read(slice bytes, bool whole, const char *path, const contract *c, const char *map,
                   arena *keep, csv_head *out, err *e);

/* The head of a file by itself; for finding out what a file is. */
bool csv_head_of(scope *owner, const char *path, csv_head *out, err *e);

#endif
