/* csv_records: cuts a stream of CSV bytes into records and fields; says which records are broken.
 *
 * RFC 4180 with LF, CRLF or CR at the end of a line. A broken record (quotes in the wrong place, or
 * longer than the limits) is its first line alone: what follows is read afresh from the next line,
 * so an open quote never swallows the rest of a file.
 *
 * Two ways give the same records: blocks of 64 bytes by bit masks while all is well, and a plain
 * walk for each record that is not. They depend on the bytes alone, never on the buffer. */
#ifndef DATA_CSV_RECORDS_H
#define DATA_CSV_RECORDS_H

#include "base/text.h"

typedef enum csv_rule {
    CSV_FINE,
    CSV_BARE_QUOTE,       /* a quote inside an unquoted field */
    CSV_TEXT_AFTER_QUOTE, /* text between a closing quote and the delimiter */
    CSV_UNCLOSED_QUOTE,   /* no closing quote within the limit */
    CSV_FIELD_TOO_LONG,
    CSV_ROW_TOO_LONG,
} csv_rule;

typedef struct csv_record {
    uint32_t start, end; /* bytes of the record without its line end */
    uint32_t first;      /* its first field's place in ends[] */
    uint32_t fields;     /* 0 when broken */
    int64_t line;        /* the header of the file is line 1 */
    csv_rule rule;
    bool odd; /* may hold bytes above 0x7F or NUL; false = surely not */
} csv_record;

typedef struct csv_cutter {
    char *bytes; /* [room + csv_padding] */
    size_t n, room, at; /* bytes there; capacity; where the next record starts */
    bool eof;           /* nothing comes after n */
    bool skipping;      /* in the rest of a line that was longer than the limit */
    bool plain;         /* walk all records: the judge of the fast way */
    char delimiter;
    size_t field_limit, record_limit;
    int64_t line; /* of the byte at `at` */
    uint32_t *ends; /* [room] end of each field */
    size_t n_ends;
    csv_record *records; /* [most] */
    int64_t n_records, most;
} csv_cutter;

enum { csv_padding = 4096 + 64 };

/* Prepares a cutter whose buffer holds record_limit and a chunk more; memory of keep. */
void csv_cutter_init(csv_cutter *c, size_t chunk, int64_t most, arena *keep);

/* Makes room for a chunk after the bytes that are not cut yet (records die); *room is how much. */
char *csv_cutter_room(csv_cutter *c, size_t chunk, size_t *room);

/* Says how many bytes came; 0 = the end. */
void csv_cutter_came(csv_cutter *c, size_t n);

/* Cuts up to `most` records from the bytes that are there; true when more bytes are wanted before
 * more records can come, false when the table of records is full. */
bool csv_cut(csv_cutter *c);

#endif
