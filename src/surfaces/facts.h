/* facts: what a run did, by the files it leaves, as requests for an MLflow server (mlflow.h).
 *
 *     experiment NAME            the run, and below it one run a family; below that its trials
 *     experiment NAME/tuning     the trials of a family that has more than 90
 *
 * The run: parameters (seed, windows, …), tags, stage/STEP/seconds and, by step of the plan (1 to
 * 10), step/seconds, step/rows and step/peak_memory_megabytes at the time each ended; the figures
 * of each family's served model (FAMILY/METRIC); datasets A to F; the record's and the steps' pages
 * as artifacts; the published bundle as a logged model and as a version of registered model NAME
 * with the alias champion. A family's run: parameters and test metrics of all its models with
 * interval ends (test/MODEL/METRIC, /low, /high), series by week and training curves.
 *
 * Members that are arrays of numbers, or of objects that count their week, iteration, trees, step,
 * epoch, round or resource, become series with that as step. Times are ms since 1970. */
#ifndef SURFACES_FACTS_H
#define SURFACES_FACTS_H

#include "surfaces/mlflow.h"

typedef struct facts {
    spool *to;
    const char *out;        /* folder of results */
    const char *experiment; /* name */
    const char *record;     /* SHA-256 of run.json when it is known from the start, or NULL */
    int64_t began;          /* when the run did */
    int64_t tuned_from, tuned_until;
    char *family[16]; /* that have a run there */
    bool ended[16];
    int n_families;
    int64_t metrics, parameters, datasets, files, left_out; /* put into the spool */
    scope *s;
} facts;

/* run: members id, shop, seed, threads, build and "options", an object; as in run.json. */
bool facts_begin(facts *f, const js_node *run, err *e);
bool facts_step(facts *f, const js_node *step, err *e);         /* one of run.json's steps */
bool facts_datasets(facts *f, const js_node *datasets, err *e); /* run.json's datasets */
bool facts_tuned(facts *f, const js_node *tune, err *e);        /* tune.json */
bool facts_trained(facts *f, const js_node *train, err *e);     /* train.json: its curves */
bool facts_evaluated(facts *f, const js_node *evaluation, int64_t when, err *e);

/* The record's files, pages of steps that are still those of the run, its bundle when this run
 * published it, and tags; sha256 is that of run.json. */
bool facts_record(facts *f, const js_node *run, const char *record, const char *sha256, err *e);

/* FINISHED, FAILED or KILLED; why (NULL = nothing to say) becomes tag atelier.error. */
bool facts_end(facts *f, const char *status, const char *why, int64_t when, err *e);

const js_node *facts_read(const char *path, scope *s, slice *bytes, err *e); /* a JSON file */

#endif
