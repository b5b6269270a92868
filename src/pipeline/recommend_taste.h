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

/* c_utv of one purchase before the cut-off. */
double recommend_taste_weight(int32_t day, int32_t cutoff);

/* What the lists of all customers share: the MOST_TASTED best sellers. */
enum { MOST_TASTED = 2000 };
typedef struct recommend_tasted {
    recommend_taste taste;
    int32_t n;
    const int32_t *item; /* [n] */
    int32_t *at;         /* [n, RECOMMEND_TRAITS] their values */
    float *sells;        /* [n] ln popularity */
} recommend_tasted;
recommend_tasted recommend_tasted_open(const recommend_fit *m, arena *keep);

/* score[n] = ln popularity + power * sum of likings; room has [from[RECOMMEND_TRAITS]]. */
void recommend_tasted_score(const recommend_tasted *k, const float *count, double all, float *room,
                            float *score);

/* Lists [n, width] of the customers (-1 padded): by that score, as shares exp(score - best) of the
 * list's best. */
void recommend_taste_lists(const recommend_fit *m, const int32_t *customers, int64_t n, int width,
                           int32_t *ids, float *scores, pool *threads, arena scratch);

#endif
