/* segment_table: a table on its way to clusters: what can be used of it, on one scale.
 *
 * Left out, each with a sentence: columns of text, a column that only names the rows (its name ends
 * in "id" and no value comes twice), columns that do not vary, and rows with a number missing.
 * Columns that are named by --columns are never taken for names. */
#ifndef SURFACES_SEGMENT_TABLE_H
#define SURFACES_SEGMENT_TABLE_H

#include "models/segment/pca.h"
#include "models/segment/scale.h"
#include "surfaces/segment_method.h"

typedef struct segment_wish {
    const char *columns, *id, *labels; /* NULL = not given; labels: a column, or a file */
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
    scale_model scale; /* d = 0: numbers as they are */
    pca_model pca;     /* d = 0: no PCA */
    segment_job job;
} segment_table;

/* Reads and prepares; job is ready for a method. Says what is left out on stderr and in out. */
bool segment_table_read(segment_table *t, const args *a, bench *b, scope *s, js *out, err *e);

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
