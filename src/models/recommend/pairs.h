/* pairs: items that share customers: sums over the customers, cut to the best of each item.
 *
 *     sum(i, j) = sum over customers u with both of
 *                 from(i, u) to(u, j) 2^-(|day(u, i) - day(u, j)| / half_life)
 *
 * and row i of the result holds the `keep` highest score(i, j, sum(i, j)) above 0 among the items j
 * other than i that at least min_support customers have together with i (ties: the smaller item).
 * What the weights and the score are is the caller's business: knn.h, rp3beta.h.
 *
 * Customers are added in their order, so results do not depend on the number of threads. Cost: the
 * sum of the squares of the customers' lengths; a customer whose weights are 0 costs nothing. */
#ifndef MODELS_RECOMMEND_PAIRS_H
#define MODELS_RECOMMEND_PAIRS_H

#include "base/pool.h"
#include "base/sparse.h"

typedef float pairs_score(const void *what, int32_t item, int32_t other, float sum);

typedef struct pairs {
    const sparse *by_user, *by_item; /* by_item is the transpose of by_user */
    const float *from;               /* [entries of by_item] >= 0 */
    const float *to;                 /* [entries of by_user] >= 0 */
    const int32_t *day;              /* [entries of by_user]; NULL = no decay */
    double half_life;                /* days, > 0 where day is given */
    int keep, min_support;
    pairs_score *score;
    const void *what; /* first argument of score */
} pairs;

/* [items, items], rows by item. Each worker needs 12 bytes an item; scratch 8 bytes an entry and
 * 24 bytes for each of items * keep. */
sparse pairs_fit(const pairs *p, pool *threads, arena *keep, arena scratch);

/* Values of entries in the order of by_user, put into the order of by_item; in keep. */
float *pairs_by_item(const sparse *by_user, const sparse *by_item, const float *value,
                     arena *keep, arena scratch);

#endif
