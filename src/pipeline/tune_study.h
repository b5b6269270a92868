/* tune_study: a study of step 07: trials by TPE, and whether their best is taken.
 *
 * The parameters in use are trial 0. The best trial takes their place only when the 95 % interval
 * of its paired gain (tuner.h: units of the validation period) lies on the good side of zero: a few
 * units choose by chance otherwise. The number of trials is a budget that gives the same bytes
 * anywhere; the journal, which Optuna opens, has no time of day. A file of `atelier tune`
 * (tuned_file.h) is one more trial, outside of the journal: its point may lie outside of the space.
 *
 *     tune_study t = {.model = "hdbscan", .title = "HDBSCAN", .trials = 24, .task = {…}};
 *     tune_study_run(&t, w, folder_path(f, "segment_hdbscan.journal"), s, report, e)
 *     t.point[…]                                  // what to use; t.taken: not what was in use
 *
 * Row of "studies" in tune.json: {"model", "study", "metric", "maximise", "unit", "units": n,
 * "trials": [{"number", "state", "parameters", "score"}], "default", "best" (scores on the units
 * that both have), "parameters" of the best, "gain", "gain_low", "gain_high", "taken", "why"}. */
#ifndef PIPELINE_TUNE_STUDY_H
#define PIPELINE_TUNE_STUDY_H

#include "pipeline/tuned_file.h"
#include "pipeline/tuner.h"

typedef struct tune_study {
    const char *model, *title; /* a word; for people */
    tuner_task task;           /* its known point rounded to the space; no test part, no words */
    int64_t trials;
    /* The interval of the mean of best - known [units], where units are not to be resampled one by
     * one; NULL: they are, those that are not NaN in both. */
    metrics_interval (*gain)(void *what, const double *best, const double *known, arena scratch);
    /* Where trials are made on less than all rows: fills best and known [units] by fits on all,
     * when the best is shown to be better, and these decide; NULL: the trials do. */
    bool (*confirm)(void *what, const double *point, scope *s, double *best, double *known, err *e);
    /* A further trial: what `atelier tune` found, judged beside the same parameters in use and
     * taken by the same rule unless a trial that is taken is better. score_offered fills unit
     * [units], and known where its rows are others than those of the trials; false with e, or, with
     * of->why set, when the file is not to be tried. NULL: none. */
    tuned_file *offered;
    bool (*score_offered)(void *what, tuned_file *of, scope *s, double *unit, double *known,
                          err *e);
    /* what comes of it */
    double *point; /* [task.s->n] to be used, in s->keep */
    bool taken;    /* of a trial; offered->taken: of the file, whose parameters the caller sets */
} tune_study;

/* Writes a row into an open array; journal_path NULL: no journal. */
bool tune_study_run(tune_study *t, work *w, const char *journal_path, scope *s, js *report, err *e);

#endif
