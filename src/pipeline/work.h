/* work: what a run carries from step to step: folders, engine, threads, seed, windows, progress.
 *
 * Made once by the surface that starts the run; steps read it and write through their folder. */
#ifndef PIPELINE_WORK_H
#define PIPELINE_WORK_H

#include "base/json.h"
#include "base/pool.h"
#include "data/db.h"
#include "data/folder.h"
#include "pipeline/ledger.h"

/* Days since 1970-01-01: train [first, valid_from), valid [valid_from, test_from), test
 * [test_from, end). Known from step 03 on. */
typedef struct windows {
    int32_t first, valid_from, test_from, end;
} windows;

/* How a step tells that it advances; the surface decides whether and how to show it. */
typedef struct progress {
    void *what;
    /* `done` of `total` units of `label` (total 0 = unknown) */
    void (*tick)(void *what, const char *label, int64_t done, int64_t total);
    /* one line for people: a decision, a warning, a count */
    void (*say)(void *what, const char *line);
} progress;

typedef struct work {
    const char *shop, *out; /* folders: raw files; results */
    db *d;                  /* views of all tables that earlier steps wrote */
    pool *threads;
    int n_threads;
    int64_t memory_mb;
    uint64_t seed;
    int32_t as_of; /* 0, or the day after the last one to be used */
    bool lenient;  /* broken contracts are findings, no reason to stop (atelier validate) */
    const char *encoder;  /* of reviews, as --encoder takes it; NULL = by the time budget */
    bool meaning;         /* recommender: articles alike by meaning too (recommend_meaning.h) */
    int32_t meaning_until; /* 0, or the day before which reviews count for it */
    bool publish_anyway;  /* even a bundle that is worse than the published one (gate.h) */
    int language_seconds; /* the time budget (review_vectors.h); 0 = its default */
    windows days;
    progress progress;
    ledger *ledger;      /* of a run of the plan; NULL = nobody asks what is read */
    struct parts *parts; /* of the step that runs (part.h); NULL = nothing is taken over */
} work;

void work_tick(const work *w, const char *label, int64_t done, int64_t total);
void work_say(const work *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Path of a file that a finished step wrote: out/03_datasets/d_sales.parquet; of a step that is not
 * finished yet, what the run before left. */
char *work_path(const work *w, arena *keep, const char *step, const char *file);

/* SHA-256 of such a file; where a run knows it already, the file is not read. */
bool work_sha(const work *w, const char *step, const char *file, hash_text *out, err *e);

/* Runs sql/STEP/NAME.sql: all statements but the last as they are, the last (a SELECT with a total
 * ORDER BY) into NAME.parquet of f and a view NAME over it. In the text, ${first}, ${valid_from},
 * ${test_from}, ${end}, ${as_of} become DATE literals (Spark substitutes alike). */
bool work_table(const work *w, folder *f, const char *step, const char *name, err *e);

/* The same as a table of the engine alone, for the days of w: nothing is written. */
bool work_table_here(const work *w, const char *step, const char *name, err *e);

/* The table becomes a view over the Parquet file at path. */
bool work_view(const work *w, slice table, const char *path, err *e);

/* The Parquet files of a finished step (out/STEP) become views. */
bool work_views(const work *w, const char *step, err *e);

/* The days of w as text, for the settings of a part (part.h). */
slice work_days(const work *w, arena *keep);

/* Reads the windows table of step 03 into w->days. */
bool work_windows(work *w, err *e);

/* One family's object in a report of a finished step ("08_evaluate", "evaluation.json"), or NULL
 * when there is none. */
const js_node *work_report(const work *w, scope *s, const char *step, const char *file,
                           const char *family);

/* The parameters that step 07 chose for a family, or NULL when it has not run: an object. */
const js_node *work_tuned(const work *w, scope *s, const char *family);

#endif
