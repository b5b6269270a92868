/* knn: item-item neighbours from who bought what: cosine, TF-IDF or BM25 weights.
 *
 *     w(u, i) = weight(u, i) n_u^-user_power     for each item i of customer u with n_u items
 *         cosine   tf                                        tf = the entry's weight with
 *         TF-IDF   sqrt(tf) idf_u                            `amounts`, else 1 each
 *         BM25     tf (k1 + 1) / (tf + k1 (1 - b + b len_i / mean len)) idf_u
 *         idf_u = max(0, ln(I / (1 + n_u))),  len_i = sum of tf over the customers of i
 *     s(i, j) = sum_u w(u, i) w(u, j) 2^-(days between the two / pair_half_life)
 *     sim(i, j) = s / (|w_i|^(2 asymmetry) |w_j|^(2 - 2 asymmetry))^norm * s / (s + shrink)
 *
 * and the `keep` most similar items of each item, of those that min_support customers or more have
 * in common. norm 1 and asymmetry 1/2 make the cosine; norm 0 leaves sums of products, which for
 * BM25 hold the length of an item already; asymmetry 1 divides by the item of the history alone
 * and favours popular neighbours.
 *
 * score(u, i) = sum over items j in u's profile of profile(u, j) sim(j, i): one sparse product, see
 * neighbours_sparse. Customers with more than `longest` items say little about pairs and cost the
 * square of their length: they are passed over when similarities are counted, and so are customers
 * with one item.
 * Sources: Sarwar, Karypis, Konstan, Riedl, "Item-based collaborative filtering" (2001);
 * Robertson, Zaragoza, "The probabilistic relevance framework: BM25 and beyond" (2009); Aiolli,
 * "Efficient top-N recommendation for very large scale binary rated datasets" (2013). */
#ifndef MODELS_RECOMMEND_KNN_H
#define MODELS_RECOMMEND_KNN_H

#include "base/pool.h"
#include "base/sparse.h"

typedef enum knn_weighting { KNN_COSINE, KNN_TFIDF, KNN_BM25, KNN_WEIGHTINGS } knn_weighting;

typedef struct knn_params {
    int keep;      /* neighbours of an item, 1..4096 */
    int longest;   /* items of a customer, >= 2 */
    float shrink;  /* doubt about pairs seen together rarely, >= 0 */
    float user_power; /* a customer with n items counts n^-user_power, >= 0 */
    knn_weighting weighting;
    bool amounts;          /* entries count their weight; else 1 each */
    int min_support;       /* customers who must have both, >= 1 */
    float norm, asymmetry; /* 0..1 */
    float k1, b;           /* BM25: >= 0, 0..1 */
    float pair_half_life;  /* days; 0 = no decay; read by knn_fit_timed alone */
} knn_params;

#define KNN_DEFAULTS                                                                               \
    ((knn_params){.keep = 100, .longest = 500, .shrink = 3, .user_power = 0.25f, .min_support = 1, \
                  .norm = 1, .asymmetry = 0.5f, .k1 = 1.2f, .b = 0.75f})

/* The parameters the other weightings are known by: customers weighed by idf alone. */
#define KNN_TFIDF_DEFAULTS                                                                         \
    ((knn_params){.keep = 100, .longest = 500, .weighting = KNN_TFIDF, .min_support = 1,           \
                  .norm = 1, .asymmetry = 0.5f, .k1 = 1.2f, .b = 0.75f})
#define KNN_BM25_DEFAULTS                                                                          \
    ((knn_params){.keep = 100, .longest = 500, .weighting = KNN_BM25, .min_support = 1,            \
                  .norm = 0, .asymmetry = 0.5f, .k1 = 1.2f, .b = 0.75f})

/* NULL, or what is wrong with the parameters. */
const char *knn_check(knn_params p);

/* sim[items, items], rows ascending by item, in keep. The parameters must have been checked. */
sparse knn_fit(const sparse *by_user, const sparse *by_item, knn_params p, pool *threads,
               arena *keep, arena scratch);

/* The same with the decay of pairs by the days between: day[entries of by_user]. */
sparse knn_fit_timed(const sparse *by_user, const sparse *by_item, const int32_t *day,
                     knn_params p, pool *threads, arena *keep, arena scratch);

/* Lists [rows, k] (-1 padded) as a sparse matrix with `cols` columns. */
sparse knn_matrix(const int32_t *ids, const float *scores, int64_t rows, int k, int64_t cols,
                  arena *keep, arena scratch);

#endif
