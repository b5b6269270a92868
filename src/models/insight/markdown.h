/* markdown: when to cut the price of an article whose stock must go, and how deep.
 *
 *     demand of week t at cut c   D ~ Poisson(base_t (1 - c)^elasticity), sales = min(D, stock)
 *     worth of (t, c, stock)      V_t(c, s) = max over c' >= c of
 *                                   E[price (1 - c') sales + V_t+1(c', s - sales)]
 *     after the last week         V_H(c, s) = salvage s
 *
 * Cuts come from a ladder and only deepen. Demand is not known: elasticity and level are drawn
 * MARKDOWN_DRAWS times from their posterior (normal; the level's logarithm normal; an elasticity
 * above 0 counts as 0) and the expectation is over all draws. Stock is counted in at most
 * MARKDOWN_BUCKETS steps, V between them is a straight line. A policy is then played
 * MARKDOWN_RUNS times for each draw, which holds for all weeks of a run: means, and 10 % and 90 %
 * of what came. The plan and holding a cut meet the same draws.
 * Without a limit of stock and for elasticity b < -1 the best price is salvage b / (1 + b).
 * Sources: Gallego, van Ryzin, "Optimal dynamic pricing of inventories with stochastic demand over
 * finite horizons" (1994); Talluri, van Ryzin, "The theory and practice of revenue management",
 * ch. 5 (2004). */
#ifndef MODELS_INSIGHT_MARKDOWN_H
#define MODELS_INSIGHT_MARKDOWN_H

#include "base/arena.h"

enum {
    MARKDOWN_WEEKS = 52,
    MARKDOWN_CUTS = 20,
    MARKDOWN_BUCKETS = 200,
    MARKDOWN_DRAWS = 50,
    MARKDOWN_RUNS = 40,
};

typedef struct markdown_case {
    double price;         /* before any cut, > 0 */
    double salvage;       /* money for a unit left over */
    double elasticity, elasticity_se;
    double base_se;       /* standard error of ln base */
    int weeks;            /* 1 … MARKDOWN_WEEKS */
    const double *base;   /* [weeks] units a week expected without a cut */
    int cuts;             /* 1 … MARKDOWN_CUTS */
    const double *cut;    /* [cuts] shares of the price, ascending from >= 0 to < 1 */
    int now;              /* the cut of today, an index of the ladder */
    int64_t stock;
} markdown_case;

/* Worth of going into week t with cut c, for each stock b * step. */
typedef struct markdown_plan {
    int weeks, cuts, buckets;
    double step;        /* units of a bucket */
    const double *worth; /* [weeks, cuts, buckets + 1] of setting this very cut in the week */
} markdown_plan;

typedef struct markdown_result {
    double money, money_low, money_high; /* sales and salvage */
    double sales, units, left;           /* money of sales; units sold; units left over */
    double left_low, left_high;
    double cut[MARKDOWN_WEEKS], sold[MARKDOWN_WEEKS]; /* means of the week; cut while stock lasts */
} markdown_result;

typedef struct markdown_gain {
    double money, low, high; /* plan - other, run by run */
    double better;           /* share of runs */
} markdown_gain;

/* worth lives in keep. */
markdown_plan markdown_solve(const markdown_case *m, uint64_t seed, arena *keep, arena scratch);

/* The cut to set in week t (index) when cut `now` was set before and stock is left. */
int markdown_choose(const markdown_plan *p, int t, int now, double stock);

/* Plays the plan, or, with plan NULL, holds cut `hold` in all weeks. gain may be NULL; else it
 * compares with holding `hold`. */
markdown_result markdown_play(const markdown_case *m, const markdown_plan *plan, int hold,
                              uint64_t seed, markdown_gain *gain, arena scratch);

#endif
