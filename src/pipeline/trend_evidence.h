/* trend_evidence: for every item of a panel what may have moved it, its life's stage and its shape.
 *
 * Reads, beside the panel, tables that the caller made (an empty one = not known):
 *
 *     story_sales(item, category, day, units, revenue)   story_items(item, product, list)
 *     story_stock(item, day, on_hand)                    story_views(item, day, views)
 *
 * item of the type that the panel's source had. */
#ifndef PIPELINE_TREND_EVIDENCE_H
#define PIPELINE_TREND_EVIDENCE_H

#include "base/json.h"
#include "models/insight/life.h"
#include "models/insight/reason.h"
#include "pipeline/trend_panel.h"

/* SQL of the columns item and list out of story_sales, for shops that name no list price: an item's
 * mean price in its dearest four weeks (of a fixed calendar) with 5 units or more. */
#define TREND_EVIDENCE_LIST                                                                        \
    "SELECT item, max(price) AS list FROM (SELECT item, CAST(sum(revenue) AS DOUBLE) / "           \
    "CAST(sum(units) AS DOUBLE) AS price FROM story_sales WHERE units > 0 "                        \
    "GROUP BY item, (day - DATE '2000-01-03') // 28 HAVING sum(units) >= 5) GROUP BY item"

enum { TREND_HISTORY = 26 }; /* weeks of units beside each item */

typedef struct trend_evidence {
    int64_t n;
    int32_t *weeks;         /* [n, TREND_HISTORY] units, oldest first */
    const int32_t *born;    /* [n] day of the first sale */
    int32_t end;
    life_stage *stage;      /* [n] */
    reason_facts *facts;    /* [n] category not yet known: NAN */
    double *price, *depth;  /* [n] of the recent window; NAN: not known */
    int64_t stages[LIFE_STAGES];
} trend_evidence;

/* Of the panel read last, whose items were judged as `item`. elasticity: of the shop, negative. */
bool trend_evidence_read(trend_evidence *out, const trend_panel *p, const trend_item *item, db *d,
                         int32_t end, double elasticity, pool *threads, arena *keep, err *e);

/* Members stage, slope, price, depth, of_peak and reasons of item i into the open object. */
void trend_evidence_put(js *j, const trend_evidence *t, int64_t i, const trend_item *one,
                        arena scratch);

#endif
