/* trend: which items sell more, or less, than a while ago, judged with shrinkage.
 *
 * Two windows of equal length end at the same day: previous (y0 units) and recent (y1). With
 * exposures e0, e1 (how much would sell at unchanged demand: days on sale × season) and growth g,
 *
 *     y1 | y0 + y1 = n  ~  Binomial(n, p),     p / (1 - p) = g · e1 / e0
 *     p  ~  Beta(s·m, s·(1 - m)),              ln(m / (1 - m)) = mu + ln(e1 / e0)
 *
 * so the posterior is Beta again. mu (typical log growth) and s (strength, in units sold) are
 * fitted to each category by beta-binomial likelihood (over 1,024 of its items, taken evenly, when
 * it has more); a category of few items uses the prior of all. Counts are first divided by
 * phi = 1 + b · (units a week), because buyers come in bunches and promotions help: the variance of
 * a negative binomial, where slow items are nearly Poisson. The
 * bunching b >= 0 comes from Pearson's statistic of neighbouring weeks within a window (a drift
 * through the window is growth and no noise). Result per item: median growth, 90 % interval, and
 * the local false-sign rate lfsr = min(P(g < 1), P(g > 1)): how likely the direction is wrong, by
 * the prior of the category or by one with mu = 0, whichever doubts more (a falling category alone
 * makes no item declining). Rising: lfsr < sure and median >= rising. Declining: lfsr < sure and
 * median <= declining.
 *
 * An item that was sold out or taken off sale has ended; it does not decline. It shows in silence:
 * the weeks since its last sale, in which its rate until then lets expect x units, are the end when
 * exp(-x / phi) < `ended`, the chance of selling none. Ended items are called so, and neither mu
 * and s nor b are fitted to them: the prior speaks of items on sale.
 *
 *     trend_model m;
 *     trend_fit(&m, &items, TREND_DEFAULTS, threads, &s.keep);
 *
 * Sources: Stephens, "False discovery rates: a new deal" (2017); McCullagh, Nelder, "Generalized
 * linear models" (1989), §4.5 (dispersion), §6.2.3 (negative binomial). */
#ifndef MODELS_INSIGHT_TREND_H
#define MODELS_INSIGHT_TREND_H

#include "base/pool.h"
#include "models/insight/outlook.h"

typedef struct trend_params {
    double strength;          /* multiplies the fitted s; 1 = as fitted */
    double rising, declining; /* median growth that is worth a name */
    double sure;              /* largest lfsr of a call */
    double ended;             /* largest chance of a silence that is called the end; 0 = none is */
    int64_t least_items;      /* a category needs that many to have a prior of its own */
} trend_params;

#define TREND_DEFAULTS                                                                             \
    ((trend_params){.strength = 1.0, .rising = 1.25, .declining = 0.8, .sure = 0.05,              \
                    .ended = 0.01, .least_items = 20})

typedef struct trend_items {
    int64_t n;
    int weeks;                /* of one window; rows below have 2 * weeks columns, oldest first */
    const int32_t *units;     /* [n, 2 * weeks] */
    const double *exposure;   /* [n, 2 * weeks] >= 0, 0 = not on sale; NULL = all 1 */
    const int32_t *category;  /* [n] 0 … categories-1 */
    int categories;
} trend_items;

typedef enum trend_call {
    TREND_STEADY,
    TREND_RISING,
    TREND_DECLINING,
    TREND_NEW,   /* not on sale in the previous window */
    TREND_ENDED, /* no longer on sale */
    TREND_CALLS
} trend_call;
extern const char *const trend_call_words[TREND_CALLS]; /* steady, rising, … */

typedef struct trend_prior {
    double mu, strength;
    double bunching;   /* b */
    double dispersion; /* Pearson's statistic per degree of freedom, at least 1: phi on average */
    outlook_prior level; /* of units a week of exposure 1 */
    int64_t items; /* with units in either window, on sale in both and not ended */
    bool borrowed; /* taken from all items */
} trend_prior;

typedef struct trend_item {
    int64_t previous, recent; /* units */
    double raw;               /* ((y1 + .5) / e1) / ((y0 + .5) / e0), unshrunk */
    double growth, low, high; /* posterior median, 5 % and 95 % */
    double lfsr;
    double rate, size;        /* units a week of exposure 1 in the recent window, see below */
    trend_call call;          /* of items not on sale in both windows the numbers above are 0 */
} trend_item;

typedef struct trend_model {
    trend_prior all, *prior; /* [categories] */
    trend_item *item;        /* [n] */
} trend_model;

/* NULL, or what is wrong with the parameters, in words. */
const char *trend_check(trend_params p);
void trend_fit(trend_model *out, const trend_items *items, trend_params p, pool *threads,
               arena *keep);

/* Units that an item will sell in so much exposure (weeks × season) at the rate of its recent
 * window. That rate is of both windows together, shrunk toward the category's (outlook.h), and the
 * share of it that the growth gives the recent one; the answer is the median of what may come, a
 * negative binomial of size `size`. */
double trend_foretell(const trend_item *one, double exposure);

/* The items whose call is `which`, surest first: rising by the lower bound, declining by the upper
 * bound, ties to the smaller number. order has room for n; returns how many. */
int64_t trend_ranking(const trend_item *item, int64_t n, trend_call which, int32_t *order,
                      arena scratch);

#endif
