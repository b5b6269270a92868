/* ledger: the SHA-256 of everything that a piece of a step may read, and what it did read.
 *
 * Names: "03_datasets/d_sales.parquet" is a file of a finished step, or of the step that runs, made
 * by an earlier piece; "07_tune/recommend" is one family's part of a step's report;
 * "before/10_serve/ids.atm" is a file that the run before left. While a trace is on, whatever is
 * asked for by name is noted: files by work_path and folder_path, report parts by work_report, and
 * tables by the words of every statement that the engine gets. A word that only looks like a table
 * counts too: a piece may be said to have read more than it did, never less. */
#ifndef PIPELINE_LEDGER_H
#define PIPELINE_LEDGER_H

#include "base/hash.h"
#include "data/db.h"

typedef struct ledger ledger;

/* Of the results in out; listens to d until owner is closed. */
ledger *ledger_open(scope *owner, db *d, const char *out, err *e);

/* All files and report parts of a finished step, in place of what was known of it. */
bool ledger_add_step(ledger *l, const char *step, err *e);
void ledger_put(ledger *l, const char *step, const char *file, const hash_text *sha);

bool ledger_has(const ledger *l, const char *name);
/* True when the table stands in a file that is known. */
bool ledger_has_table(const ledger *l, slice table);

/* What a read of the name finds now: "" in hex when there is nothing. */
bool ledger_sha(const ledger *l, const char *name, hash_text *out, err *e);

/* Hash of all names that there are: which words are tables depends on them. */
hash_text ledger_names(const ledger *l, scope *s, err *e);

/* ---- the trace ---- */

typedef struct ledger_read {
    const char *name;
    hash_text sha;
} ledger_read;

/* From now on reads are noted. Tables of `strange` (made by code outside of any piece, so that
 * nobody knows what is in them) and files of it make the trace unsound when they are read. */
void ledger_trace(ledger *l, const slice *strange, int n);
void ledger_pause(ledger *l, bool paused); /* what the pieces' own bookkeeping asks is no read */

void ledger_read_file(ledger *l, const char *step, const char *file); /* a finished step's, or
                                                                         before/… */
void ledger_read_here(ledger *l, const char *step, const char *file); /* of the step that runs */
void ledger_read_part(ledger *l, const char *step, const char *part, const char *file);

/* Ends the trace: what was read, in the order of names. False when it was unsound. */
bool ledger_end(ledger *l, scope *s, ledger_read **reads, int *n);

#endif
