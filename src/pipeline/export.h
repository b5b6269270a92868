/* export: what a run found, as tables of a PostgreSQL schema of their own.
 *
 * Everything goes in one transaction: each table is written beside the one it replaces, under
 * another name, gets its primary key and comments, and takes the name at the end. Who reads
 * meanwhile reads the old tables; after a refusal, a kill or a lost connection they are what there
 * is. The same results written again give the same tables.
 *
 * The schema's table atelier_tables names the tables that stand there by an export; a table of
 * another hand is never replaced. Tables of an earlier export that these results do not have go,
 * unless `only` names a choice. Rows are counted on both sides. */
#ifndef PIPELINE_EXPORT_H
#define PIPELINE_EXPORT_H

#include "data/pg_rows.h"
#include "pipeline/bundle.h"
#include "pipeline/work.h"

/* A table that is made of the bundle, not of a file. */
typedef struct export_made {
    int n;
    const pg_column *columns; /* [n] */
    bool (*has)(const bundle *b);
    bool (*emit)(const bundle *b, db_each_chunk *each, void *what, scope *s, err *e);
} export_made;

typedef struct export_table {
    const char *name, *step; /* "03_datasets"; NULL = made of the bundle */
    const char *key;         /* columns by commas; NULL = none */
    const char *comment;
    const export_made *made;
} export_table;

extern const export_table export_tables[]; /* ends with {0} */
extern const export_made export_recommendations, export_values, export_forecasts, export_insights;
const char *export_column_comment(const char *name); /* NULL = its name says it */

typedef struct export_ask {
    const char *out;     /* results of a run */
    const char *address; /* pg.h */
    const char *schema;  /* made when it is not there */
    const char *only;    /* names by commas; NULL = all */
    progress progress;
} export_ask;

typedef struct export_done {
    const char *where; /* user@host:port/database */
    int n, removed;    /* tables written, and of an earlier export taken away */
    struct {
        const char *name;
        int64_t rows;
    } tables[64];
} export_done;

bool export_run(const export_ask *a, db *d, scope *s, export_done *out, err *e);

#endif
