/* metrics_rank: how good a ranked list is against the set of what was really bought.
 *
 * For one unit (a customer with m >= 1 distinct true items) and the first k places of its list:
 *
 *     AP@k     = 1/min(m, k) * sum over places j <= k with a hit of (hits in places 1..j) / j
 *     NDCG@k   = sum over hits of 1/log2(j + 1), over the same sum for hits at 1..min(m, k)
 *     recall@k = hits / m          hit@k = 1 when hits > 0          MRR@k = 1 / first hit's place
 *     precision@k = hits / k
 *
 * MAP@k is the mean of AP@k over units. A list shorter than k simply has no more hits; -1 ends it.
 * An item that is repeated in the list counts once, at its first place. Lists come from the order
 * (score descending, item ascending), so each of these is one number, not a range. */
#ifndef MODELS_METRICS_RANK_H
#define MODELS_METRICS_RANK_H

#include <stdint.h>

#include "base/arena.h"

typedef struct metrics_rank {
    double ap, ndcg, recall, hit, mrr, precision;
} metrics_rank;

/* list[n] best first; truth[m] ascending and distinct, m >= 1; k >= 1. */
metrics_rank metrics_rank_one(const int32_t *list, int n, const int32_t *truth, int64_t m, int k);

/* Share of `items` items that are in the first k places of any of `rows` lists[rows, width]. */
double metrics_rank_coverage(const int32_t *lists, int64_t rows, int width, int k, int64_t items,
                             arena scratch);

/* Adds to shown[items] how often each item is in the first k places of rows lists[rows, width]. */
void metrics_rank_shown(const int32_t *lists, int64_t rows, int width, int k, int64_t *shown);

/* How unequally places go to items, all items counted: 0 = the same for each, near 1 = one item
 * has all. 0 when nothing is shown. Sum over x ascending of (2 i - n - 1) x_i / (n sum x). */
double metrics_rank_gini(const int64_t *shown, int64_t items, arena scratch);

/* Mean self-information of the first k places in bits: log2(users / takers of the item), an item
 * without takers counted as if one had it. 0 for an empty list. taken[items] customers who have
 * each. Source: Zhou et al., "Solving the apparent diversity-accuracy dilemma" (2010). */
double metrics_rank_novelty(const int32_t *list, int n, int k, const int64_t *taken,
                            int64_t users);

#endif
