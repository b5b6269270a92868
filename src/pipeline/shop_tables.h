/* shop_tables: sources of a shop that stand in a PostgreSQL database.
 *
 * What atelier.yaml names as a table or a query is fetched by binary COPY before the first step,
 * into OUT/.sources/SOURCE.NAME.parquet, and is a file of the shop from there on: the same
 * contract, quarantine and accounting, the row's place in it as its line, its bytes in the run's
 * key. All tables of one address, when they stand one after the other, are read in one snapshot,
 * read-only, in their stored order and by one worker: as long as a table does not change, its
 * bytes here do not, and steps are reused. */
#ifndef PIPELINE_SHOP_TABLES_H
#define PIPELINE_SHOP_TABLES_H

#include "data/config.h"
#include "pipeline/work.h"

/* Fetches every table of w->shop; those of an earlier run that are not named any more go. */
bool shop_tables_fetch(const work *w, err *e);

char *shop_tables_folder(const work *w, arena *keep);
char *shop_table_name(arena *keep, const config_table *t); /* "postgresql:sales.lines" */
char *shop_table_path(const work *w, arena *keep, const config_table *t);
bool shop_table_is(slice name); /* of a table, not of a file */

#endif
