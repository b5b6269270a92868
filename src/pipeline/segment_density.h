/* segment_density: the customers by density: groups of any shape, and those who are in none.
 *
 * HDBSCAN* (hdbscan.h) on at most 5 principal components (95 % of the variance) of what K-Means
 * sees, of at most 50,000 customers evenly spread. A cluster of more than half of them gives way to
 * those within it: it would tell nobody apart. The least size of a cluster is that of the largest
 * relative validity among those of hdbscan_grid that are 1 % of the customers or more, leave half
 * of them or fewer in no cluster and make 2 to 20 clusters of a validity of 0.05 or more; where
 * there is none, there are no clusters (k = 0) and `why` says so. Clusters are numbered by the mean
 * money of their customers, the richest first. */
#ifndef PIPELINE_SEGMENT_DENSITY_H
#define PIPELINE_SEGMENT_DENSITY_H

#include "models/segment/hdbscan.h"
#include "models/segment/pca.h"
#include "pipeline/segment_block.h"

enum { SEGMENT_DENSITY_MOST = 20 }; /* clusters */

typedef struct segment_density {
    pca_model turn;
    hdbscan_data rows;         /* what was looked at */
    int32_t *customer;         /* [rows.n] ascending */
    double *money;             /* [rows.n] */
    hdbscan_tree tree;
    hdbscan_params params;     /* those of the choice */
    hdbscan_model model;       /* of the choice; not there when k is 0 */
    hdbscan_stock stock;
    int k;
    int32_t *number;           /* [k] of the model's labels: by money */
    double stability, *overlap; /* hdbscan_stability; overlap [k] by number; NULL: not asked */
    int tried;
    hdbscan_trial trials[HDBSCAN_GRID];
    const char *why;           /* one sentence */
} segment_density;

bool segment_density_fit(segment_density *x, const segmentation *m, const work *w,
                         const segment_block *b, scope *s, err *e);

/* label (-1 = in none), strength and outlier [b->n] of a block's customers; the last two may be
 * NULL. Those who were looked at and are as they were are where they were; the others are predicted
 * and have no outlier score (NaN). */
void segment_density_assign(const segment_density *x, const segmentation *m, const work *w,
                            const segment_block *b, int32_t *label, double *strength,
                            double *outlier, scope *s);

/* Fills stability and overlap, from ten draws. Nothing to do when k is 0. */
bool segment_density_stability(segment_density *x, const work *w, scope *s, err *e);

/* Another least size: the model of those looked at, in keep; number [k] of its labels, by money. */
hdbscan_model segment_density_cut(const segment_density *x, int64_t least, int32_t **number,
                                  arena *keep, arena scratch);

#endif
