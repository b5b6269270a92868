/* rfm_grid: customers by their scores of recency, frequency and money: 125 cells as JSON. */
#ifndef PIPELINE_RFM_GRID_H
#define PIPELINE_RFM_GRID_H

#include "base/json.h"
#include "models/segment/rfm.h"

typedef struct rfm_cell {
    int64_t customers;
    double revenue;
} rfm_cell;

enum { RFM_CELLS = 125 };

int rfm_grid_at(const rfm_score *score); /* place of its cell */

/* Members cuts {recency, frequency, money, fixed_frequency} and cells [{r, f, m, name, customers,
 * revenue, mean_spend}] of those that somebody is in; cell [RFM_CELLS]. */
void rfm_grid_put(js *j, const rfm_cuts *cuts, const rfm_cell *cell);

#endif
