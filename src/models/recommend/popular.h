/* popular: what sells now: purchases counted with a half-life, for all customers or by group.
 *
 *     score[g, i] = sum over purchases p of item i by group g of weight_p 2^-(age_p / half_life),
 *     age_p = as_of - 1 - day_p in days (purchases on or after as_of are not counted)
 *
 * A group is whatever the caller makes of it: an age band, a sales channel, a category.
 * A half-life of 0 counts without decay. Sums are made in the order of the purchases. */
#ifndef MODELS_RECOMMEND_POPULAR_H
#define MODELS_RECOMMEND_POPULAR_H

#include <stdint.h>

#include "base/arena.h"

typedef struct popular_events {
    int64_t n;
    const int32_t *item;  /* [n] */
    const int32_t *day;   /* [n] days since 1970; NULL = no time: no decay */
    const float *weight;  /* [n]; NULL = 1 each */
    const int32_t *group; /* [n] 0 … groups-1, or -1 = only in the whole; NULL = one group */
} popular_events;

typedef struct popular_params {
    double half_life; /* days, >= 0 */
    int32_t as_of;
    int groups; /* >= 1; with more than 1, group 0 … groups-1 and all of them together, last */
} popular_params;

/* The factor of a purchase on `day`: 0 for as_of and later. */
double popular_decay(int32_t day, int32_t as_of, double half_life);

/* score[groups (+ 1 when groups > 1), items] in keep. */
double *popular_fit(popular_events events, int64_t items, popular_params p, arena *keep);

/* Trend of each item: purchases of the last `days` days over those of the days before,
 *
 *     trend[i] = (s_last + doubt) / (s_before + doubt),
 *     s_last of days as_of - days … as_of - 1,  s_before of the `days` before these
 *
 * so that an item without purchases has 1, and `doubt` purchases in both periods hold back what
 * few purchases pretend. Groups are not read. trend[items] in keep. */
typedef struct popular_trend_params {
    int days;     /* >= 1 */
    double doubt; /* > 0, purchases */
    int32_t as_of;
} popular_trend_params;

#define POPULAR_TREND_DEFAULTS ((popular_trend_params){.days = 7, .doubt = 10})

double *popular_trend(popular_events events, int64_t items, popular_trend_params p, arena *keep,
                      arena scratch);

/* Mixes `trust` purchases, spread over the items as everybody's are, into each group of a score of
 * popular_fit with more than one group: a group that bought little gets what all buy. */
void popular_mix(double *score, int64_t items, int groups, double trust);

/* The k best items with score > 0 (ties: the smaller item); ids[k] filled with -1, scores[k] or
 * NULL. Returns how many. */
int popular_top(const double *score, int64_t items, int k, int32_t *ids, float *scores,
                arena scratch);

#endif
