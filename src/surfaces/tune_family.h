/* tune_family: the families of `atelier tune`: each makes a task of a table (tuner.h). */
#ifndef SURFACES_TUNE_FAMILY_H
#define SURFACES_TUNE_FAMILY_H

#include "pipeline/tuner.h"
#include "surfaces/verbs.h"

typedef struct tune_family {
    const char *name, *title;
    const char *options; /* names that it reads beside those of every family */
    /* Reads --in of a; what the task needs lives in s. */
    bool (*open)(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e);
    const char *table; /* of a run, that rows are made of; */
    const char *rows;  /* SQL with %s for that table, beside the table `windows` */
} tune_family;

/* The words of a with --in: a table made of the finished run in `out`; it goes with s. */
const args *tune_shop(const args *a, const tune_family *f, const char *out, bench *b, scope *s,
                      err *e);

bool tune_recommend(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e);
bool tune_forecast(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e);
bool tune_segment(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e);

/* "NAME=X,…" of what counts at a point, but "model": as --set takes it. */
const char *tune_set_of(const space *of, const double *point, scope *s);

#endif
