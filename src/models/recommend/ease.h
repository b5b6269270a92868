/* ease: the closed-form linear model of items on items (EASE^R).
 *
 *     minimise |X - X B|^2 + sum_i (lambda + dropout / (1 - dropout) G_ii) |B_i.|^2, B_jj = 0
 *     P = (G + diag)^-1,  G = X'X,      B_ij = -P_ij / P_jj,   B_jj = 0
 *     score(u, j) = sum over items i of u's history of x_ui B_ij
 *
 * with X_ui = w_ui n_u^-user_power, w the weights given (decayed, or 1 each) and n_u the items of
 * customer u. Sources: Steck, "Embarrassingly shallow autoencoders for sparse data" (2019);
 * Steck, "Autoencoders that don't overfit towards the identity" (2020) for dropout.
 *
 * B is dense: 4 bytes for each pair of the items that min_count customers or more have. The inverse
 * is swept out in place, tile by tile of fixed size, n^3 multiplications in all spread over the
 * pool; results do not depend on the number of threads.
 *
 *     ease_model m;
 *     ease_fit(&m, &by_user, &by_item, EASE_DEFAULTS, threads, &s->keep, s->scratch, e) &&
 *     ease_lists(&m, &profile, rule, ids, scores, threads) */
#ifndef MODELS_RECOMMEND_EASE_H
#define MODELS_RECOMMEND_EASE_H

#include "models/recommend/neighbours.h"

typedef struct ease_params {
    float lambda;     /* > 0 */
    float dropout;    /* 0 … below 1: share of the history that the model must do without */
    float user_power; /* >= 0 */
    int min_count;    /* customers that an item must have, >= 1 */
    int most_items;   /* more are refused: 40,000 take 6.4 GB */
} ease_params;

#define EASE_DEFAULTS                                                                              \
    ((ease_params){.lambda = 200, .min_count = 1, .most_items = 40000})

typedef struct ease_model {
    int64_t items, n;
    int32_t *item;  /* [n] the items that take part, ascending */
    int32_t *place; /* [items] their numbers, -1 = takes no part */
    float *b;       /* [n, n] b[i * n + j]: what item[i] of a history adds to item[j] */
} ease_model;

/* NULL, or what is wrong with the parameters. */
const char *ease_check(ease_params p);

/* by_item is the transpose of by_user. The model lives in keep. Refuses bad parameters, negative
 * weights, more items than most_items or than the memory of keep holds. scratch: 2 KB an item
 * and 1 MB; each worker 8 bytes an item. */
bool ease_fit(ease_model *m, const sparse *by_user, const sparse *by_item, ease_params p,
              pool *threads, arena *keep, arena scratch, err *e);

/* ids, scores [queries, rule.k]: the items with the highest scores above 0 for each row of
 * history[queries, items]. Each worker needs 4 bytes an item. */
void ease_lists(const ease_model *m, const sparse *history, neighbours_rule rule, int32_t *ids,
                float *scores, pool *threads);

/* The `most` largest |B_ij| of each row as [items, items] in keep: a small model for serving. */
sparse ease_sparse(const ease_model *m, int most, arena *keep, arena scratch);

#endif
