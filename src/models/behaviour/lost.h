/* lost: articles whose step of a funnel stands out from the rate of all of them.
 *
 *     k of n units went on,  p ~ Beta(s·m, s·(1 - m)) with m and s of rates_fit, so
 *     p | k, n ~ Beta(k + s·m, n - k + s·(1 - m))
 *     below   = P(p < m | k, n),   low and high: its 5 % and 95 % quantiles
 *     missing = max(0, m - mean)·n   units that did not go on and would have at the rate m
 *
 * An article of three units is drawn nearly to m and never stands out by luck alone.
 * Source: Casella (1985), as rates.h. */
#ifndef MODELS_BEHAVIOUR_LOST_H
#define MODELS_BEHAVIOUR_LOST_H

#include "models/behaviour/rates.h"
#include "models/interval.h"

typedef struct lost_cell {
    interval rate;  /* mean, 5 % and 95 % of the posterior */
    double below;   /* probability that the article's rate is below that of all */
    double missing; /* units */
} lost_cell;

/* cell[cells]; 0 <= k <= n. rate: [cells] scratch for the shrunk rates. */
void lost_fit(rates_model *out, const int64_t *k, const int64_t *n, int cells, double *rate,
              lost_cell *cell);

#endif
