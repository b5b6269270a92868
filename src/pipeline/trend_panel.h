/* trend_panel: weekly units of items before a day, as the trend model wants them.
 *
 * Weeks are blocks of seven days that end at `end` (exclusive): no half week, nothing later. The
 * panel holds the items with sales in the last 2 * weeks blocks. An item is on sale from the day
 * after its first sale (that sale itself is left out when it lies inside the panel: an item that
 * exists because it sold once says nothing about its rate). With `season`, exposure is also
 * multiplied by the category's units in the same blocks 364 days before, over their mean. */
#ifndef PIPELINE_TREND_PANEL_H
#define PIPELINE_TREND_PANEL_H

#include "data/db.h"
#include "models/insight/trend.h"

typedef struct trend_panel {
    trend_items items;
    columns names; /* [n] item (as in the source), category, code, born (day of the first sale) */
    int n_categories;
    slice *category;  /* [n_categories] */
    bool seasonal;    /* season was wanted and the history was long enough */
    double *ahead;    /* [n_categories] the season's index over the 28 days from `end`; else 1 */
} trend_panel;

/* source: a SELECT with the columns item, category (text, not null), day and units. An empty panel
 * is no mistake: items.n is 0. The functions below speak of the panel read last. */
bool trend_panel_read(trend_panel *out, db *d, const char *source, int32_t end, int weeks,
                      bool season, arena *keep, err *e);

/* Units of each item in [from, to): [n] in the order of the panel. */
bool trend_panel_units(const trend_panel *p, db *d, const char *source, int32_t from, int32_t to,
                       double **units, arena *keep, err *e);

/* Units in blocks of seven days before `end`: [n, weeks], oldest first, first sales too. */
bool trend_panel_weeks(const trend_panel *p, db *d, const char *source, int32_t end, int weeks,
                       int32_t **units, arena *keep, err *e);

#endif
