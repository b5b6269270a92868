/* live: lists made at request time, for customers and wishes that no stored list meets.
 *
 *     live_profile p = {0};
 *     live_add(&p, article, 3);                   // what she does now, the latest first
 *     live_add_history(b, customer, &p);          // what she bought and looked at, from the bundle
 *     int n = live_rank(b, &p, &filter, 100, items, scratch);
 *
 * score(i) = sum over sources s of weight_s score_s(i) / unit_s: the blend of recommend_models.h
 * with the weights of the tuning, of the 100 best of each source, and one source more:
 *
 *     als        x · y_i trend_i, x folded in from the profile (als_fold)
 *     session    what sessions that resemble the current one go on with (session.h)
 *
 * Units are those of the blend. Without an event of today a customer's list is the blend's, but
 * that her factors are folded in and only her 64 latest articles count.
 *
 * Only articles that still sell and fit the filter are listed. Order: score descending, then the
 * smaller article. The same profile gives the same list whoever asks. */
#ifndef PIPELINE_LIVE_H
#define PIPELINE_LIVE_H

#include "pipeline/bundle.h"

enum { LIVE_PROFILE = 64, LIVE_WIDTH = 100, LIVE_EVENTS = 32 };

typedef struct live_filter {
    int32_t category;            /* -1 = any */
    bool in_stock;               /* leaves out what is known to be sold out */
    double price_min, price_max; /* NaN = any; an unknown price fits no bound */
} live_filter;
bool live_fits(const bundle *b, const live_filter *f, int32_t article);

typedef struct live_act {
    int32_t article;
    float taste, near, own, look; /* weights: factors; relations; bought itself; looked at */
    float liked;                  /* counts for the source taste */
    float recent;                 /* RECOMMEND_FADE^place among the latest; 0 = not among them */
} live_act;

typedef struct live_profile {
    int n;
    live_act act[LIVE_PROFILE]; /* distinct articles */
    int places;                 /* of `recent` given away */
    int events;
    int32_t event[LIVE_EVENTS]; /* of the current session, the latest first */
    bool known;                 /* a customer with a band of ages, below */
    int32_t band;
} live_profile;

/* One more event of the current session, the latest first, with this weight; a full profile takes
 * no new articles. */
void live_add(live_profile *p, int32_t article, float weight);

/* The customer's latest purchases and looks, weighed by units and age at the bundle's end as
 * training weighs them. */
void live_add_history(const bundle *b, int64_t customer, live_profile *p);

typedef struct live_item {
    int32_t article;
    float score;
    float part[BUNDLE_LIVE]; /* sum = score within rounding */
} live_item;

/* Fills to[most]; returns how many. scratch: 900 KB and als_scratch of the factors. */
int live_rank(const bundle *b, const live_profile *p, const live_filter *f, int most,
              live_item *to, arena scratch);

/* The customer's shares of the categories by what was bought, recent purchases first; share
 * [n_categories] sums to 1. False when she bought nothing. */
bool live_categories(const bundle *b, int64_t customer, float *share);

#endif
