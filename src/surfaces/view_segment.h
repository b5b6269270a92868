/* view_segment: what the views of segments share. */
#ifndef SURFACES_VIEW_SEGMENT_H
#define SURFACES_VIEW_SEGMENT_H

#include "surfaces/view.h"

/* Names of bundle_segment.value, in its order. */
extern const char *const view_value_names[BUNDLE_VALUES];

/* Member "alive": the path of P(alive) by the shop's model of buying (customer_value.h) since the
 * first purchase, an evening a point: model, purchases (days), days and p_alive; null where the
 * bundle has no model, or no purchases of the customer. */
void view_alive(view *v, int64_t customer);

/* The index of the segment that the path names, by *method; below 0: minus the status of a refusal
 * that is written. */
int64_t view_segment_find(view *v, int *method);

/* The segment's row of bundle_bought; below 0 as above, where the bundle has no such lists. */
int64_t view_segment_bought(view *v, int method, int64_t index);

#endif
