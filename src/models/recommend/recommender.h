/* recommender: lists for all customers from one table of interactions, by a model's name.
 *
 *     popular   what most others took, decayed by age                        (popular.h)
 *     als       factor products                                             (als.h)
 *     knn       items like those the customer took                          (knn.h)
 *     hybrid    a blend of the three                                         (hybrid.h)
 *
 * A customer without history, and places that a model leaves empty, get popular items. */
#ifndef MODELS_RECOMMEND_RECOMMENDER_H
#define MODELS_RECOMMEND_RECOMMENDER_H

#include "models/recommend/als.h"
#include "models/recommend/hybrid.h"
#include "models/recommend/knn.h"

typedef struct recommender_data {
    sparse by_user, by_item;  /* weights: confidence, decayed */
    sparse profile;           /* [users, items] weights of the history for knn; recent ones more */
    const double *popularity; /* [items] */
} recommender_data;

typedef struct recommender_params {
    als_params als;
    knn_params knn;
    hybrid_weights weights; /* of popular, als, knn */
    bool exclude_seen;
} recommender_params;

#define RECOMMENDER_DEFAULTS                                                                       \
    ((recommender_params){.als = ALS_DEFAULTS, .knn = KNN_DEFAULTS,                                \
                          .weights = {{0.05f, 1, 1}}, .exclude_seen = true})

typedef struct recommender {
    const char *name, *title;
    bool uses[3]; /* popular, als, knn */
} recommender;

enum { RECOMMENDERS = 4 };
extern const recommender recommenders[RECOMMENDERS];
const recommender *recommender_find(const char *name); /* NULL when there is none */

/* Fills to [users, k]; refuses what als_fit refuses. */
bool recommender_lists(const recommender *r, const recommender_data *data, recommender_params p,
                       hybrid_lists to, pool *threads, arena scratch, err *e);

#endif
