/* raw_before: what the folder of step 01 that an earlier run left has of the shop's files.
 *
 * A file is unchanged when the folder was made by this program and its table `files` has a row of
 * the same name, source, SHA-256 and reading: the hash of all else that decides how a file is read
 * (the program, the map of atelier.yaml, who is forgotten). Its rows are then taken over, in their
 * order, and not parsed. Each of the folder's files is used only if it has the SHA-256 that the
 * manifest says; when one has not, the files of that source are parsed as in a first run. */
#ifndef PIPELINE_RAW_BEFORE_H
#define PIPELINE_RAW_BEFORE_H

#include "data/table.h"
#include "pipeline/forgotten.h"
#include "pipeline/shop.h"

typedef struct raw_before raw_before;

/* One of the shop's files as it is now. */
typedef struct raw_now {
    hash_text sha, reading;
    int64_t bytes;
    int was; /* row of the earlier `files`; -1: new or changed */
} raw_now;

/* Looks at w->out/01_raw; memory of s. Without a folder that can be used nothing is found in it. */
raw_before *raw_before_open(const work *w, scope *s);

/* Hashes a file and finds it. */
bool raw_before_find(const raw_before *b, const shop *p, const shop_file *f, const forgotten *gone,
                     scope *s, raw_now *out, err *e);

int raw_before_number(const raw_before *b, int was); /* its src_file then */
table_count raw_before_count(const raw_before *b, int was);

/* read_parquet(…) of a table of the folder, NULL when it is not there, or damaged. */
const char *raw_before_table(raw_before *b, const char *table, scope *s);

/* True when a source has the same files with the same numbers as then: its table is the same. */
bool raw_before_is_whole(const raw_before *b, const shop *p, const raw_now *now, int source);

/* A name for the table's file in another folder: a hard link, or a copy where there are none. */
bool raw_before_link(const raw_before *b, const char *table, const char *to, err *e);

/* Appends the rows of a file, with its number of now, to a table of the engine. */
bool raw_before_take(const work *w, raw_before *b, const char *table, int was, int number,
                     scope *s, err *e);

#endif
