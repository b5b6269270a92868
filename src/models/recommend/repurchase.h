/* repurchase: how likely a customer buys an item again within the next days, by what is known then.
 *
 * The past is looked at from the days t = as_of - H, as_of - 2H, …: for each customer and item
 * bought before t,
 *
 *     gap = t - last day of purchase (>= 1),   count = days of purchase so far,
 *     again = bought on one of the days t … t + H - 1
 *
 * in cells of g = floor(log2 gap), n = min(count, 5). With seen and again counted over all t,
 *
 *     p_all(g, n) = (again + prior p) / (seen + prior),        p = again / seen over all cells
 *     p(c, g, n)  = (again_c + prior p_all) / (seen_c + prior)
 *
 * the mean of a Beta distribution whose mean before the data is what is known one level up, worth
 * `prior` observations. Purchases on or after as_of are not read; several on one day are one.
 *
 *     repurchase_model m;
 *     repurchase_fit(&m, events, (repurchase_params){7, 50, cutoff, categories}, keep, scratch, e)
 *     repurchase_score(&m, category, gap, count)
 *
 * Counting costs a few operations a purchase, however long the past. */
#ifndef MODELS_RECOMMEND_REPURCHASE_H
#define MODELS_RECOMMEND_REPURCHASE_H

#include <stdint.h>

#include "base/arena.h"

enum { REPURCHASE_GAPS = 12, REPURCHASE_COUNTS = 5 }; /* gaps 1, 2–3, 4–7, … 2048 and more days */
enum { REPURCHASE_CELLS = REPURCHASE_GAPS * REPURCHASE_COUNTS };

typedef struct repurchase_events {
    int64_t n;
    const int32_t *customer, *item; /* [n] >= 0 */
    const int32_t *day;             /* [n] days since 1970 */
    const int32_t *category;        /* [n] of the item, -1 = none; NULL = none at all */
} repurchase_events;

typedef struct repurchase_params {
    int days;      /* H, 1..365 */
    double prior;  /* observations, > 0 */
    int32_t as_of; /* the first day that is not known */
    int categories;
} repurchase_params;

#define REPURCHASE_DEFAULTS ((repurchase_params){.days = 7, .prior = 50})

typedef struct repurchase_model {
    repurchase_params p;
    double overall;        /* p */
    int64_t *seen, *again; /* [categories + 1, cells], cell = g * 5 + n - 1; last row = all */
    double *rate;          /* [categories + 1, cells] */
} repurchase_model;

/* NULL, or what is wrong with the parameters. */
const char *repurchase_check(repurchase_params p);

/* The model lives in keep. Refuses bad parameters. Without any observation every rate is 0.
 * scratch: 12 bytes an event and 4 bytes a customer, item or day. */
bool repurchase_fit(repurchase_model *m, repurchase_events events, repurchase_params p,
                    arena *keep, arena scratch, err *e);

/* The cell of (gap, count); a gap below 1 counts as 1, a count below 1 as 1. */
int repurchase_cell(int32_t gap, int32_t count);

/* P(buys again within H days). category -1 or unknown: that of all. */
double repurchase_score(const repurchase_model *m, int32_t category, int32_t gap, int32_t count);

#endif
