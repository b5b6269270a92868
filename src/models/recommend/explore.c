/* explore: places of a list given to chance, with the probability of everything that is shown. */
#include "models/recommend/explore.h"

#include <assert.h>
#include <math.h>

#include "base/random.h"
#include "models/interval.h"

const char *explore_check(explore_params p) {
    if (!(p.rate >= 0 && p.rate <= 1)) return "the share of places for chance must be in 0..1";
    if (p.kind == EXPLORE_SOFTMAX && !(p.temperature > 0 && isfinite(p.temperature)))
        return "the temperature must be above 0";
    return NULL;
}

static void draw_softmax(const explore_candidates *c, double temperature, const uint8_t *gone,
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

/* P(i is the largest) = sum over steps of P(X_i in the step) times the probability that all others
 * lose there: smaller articles lie below the step, larger ones at most in it. */
static void draw_thompson(const explore_candidates *c, const uint8_t *gone, double *probability,
                          arena scratch) {
    int n = c->n;
    double *below = take(&scratch, double, (int64_t)n * (EXPLORE_STEPS + 1));
    int *order = take(&scratch, int, n), m = 0;
    double *before = take(&scratch, double, n + 1), *behind = take(&scratch, double, n + 1);
    for (int i = 0; i < n; i++) {
        probability[i] = 0;
        if (gone && gone[i]) continue;
        int at = m++; /* by article number */
        for (; at > 0 && c->item[order[at - 1]] > c->item[i]; at--) order[at] = order[at - 1];
        order[at] = i;
        double *f = below + (int64_t)i * (EXPLORE_STEPS + 1);
        for (int s = 0; s <= EXPLORE_STEPS; s++)
            f[s] = beta_below((double)s / EXPLORE_STEPS, 1 + (double)c->won[i],
                              1 + (double)c->lost[i]);
    }
    for (int s = 0; s < EXPLORE_STEPS; s++) {
        before[0] = behind[m] = 1;
        for (int x = 0; x < m; x++) /* a smaller article must be below the step */
            before[x + 1] = before[x] * below[(int64_t)order[x] * (EXPLORE_STEPS + 1) + s];
        for (int x = m - 1; x >= 0; x--) /* a larger one may stand in it */
            behind[x] = behind[x + 1] * below[(int64_t)order[x] * (EXPLORE_STEPS + 1) + s + 1];
        for (int x = 0; x < m; x++) {
            const double *f = below + (int64_t)order[x] * (EXPLORE_STEPS + 1);
            probability[order[x]] += (f[s + 1] - f[s]) * before[x] * behind[x + 1];
        }
    }
}

void explore_draw(const explore_candidates *c, explore_params p, const uint8_t *gone,
                  double *probability, arena scratch) {
    if (p.kind == EXPLORE_SOFTMAX) draw_softmax(c, p.temperature, gone, probability);
    else draw_thompson(c, gone, probability, scratch);
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
        explore_draw(c, p, gone, probability, scratch);
        bool drawn = rng_uniform(&r) < p.rate;
        double u = rng_uniform(&r); /* drawn either way: a place does not shift the next ones */
        int at = drawn ? pick(probability, c->n, u) : first;
        double by_rank = at == first ? 1 - p.rate : 0;
        to[place] = (explore_place){at, by_rank + p.rate * probability[at], drawn};
        gone[at] = 1;
    }
    return n;
}
