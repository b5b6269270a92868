/* csv_source: the bytes of a text file, plain or gzip, and whether it changed meanwhile. */
#ifndef DATA_CSV_SOURCE_H
#define DATA_CSV_SOURCE_H

#include "base/text.h"

typedef struct csv_source csv_source;

/* Opens a file (or a pipe) and looks at its first bytes: gzip is unpacked whatever the name says;
 * zip, xlsx, zstd, Parquet and other formats are refused by name. Closed with owner. */
csv_source *csv_source_open(scope *owner, const char *path, err *e);

/* Reads up to room bytes; *n = 0 at the end, once. The end of a gzip stream that is cut off, and a
 * file whose size, time or identity changed since it was opened, fail. */
bool csv_source_read(csv_source *s, char *to, size_t room, size_t *n, err *e);

/* Bytes of the file taken so far and in all (0 for a pipe), for progress. */
int64_t csv_source_done(const csv_source *s);
int64_t csv_source_size(const csv_source *s);

#endif
