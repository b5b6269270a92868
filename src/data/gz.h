/* gz: gzip streams, in and out, and CRC-32, over zlib; the only file that includes its header.
 *
 *     gz_reader *g = gz_open(owner, e);
 *     while (!done) gz_read(g, &input, out, room, &n, e);   // input shrinks, n bytes came out
 *
 * Several members one after another are one stream, as gzip itself reads them. */
#ifndef DATA_GZ_H
#define DATA_GZ_H

#include "base/text.h"

typedef struct gz_reader gz_reader;
gz_reader *gz_open(scope *owner, err *e);

/* Takes what it can from the front of *input and writes at most `room` bytes to out. *n is how many
 * came out; 0 with input left over never happens: then it fails (damaged data). */
bool gz_read(gz_reader *g, slice *input, char *out, size_t room, size_t *n, err *e);

/* True when the stream stands between members: at the end of the file this is a whole stream. */
bool gz_whole(const gz_reader *g);

typedef struct gz_writer gz_writer;
gz_writer *gz_create(scope *owner, err *e); /* level 6, no file name and no time in the header */
gz_writer *gz_create_at(scope *owner, int level, err *e); /* 1 fastest … 9 smallest */

/* Compresses bytes and adds what is ready to `out`; `last` ends the stream. */
bool gz_write(gz_writer *g, slice bytes, bool last, text *out, err *e);

/* CRC-32 of zip and gzip; start with 0. */
uint32_t gz_crc(uint32_t crc, slice bytes);

#endif
