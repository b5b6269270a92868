/* trend_alarms: odd days and changes of level of the shop, its categories and its articles.
 *
 * Reads story_sales(item, category, day, units) and story_items(item, name), which the caller made.
 * Judged are the last 26 weeks before `end`, of the shop, every category and the 2,000 articles
 * that sold most in them; changes of level also of the weeks before, two years at most. */
#ifndef PIPELINE_TREND_ALARMS_H
#define PIPELINE_TREND_ALARMS_H

#include "base/json.h"
#include "base/pool.h"
#include "data/db.h"

/* Members "anomalies" and "shifts" of the open object. */
bool trend_alarms_put(js *j, db *d, int32_t end, pool *threads, arena *keep, arena scratch, err *e);

#endif
