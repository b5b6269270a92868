/* mlflow: the requests of MLflow's REST interface 2.0, put into a spool (spool.h).
 *
 * A handle is a word of ours for what the server will number: "x" an experiment, "run" a run,
 * "model" a logged model. A request names others by their handles, so all can be written before
 * the first has been sent.
 *
 * The server's limits are kept here: a batch holds at most 700 metrics, 100 parameters and 100
 * tags and 800 kB (the server: 1,000 items and 1 MB); names have 250 letters from [A-Za-z0-9_./ -]
 * (others become _, as do an empty or doubled / and ..), values of parameters 6,000 bytes, of tags
 * 5,000 (longer ones are cut at a letter, with an ellipsis); digests 36. A metric that is not
 * finite is left out, and a tag nonfinite.NAME says what it was. Source: MLflow's service.proto
 * and REST documentation. */
#ifndef SURFACES_MLFLOW_H
#define SURFACES_MLFLOW_H

#include "surfaces/spool.h"

enum { MLFLOW_MOST_NAME = 250, MLFLOW_MOST_PARAMETER = 6000, MLFLOW_MOST_TAG = 5000 };

/* A name that the server takes, in keep. */
char *mlflow_name(const char *said, arena *keep);

typedef struct mlflow_pair {
    const char *key;
    slice value;
} mlflow_pair;

/* An experiment by its name: found or made, with tag experimentKind. */
bool mlflow_experiment(spool *q, const char *handle, const char *name, err *e);

/* A run that begins now; parent (a handle) may be NULL. tags end with a key of NULL. */
typedef struct mlflow_run {
    const char *handle, *experiment, *parent, *name;
    int64_t started; /* ms since 1970 */
    const mlflow_pair *tags;
} mlflow_run;
bool mlflow_run_begin(spool *q, const mlflow_run *run, err *e);
bool mlflow_run_end(spool *q, const char *handle, const char *status, int64_t ended, err *e);
bool mlflow_run_delete(spool *q, const char *handle, err *e);

/* ---- what a run measured: requests go out when they are full and at flush ---- */

typedef struct mlflow_batch {
    spool *to;
    const char *run; /* its handle */
    scope s;
    js *part[3]; /* metrics, params, tags: open arrays */
    int64_t n[3];
    int64_t sent[3], left_out;
    err e; /* the first that went wrong */
} mlflow_batch;
bool mlflow_batch_open(mlflow_batch *b, spool *to, const char *run, err *e);
void mlflow_metric(mlflow_batch *b, const char *name, double value, int64_t step, int64_t time);
void mlflow_parameter(mlflow_batch *b, const char *name, slice value);
void mlflow_tag(mlflow_batch *b, const char *name, slice value);
bool mlflow_flush(mlflow_batch *b, err *e);
bool mlflow_batch_close(mlflow_batch *b, bool done, err *e); /* flushes when done; gives it back */

/* ---- inputs, files, models ---- */

typedef struct mlflow_dataset {
    slice name, digest, uri, context; /* digest: its first 32 digits are sent */
    slice schema, profile;            /* JSON; empty = none */
} mlflow_dataset;
bool mlflow_inputs(spool *q, const char *run, const mlflow_dataset *all, int64_t n, err *e);

/* A file below the folder of results as `path` among the artifacts of a run or a logged model. */
bool mlflow_file(spool *q, const char *of, const char *path, const char *file, const char *sha256,
                 err *e);

/* A logged model of a run, its files (mlflow_file), READY; then a version of a registered model
 * with an alias (NULL = none). */
bool mlflow_model_begin(spool *q, const char *handle, const char *experiment, const char *run,
                        const char *name, const mlflow_pair *tags, err *e);
bool mlflow_model_ready(spool *q, const char *handle, const char *run, err *e);
bool mlflow_version(spool *q, const char *model, const char *run, const char *registered,
                    const char *alias, const mlflow_pair *tags, err *e);

#endif
