/* live: lists made at request time, for customers and wishes that no stored list meets.
 *
 *     live_profile p = {0};
 *     live_add_history(b, customer, &p);          // what she bought, from the bundle
 *     live_add(&p, article, 3);                   // what she does now
 *     int n = live_rank(b, &p, &filter, 100, items, scratch);
 *
 * score(i) = sum over sources s of weight_s score_s(i) / unit_s, with the weights of the tuning:
 *
 *     popular   what sells now                                     unit: the best of the list
 *     taste     x · y_i trend_i, x folded in from the profile (als_fold)                  "
 *     content   sum over the profile of near_j sim(j, i) trend_i, by contents             "
 *     together  the same, by who bought both                                              "
 *     own       what she bought before: 2^(-age / half-life)        unit: 1
 *
 * Only articles that still sell and fit the filter are listed. Order: score descending, then the
 * smaller article. The same profile gives the same list whoever asks. */
#ifndef PIPELINE_LIVE_H
#define PIPELINE_LIVE_H

#include "pipeline/bundle.h"

enum { LIVE_PROFILE = 64, LIVE_WIDTH = 100 };

typedef struct live_filter {
    int32_t category;            /* -1 = any */
    bool in_stock;               /* leaves out what is known to be sold out */
    double price_min, price_max; /* NaN = any; an unknown price fits no bound */
} live_filter;
bool live_fits(const bundle *b, const live_filter *f, int32_t article);

typedef struct live_act {
    int32_t article;
    float taste, near, own; /* weights for factors, for relations, as an own purchase */
} live_act;

typedef struct live_profile {
    int n;
    live_act act[LIVE_PROFILE]; /* distinct articles */
} live_profile;

/* One more event of the article with this weight; a full profile takes no new articles. */
void live_add(live_profile *p, int32_t article, float weight);

/* The customer's latest purchases, weighed by their age at the bundle's end. */
void live_add_history(const bundle *b, int64_t customer, live_profile *p);

typedef struct live_item {
    int32_t article;
    float score;
    float part[BUNDLE_LIVE]; /* sum = score within rounding */
} live_item;

/* Fills to[most]; returns how many. scratch: 350 KB and als_scratch of the factors. */
int live_rank(const bundle *b, const live_profile *p, const live_filter *f, int most,
              live_item *to, arena scratch);

/* What each source says of one article: its score there (before the blend) and its place, from 1;
 * 0 = the source does not list it. Allocates as live_rank does. */
typedef struct live_word {
    double score;
    int place;
} live_word;
void live_ask(const bundle *b, const live_profile *p, int32_t article, live_word *to,
              arena scratch);

/* The customer's shares of the categories by what was bought, recent purchases first; share
 * [n_categories] sums to 1. False when she bought nothing. */
bool live_categories(const bundle *b, int64_t customer, float *share);

#endif
