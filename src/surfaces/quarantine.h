/* quarantine: the rows that a run set aside, and what became of them since.
 *
 * Both steps' rows stand in one engine table set_aside: step (raw, clean), src_file, file, source,
 * line, rule, column_name, observed, expected, raw (as docs/contracts.md has them). */
#ifndef SURFACES_QUARANTINE_H
#define SURFACES_QUARANTINE_H

#include "surfaces/verbs.h"

typedef struct quarantine {
    db *d;
    scope *s;
    js *out;
    const args *a;
    const char *root; /* results of the run */
    const char *shop; /* folder of the raw files; NULL when nothing names it */
    const char *where; /* SQL of --file, --step and --rule: "true AND …" */
} quarantine;

/* Opens an engine with the table set_aside; refuses a folder that holds no step raw. */
bool quarantine_open(const args *a, const char *root, scope *s, js *out, quarantine *q, err *e);

/* Reads the shop again, with the rows of --in when given, and says which rows now pass. */
bool quarantine_replay(quarantine *q, err *e);

/* Refuses a file of the shop that is not the one that the run has read: its lines are others. */
bool quarantine_same_file(quarantine *q, const char *file, const char *path, err *e);

/* Writes the header of `from` and its records that begin on rows' `line`, as they stand, to `to`.
 * Records over 4 KiB are refused. */
bool quarantine_write(quarantine *q, const char *from, const columns *rows, const char *to, err *e);

#endif
