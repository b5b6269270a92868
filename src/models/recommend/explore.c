/* explore: places of a list given to chance, with the probability of everything that is shown. */
#include "models/recommend/explore.h"

#include <assert.h>
#include <math.h>

#include "base/random.h"

const char *explore_check(explore_params p) {
    if (!(p.rate >= 0 && p.rate <= 1)) return "the share of places for chance must be in 0..1";
    if (!(p.temperature > 0 && isfinite(p.temperature)))
        return "the temperature must be above 0";
    return NULL;
}

void explore_draw(const explore_candidates *c, double temperature, const uint8_t *gone,
                  double *probability) {
    double top = -INFINITY, sum = 0;
    for (int i = 0; i < c->n; i++)
        if (!gone || !gone[i]) top = fmax(top, (double)c->score[i]);
    for (int i = 0; i < c->n; i++) {
        probability[i] = gone && gone[i] ? 0 : exp(((double)c->score[i] - top) / temperature);
        sum += probability[i];
    }
    for (int i = 0; i < c->n; i++) probability[i] /= sum;
}

/* The candidate at which the running sum of probabilities passes u. */
static int pick(const double *probability, int n, double u) {
    double sum = 0;
    int last = -1;
    for (int i = 0; i < n; i++) {
        if (probability[i] <= 0) continue;
        sum += probability[i];
        last = i;
        if (u < sum) return i;
    }
    return last; /* the sum may end a rounding below 1 */
}

int explore_list(const explore_candidates *c, explore_params p, int k, explore_place *to,
                 arena scratch) {
    assert(!explore_check(p));
    rng r = rng_open(p.seed, p.stream);
    uint8_t *gone = take(&scratch, uint8_t, c->n);
    double *probability = take(&scratch, double, c->n);
    int n = k < c->n ? k : c->n;
    for (int place = 0, first = 0; place < n; place++) {
        while (gone[first]) first++;
        explore_draw(c, p.temperature, gone, probability);
        bool drawn = rng_uniform(&r) < p.rate;
        double u = rng_uniform(&r); /* drawn either way: a place does not shift the next ones */
        int at = drawn ? pick(probability, c->n, u) : first;
        double by_rank = at == first ? 1 - p.rate : 0;
        to[place] = (explore_place){at, by_rank + p.rate * probability[at], drawn};
        gone[at] = 1;
    }
    return n;
}
