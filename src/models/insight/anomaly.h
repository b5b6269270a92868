/* anomaly: days on which series of counts sold far more or less than their like, over a hierarchy.
 *
 * A series is expected to sell what is usual for that day: of a series without parent or whose
 * parent has none (the shop, its categories), the median of the same weekday in the four weeks
 * before and after; of their children (articles), that of the parent times the child's share of
 * the parent's units in those weeks (a day at most ten times what is usual), so that slow sellers
 * are judged too. With mu expected,
 *
 *     z = 2 (sqrt(y + 3/8) - sqrt(mu + 3/8)) / s          Anscombe's scale
 *     s = max(1, 1.4826 MAD of the numerator)             of the series, and of all its siblings
 *     p = both tails of a negative binomial of mean mu and variance s^2 mu
 *
 * and Benjamini and Hochberg's rule over all series and days keeps false alarms under `rate`.
 * Alarms of one day and direction that lie under one another are one: it is told at the highest
 * node, unless one child alone accounts for 80 % of that node's surplus or loss; then at the child,
 * and so on down. The same node on days in a row is one alarm.
 *
 * Sources: Anscombe, "The transformation of Poisson, binomial and negative-binomial data" (1948);
 * Benjamini, Hochberg, "Controlling the false discovery rate" (1995). */
#ifndef MODELS_INSIGHT_ANOMALY_H
#define MODELS_INSIGHT_ANOMALY_H

#include "base/pool.h"

typedef struct anomaly_data {
    int64_t n;             /* series, every parent before its children */
    int days;              /* the last `judged` of them are looked at */
    int judged;
    int first;             /* day the data begin; those before are not there */
    const int32_t *units;  /* [n, days] */
    const int32_t *parent; /* [n], -1 of the top */
    double rate;           /* false alarms among alarms, 0.05 */
} anomaly_data;

typedef struct anomaly_one {
    int32_t series;
    int from, to;        /* days, both inclusive */
    int direction;       /* 1 more, -1 less */
    double units, expected, z, p; /* sums over the days; the most extreme z and its p */
    int32_t members;     /* series under this node on alarm on those days, itself not counted */
} anomaly_one;

typedef struct anomaly_model {
    int64_t tests, alarms; /* series × days looked at; those under the rate */
    double p_limit;        /* the largest p on alarm */
    int64_t n;
    anomaly_one *one;      /* [n] by day, then series */
} anomaly_model;

anomaly_model anomaly_find(const anomaly_data *d, pool *threads, arena *keep, arena scratch);

/* P(Y <= y) of a negative binomial of this mean > 0 and variance spread × mean, spread > 1. */
double anomaly_below(double y, double mean, double spread);

#endif
