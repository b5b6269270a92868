/* als_features: iALS whose factors are drawn to what features say, also for what is new.
 *
 *     L = sum over seen c_ui (1 - x_u·y_i)^2 + alpha0 sum over all (x_u·y_i)^2
 *       + sum_u lambda_u |x_u - A'f_u|^2 + sum_i lambda_i |y_i - B'g_i|^2 + l_A |A|^2 + l_B |B|^2
 *
 * f_u and g_i are sparse features (attributes.h: one-hot columns and words), A[features, k] and
 * B[features, k] linear maps, lambda as in als.h, l_A = ridge · mean lambda_u: the maps are held
 * back as by so many average rows. All terms of a row without interactions are left out of L: that
 * nobody bought what was not there yet says nothing.
 *
 * warm_up sweeps run without features, then each half-step is followed by the exact maps of the
 * side just solved (ridge.h, weights lambda). The maps turn with the factors into each eigenbasis.
 *
 * A row without interactions gets x = A'f, the mean of its like. (With its share of the alpha0 term
 * it would get lambda_0 (alpha0 Y'Y + lambda_0 I)^-1 A'f, lambda_0 of a row of weight 0: then what
 * most tells articles apart is shrunk most, and new articles are ranked by what is left.)
 * Sources: Gantner et al., "Learning attribute-to-feature mappings for
 * cold-start recommendations" (2010); Fang, Si, "Matrix co-factorization for recommendation with
 * rich side information" (2011); als.h for the rest.
 *
 *     als_features_model m;
 *     als_features_fit(&m, &data, ALS_FEATURES_DEFAULTS, threads, &s->keep, s->scratch, e)
 *     neighbours_dense((neighbours_vectors){m.als.user, m.als.users, m.als.item, m.als.items,
 *                      m.als.ld}, rule, ids, scores, threads, s->scratch);
 *
 * As a source of candidates: m.als stands wherever an als_model does. Give by_user and by_item all
 * articles and customers, those without any interaction as empty rows: their factors are filled
 * in, and neighbours_rule.allowed picks the new articles (no or few sales) to be ranked for all
 * customers. What comes after the fit is added by als_features_cold (an article or a customer by
 * its features alone) and als_features_fold (a customer with features and a few purchases). */
#ifndef MODELS_RECOMMEND_ALS_FEATURES_H
#define MODELS_RECOMMEND_ALS_FEATURES_H

#include "models/recommend/als.h"

typedef struct als_features_params {
    als_params als;
    float ridge; /* > 0, in average rows */
    int warm_up; /* sweeps without features, 0 … als.iterations */
} als_features_params;

#define ALS_FEATURES_DEFAULTS                                                                      \
    ((als_features_params){.als = ALS_DEFAULTS, .ridge = 100, .warm_up = 3})

typedef struct als_features_data {
    const sparse *by_user, *by_item; /* as for als_fit */
    const sparse *features[2];       /* [users, …] and [items, …], by als_side; NULL = none */
} als_features_data;

typedef struct als_features_model {
    als_model als;
    als_prior prior[2]; /* by als_side: features as given, and the maps A, B in als's basis */
} als_features_model;

/* NULL, or what is wrong with the parameters. */
const char *als_features_check(als_features_params p);

/* Without features the factors are those of als_fit, bit for bit. The model lives in keep and
 * points to the features given. Refuses what als_fit and ridge_open refuse. keep: the factors and,
 * for each side, 8 bytes times the square of its features; scratch as for als_fit. */
bool als_features_fit(als_features_model *m, const als_features_data *data,
                      als_features_params p, pool *threads, arena *keep, arena scratch, err *e);

/* x[ld] of a new row by its n features alone. */
void als_features_cold(const als_features_model *m, als_side side, int64_t n,
                       const int32_t *feature, const float *value, float *x);

/* x[ld] of customer `user` of `features` (NULL = those of the fit) with n purchases, as the last
 * half-step would make them. */
void als_features_fold(const als_features_model *m, const sparse *features, int64_t user, int64_t n,
                       const int32_t *items, const float *weights, float *x, arena scratch);

/* The objective L, in double precision. */
double als_features_loss(const als_features_model *m, const als_features_data *data,
                         als_features_params p, arena scratch);

#endif
