/* segment_shape: how compact the segments of a method are, and whether gaps lie between them.
 *
 * Silhouette (of those in a segment) and DBCV (those in none count against it) of at most 4,000
 * customers, evenly spread, on the columns that K-Means sees, so that methods can be compared. */
#ifndef PIPELINE_SEGMENT_SHAPE_H
#define PIPELINE_SEGMENT_SHAPE_H

#include "pipeline/segment_present.h"

typedef struct segment_shape {
    double silhouette, dbcv; /* NaN with fewer than 2 segments */
} segment_shape;

segment_shape segment_shape_of(const segment_present *p, segment_method_kind g, const work *w,
                               arena scratch);

#endif
