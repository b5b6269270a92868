/* als_explain: which past articles a factor score comes from.
 *
 * A customer's row is linear in what she took: with A = alpha0 G + lambda_u I + sum_j e_j y_j y_j'
 * (G the Gram matrix of the articles, e_j the extra weight of a seen pair) and weights c_j
 *
 *     x_u = A^-1 sum_j c_j y_j,     x_u · y_i = sum_j c_j s_ij,     s_ij = y_i' A^-1 y_j
 *
 * so each past article j has a part c_j s_ij of the score, and the parts add up to it. s_ij is the
 * similarity of i and j as this customer sees them. One k×k system is solved in double precision.
 * Source: Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets" (2008),
 * section 5. */
#ifndef MODELS_RECOMMEND_ALS_EXPLAIN_H
#define MODELS_RECOMMEND_ALS_EXPLAIN_H

#include "models/recommend/als.h"

/* parts[n] of the score of `item` for a customer with n items and weights (NULL = 1 each), as
 * als_fold would compute it; returns their sum. scratch: 8 k (k + 2) bytes. */
double als_explain(const als_model *m, int64_t n, const int32_t *items, const float *weights,
                   int32_t item, double *parts, arena scratch);

#endif
