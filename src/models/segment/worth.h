/* worth: what each customer is going to buy and to bring in, with intervals, and groups of them.
 *
 *     value = margin * E[money | x, m] * sum over steps k of (E[Y(k)] - E[Y(k-1)]) / (1 + d)^k
 *
 * over the steps of the horizon (the last may be shorter), with E[Y] of clv.h and E[money] of
 * gammagamma.h. Intervals are Laplace's: `draws` parameter vectors from the normal distribution
 * around the fit in logarithms, everything recomputed for each, quantiles at places ceil(q draws).
 * They say how well the parameters are known, not how much chance there is in a customer: they
 * narrow with the number of customers of the fit. Within a draw the discount follows parts of the
 * horizon that take a fifth of the money each, scaled so that the fit itself gives the exact sum.
 *
 * Work is cut by patterns and added in their order: the same bits for any number of threads. */
#ifndef MODELS_SEGMENT_WORTH_H
#define MODELS_SEGMENT_WORTH_H

#include "models/segment/clv.h"
#include "models/segment/gammagamma.h"

typedef struct worth_params {
    double horizon;  /* in the histories' unit of time, > 0 */
    double step;     /* in the same unit, > 0; at most 10,000 steps */
    double discount; /* a step, >= 0 */
    double margin;   /* share of the money that stays, > 0 */
    int draws;       /* 0 = no intervals; at most 10,000 */
    double low, high; /* quantiles of the interval */
    uint64_t seed;
} worth_params;

/* In weeks: 52 of them, 10 % a year, 10 to 90 %. */
#define WORTH_DEFAULTS ((worth_params){52, 1, 0.0018295, 1, 400, 0.1, 0.9, 1})

typedef struct worth_range {
    double value, low, high; /* low = high = value without draws */
} worth_range;

typedef struct worth_total {
    int64_t customers, lost;
    double alive; /* sum of P(alive) */
    worth_range purchases, value;
} worth_total;

typedef struct worth {
    double *alive, *purchases;           /* [rows] P(alive); expected purchases in the horizon */
    bool *lost;                          /* [rows] clv_lost */
    double *money, *value, *low, *high;  /* [rows], NULL without a model of money */
    worth_total all, *groups;            /* [groups] */
} worth;

typedef struct worth_data {
    const patterns *c;
    const double *m;         /* [rows] mean money of repeat purchases */
    const gammagamma *spend; /* NULL = no money */
    const int32_t *group;    /* [rows] 0 … groups-1, -1 = none; NULL = no groups */
    int groups;
} worth_data;

/* NULL, or the reason why the parameters make no sense. */
const char *worth_check(worth_params p);

/* Everything of w lies in keep. Each thread's scratch holds some arrays of `draws` numbers. */
void worth_of(worth *w, const clv_model *m, const worth_data *d, worth_params p, pool *threads,
              arena *keep, arena scratch);

#endif
