/* explore: places of a list given to chance, with the probability of everything that is shown.
 *
 * Places are drawn one after the other. At each place, of the candidates that are not yet shown,
 *
 *     propensity(i) = (1 - rate) [i is first of the list as it was ranked] + rate draw(i)
 *     draw(i) = exp(score_i / temperature) / sum_j exp(score_j / temperature)
 *
 * The propensity is that of the article at its place, given what stands above it: exact, above 0
 * for all that is shown, and what the estimators of metrics_offpolicy need.
 *
 * Draws are a function of (seed, stream) alone. Sources: Bottou et al., "Counterfactual reasoning
 * and learning systems" (2013); the softmax rule as in Sutton, Barto, "Reinforcement learning"
 * (2018), section 2.8. */
#ifndef MODELS_RECOMMEND_EXPLORE_H
#define MODELS_RECOMMEND_EXPLORE_H

#include <stdint.h>

#include "base/arena.h"

typedef struct explore_params {
    double rate;        /* share of places given to chance, 0..1 */
    double temperature; /* above 0, on the scale of the scores */
    uint64_t seed, stream;
} explore_params;

#define EXPLORE_DEFAULTS ((explore_params){.rate = 0.1, .temperature = 0.2, .seed = 1})

typedef struct explore_candidates {
    int n; /* in the order as ranked, best first */
    const float *score; /* [n] finite */
} explore_candidates;

typedef struct explore_place {
    int at;            /* number of the candidate */
    double propensity; /* of the draw that was made here, above 0 */
    bool drawn;        /* by chance */
} explore_place;

/* NULL, or what is wrong with the parameters. */
const char *explore_check(explore_params p);

/* Fills to[min(k, n)]; returns how many. scratch: 16 bytes a candidate. */
int explore_list(const explore_candidates *c, explore_params p, int k, explore_place *to,
                 arena scratch);

/* draw() of each candidate that is not gone (gone[n] may be NULL); the others get 0. */
void explore_draw(const explore_candidates *c, double temperature, const uint8_t *gone,
                  double *probability);

#endif
