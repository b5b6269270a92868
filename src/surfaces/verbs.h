/* verbs: the commands of the program, one file verb_NAME.c each, and what table verbs share. */
#ifndef SURFACES_VERBS_H
#define SURFACES_VERBS_H

#include "base/pool.h"
#include "data/table.h"
#include "surfaces/args.h"

extern const verb verb_run, verb_demo, verb_plan, verb_serve, verb_doctor, verb_explain,
    verb_validate, verb_runs, verb_compare, verb_track, verb_sync;
extern const verb verb_quarantine, verb_forget, verb_init, verb_export;
extern const verb verb_recommend, verb_sentiment, verb_forecast, verb_segment, verb_rfm,
    verb_funnel, verb_sessions, verb_paths, verb_trends, verb_elasticity, verb_markdown,
    verb_affinity, verb_evaluate, verb_embed, verb_aspects, verb_topics, verb_toxicity, verb_clv,
    verb_tune, verb_assortment, verb_impact;

/* Options that every table verb lists first: --in, --out, --map, --seed, --threads. */
#define VERB_TABLE_OPTIONS VERB_TABLE_IN(true)
#define VERB_TABLE_IN(needed)                                                                      \
    {"in", OPTION_TEXT, "FILE", "table to read: .csv, .csv.gz, .tsv, .parquet or .npy",            \
     .required = needed},                                                                          \
    {"out", OPTION_TEXT, "FILE", "where to write the result; format by its name"},                 \
    {"map", OPTION_TEXT, "COLUMN=HEADER", "which header is which column"},                       \
    {"seed", OPTION_INT, "N", "seed of random numbers", .value = "1"},                             \
    {"threads", OPTION_INT, "N", "threads (default: all processors)", .low = 1, .high = 256}

/* An engine and a pool of --threads, closed with s. */
typedef struct bench { /* a workbench for one table verb */
    db *d;
    pool *threads;
    uint64_t seed;
} bench;
bool verb_open(const args *a, scope *s, bench *b, err *e);
int verb_threads(const args *a);  /* --threads, or all processors */
int64_t verb_memory_mb(void);     /* half of the machine's memory */
/* Says on stderr how many rows were left out and why; adds "rows" to out. */
void verb_say_count(const table_count *count, const char *path, js *out);

/* Reads --in by contract with --map, says counts and examples on stderr, adds "rows" to out. */
bool verb_read(const args *a, bench *b, const contract *c, const char *table, js *out, err *e);
bool verb_read_mapped(const args *a, bench *b, const contract *c, const char *map,
                      const char *table, js *out, err *e); /* with a map other than --map */
/* Refuses when a table that was read has no value in a column, with the nearest header of --in;
 * why: the option that needs it. */
bool verb_need_column(const args *a, bench *b, const char *table, const char *named,
                      const char *why, scope *s, err *e);
/* The same for texts, the contract's first column; `in` has path, contract, table and map (--map,
 * or what --text stands for). Records that do not pass are in the table left_out. Refused without a
 * column of texts or any row. */
bool verb_read_texts(bench *b, table_load in, table_loaded *loaded, scope *s, js *out, err *e);
/* Writes table to --out, or to stdout as CSV when --out and --json are not given. */
bool verb_write(const args *a, bench *b, const char *table, err *e);

#endif
