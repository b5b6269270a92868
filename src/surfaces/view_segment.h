/* view_segment: what the views of segments share. */
#ifndef SURFACES_VIEW_SEGMENT_H
#define SURFACES_VIEW_SEGMENT_H

#include "surfaces/view.h"

/* Names of bundle_segment.value, in its order. */
extern const char *const view_value_names[BUNDLE_VALUES];

/* The index of the segment that the path names, by *method; below 0: minus the status of a refusal
 * that is written. */
int64_t view_segment_find(view *v, int *method);

#endif
