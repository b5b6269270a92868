/* trend_evolution: how categories and attributes change their share, and why revenue changed.
 *
 * Reads tables that the caller made (an empty one = not known):
 *
 *     story_sales(item, category, day, units, revenue)    revenue NULL: no money is told
 *     story_attributes(item, attribute, value)            colour, pattern, material
 *     story_days(day, visits, orders)                     of the shop; visits NULL: none known */
#ifndef PIPELINE_TREND_EVOLUTION_H
#define PIPELINE_TREND_EVOLUTION_H

#include "base/json.h"
#include "data/db.h"
#include "models/insight/trend.h"

/* Member "revenue" of the open object: the last `weeks` weeks before `end` against the same number
 * before ("previous") and against those of 364 days ago ("year", null where sales do not reach):
 * whole, by category (price, volume, mix, share, contribution), and Shapley's parts. */
bool trend_evolution_revenue(js *j, db *d, int32_t end, int weeks, arena *keep, err *e);

/* Member "attributes": of each attribute its values with units and share in blocks of four weeks,
 * and growth of the share with interval and false-sign rate. */
bool trend_evolution_attributes(js *j, db *d, int32_t end, int weeks, pool *threads, arena *keep,
                                err *e);

#endif
