/* recommend_taste: how much more of an article's traits a customer buys than the shop sells now.
 *
 *     liking(u, t, v) = ln((c_utv + k s_tv) / ((c_u + k) s_tv))
 *
 * for the value v of trait t: c_utv are u's purchases with that value before the cut-off, with a
 * half-life of 365 days, c_u all of them, s_tv the share of v in what sells now, k = 5 purchases
 * of doubt. 0 = like everybody, where nothing is known, and where v does not sell. */
#ifndef PIPELINE_RECOMMEND_TASTE_H
#define PIPELINE_RECOMMEND_TASTE_H

#include "pipeline/recommend_models.h"

typedef struct recommend_taste {
    const recommend_fit *m;
    int32_t from[RECOMMEND_TRAITS + 1]; /* place of each trait's first value */
    float *share;                       /* [from[RECOMMEND_TRAITS]] s_tv */
} recommend_taste;

/* What sells by m; lives in keep. */
recommend_taste recommend_taste_open(const recommend_fit *m, arena *keep);

/* One customer's purchases; count[from[RECOMMEND_TRAITS]] must be 0 and gets c_utv. Returns c_u. */
double recommend_taste_count(const recommend_taste *t, int32_t customer, float *count);
/* Makes count 0 again. */
void recommend_taste_forget(const recommend_taste *t, int32_t customer, float *count);

/* liking[RECOMMEND_TRAITS] of an article; returns their sum. */
float recommend_taste_of(const recommend_taste *t, const float *count, double all, int32_t article,
                         float *liking);

/* Lists [n, width] of the customers (-1 padded): the MOST_TASTED best sellers by
 * popularity * exp(power * sum of likings), as shares of the list's best. */
enum { MOST_TASTED = 2000 };
void recommend_taste_lists(const recommend_fit *m, const int32_t *customers, int64_t n, int width,
                           int32_t *ids, float *scores, pool *threads, arena scratch);

#endif
