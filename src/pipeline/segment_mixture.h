/* segment_mixture: the clusters with soft edges: a Gaussian mixture started from them.
 *
 * Fitted on the principal components (95 % of the variance, at most 8) of what K-Means sees, on at
 * most 20,000 rows; every customer has a most probable component and its probability. */
#ifndef PIPELINE_SEGMENT_MIXTURE_H
#define PIPELINE_SEGMENT_MIXTURE_H

#include "models/segment/gmm.h"
#include "models/segment/pca.h"
#include "pipeline/segment_block.h"

typedef struct segment_mixture {
    pca_model turn;
    gmm_model model;
    double stability, *overlap; /* adjusted Rand index; [k] (segment_mixture_stability); NULL */
} segment_mixture;

/* label [b->n]: the clusters of the block to start from. */
bool segment_mixture_fit(segment_mixture *x, const segmentation *m, const work *w,
                         const segment_block *b, const int32_t *label, scope *s, err *e);

/* Fills stability and overlap: ten bootstraps of at most 4,000 rows, each fitted anew. */
bool segment_mixture_stability(segment_mixture *x, const segmentation *m, const work *w,
                               const segment_block *b, scope *s, err *e);

/* label and strength [b->n] of a block's customers; strength may be NULL. */
void segment_mixture_assign(const segment_mixture *x, const segmentation *m, const work *w,
                            const segment_block *b, int32_t *label, double *strength, scope *s);

#endif
