/* segment_method: one way of clustering a table: a row of verb_segment's table, a file of its own.
 *
 * The verb reads --in, leaves out what cannot be used (and says so), scales, and gives the method a
 * matrix; the method gives a label for each row of it and writes what is its own into the open JSON
 * object. What all have in common (sizes, means of the clusters in the table's units, agreement
 * with known labels, the files) the verb writes itself. A new method: segment_NAME.c, one extern
 * line here, one row of `methods` in verb_segment.c and its options there. */
#ifndef SURFACES_SEGMENT_METHOD_H
#define SURFACES_SEGMENT_METHOD_H

#include "models/segment/cost.h"
#include "pipeline/clusters_file.h"
#include "surfaces/verbs.h"

typedef struct segment_job {
    const args *a;
    const bench *b;     /* threads and seed */
    scope *s;
    const char *path;   /* of the table, for sentences */
    int64_t n;          /* rows, >= 1 */
    int d;              /* columns, >= 1 */
    const float *x;     /* [n, d], finite */
    const double *wide; /* [n, d], the same before they became floats */
} segment_job;

typedef struct segment_found {
    int k;            /* clusters; may be 0 */
    int32_t *label;   /* [n] 0 … k-1, or -1: noise */
    double *strength; /* [n] of membership, 0 to 1; NULL: not of this method */
    double *outlier;  /* [n] outlier score, 0 to 1; NULL: not of this method */
    int32_t *second;  /* [n] next most probable cluster, -1: none; NULL: not of this method */
    double *second_strength; /* [n] its probability; together with second */
    clusters_file model;     /* what --model saves; the method fills its own part */
} segment_found;

typedef struct segment_method {
    const char *name;
    const char *options; /* that it reads beside those of every method, separated by spaces */
    int pca_most;        /* components that --pca auto keeps, at most */
    int most_columns;    /* more are refused unless --pca says what to do; 0: any number */
    bool by_dimension;   /* what it costs depends on the intrinsic dimension, found before */
    /* What it would take with d columns of that intrinsic dimension (0: not found). */
    cost (*price)(const segment_job *j, int d, double dimension);
    bool (*run)(const segment_job *j, segment_found *found, js *out, err *e);
} segment_method;

extern const segment_method segment_kmeans, segment_gmm, segment_hdbscan;

#endif
