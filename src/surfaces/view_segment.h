/* view_segment: what the views of segments share. */
#ifndef SURFACES_VIEW_SEGMENT_H
#define SURFACES_VIEW_SEGMENT_H

#include "surfaces/view.h"

/* Names of bundle_segment.value, in its order. */
extern const char *const view_value_names[BUNDLE_VALUES];

/* The index of the segment that the path names, by *method; below 0: minus the status of a refusal
 * that is written. */
int64_t view_segment_find(view *v, int *method);

/* The segment's row of bundle_bought; below 0 as above, where the bundle has no such lists. */
int64_t view_segment_bought(view *v, int method, int64_t index);

#endif
