/* bpr: factors that rank what a customer took above what the customer did not (Bayesian
 * personalised ranking), trained by stochastic gradients in an order that threads cannot change.
 *
 *     score(u, i) = x_u · y_i + b_i
 *     for pairs (u, i) that are there and items j that u did not take:
 *         maximise  w_ui ln 1 / (1 + exp(-(score(u, i) - score(u, j))))  - reg / 2 (|x|^2 + |y|^2)
 *
 * An epoch goes once over all pairs. Of `draws` items that u did not take, drawn with probability
 * ~ (customers of j)^popular, the one with the highest score is j: what is ranked well already
 * teaches nothing. The step falls linearly from `rate` to 0. w is the pair's weight over the mean.
 *
 * Customers are dealt into `blocks` blocks once, items anew in each epoch. A cell (user block, item
 * block) holds the pairs of both, and its j are drawn from its own items, so cells without a common
 * block touch disjoint rows: an epoch is a Latin square of `blocks` rounds, the cells of a round
 * run at once, each with random numbers of its own (seed, epoch, cell). The number of blocks never
 * follows the number of threads: 1, 2 and 8 threads give the same bytes.
 * Sources: Rendle, Freudenthaler, Gantner, Schmidt-Thieme, "BPR" (2009); Gemulla, Nijkamp, Haas,
 * Sismanis, "Large-scale matrix factorization with distributed SGD" (2011) for the square; Zhang,
 * Chen, Wang, Yu, "Optimizing top-N collaborative filtering via dynamic negative item sampling"
 * (2013).
 *
 *     bpr_model m;
 *     bpr_fit(&m, &by_user, BPR_DEFAULTS, threads, &s->keep, s->scratch, e)
 *     neighbours_dense((neighbours_vectors){m.user, m.users, m.item, m.items, m.ld}, …) */
#ifndef MODELS_RECOMMEND_BPR_H
#define MODELS_RECOMMEND_BPR_H

#include "base/pool.h"
#include "base/sparse.h"

typedef struct bpr_params {
    int factors;   /* 1..1024 */
    int epochs;    /* 1..10000 */
    float rate;    /* first step, > 0 */
    float reg;     /* >= 0 */
    float popular; /* 0 = every item alike, 1 = as often as it was taken */
    int draws;     /* 1..64 */
    int blocks;    /* 1..256; fewer where customers or items are few */
    float sigma;   /* factors start as normal(0, sigma^2 / factors) */
    uint64_t seed;
} bpr_params;

#define BPR_DEFAULTS                                                                               \
    ((bpr_params){.factors = 64, .epochs = 60, .rate = 0.05f, .reg = 0.01f, .popular = 0.5f,       \
                  .draws = 4, .blocks = 16, .sigma = 0.1f, .seed = 1})

typedef struct bpr_model {
    bpr_params p;
    int64_t users, items;
    int ld;      /* floats between rows: factors + 1 rounded up to 16, padding 0 */
    float *user; /* [users, ld] factor `factors` is 1; all 0 for a customer without pairs */
    float *item; /* [items, ld] factor `factors` is b_i */
} bpr_model;

/* NULL, or what is wrong with the parameters. */
const char *bpr_check(bpr_params p);

/* The model lives in keep. Refuses bad parameters and negative weights. scratch: 16 bytes a pair,
 * 20 bytes a customer or item. */
bool bpr_fit(bpr_model *m, const sparse *by_user, bpr_params p, pool *threads, arena *keep,
             arena scratch, err *e);

#endif
