/* transitions: which item follows which in the customers' sequences, as a sparse matrix.
 *
 *     m(i, j) = sum over customers u, over i and a later j of u, d steps apart, 1 <= d <= window,
 *               of n_u^-user_power decay^(d - 1),  plus `together` when d = 0,
 *               plus `back` times the same with j before i
 *     next(i, j) = m * m / (m + shrink) / (out_i^from in_j^to),   out_i = sum_j m, in_j = sum_i m
 *
 * and the `keep` best j of each i. Things taken at the same moment are one step (a basket): they
 * have no order among themselves. from = 1, to = 0 and no shrinking are transition probabilities;
 * to > 0 holds back what follows everything; shrink holds back what was seen rarely.
 *
 * score(u, j) = sum over u's last items i of profile(u, i) next(i, j): see neighbours_sparse.
 * Results do not depend on the number of threads: each row is summed by one, in data order.
 * Source: the Markov chain over items of Rendle, Freudenthaler, Schmidt-Thieme, "Factorizing
 * personalized Markov chains" (2010), and sequential rules, Ludewig, Jannach (2018). */
#ifndef MODELS_RECOMMEND_TRANSITIONS_H
#define MODELS_RECOMMEND_TRANSITIONS_H

#include "base/pool.h"
#include "base/sparse.h"

typedef struct transitions_params {
    int window;       /* steps, 1..1000 */
    float decay;      /* (0, 1] */
    float together;   /* >= 0 */
    float back;       /* >= 0 */
    float user_power; /* a customer with n items counts n^-user_power, >= 0 */
    float shrink;     /* >= 0 */
    float from, to;   /* 0..2 */
    int keep;         /* next items of an item, 1..4096 */
    int longest;      /* later items that one item is paired with, at most */
} transitions_params;

#define TRANSITIONS_DEFAULTS                                                                       \
    ((transitions_params){.window = 10, .decay = 0.9f, .together = 0.5f, .back = 0.5f,             \
                          .shrink = 1, .from = 0.25f, .keep = 200, .longest = 500})

typedef struct transitions_data {
    int64_t users, items;
    const int64_t *at;   /* [users + 1] */
    const int32_t *item; /* [at[users]] the oldest first */
    const int32_t *step; /* [at[users]] ascending inside a customer; NULL = each item is a step */
} transitions_data;

/* NULL, or what is wrong with the parameters. */
const char *transitions_check(transitions_params p);

/* next[items, items] in keep, an item never follows itself. Each worker needs 8 bytes an item;
 * scratch: 12 bytes an interaction and keep * 16 bytes an item. Refuses bad parameters. */
bool transitions_fit(sparse *next, const transitions_data *d, transitions_params p, pool *threads,
                     arena *keep, arena scratch, err *e);

#endif
