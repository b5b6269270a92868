/* migration: how customers move between segments from one day to the next, and where that leads.
 *
 * Counts are [k + 1, k + 1], from row to column; the last row and column are customers in no
 * segment (not yet a customer, noise). Money is the same with each customer's money instead of 1.
 *
 *     shares    row / sum of row: P(segment then -> segment now)
 *     leads     the shares of the segments to which today's customers tend when the pooled moves
 *               repeat: the fixed point of x P within the k segments, reached from today's x
 *
 * A segment that nobody was in then keeps what it has. */
#ifndef MODELS_SEGMENT_MIGRATION_H
#define MODELS_SEGMENT_MIGRATION_H

#include "base/arena.h"

/* Labels -1 … k-1 of the same n customers then and now; money [n] or NULL for 1 each. Adds to
 * moves [k + 1, k + 1]. */
void migration_add(const int32_t *then, const int32_t *now, int64_t n, int k, const double *money,
                   double *moves);

/* leads [k] from pooled moves [k + 1, k + 1] and today's sizes [k]; false when it does not settle
 * in 10,000 steps (then leads is NaN). */
bool migration_leads(const double *moves, const double *sizes, int k, double *leads,
                     arena scratch);

#endif
