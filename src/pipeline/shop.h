/* shop: which file of a shop's folder is which source.
 *
 * A file's source is what atelier.yaml says, else the contract whose columns its header fills best,
 * with a word for the file's name (sales, products, clicks, …). Several files may make one source.
 * A table of a database that atelier.yaml names stands as a file, too (shop_tables.h).
 * Files stand by source, then name; a file's number (src_file) is 10,000 for each source before its
 * own, and its place among its source's files, so that one more file of a source renumbers no other
 * source's. Formats: .csv, .tsv, .txt (each also .gz), .parquet. */
#ifndef PIPELINE_SHOP_H
#define PIPELINE_SHOP_H

#include "data/config.h"
#include "data/contract.h"
#include "pipeline/work.h"

typedef struct shop_file {
    const char *name, *path;
    int source;      /* index into contract_sources; -1 = belongs to none */
    int32_t number;  /* src_file; those of no source come after all */
    const char *why; /* of a file that belongs to none, in words */
} shop_file;

typedef struct shop {
    config config;
    shop_file *files; /* [n] those with a source first */
    int n, n_used;
} shop;

/* Looks at w->shop; memory of s. Refuses a folder that has neither transactions nor events, with
 * what was found there. */
bool shop_read(const work *w, scope *s, shop *out, err *e);

/* The source (index into contract_sources) that a header and a file's name speak for; -1 = none.
 * maps[6] as in config; a map whose headers are all there counts as a word in the name. */
int shop_source(const char *name, const slice *headers, int n, const char *const *maps);

bool shop_named(const char *file, int source); /* the name has a word of the source */
bool shop_is_table(const char *file);          /* by the end of its name */

#endif
