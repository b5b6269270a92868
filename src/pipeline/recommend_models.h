/* recommend_models: the sources of recommendations, fitted on the days before a cut-off.
 *
 *     popularity  purchases with a half-life, by age band shrunk to all customers
 *     als         factor products, purchases with a half-life as confidence
 *     content     articles like those bought, by words and attributes
 *     own         articles bought before, recent ones first
 *     together    articles bought by the customers who bought the same
 *     category    what sells now in the departments that the customer buys from
 *     variants    other colours and sizes of products bought before
 *     arrivals    first sold in the last weeks, in the departments that the customer buys from
 *     looks       viewed, clicked or put into the cart in the last days
 *     next        what customers bought after the articles bought last
 *     taste       what sells now, by what of its attributes the customer likes (recommend_taste.h)
 *     hybrid      a blend of them
 *
 * Scores of als, content, together, variants and next are multiplied by (popularity / highest
 * popularity)^trend: taste says what a customer likes, the weeks say what is bought at all.
 *
 * Only articles sold in the last active_days before the cut-off are recommended: the others can
 * hardly be bought. Nothing on or after the cut-off is read. */
#ifndef PIPELINE_RECOMMEND_MODELS_H
#define PIPELINE_RECOMMEND_MODELS_H

#include "models/recommend/als.h"
#include "models/recommend/hybrid.h"
#include "models/recommend/knn.h"
#include "models/recommend/repurchase.h"
#include "models/recommend/transitions.h"
#include "models/trees.h"
#include "pipeline/recommend_data.h"

typedef enum recommend_source {
    RECOMMEND_POPULAR,
    RECOMMEND_ALS,
    RECOMMEND_CONTENT,
    RECOMMEND_OWN,
    RECOMMEND_TOGETHER,
    RECOMMEND_CATEGORY,
    RECOMMEND_VARIANTS,
    RECOMMEND_ARRIVALS,
    RECOMMEND_LOOKS,
    RECOMMEND_NEXT,
    RECOMMEND_TASTE,
    RECOMMEND_SOURCES
} recommend_source;

extern const char *const recommend_names[RECOMMEND_SOURCES];

/* What counts 1 in the blend: of looks a cart of yesterday; 0 = the list's best score. */
extern const float recommend_ones[RECOMMEND_SOURCES];

/* How the ranker's trees grow (boost.h). */
typedef struct recommend_growth {
    int leaves, min_rows;
    double rate, feature_share;
    bool binary;   /* log loss of the rows one by one; else LambdaRank */
    int negatives; /* candidates not bought for one bought, at most, evenly; 0 = all */
    int weeks;     /* to learn from, at most */
} recommend_growth;
#define RECOMMEND_GROWTH ((recommend_growth){31, 50, 0.04, 0.7, false, 0, 6})
extern const char *const recommend_objectives[2]; /* by growth.binary */
bool recommend_growth_same(recommend_growth a, recommend_growth b);

typedef struct recommend_params {
    double popular_half_life, als_half_life, own_half_life, profile_half_life; /* days */
    double looks_half_life; /* days */
    double trend;         /* 0 = taste alone */
    double liking;        /* power of the customer's likings in the source taste */
    double band_trust;    /* decayed purchases of all that are mixed into an age band's; 0 = all */
    int active_days, together_days, arrival_days;
    als_params als;
    knn_params knn;
    transitions_params next;
    hybrid_weights weights; /* of the blend */
    bool ranker;            /* lists are ordered by a trained ranker, not by the blend */
    int trees;              /* of it; 0 = not known yet: the last training week stops the fit */
    recommend_growth growth;
} recommend_params;

recommend_params recommend_defaults(uint64_t seed);

enum { RECOMMEND_WIDTH = 100, RECOMMEND_RECENT = 10 }; /* candidates of each source */
#define RECOMMEND_FADE 0.8f /* of `recent`: from one article to the one bought before it */

typedef struct recommend_fit {
    const recommend_data *d;
    recommend_params p;
    int32_t cutoff;
    uint8_t *active; /* [articles] */
    int64_t n_active;
    int32_t *first_day;    /* [articles] of the first sale before the cut-off; INT32_MAX = none */
    double *popular;       /* [articles] */
    int32_t *popular_ids;  /* [bands + 1, RECOMMEND_WIDTH], the last for customers without age */
    float *popular_scores;
    sparse own, profile; /* [customers, articles] history with the two half-lives */
    sparse recent;       /* [customers, articles] the last RECOMMEND_RECENT, by place */
    sparse looks;        /* [customers, articles] */
    als_model als;       /* users = customers with a zero vector where there is no history */
    bool has_als;
    sparse by_term; /* [terms, articles] TF-IDF of the active articles alone */
    sparse content, together, variants, next; /* [articles, articles] of bought articles */
    sparse kinds;              /* [customers, kinds] shares of the profile, adding up to 1 */
    sparse in_kind, arrivals;  /* [kinds, articles] shares of what sells in the kind */
    repurchase_model again;    /* by kind */
    /* with both, recommend_rank orders by the ranker (recommend_ranker.h) */
    const trees *ranker;
    const struct recommend_facts *facts;
} recommend_fit;

/* Fits all sources on the days before the cut-off. */
bool recommend_fit_all(recommend_fit *m, const recommend_data *d, recommend_params p,
                       int32_t cutoff, pool *threads, arena *keep, arena scratch, err *e);

/* The same with p.als.iterations steps of factors that begin at `warm` [customers, articles], the
 * model of an earlier cut-off; NULL or other factors in number = from nothing. */
/* Called after each sweep (both half-steps) of the factors, with all other sources fitted;
 * loss: the objective (als.h), NaN where it takes over 4e9 operations. m dies with the call. */
typedef bool recommend_sweep(void *what, const recommend_fit *m, int sweep, double loss,
                             arena scratch, err *e);
typedef struct recommend_when {
    int32_t cutoff;
    const als_model *warm;
    recommend_sweep *sweep; /* NULL = none */
    void *what;
} recommend_when;
bool recommend_fit_when(recommend_fit *m, const recommend_data *d, recommend_params p,
                        recommend_when when, pool *threads, arena *keep, arena scratch, err *e);

/* What the sources know of the customers of m->d alone: own, profile, looks, kinds, recent. */
void recommend_fit_customers(recommend_fit *m, arena *keep, arena scratch);

/* A purchase's weight for the factors; rows of less are left out. */
#define RECOMMEND_LEAST_TASTE 0.02

/* One part anew, after a change of m->p. */
void recommend_fit_popular(recommend_fit *m, arena *keep, arena scratch);
bool recommend_fit_als(recommend_fit *m, const als_model *warm, pool *threads, arena *keep,
                       arena scratch, err *e);

/* Candidates of all sources, or of those whose bit (1 << source) is set, for n customers, ready for
 * hybrid_blend, in keep (recommend_sources.c). */
hybrid_problem recommend_candidates(const recommend_fit *m, const int32_t *customers, int64_t n,
                                    pool *threads, arena *keep, arena scratch);
hybrid_problem recommend_candidates_of(const recommend_fit *m, uint32_t which,
                                       const int32_t *customers, int64_t n, pool *threads,
                                       arena *keep, arena scratch);

/* Customers who bought in [from, to), and what: truth rows follow `customers`. Of more than `most`
 * every n-th in the order of their numbers is taken, as many as that gives. */
typedef struct recommend_units {
    int64_t n;
    int32_t *customers; /* [n] ascending */
    sparse truth;       /* [n, articles] */
    int64_t buyers;     /* how many there were */
} recommend_units;
recommend_units recommend_buyers(const recommend_data *d, int32_t from, int32_t to, int64_t most,
                                 arena *keep, arena scratch);

#endif
