/* segment_table: a table on its way to clusters: what can be used of it, on one scale.
 *
 * Left out, each with a sentence: columns of text, a column that only names the rows (its name ends
 * in "id" and no value comes twice), columns that do not vary, and rows with a number missing.
 * Columns that are named by --columns are never taken for names. */
#ifndef SURFACES_SEGMENT_TABLE_H
#define SURFACES_SEGMENT_TABLE_H

#include "models/segment/transform.h"
#include "surfaces/segment_method.h"

typedef struct segment_wish {
    const char *columns, *id, *labels; /* NULL = not given; labels: a column, or a file */
    const char *log;                   /* columns by logarithm: names, "all"; NULL: none */
    bool raw;                          /* no scale */
    double tail;                       /* scale_params */
    scale_kind kind;
    int components;                    /* of PCA; 0: none */
    double share;                      /* of the variance that they need hold */
} segment_wish;

typedef struct segment_table {
    segment_wish wish;
    table_matrix t;  /* all rows of the file; columns that take part */
    int64_t *row;    /* [job.n] place in t of each row that takes part */
    transform_model by;
    segment_job job;
} segment_table;

/* Reads and prepares; job is ready for a method. Says what is left out on stderr and in out. */
bool segment_table_read(segment_table *t, const args *a, bench *b, scope *s, js *out, err *e);

/* The same by a transform that is fitted: of the columns `names` [by.cols], in that order; wish has
 * id and labels. Refused: a table without one of them. */
bool segment_table_read_by(segment_table *t, const char *const *names, const args *a, bench *b,
                           scope *s, js *out, err *e);

/* Agreement with the known labels, when they were asked for: adjusted Rand index over the rows that
 * take part; noise counts as one group. */
bool segment_table_agree(segment_table *t, const segment_found *f, js *out, err *e);

/* "clusters": rows and mean of each column in the table's units, by cluster. */
void segment_table_put(const segment_table *t, const segment_found *f, js *out);

/* Writes --out: row or id, cluster, and where the method has them strength, outlier, second_cluster
 * and second_strength; cells of rows that did not take part are empty. As .npy the clusters alone,
 * int32, -1 for those rows. */
bool segment_table_write(segment_table *t, const segment_found *f, err *e);

#endif
