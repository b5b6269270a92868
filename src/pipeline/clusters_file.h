/* clusters_file: clusters of a table with the transform before them, as a model file.
 *
 *     atelier segment --in customers.csv --k 5 --model clusters.atm
 *     atelier segment --predict --model clusters.atm --in new.csv --out labels.csv
 *
 * Arrays (store.h, kind "clusters"): texts `method` and `column`; size I64 [1, 3] (k, rows of the
 * fit, columns after the transform); log U8 [cols, 1]; from, knots I32 and low, high, mean, sd F64
 * [kept, 1], knot, value F64 [kept, 256] or none (scale.h); pca.mean, pca.turn F64 (pca.h); then,
 * by the method,
 *
 *     kmeans    origin F64 [d, 1], centres F64 [k, d]
 *     gmm       kind I32 [1, 1], weight F64 [k, 1], means F64 [k, d], factor F64 (gmm.h)
 *     hdbscan   x F32 [rows, d], core, row_lambda, strength F64 and label, row_cluster I32
 *               [rows, 1], parent I32, birth and most F64 and cluster_label I32 [clusters, 1],
 *               cluster and by_size I32 [k, 1], density F64 [1, 2] (neighbours, epsilon)
 *
 * A density model holds its rows: who joins which cluster depends on them. */
#ifndef PIPELINE_CLUSTERS_FILE_H
#define PIPELINE_CLUSTERS_FILE_H

#include "models/segment/gmm.h"
#include "models/segment/hdbscan.h"
#include "models/segment/transform.h"

typedef enum clusters_method { CLUSTERS_KMEANS, CLUSTERS_GMM, CLUSTERS_HDBSCAN } clusters_method;
extern const char *const clusters_methods[3]; /* kmeans, gmm, hdbscan */

typedef struct clusters_file {
    clusters_method method;
    const char *const *columns; /* [by.cols] */
    transform_model by;
    int k, d;     /* clusters; columns after the transform */
    int64_t rows; /* of the fit */
    kmeans_model kmeans; /* the one of the method */
    gmm_model gmm;
    hdbscan_model density;
    hdbscan_tree tree; /* of density: mst.core and mst.neighbours alone when opened */
    hdbscan_data data; /* of density: rows of the fit */
} clusters_file;

/* Saves to path when it ends in .atm, else as clusters.atm into the folder path (made when it is
 * not there); whole or not at all. Refused: a name of a column with a comma in it. */
bool clusters_file_save(const clusters_file *f, const char *path, scope *s, err *e);

/* A file or a folder. The model lives as long as s. A file that is damaged, or is none, fails with
 * the reason. */
bool clusters_file_open(clusters_file *f, const char *path, scope *s, err *e);

/* What the model says of rows [n] that went through the transform; arrays may be NULL where the
 * method has no such thing: second and second_strength are of gmm alone, strength not of kmeans. */
typedef struct clusters_rows {
    int32_t *label, *second; /* -1: noise, none */
    double *strength, *second_strength;
} clusters_rows;
void clusters_file_assign(const clusters_file *f, const float *x, int64_t n, pool *threads,
                          const clusters_rows *out, scope *s);

#endif
