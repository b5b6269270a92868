/* rp3beta: items reached by a walk of three steps, with popular ends held back (RP3β; P3α). */
#include "models/recommend/rp3beta.h"

#include <assert.h>
#include <math.h>

#include "models/recommend/neighbours.h"
#include "models/recommend/pairs.h"

const char *rp3beta_check(rp3beta_params p) {
    if (!(p.alpha >= 0 && p.alpha <= 4)) return "alpha of the walk must be in 0..4";
    if (!(p.beta >= 0 && p.beta <= 4)) return "beta of the walk must be in 0..4";
    if (p.keep < 1 || p.keep > NEIGHBOURS_MOST) return "neighbours must be in 1..4096";
    if (p.min_support < 1) return "min_support must be 1 or more";
    if (p.longest < 2) return "longest must be 2 or more";
    return NULL;
}

/* (entry / sum of its row)^alpha for each entry, and the sums. */
static float *step(const sparse *m, double alpha, double *sums, arena *keep) {
    float *p = take(keep, float, sparse_count(m));
    for (int64_t r = 0; r < m->rows; r++) {
        double sum = 0;
        for (int64_t at = m->at[r]; at < m->at[r + 1]; at++) sum += m->value[at];
        for (int64_t at = m->at[r]; sum > 0 && at < m->at[r + 1]; at++)
            p[at] = m->value[at] > 0 ? (float)pow(m->value[at] / sum, alpha) : 0;
        sums[r] = sum;
    }
    return p;
}

static float hold_back(const void *what, int32_t item, int32_t other, float sum) {
    const float *held = what; /* [items] pop^-beta */
    (void)item;
    return sum * held[other];
}

static void normalise(sparse *w) {
    for (int64_t r = 0; r < w->rows; r++) {
        double sum = 0;
        for (int64_t at = w->at[r]; at < w->at[r + 1]; at++) sum += w->value[at];
        for (int64_t at = w->at[r]; at < w->at[r + 1]; at++)
            w->value[at] = (float)(w->value[at] / sum);
    }
}

sparse rp3beta_fit(const sparse *by_user, const sparse *by_item, rp3beta_params p, pool *threads,
                   arena *keep, arena scratch) {
    assert(rp3beta_check(p) == NULL);
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    double *pop = take(&scratch, double, by_item->rows);
    float *held = take(&scratch, float, by_item->rows);
    float *from = step(by_item, p.alpha, pop, &scratch);
    float *to = step(by_user, p.alpha, take(&scratch, double, by_user->rows), &scratch);
    for (int64_t i = 0; i < by_item->rows; i++)
        held[i] = pop[i] > 0 ? (float)pow(pop[i], -(double)p.beta) : 0;
    for (int64_t at = 0; at < sparse_count(by_item); at++)
        if (sparse_degree(by_user, by_item->col[at]) > p.longest) from[at] = 0;
    pairs c = {.by_user = by_user, .by_item = by_item, .from = from, .to = to, .keep = p.keep,
               .min_support = p.min_support, .score = hold_back, .what = held};
    sparse w = pairs_fit(&c, threads, keep, inner);
    if (p.normalise) normalise(&w);
    return w;
}
