/* exposures: the log of what was shown to whom, one JSON line an answer, for off-policy estimates.
 *
 *     exposures *log = exposures_open("shown.jsonl", 64 << 20, e);
 *     exposures_add(log, line);      // any thread; copies the line and returns at once
 *     exposures_close(log);          // what is queued is written
 *
 * Adding never waits for the disk: lines go through a queue of 4 MiB to a thread that writes them.
 * When the queue is full the line is dropped and counted. Above `limit` bytes the file becomes
 * NAME.1 (an older NAME.1 is replaced) and a new one begins. */
#ifndef SURFACES_EXPOSURES_H
#define SURFACES_EXPOSURES_H

#include "base/text.h"

typedef struct exposures exposures;

/* Appends to the file; NULL (and e) when it cannot be opened. */
exposures *exposures_open(const char *path, int64_t limit, err *e);
void exposures_close(void *log); /* a closer; NULL is fine */

void exposures_add(exposures *log, slice line); /* without a final newline */

/* Lines written or queued, and lines dropped because the disk was slow or full. */
int64_t exposures_taken(const exposures *log);
int64_t exposures_dropped(const exposures *log);

#endif
