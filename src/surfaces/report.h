/* report: what a run says at its end: the accounting of every file and one screen of results. */
#ifndef SURFACES_REPORT_H
#define SURFACES_REPORT_H

#include "pipeline/work.h"

/* Adds "files": per file of the shop seen, accepted, quarantined, merged, blank; prints the table
 * unless quiet. */
bool report_accounting(const work *w, js *out, bool quiet, err *e);

/* Adds "evaluation": the path, and the six families' summaries at the top level of out; prints them
 * unless quiet. */
bool report_screen(const work *w, js *out, bool quiet, err *e);

#endif
