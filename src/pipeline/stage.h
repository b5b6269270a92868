/* stage: one of the ten steps: its name, what it reads and writes, and how it runs. */
#ifndef PIPELINE_STAGE_H
#define PIPELINE_STAGE_H

#include "pipeline/work.h"

typedef struct stage {
    const char *number, *word; /* "03", "datasets": folder out/03_datasets, sql/03_datasets */
    const char *title;         /* one line for people */
    const char *reads;         /* tables and files, by spaces; each written by an earlier stage */
    const char *writes;        /* files this stage writes, without .parquet for tables */
    /* Writes into f; s is fresh and closed afterwards. */
    bool (*run)(work *w, folder *f, scope *s, err *e);
    const char *beside; /* folder in OUT: its *.json are for this step; or NULL */
    bool learns; /* uses models: its key holds the encoders that are there and the time budget */
} stage;

extern const stage stage_raw, stage_clean, stage_datasets, stage_features, stage_eda, stage_train,
    stage_tune, stage_evaluate, stage_insight, stage_serve;

#endif
