/* segment_history: what scores and P(alive) are reckoned from, customer by customer.
 *
 * Into segment.atm, for the server; customers = all of the shop:
 *
 *     measures  F64 [customers, 3]  days since the last order, order days, money, as RFM scores
 *                                   them; NaN = not scored
 *     days_at   I64 [customers + 1] where the days of each begin
 *     days      I32 [days, 1]       days with a sale, ascending, the end of the data left out */
#ifndef PIPELINE_SEGMENT_HISTORY_H
#define PIPELINE_SEGMENT_HISTORY_H

#include "pipeline/segment_present.h"

bool segment_history_put(const segment_present *p, store_writer *out, work *w, int64_t customers,
                         scope *s, err *e);

#endif
