/* segment_density: the customers by density: groups of any shape, and those who are in none.
 *
 * HDBSCAN* (hdbscan.h) on at most 5 principal components (95 % of the variance) of what K-Means
 * sees, of at most 50,000 customers evenly spread. A cluster of more than half of them gives way to
 * those within it: it would tell nobody apart. The least size of a cluster is that of the largest
 * relative validity among those of hdbscan_grid that are 1 % of the customers or more, leave half
 * of them or fewer in no cluster and make 2 to 20 clusters of a validity of 0.05 or more; where
 * there is none, there are no clusters (k = 0) and `why` says so. A wish with a share takes the
 * size nearest to that share of the customers, where it is one of these. Clusters are numbered by
 * the mean money of their customers, the richest first. */
#ifndef PIPELINE_SEGMENT_DENSITY_H
#define PIPELINE_SEGMENT_DENSITY_H

#include "models/segment/hdbscan.h"
#include "models/segment/pca.h"
#include "pipeline/segment_block.h"

enum { SEGMENT_DENSITY_MOST = 20 }; /* clusters */

/* What step 07 chooses (segment_study.h). */
typedef struct density_wish {
    int neighbours;
    hdbscan_select select;
    double share; /* of the customers, the least part of a cluster; 0 = the most valid one */
} density_wish;
extern const char *const density_selects[2]; /* "eom", "leaf" */
/* "density" of the best of step 07; the default one where it has none or is NULL. */
density_wish density_wish_tuned(const js_node *best);
void density_wish_put(js *out, const char *key, density_wish wish);

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

/* By the wish that step 07 chose, and by any other. */
bool segment_density_fit(segment_density *x, const segmentation *m, const work *w,
                         const segment_block *b, scope *s, err *e);
bool segment_density_fit_by(segment_density *x, density_wish wish, const segmentation *m,
                            const work *w, const segment_block *b, scope *s, err *e);

/* label (-1 = in none), strength and outlier [b->n] of a block's customers; the last two may be
 * NULL. Those who were looked at and are as they were are where they were; the others are predicted
 * and have no outlier score (NaN). */
void segment_density_assign(const segment_density *x, const segmentation *m, const work *w,
                            const segment_block *b, int32_t *label, double *strength,
                            double *outlier, scope *s);

/* The labels alone, those in no cluster as a group of their own, the last (number k). */
void segment_density_groups(const segment_density *x, const segmentation *m, const work *w,
                            const segment_block *b, int32_t *group, scope *s);

/* Fills stability and overlap, from ten draws. Nothing to do when k is 0. */
bool segment_density_stability(segment_density *x, const work *w, scope *s, err *e);

/* Another least size: the model of those looked at, in keep; number [k] of its labels, by money. */
hdbscan_model segment_density_cut(const segment_density *x, int64_t least, int32_t **number,
                                  arena *keep, arena scratch);

#endif
