/* segment_axes: customers on the principal components of what K-Means sees of them.
 *
 * Unwhitened: distances are those of the weighted features, less what the left components hold. */
#ifndef PIPELINE_SEGMENT_AXES_H
#define PIPELINE_SEGMENT_AXES_H

#include "models/segment/pca.h"
#include "pipeline/segment_block.h"

/* The components of a block that hold `share` of the variance, `most` at most; in s->keep. */
bool segment_axes_fit(pca_model *turn, const segmentation *m, const work *w,
                      const segment_block *b, double share, int most, scope *s, err *e);

/* A block's customers on them: [b->n, turn->d] in keep, as is what leads to them. */
float *segment_axes_of(const pca_model *turn, const segmentation *m, const work *w,
                       const segment_block *b, arena *keep);

#endif
