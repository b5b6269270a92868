/* recommender: lists for users from one table of interactions, by a model's name.
 *
 * A model is one row of the table `recommenders`: how it is fitted and how it lists items for the
 * users asked. Its adapter turns the table's data (matrices and sequences) into what the model's
 * own header wants; adapters stand in recommender_models.c and recommender_NAME.c.
 *
 *     const recommender *r = recommender_find("knn");
 *     void *model;
 *     recommender_fit(r, &task, &model, &s->keep, s->scratch, e) &&
 *     recommender_lists(r, &task, model, users, n, lists, s->scratch);
 *
 * A new model: parameters with defaults into recommender_params, a row with its adapter, the row's
 * name into the table of recommender.c, its numbers that may be set or tuned as knobs.
 * Places that a model leaves empty (a user without history has no others) are filled with popular
 * items, whose score is 0. Order: the model's, score descending, then the smaller item. */
#ifndef MODELS_RECOMMEND_RECOMMENDER_H
#define MODELS_RECOMMEND_RECOMMENDER_H

#include <stddef.h>

#include "models/recommend/als_features.h"
#include "models/recommend/bpr.h"
#include "models/recommend/ease.h"
#include "models/recommend/hybrid.h"
#include "models/recommend/knn.h"
#include "models/recommend/repurchase.h"
#include "models/recommend/rp3beta.h"
#include "models/recommend/session.h"
#include "models/recommend/transitions.h"

typedef struct recommender recommender;

typedef struct recommender_data {
    sparse by_user, by_item;  /* weights: confidence, decayed */
    const double *popularity; /* [items] */
    const int64_t *seq_at;    /* [users + 1] user u took seq_item[seq_at[u]] …, the oldest first */
    const int32_t *seq_item;  /* [seq_at[users]] an item may occur again */
    const int32_t *seq_day;   /* [seq_at[users]] days since 1970; NULL without times */
    const int32_t *seq_step;  /* [seq_at[users]] 0, 1, … of each user; what was taken at the same
                                 moment is one step; NULL without times: each item is one */
    int32_t as_of;            /* the day after the last one; 0 without times */
    const sparse *features[2]; /* by als_side, attributes.h; NULL = none */
    const int32_t *group;      /* [users] 0 … groups - 1, -1 = none; NULL = no groups */
    int groups;
} recommender_data;

/* What of a user's past counts, for models from item to item: profile(u, j) is the sum over u's
 * interactions with j of recency^(newer steps of u) * 2^(-age / half_life). */
typedef struct profile_params {
    float recency;   /* (0, 1]; 1 = order does not count */
    float half_life; /* days; 0 = age does not count */
} profile_params;
#define PROFILE_DEFAULTS {.recency = 0.8f}

/* What `hybrid` mixes: weight * score / best score of the user's list, added up over the parts. */
typedef struct recommender_blend {
    int n; /* at most HYBRID_MOST */
    const recommender *model[HYBRID_MOST];
    float weight[HYBRID_MOST];
} recommender_blend;

typedef struct recommender_params {
    als_params als;
    knn_params knn, knn_tfidf, knn_bm25;
    rp3beta_params rp3beta, p3alpha;
    ease_params ease;
    bpr_params bpr;
    transitions_params transitions;
    session_params session;
    struct {
        profile_params knn, knn_tfidf, knn_bm25, rp3beta, p3alpha, ease, transitions;
    } past; /* what of it counts, for each model from item to item */
    float popular_half_life;        /* days; 0 = all count alike */
    float group_half_life;          /* the same, for popularity by group */
    float group_trust;              /* purchases as everybody makes them, in each group */
    float als_ridge;                /* als_features.h */
    profile_params content;         /* what of the past counts for likeness of attributes */
    repurchase_params again;        /* as_of and categories are not read */
    recommender_blend blend;        /* n = 0: the default one */
    bool exclude_seen;
} recommender_params;

#define RECOMMENDER_DEFAULTS                                                                       \
    ((recommender_params){.als = ALS_DEFAULTS, .knn = KNN_DEFAULTS,                                \
                          .knn_tfidf = KNN_TFIDF_DEFAULTS, .knn_bm25 = KNN_BM25_DEFAULTS,          \
                          .rp3beta = RP3BETA_DEFAULTS, .p3alpha = P3ALPHA_DEFAULTS,                \
                          .ease = EASE_DEFAULTS, .bpr = BPR_DEFAULTS,                              \
                          .transitions = TRANSITIONS_DEFAULTS, .session = SESSION_DEFAULTS,        \
                          .past = {PROFILE_DEFAULTS, PROFILE_DEFAULTS, PROFILE_DEFAULTS,           \
                                   PROFILE_DEFAULTS, PROFILE_DEFAULTS, PROFILE_DEFAULTS,           \
                                   {.recency = 0.65f}},                                            \
                          .group_trust = 500, .als_ridge = 100, .content = PROFILE_DEFAULTS,       \
                          .again = REPURCHASE_DEFAULTS,                                            \
                          .exclude_seen = true})

/* A number of recommender_params that can be set by name and is tried when a model is tuned. */
typedef enum knob_kind { KNOB_REAL, KNOB_INT } knob_kind; /* float, int */
enum { KNOB_VALUES = 8 };
typedef struct knob {
    const char *name; /* "knn.shrink" */
    knob_kind kind;
    size_t at; /* offsetof(recommender_params, …) */
    double low, high;
    int n; /* values to try; 0 = not tuned */
    double values[KNOB_VALUES];
    bool refit; /* the model must be fitted again */
    bool timed; /* means nothing without times */
} knob;
#define KNOBS(table)   table, (int)(sizeof table / sizeof table[0])
#define KNOB_AT(field) offsetof(recommender_params, field)

typedef struct recommender_task {
    const recommender_data *data;
    const recommender_params *p;
    pool *threads;
} recommender_task;

/* Whose lists are wanted. */
typedef struct recommender_ask {
    int64_t n;
    const int32_t *users; /* [n] */
    bool all;             /* users are 0, 1, …, n - 1 and there are no others */
    const sparse *skip;   /* [n, items] not to be listed; NULL = nothing */
    int width;            /* places of a list, at most the number of items */
} recommender_ask;

struct recommender {
    const char *name, *title;
    const knob *knobs;
    int n_knobs;
    /* Leaves in *model, in keep, whatever list needs. */
    bool (*fit)(const recommender_task *t, void **model, arena *keep, arena scratch, err *e);
    /* Fills ids and scores [ask->n, ask->width], best first; -1 ends a list. */
    void (*list)(const recommender_task *t, const void *model, const recommender_ask *ask,
                 int32_t *ids, float *scores, arena scratch);
};

extern const recommender *const recommenders[];
extern const int recommenders_n;
const recommender *recommender_find(const char *name); /* NULL when there is none */
const knob *recommender_knob(const char *name);        /* of any model; NULL when there is none */
double knob_get(const recommender_params *p, const knob *k);
void knob_set(recommender_params *p, const knob *k, double value);

/* Refuses what the model's own fit refuses. */
bool recommender_fit(const recommender *r, const recommender_task *t, void **model, arena *keep,
                     arena scratch, err *e);

/* Fills to [n, k] for users[n] (NULL = all, n is not read), in blocks of bounded memory.
 * Reasons are not told: to.reason is NULL. */
void recommender_lists(const recommender *r, const recommender_task *t, const void *model,
                       const int32_t *users, int64_t n, hybrid_lists to, arena scratch);

/* The blend of p, or the default one. */
recommender_blend recommender_blend_of(const recommender_params *p);

/* ---- for adapters ---- */

/* The users asked, with what they may not get, in keep. */
recommender_ask recommender_ask_of(const recommender_task *t, const int32_t *users, int64_t n,
                                   int width, arena *keep);
/* A model's lists as a source of a blend, ask->width places and at least RECOMMENDER_PART, so that
 * what is second in every part can be first in the whole. In keep. */
enum { RECOMMENDER_PART = 100 };
hybrid_source recommender_part(const recommender *r, const recommender_task *t, const void *model,
                               const recommender_ask *ask, arena *keep, arena scratch);

/* Rows users[n] of m, in keep; m itself when all are asked. */
sparse recommender_rows(const recommender_ask *ask, const sparse *m, arena *keep);
/* Profiles [ask->n, items] of the users asked, in keep. */
sparse recommender_profile(const recommender_task *t, const recommender_ask *ask,
                           profile_params p, arena *keep, arena scratch);
/* The part of the sequence of one user: n items, the oldest first. */
static inline int64_t recommender_sequence(const recommender_data *d, int64_t user,
                                           const int32_t **items) {
    *items = d->seq_item + d->seq_at[user];
    return d->seq_at[user + 1] - d->seq_at[user];
}

/* The rows, each defined beside its adapter. */
extern const recommender recommender_als, recommender_popular, recommender_hybrid;
extern const recommender recommender_knn, recommender_knn_tfidf, recommender_knn_bm25,
    recommender_rp3beta, recommender_p3alpha, recommender_ease, recommender_bpr;
extern const recommender recommender_transitions, recommender_session, recommender_repurchase;
extern const recommender recommender_content, recommender_als_features, recommender_popular_group;

#endif
