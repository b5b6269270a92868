/* knn: item-item neighbours from who bought what: shrunk cosines of weighted columns.
 *
 *     w(u, i) = n_u^-user_power for each item i of customer u with n_u items
 *     cosine(i, j) = sum_u w(u, i) w(u, j) / (|w_i| |w_j|)
 *     sim(i, j) = cosine(i, j) * s / (s + shrink),  s = sum_u w(u, i) w(u, j)
 *
 * and the `keep` most similar items of each item.
 *
 * score(u, i) = sum over items j in u's profile of profile(u, j) sim(j, i): one sparse product, see
 * neighbours_sparse. Customers with more than `longest` items say little about pairs and cost the
 * square of their length: they are passed over when similarities are counted.
 * Source: Sarwar, Karypis, Konstan, Riedl, "Item-based collaborative filtering" (2001). */
#ifndef MODELS_RECOMMEND_KNN_H
#define MODELS_RECOMMEND_KNN_H

#include "base/pool.h"
#include "base/sparse.h"

typedef struct knn_params {
    int keep;      /* neighbours of an item, 1..4096 */
    int longest;   /* items of a customer */
    float shrink;  /* doubt about pairs seen together rarely, >= 0 */
    float user_power; /* a customer with n items counts n^-user_power */
} knn_params;

#define KNN_DEFAULTS ((knn_params){.keep = 100, .longest = 500, .shrink = 3, .user_power = 0.25f})

/* sim[items, items], rows ascending by item, in keep. */
sparse knn_fit(const sparse *by_user, const sparse *by_item, knn_params p, pool *threads,
               arena *keep, arena scratch);

/* Lists [rows, k] (-1 padded) as a sparse matrix with `cols` columns. */
sparse knn_matrix(const int32_t *ids, const float *scores, int64_t rows, int k, int64_t cols,
                  arena *keep, arena scratch);

#endif
