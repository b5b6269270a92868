/* als: implicit matrix factorisation by alternating least squares (iALS), frequency-scaled.
 *
 *     L = sum over seen (u,i) of c_ui (1 - x_u·y_i)^2  +  alpha0 sum over all (u,i) of (x_u·y_i)^2
 *       + sum_u lambda_u |x_u|^2 + sum_i lambda_i |y_i|^2,   lambda_u = lambda (n_u + alpha0 I)^nu
 *
 * with c the weight of a seen pair (>= 0), n_u the sum of the weights of row u, I the number of
 * items (users for lambda_i). Sources: Hu, Koren, Volinsky, "Collaborative filtering for implicit
 * feedback datasets" (2008); Rendle, Krichene, Zhang, Koren, "Revisiting the performance of iALS
 * on item recommendation benchmarks" (2022).
 *
 * Each half-step turns the fixed side into the eigenbasis of its Gram matrix. The dense part of
 * every row's system is diagonal there, m_j = alpha0 w_j + lambda_u, and with
 * B = sqrt(D) Y_u M^-1/2 and d = sqrt(c) the row is a small ridge regression:
 *
 *     x = M^-1/2 x',   (I + B'B) x' = B'd        or        x' = B' (I + BB')^-1 d
 *
 * Rows with n <= 16 solve the n×n form by Cholesky; longer ones take cg_steps conjugate gradient
 * steps from their last value while their n×k numbers fit 2 MB or n < 4 k, and the k×k form beyond.
 * They read the fixed side from a mirror of 16 bits a number. In exact mode rows with n <= 3/4 k
 * take the n×n form, all others the k×k form (n k^2 + k^3 / 3 operations each, so at k = 1024 a
 * third of a billion a row), without a mirror. With cg_steps 0 half-steps whose exact form takes
 * less than 4e9 operations are solved exactly, the others by two steps: small shops lose nothing,
 * large ones a few 1e-5 of the objective. Memory: factors (users + items) × k floats.
 * Results do not depend on the number of threads.
 *
 *     als_params p = ALS_DEFAULTS;
 *     als_model m;
 *     als_fit(&m, &by_user, &by_item, p, threads, &s->keep, s->scratch, e)
 *     neighbours_dense(m.user, m.users, m.item, m.items, …) */
#ifndef MODELS_RECOMMEND_ALS_H
#define MODELS_RECOMMEND_ALS_H

#include "base/pool.h"
#include "base/sparse.h"

/* What the weight c of a seen pair means: beside the weight alpha0 that it has like every pair
 * (ALS_TARGET_ONE, the objective above), or instead of it:
 *
 *     ALS_TARGET_CONFIDENCE   sum over seen c (1 - x·y)^2 + alpha0 sum over unseen (x·y)^2 + …
 *
 * With alpha0 1 and nu 0 the second is the objective of Hu, Koren, Volinsky and of PyPI implicit,
 * whose confidence is c = alpha r. Weights below alpha0 are refused there. */
typedef enum als_target { ALS_TARGET_ONE, ALS_TARGET_CONFIDENCE } als_target;

typedef struct als_params {
    int factors;    /* k, 1..1024 */
    int iterations; /* of both half-steps, 1..1000 */
    float lambda;   /* > 0 */
    float nu;       /* 0 = plain L2, 1 = proportional to frequency */
    float alpha0;   /* weight of a pair that was not seen, > 0 */
    float sigma;    /* users start as normal(0, sigma^2 / k) */
    int cg_steps;   /* 1..100; 0 = exact where a half-step is cheap, else 2 */
    bool exact;     /* no conjugate gradients */
    als_target target;
    uint64_t seed;
} als_params;

#define ALS_DEFAULTS                                                                               \
    ((als_params){.factors = 64, .iterations = 16, .lambda = 0.003f, .nu = 1, .alpha0 = 0.03f,     \
                  .sigma = 0.1f, .seed = 1})

typedef struct als_model {
    als_params p;
    int64_t users, items;
    int ld;       /* floats between rows: factors rounded up to 16, padding 0 */
    float *user;  /* [users, ld] */
    float *item;  /* [items, ld], in the eigenbasis of its Gram matrix */
    float *eigen; /* [ld] eigenvalues of the items' Gram matrix; needed by als_fold */
} als_model;

/* NULL, or what is wrong with the parameters. */
const char *als_check(als_params p);

/* Bytes of scratch that each worker of the pool, and the caller of als_fold, must have: whatever
 * the length of a row. */
size_t als_scratch(als_params p);

/* by_item is the transpose of by_user. The model lives in keep. Refuses bad parameters, negative
 * weights and an empty matrix. scratch: 48 MB, 8 bytes a row and, unless exact,
 * 2 k + 4 bytes a row of the larger side are enough up to k = 256. */
bool als_fit(als_model *m, const sparse *by_user, const sparse *by_item, als_params p,
             pool *threads, arena *keep, arena scratch, err *e);

/* The same in pieces, for progress and for timing: als_start, then als_step for each iteration. */
bool als_start(als_model *m, const sparse *by_user, const sparse *by_item, als_params p,
               arena *keep, err *e);
bool als_step(als_model *m, const sparse *by_user, const sparse *by_item, pool *threads,
              arena scratch, err *e);

/* Where rows are drawn to instead of 0 (als_features.h): lambda_r |x_r - p_r|^2, p_r the sum over
 * the features f of row r of value · map[f]. Rows without entries stay 0. */
typedef struct als_prior {
    const sparse *features; /* [rows, features] */
    float *map;             /* [features, ld] in the basis of the factors: half-steps turn it */
} als_prior;

/* One half of als_step: solves `side` with the other fixed. rows has a row for each of its rows;
 * priors is NULL or has one prior a side (features NULL = none). */
typedef enum als_side { ALS_USERS, ALS_ITEMS } als_side;
bool als_half(als_model *m, als_side side, const sparse *rows, const als_prior *priors,
              pool *threads, arena scratch, err *e);

/* to[ld] = p of one row. */
void als_prior_row(const als_prior *prior, int64_t row, int ld, float *to);

/* lambda_r of a row whose weights sum to `weights`, beside `others` rows of the other side. */
float als_lambda(als_params p, double weights, int64_t others);

/* Factors of one customer from n items and weights (NULL = 1 each), exactly as the last half-step
 * of exact mode would compute them. x has [ld]; n = 0 gives zeros. */
void als_fold(const als_model *m, int64_t n, const int32_t *items, const float *weights, float *x,
              arena scratch);

/* The same for a row drawn to prior[ld] (NULL = 0); n = 0 gives the prior itself. */
void als_fold_prior(const als_model *m, int64_t n, const int32_t *items, const float *weights,
                    const float *prior, float *x, arena scratch);

/* ---- the readable twin (als_plain.c): no eigenbasis, double precision, one thread ---- */
void als_plain_fit(als_model *m, const sparse *by_user, const sparse *by_item, als_params p,
                   arena *keep, arena scratch);

/* The objective L of a model on its data. */
double als_loss(const als_model *m, const sparse *by_user, arena scratch);

#endif
