/* run_record: what is kept of every run, in a folder of its own under OUT/runs.
 *
 * OUT/runs/20261126-131254/ holds run.json (when, how long, with what, whether it was published),
 * what step 08 wrote (evaluation.json, report.html, cards, pairs) and train.json and tune.json. The
 * steps' own folders hold no time of day; the record is the one place that does. A run that reused
 * every step leaves none. */
#ifndef PIPELINE_RUN_RECORD_H
#define PIPELINE_RUN_RECORD_H

#include "pipeline/plan.h"

typedef struct run_outcome {
    int64_t started; /* seconds since 1970-01-01 UTC */
    double began, seconds; /* began: on the clock that the results have */
    const plan_result *results; /* [10] */
    const char *refused;        /* why nothing was published; NULL = all went well */
} run_outcome;

/* Writes the record when step 08 has results and some step was not reused; *record is its path,
 * else NULL. */
bool run_record_write(work *w, const run_outcome *o, scope *s, const char **record, err *e);

/* Members of the open object or array, as run.json has them: one step (nothing when it has not
 * run), and "datasets", the files of A to F with rows, digests and the columns of tables. */
void run_record_step(const work *w, int index, const plan_result *result, double began, scope *s,
                     js *out);
bool run_record_datasets(const work *w, scope *s, js *out, err *e);

/* Folders of records, oldest first, in OUT/runs, or in the runs of the folders in `dir`. */
typedef struct run_list {
    int64_t n;
    char **folder;
    const js_node **run; /* run.json of each */
} run_list;
bool run_records(const char *dir, scope *s, run_list *out, err *e);

/* ---- two runs beside each other ---- */

/* What can be compared: a record, or a folder of results (its step 08). NULL when it is neither. */
const char *run_evaluation_folder(const char *path, scope *s, err *e);

/* Adds the member "families" to the open object: [{name, title, model, metric, less_is_better,
 * before, after, difference, low, high, units, verdict, why, metrics: [{metric, before, after}],
 * parts: as of evaluation_parts_compare}].
 * low, high and verdict are null when there is no interval: then `why` says so. */
bool run_compare(const char *before, const char *after, scope *s, js *out, err *e);

#endif
