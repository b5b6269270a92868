/* rp3beta: items reached by a walk of three steps, with popular ends held back (RP3β; P3α).
 *
 *     p(i -> u) = w_ui / sum over customers of item i,   p(u -> j) = w_uj / sum over items of u
 *     W(i, j) = sum_u p(i -> u)^alpha p(u -> j)^alpha / pop_j^beta,   pop_j = sum of weights of j
 *
 * and the `keep` highest of each item, divided by their sum with `normalise`. beta = 0 is P3α.
 * score(u, j) = sum over items i in u's profile of profile(u, i) W(i, j): one sparse product, see
 * neighbours_sparse. Customers with more than `longest` items are passed over as in knn.h.
 * Sources: Cooper, Lee, Radinsky, Siller, "Random walks in recommender systems" (2014); Paudel,
 * Christoffel, Newell, Bernstein, "Updatable, accurate, diverse, and scalable recommendations for
 * interactive applications" (2017). */
#ifndef MODELS_RECOMMEND_RP3BETA_H
#define MODELS_RECOMMEND_RP3BETA_H

#include "base/pool.h"
#include "base/sparse.h"

typedef struct rp3beta_params {
    float alpha, beta; /* 0..4, 0..4 */
    int keep;          /* neighbours of an item, 1..4096 */
    int min_support;   /* customers who must have both, >= 1 */
    int longest;       /* items of a customer, >= 2 */
    bool normalise;    /* rows add up to 1 */
} rp3beta_params;

#define RP3BETA_DEFAULTS                                                                           \
    ((rp3beta_params){.alpha = 1, .beta = 0.5f, .keep = 200, .min_support = 1, .longest = 2000,    \
                      .normalise = true})

#define P3ALPHA_DEFAULTS                                                                           \
    ((rp3beta_params){.alpha = 1, .keep = 200, .min_support = 1, .longest = 2000,                  \
                      .normalise = true})

/* NULL, or what is wrong with the parameters. */
const char *rp3beta_check(rp3beta_params p);

/* W[items, items] in keep. Weights must be >= 0; the parameters must have been checked. */
sparse rp3beta_fit(const sparse *by_user, const sparse *by_item, rp3beta_params p, pool *threads,
                   arena *keep, arena scratch);

#endif
