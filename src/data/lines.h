/* lines: the text of single records of a file, found by the line on which they begin.
 *
 * Plain or gzip, LF, CRLF or CR; the header is line 1. A record whose quotes span lines comes
 * whole. The file is read once from its start, in constant memory. */
#ifndef DATA_LINES_H
#define DATA_LINES_H

#include "base/text.h"

/* out[i] is the record that begins on lines[i] (ascending, from 1), copied to owner->keep, at most
 * 4 KiB of it; p is NULL when the file ends before that line. */
bool lines_read(scope *owner, const char *path, const int64_t *lines, int64_t n, slice *out,
                err *e);

#endif
