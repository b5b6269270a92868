/* recommend_models: the sources of recommendations, fitted on the days before a cut-off.
 *
 *     popularity  purchases with a half-life, by age band shrunk to all customers
 *     als         factor products, purchases with a half-life as confidence
 *     content     articles like those bought, by words and attributes
 *     own         articles bought before, recent ones first
 *     together    articles bought by the customers who bought the same
 *     hybrid      a blend of the five
 *
 * Scores of als, content and together are multiplied by (popularity / highest popularity)^trend:
 * taste says what a customer likes, and the weeks say what is bought at all.
 *
 * Only articles sold in the last active_days before the cut-off are recommended: the others can
 * hardly be bought. Nothing on or after the cut-off is read. */
#ifndef PIPELINE_RECOMMEND_MODELS_H
#define PIPELINE_RECOMMEND_MODELS_H

#include "models/recommend/als.h"
#include "models/recommend/hybrid.h"
#include "models/recommend/knn.h"
#include "pipeline/recommend_data.h"

typedef enum recommend_source {
    RECOMMEND_POPULAR,
    RECOMMEND_ALS,
    RECOMMEND_CONTENT,
    RECOMMEND_OWN,
    RECOMMEND_TOGETHER,
    RECOMMEND_SOURCES
} recommend_source;

/* Names of the sources and, last, of the blend; and a reason in words for each source. */
extern const char *const recommend_names[RECOMMEND_SOURCES + 1];
extern const char *const recommend_reasons[RECOMMEND_SOURCES];

typedef struct recommend_params {
    double popular_half_life, als_half_life, own_half_life, profile_half_life; /* days */
    double trend;         /* 0 = taste alone */
    double band_trust;    /* decayed purchases of all that are mixed into an age band's; 0 = all */
    int active_days, together_days;
    als_params als;
    knn_params knn;
    hybrid_weights weights;
} recommend_params;

recommend_params recommend_defaults(uint64_t seed);

enum { RECOMMEND_WIDTH = 100 }; /* candidates of each source */

typedef struct recommend_fit {
    const recommend_data *d;
    recommend_params p;
    int32_t cutoff;
    uint8_t *active; /* [articles] */
    int64_t n_active;
    double *popular;       /* [articles] */
    int32_t *popular_ids;  /* [bands + 1, RECOMMEND_WIDTH], the last for customers without age */
    float *popular_scores;
    sparse own, profile; /* [customers, articles] history with the two half-lives */
    als_model als;       /* users = customers with a zero vector where there is no history */
    bool has_als;
    sparse by_term; /* [terms, articles] TF-IDF of the active articles alone */
    sparse content, together; /* [articles, articles] neighbours of bought articles */
} recommend_fit;

/* Which parts to fit; the others stay empty (for the tuning of one part). */
bool recommend_fit_all(recommend_fit *m, const recommend_data *d, recommend_params p,
                       int32_t cutoff, pool *threads, arena *keep, arena scratch, err *e);
void recommend_fit_popular(recommend_fit *m, arena *keep, arena scratch);
bool recommend_fit_als(recommend_fit *m, pool *threads, arena *keep, arena scratch, err *e);

/* Candidates of all sources for n customers, ready for hybrid_blend, in keep. */
hybrid_problem recommend_candidates(const recommend_fit *m, const int32_t *customers, int64_t n,
                                    pool *threads, arena *keep, arena scratch);

/* Weights of one source alone (places that it leaves empty go to popularity), or of the blend. */
hybrid_weights recommend_weights(const recommend_fit *m, int model);

/* Customers who bought in [from, to), and what: truth rows follow `customers`. */
typedef struct recommend_units {
    int64_t n;
    int32_t *customers; /* [n] ascending */
    sparse truth;       /* [n, articles] */
} recommend_units;
recommend_units recommend_buyers(const recommend_data *d, int32_t from, int32_t to, int64_t most,
                                 arena *keep, arena scratch);

#endif
