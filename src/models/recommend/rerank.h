/* rerank: from a customer's scored candidates to the list that is shown: rules, then balance.
 *
 * Places are filled one after the other. At each place the candidates that the rules still allow
 * compete, and the one of highest value is taken (equal values: the smaller article):
 *
 *     value(i) = (1 - c) [(1 - d) (rel(i) + boost(i)) - d max_{j in L} sim(i, j)]
 *              - c KL(p || (1 - e) q_{L+i} + e p)
 *
 *     rel     the score on the scale of the allowed candidates: the lowest 0, the highest 1
 *     L       the places filled so far; sim the similarity of two articles, see rerank_similarity
 *     d       diversity; with c = 0 this is maximal marginal relevance with theta = 1 - d
 *     c       calibration; with d = 0 this is greedy calibration with lambda = c
 *     p, q    the customer's shares of the categories, and those of a list; e keeps KL finite
 *
 * Rules: articles that are not allowed or that the customer shall not see again never compete; at
 * most so many of one product, category or type; and among the first r places at least
 * floor(new_share r) are new articles, as long as one competes.
 *
 * Sources: Carbonell, Goldstein, "The use of MMR, diversity-based reranking" (1998); Steck,
 * "Calibrated recommendations" (2018). */
#ifndef MODELS_RECOMMEND_RERANK_H
#define MODELS_RECOMMEND_RERANK_H

#include "base/sparse.h"

/* What is known of the shop's articles; a NULL is not known and takes no part. */
typedef struct rerank_articles {
    int64_t n;
    const int32_t *product;  /* [n] equal numbers are variants of one product; -1 = alone */
    const int32_t *category; /* [n] 0 … categories-1 */
    int categories;
    const int32_t *type;   /* [n] any numbers, -1 = none */
    const uint8_t *is_new; /* [n] */
    const float *vectors;  /* [n, ld] factors, of any length */
    int ld;
    const sparse *content; /* [n, terms] rows of length 1: for pairs without factors */
} rerank_articles;

typedef struct rerank_candidates {
    int n;
    const int32_t *item; /* [n] distinct articles */
    const float *score;  /* [n] finite, of any scale */
    const float *boost;  /* [n] added to rel, see rerank_session; NULL = none */
    const uint8_t *allowed; /* [articles] 1 = may be shown; NULL = all */
    const int32_t *skip;    /* [skips] ascending articles not to be shown */
    int64_t skips;
    const float *taste; /* [categories] the customer's shares, sum 1; NULL = no calibration */
} rerank_candidates;

typedef struct rerank_params {
    int k;                                 /* places, >= 1 */
    int most_product, most_category, most_type; /* 0 = any number */
    double diversity, calibration;         /* 0..1 */
    double epsilon;                        /* of the calibration, above 0 */
    double new_share;                      /* 0..1 */
} rerank_params;

#define RERANK_DEFAULTS ((rerank_params){.k = 12, .epsilon = 0.01})

typedef struct rerank_place {
    int at;       /* number of the candidate */
    int32_t item;
    float moved;  /* what value() added to the candidate's score, on the scale of the scores */
} rerank_place;

/* NULL, or what is wrong with the parameters. */
const char *rerank_check(rerank_params p);

/* Fills to[k]; returns how many places were filled. scratch: about 4 (ld + 8) bytes a candidate
 * and 32 bytes a category. With the defaults the order is that of the scores. */
int rerank_list(const rerank_articles *a, const rerank_candidates *c, rerank_params p,
                rerank_place *to, arena scratch);

/* 1 for variants of one product; else the cosine of the factors where both have some, else of the
 * contents; not below 0. */
float rerank_similarity(const rerank_articles *a, int32_t i, int32_t j);

/* What the customer does right now:
 *
 *     boost(i) = weight sum_e strength_e sim(i, e) / sum_e strength_e
 *
 * over the events e of the session; 0 without events. */
void rerank_session(const rerank_articles *a, int n, const int32_t *item, int events,
                    const int32_t *event, const float *strength, double weight, float *boost);

/* Mean similarity of all pairs of a list of n articles; 0 for n < 2. */
double rerank_sameness(const rerank_articles *a, const int32_t *item, int n);

/* KL(p || (1 - e) q + e p) of a list against the customer's shares p; 0 is a list in balance. */
double rerank_imbalance(const rerank_articles *a, const float *taste, double epsilon,
                        const int32_t *item, int n, arena scratch);

#endif
