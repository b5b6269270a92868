/* run_live: a run of the plan is told to an MLflow server step by step (live.h, facts.h). */
#ifndef SURFACES_RUN_LIVE_H
#define SURFACES_RUN_LIVE_H

#include "pipeline/run_record.h"
#include "surfaces/args.h"
#include "surfaces/live.h"

typedef struct run_live run_live;

/* a: the words of `atelier run`, whose options become parameters. now: seconds since 1970; began:
 * of args_clock. A wrong address is refused; a spool that cannot be written fails. */
run_live *run_live_open(scope *s, const track_server *to, work *w, const args *a, int64_t now,
                        double began, err *e);

/* A step has ended: its seconds, rows and memory, and what its files say. */
void run_live_step(run_live *r, const stage *step, const plan_result *result);

void run_live_record(run_live *r, const char *record); /* the kept record of the run */

/* As live_close; line gets what became of it, for people. The run's id there, or NULL. */
const char *run_live_close(run_live *r, const char *status, const char *why, char *line,
                           size_t size);

#endif
