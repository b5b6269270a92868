/* cold_lists: lists for users when articles, or they themselves, are new; with baselines.
 *
 * New articles (for users with a history):
 *     popular          interactions of an article; new ones have none
 *     popular-like     the same, a new article by a ridge regression of ln(1 + interactions) on the
 *                      attributes: what its like sell
 *     content          cosine of the article's attributes with those of the user's history
 *     als-features     x_u · B'g_i                                             (als_features.h)
 * New users:
 *     popular          everybody's interactions
 *     popular-age      those of the user's age, ten years wide, plus TRUST spread like everybody's
 *                      (the users' table has a column age)
 *     popular-like     a ridge regression of each article's interactions on the user's attributes
 *     als-features     A'f_u · y_i */
#ifndef SURFACES_COLD_LISTS_H
#define SURFACES_COLD_LISTS_H

#include "models/recommend/als_features.h"
#include "models/recommend/neighbours.h"
#include "surfaces/attribute_table.h"

typedef struct cold_fold {
    als_side side;                /* which side is new */
    const recommender_data *data; /* without the interactions of what is new */
    const attribute_table *table; /* [2] by als_side; features.rows is 0 where there is none */
    int64_t n;                    /* users asked */
    const int32_t *who;           /* [n] */
    const sparse *had;            /* [n, items] not to be listed; NULL = none */
    als_features_params p;
    pool *threads;
} cold_fold;

typedef struct cold_list { /* a rule and where its lists go */
    neighbours_rule rule;
    int32_t *ids;  /* [n, k] */
    float *scores; /* [n, k] */
} cold_list;

typedef struct cold_model {
    const char *name;
    bool for_side[2];
    bool (*list)(const cold_fold *f, const cold_list *lists, int n, arena scratch, err *e);
} cold_model;

enum { COLD_MODELS = 5 };
extern const cold_model cold_models[COLD_MODELS]; /* the last is als-features */

/* Rows who[n] of a matrix. */
sparse cold_rows(const sparse *m, const int32_t *who, int64_t n, arena *keep);

/* Whether the model can be asked on these tables. */
bool cold_can(const cold_model *m, const cold_fold *f);

#endif
