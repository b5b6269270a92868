/* tuned_file: what `atelier tune` found for a shop, kept beside its results for step 07 to try.
 *
 * OUT/tuned/MODEL.json: {"model": "ets", "parameters": {name: value}, "rows": that were learned
 * from, members of tuner_put, "use": "--model ets --set …", "journal", "data": {"rows", "first",
 * "last", "marks": [32 hashes]}}. A mark is the hash of an article's sales of a
 * day: those with the smallest hashes are a sample that later data of the same shop still has, and
 * another shop has not. So a file is tried where at least a quarter of its marks are known.
 *
 * A file that cannot be tried is no error: `why` says it in a sentence, in tune.json and to people.
 *
 *     tuned_file found;
 *     tuned_file_read(&found, w, "ets", s, e)
 *     if (tuned_file_point(&found, &space, point)) …      // NaN: not in the file
 *     tuned_file_put(report, w, (const tuned_file *[]){&found}, 1)  */
#ifndef PIPELINE_TUNED_FILE_H
#define PIPELINE_TUNED_FILE_H

#include "models/metrics.h"
#include "models/tune/space.h"
#include "pipeline/work.h"

#define TUNED_FOLDER "tuned" /* in the folder of results */

typedef struct tuned_file {
    const char *model;
    const char *name; /* "tuned/ets.json"; NULL: there is no such file */
    const js_node *root;
    arena *keep;
    const char *why; /* not tried, or what came of it */
    /* what came of it (tune_study.h) */
    bool tried, taken;
    const char *metric;
    double known, score;
    metrics_interval gain;
} tuned_file;

/* Whether a run has a place for parameters of this model. */
bool tuned_file_knows(const char *model);

/* Reads it; fails only where the world does. Everything lives in s. */
bool tuned_file_read(tuned_file *to, const work *w, const char *model, scope *s, err *e);

/* Fills point [of->n] with the file's parameters, NaN those it does not have; false where there is
 * no file to be tried and, with f->why, for a name that is not in the space or a value outside. */
bool tuned_file_point(tuned_file *f, const space *of, double *point);

/* Sets taken and why by the paired gain over the parameters in use; `beaten`: a trial is better. */
void tuned_file_judge(tuned_file *f, const char *metric, bool maximise, double known, double score,
                      metrics_interval gain, bool beaten);

/* Member "offered": a row for each file that is there; and a line for people. */
void tuned_file_put(js *report, const work *w, const tuned_file *const *files, int n);

/* Member "data" of a file to be written, of the sales in w. */
bool tuned_file_put_data(js *out, const work *w, scope *s, err *e);

#endif
