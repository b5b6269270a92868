/* impact_panel: the weeks of articles and their siblings around a day, and what the model says.
 *
 * Weeks are blocks of seven days that begin or end at the day. Several treated articles are one:
 * their units add up. Siblings are the other articles of their categories. */
#ifndef PIPELINE_IMPACT_PANEL_H
#define PIPELINE_IMPACT_PANEL_H

#include "base/json.h"
#include "data/db.h"
#include "models/insight/impact.h"

typedef struct impact_panel {
    impact_data data;
    columns names;  /* item of each sibling, ascending */
    int32_t from;   /* the day that the first week after begins with */
    int64_t lines;  /* lines of sales of the treated in all weeks; 0: asked for in vain */
} impact_panel;

/* source: a SELECT with the columns item, category (text, not null), day and units. treated: a list
 * of SQL literals, separated by commas. */
bool impact_panel_read(impact_panel *out, db *d, const char *source, const char *treated,
                       int32_t from, int before, int after, arena *keep, err *e);

/* Members from, weeks_before, weeks_after, refused (null or the sentence), siblings, level, miss,
 * better, sold, without, effect (ratio, low, high, p), gain (units, low, high), weeks (day,
 * treated, control) and control (item, weight; the ten of most weight) of the open object. */
void impact_panel_put(js *j, const impact_panel *p, const impact *found, arena scratch);

#endif
