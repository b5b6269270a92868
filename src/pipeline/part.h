/* part: a piece of a step that is taken over from the run before when nothing that it read changed.
 *
 *     part p;
 *     if (!part_begin(&p, w, f, "d_sales", SLICE("…"), NULL, e)) return false;
 *     return part_end(&p, p.taken || make_it(w, f, e), e);
 *
 * A part is made by one stretch of code between begin and end; what it reads is found out while it
 * runs (ledger.h), not declared. It writes files of its own into f and, when a report is given,
 * members into the object that the report stands in. Tables that it leaves in the engine go when it
 * ends; its Parquet files stand there as views. So parts tell each other things by files alone.
 *
 * parts.json in the step's folder holds for each part the key (hash of the program, seed, as-of
 * day, `settings`, the names of all tables that there were), what was read and written with its
 * SHA-256, and its report. When a part begins whose record in the run before has this key, whose
 * reads are all the same today and whose files are undamaged, the files are linked into f
 * (file_link), the report is put where it belongs, and `taken` is true. A part of which not every
 * read is known (it used a table that code outside of parts had made) has no record and is made
 * again every time. */
#ifndef PIPELINE_PART_H
#define PIPELINE_PART_H

#include "pipeline/work.h"

typedef struct part {
    bool taken; /* everything is in place: there is nothing to do */
    const work *w;
    folder *f;
    const char *name;
    hash_text key;
    js *report;
    size_t report_from;
    columns objects; /* of the engine, when it began */
    char **files;    /* [n_files] in f, when it began */
    int n_files;
} part;

/* settings: all that the result depends on beside what is read through engine and folders. */
bool part_begin(part *p, const work *w, folder *f, const char *name, slice settings, js *report,
                err *e);

/* done: whether the code between succeeded; returned, unless the end itself fails. */
bool part_end(part *p, bool done, err *e);

/* ---- for the plan ---- */

typedef struct parts parts;

/* Before a step runs: w->parts is set until s is closed. Old tables that the step will write leave
 * the engine. */
bool parts_open(work *w, folder *f, const char *writes, scope *s); /* true, to join with && */
/* After it ran: writes parts.json and tells how many there were and how many were taken over. */
bool parts_close(work *w, int *n, int *taken, err *e);
/* The step that runs has changed what the engine's tables hold: its parts are all made again. */
void parts_spoil(const work *w);

#endif
