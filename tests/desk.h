/* desk: a work with an engine, threads and an output folder, on which a test puts tables and runs
 * the hooks of one family as the steps would. */
#ifndef TESTS_DESK_H
#define TESTS_DESK_H

#include "check.h"
#include "pipeline/family.h"

typedef struct desk {
    scope s;
    work w;
    folder *f; /* an output folder that desk_hook writes into, never committed */
    err e;
} desk;

void desk_open(desk *t, int threads, const char *name, windows days);
void desk_close(desk *t);
void desk_sql(desk *t, const char *sql); /* any script; fails the test when refused */

/* Datasets of the test as files of step 03, by whose hash units are named (pairs.h). Hooks run by
 * the functions below find them written. */
void desk_datasets(desk *t);

/* Runs one hook into t->f; its whole report. */
const js_node *desk_hook(desk *t, family_hook *hook);

/* Runs one hook into STEP/FILE of the output folder; the family's object of the report. */
const js_node *desk_step(desk *t, family_hook *hook, const char *name, const char *step_name,
                         const char *file);

/* A JSON file that a hook wrote into t->f. */
const js_node *desk_tile(desk *t, const char *file);

double desk_real(const js_node *n, const char *key); /* NaN when absent */

#endif
