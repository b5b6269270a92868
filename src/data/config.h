/* config: atelier.yaml in a shop's folder: what its owner says about files, columns and time.
 *
 *     sources:                       # which file is what; patterns as in the shell
 *       transactions: sales-*.csv
 *       reviews: [reviews.csv, old reviews.csv]
 *       customers: {postgresql: "postgresql://reader@db/shop", table: crm.people}
 *       stock: {postgresql: "postgresql://reader@db/shop", query: "SELECT …"}
 *     columns:                       # which header is which column
 *       transactions: {article_id: Item No, price: Net}
 *     ignore: [notes.csv]            # files that belong to no source
 *     as_of: 2020-09-23              # use only what happened before this day
 *
 * Everything is optional. Unknown keys are refused with the nearest one; so is a second document,
 * an anchor or a tag (yml.h). */
#ifndef DATA_CONFIG_H
#define DATA_CONFIG_H

#include "base/text.h"

typedef struct config_pair {
    const char *source, *text; /* "ignore" for files to be left out */
} config_pair;

typedef struct config_table { /* a source in a database (pg.h) */
    int source; /* index into contract_sources */
    int line;   /* of atelier.yaml */
    const char *address;
    const char *table, *query; /* one of them */
} config_table;

typedef struct config {
    const char *path; /* NULL when the shop has no atelier.yaml */
    config_pair files[256]; /* patterns */
    int n_files;
    config_table tables[32];
    int n_tables;
    const char *maps[6]; /* in the order of contract_sources; "price=Net,…"; NULL = none */
    int32_t as_of;       /* days since 1970-01-01; 0 = not said */
} config;

/* Reads SHOP/atelier.yaml (or atelier.yml) into owner's memory; a shop without one is fine. */
bool config_read(scope *owner, const char *shop, config *out, err *e);

#endif
