/* tune_family: the families of `atelier tune`: each makes a task of a table (tuner.h). */
#ifndef SURFACES_TUNE_FAMILY_H
#define SURFACES_TUNE_FAMILY_H

#include "pipeline/tuner.h"
#include "surfaces/verbs.h"

typedef struct tune_family {
    const char *name, *title;
    const char *options; /* names that it reads beside those of every family */
    /* Reads --in of a; what the task needs lives in s. NULL: `of_shop` makes one of the tables. */
    bool (*open)(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e);
    bool (*of_shop)(tuner_task *to, work *w, scope *s, js *out, err *e);
    const char *table; /* of a run, that rows are made of; */
    const char *rows;  /* SQL over the views of steps 02 to 04, before the run's test period */
} tune_family;

/* A shop and the folder of its results: the steps raw to features are run where they are not fresh;
 * of a folder that holds results, they are as they are. w has views of their tables. */
bool tune_shop_open(work *w, const args *a, const char *shop, bench *b, scope *s, err *e);

/* The words of a with --in: a table made of these results; it goes with s. */
const args *tune_shop_rows(const args *a, const tune_family *f, const work *w, scope *s, err *e);

/* The journal of a study of a shop, in the folder "tuned" of its results; without --resume an older
 * one is gone. */
const char *tune_shop_journal(const args *a, const tuner_task *task, const work *w, scope *s,
                              err *e);

/* Keeps the best point as tuned/MODEL.json for step 07, where it is not that of the parameters in
 * use and a run has the model; says so on stderr. */
bool tune_shop_keep(const tuner *t, const tuner_judged judged[2], const char *use, const work *w,
                    scope *s, js *out, err *e);

bool tune_recommend(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e);
bool tune_forecast(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e);
bool tune_segment(const args *a, bench *b, scope *s, tuner_task *to, js *out, err *e);

/* "NAME=X,…" of what counts at a point, but "model": as --set takes it. */
const char *tune_set_of(const space *of, const double *point, scope *s);

#endif
