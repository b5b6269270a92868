/* args: the words of a command line against a table of options; the same table prints the help.
 *
 *     static const option options[] = {
 *         {"in", OPTION_TEXT, "FILE", "table to read", .required = true},
 *         {"k", OPTION_INT, "N", "list length", .value = "12", .low = 1, .high = 100},
 *         {0}};
 *
 * Options are --name VALUE or --name=VALUE; OPTION_FLAG takes no value. Every verb also has --help
 * and --json. A wrong word is refused (exit 2) with the nearest right one. */
#ifndef SURFACES_ARGS_H
#define SURFACES_ARGS_H

#include "base/json.h"

typedef enum option_kind {
    OPTION_TEXT,
    OPTION_INT,
    OPTION_REAL,
    OPTION_FLAG,
    OPTION_CHOICE,
} option_kind;

typedef struct option {
    const char *name;
    option_kind kind;
    const char *value_name; /* shown in help; for OPTION_CHOICE the words: "als|popular|content" */
    const char *help;
    const char *value; /* default as text; NULL = none */
    double low, high;  /* range of numbers, both inclusive; 0,0 = any */
    bool required;
} option;

typedef struct args args;

const char *args_text(const args *a, const char *name); /* NULL when not given and no default */
int64_t args_int(const args *a, const char *name);
double args_real(const args *a, const char *name);
bool args_flag(const args *a, const char *name); /* also "json" */
bool args_given(const args *a, const char *name);
const char *args_word(const args *a, int i); /* i-th word that is no option; NULL past the end */
int args_words(const args *a);

/* The same words, and --name value. */
const args *args_with(const args *a, const char *name, const char *value, arena *keep);

/* One command. Data goes to stdout (text or, with --json, one JSON document that `run` writes into
 * `out`, an open object with schema and timing added by the caller); talk goes to stderr. */
typedef struct verb {
    const char *name, *words; /* "run", "SHOP" */
    const char *group;        /* "shop" or "table" */
    const char *title;        /* one line of the list */
    const char *example;      /* first thing that --help shows */
    int least_words, most_words;
    const option *options; /* ends with {0} */
    bool (*run)(const args *a, scope *s, js *out, err *e);
} verb;

args *args_parse(const verb *v, int argc, char **argv, scope *s, err *e);
void args_help(const verb *v, text *to);

/* For --json: how long the phases took, in seconds. NULL-safe when not asked for. */
typedef struct timing {
    double read_s, prepare_s, tune_s, fit_s, recommend_s, score_s, write_s; /* 0 = no such phase */
} timing;
void args_timing(js *out, const timing *t); /* adds "timing": {…} */
double args_clock(void);                    /* seconds, monotonic */
double args_lap(double *clock);             /* seconds since *clock, which becomes now */

/* Tells the caller of `run` that the verb has printed its own lines: `out` is dropped. */
void args_printed(js *out);

/* The verb did its work and what it looked at is not well: its document is printed, the program
 * ends with 1. A process runs one verb. */
void args_found_wrong(void);
bool args_is_wrong(void);

/* True when name stands among words that are separated by spaces: for tables of options. */
bool args_among(const char *words, const char *name);

/* True when --json was given: the verb then fills `out`; otherwise it prints for people. */
bool args_json(const args *a);

#endif
