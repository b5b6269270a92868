/* study: trials of a space with what came of them, and the point that a sampler asks for next. */
#include "models/tune/study.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"
#include "models/tune/parzen.h"

/* Score with less = better; +inf for none. */
static double loss_of(const study *t, int64_t i) {
    double x = t->at[i].score;
    return isnan(x) ? INFINITY : t->maximise ? -x : x;
}

int64_t study_best(const study *t) {
    int64_t best = -1;
    for (int64_t i = 0; i < t->n; i++)
        if (t->at[i].state == TRIAL_COMPLETE && !isnan(t->at[i].score) &&
            (best < 0 || loss_of(t, i) < loss_of(t, best)))
            best = i;
    return best;
}

/* ---- grid ---- */

static int64_t values_of(const space_param *p, int grid) {
    double step = space_step(p);
    if (p->kind == SPACE_WORD) return p->n;
    if (p->low == p->high) return 1;
    double all = step > 0 ? floor((p->high - p->low) / step + 1e-9) + 1 : INFINITY;
    return (int64_t)fmin(all, grid);
}

static double value_at(const space_param *p, int64_t at, int64_t n) {
    if (p->kind == SPACE_WORD) return (double)at;
    double part = n > 1 ? (double)at / (double)(n - 1) : 0;
    if (p->log) return space_round(p, p->low * pow(p->high / p->low, part));
    return space_round(p, p->low + part * (p->high - p->low));
}

/* The next point in the order of an odometer, the last parameter fastest; false past the end. */
static bool grid_next(const space *s, int grid, int64_t *at) {
    for (int i = s->n - 1; i >= 0; i--) {
        if (++at[i] < values_of(&s->at[i], grid)) return true;
        at[i] = 0;
    }
    return false;
}

/* False when a parameter that does not count is not at its first value: the point comes twice. */
static bool grid_point(const space *s, int grid, const int64_t *at, double *point) {
    for (int i = 0; i < s->n; i++) {
        bool counts = space_counts(s, i, point);
        if (!counts && at[i] > 0) return false;
        point[i] = counts ? value_at(&s->at[i], at[i], values_of(&s->at[i], grid)) : NAN;
    }
    return true;
}

int64_t study_grid_size(const space *s, int grid, int64_t most) {
    int64_t at[SPACE_MOST] = {0}, n = 0;
    double point[SPACE_MOST];
    do n += grid_point(s, grid, at, point);
    while (n < most && grid_next(s, grid, at));
    return n;
}

static bool grid_ask(const space *s, int grid, int64_t number, double *point) {
    int64_t at[SPACE_MOST] = {0};
    do
        if (grid_point(s, grid, at, point) && number-- == 0) return true;
    while (grid_next(s, grid, at));
    return false;
}

/* ---- TPE ---- */

typedef struct halves {
    int below, above; /* points of each */
    const double **point[2];
} halves;

static bool has_all(const study_trial *t, const int *which, int n) {
    for (int j = 0; j < n; j++)
        if (isnan(t->point[which[j]])) return false;
    return true;
}

/* Numbers of the finished trials, the best first, in keep. */
static int32_t *by_worth(const study *t, int64_t *finished, arena *keep, arena scratch) {
    int32_t *by = take(keep, int32_t, t->n);
    double *loss = take(&scratch, double, t->n), *far = take(&scratch, double, t->n);
    int64_t n = 0;
    for (int64_t i = 0; i < t->n; i++) {
        bool pruned = t->at[i].state == TRIAL_PRUNED;
        loss[i] = loss_of(t, i);
        far[i] = pruned ? (double)t->at[i].step : INFINITY;
        if (pruned || t->at[i].state == TRIAL_COMPLETE) by[n++] = (int32_t)i;
    }
    order_up(by, n, loss, scratch);
    order_down(by, n, far, scratch); /* stable: complete ones first */
    *finished = n;
    return by;
}

/* Points that have all of which[n], in the order of the trials. */
static halves split(const study *t, const int *which, int n, arena *keep, arena scratch) {
    int64_t finished;
    arena own = arena_split(&scratch, arena_left(&scratch) / 2);
    int32_t *by = by_worth(t, &finished, &own, scratch);
    int64_t best = (finished + 9) / 10 < 25 ? (finished + 9) / 10 : 25;
    uint8_t *side = take(&scratch, uint8_t, t->n); /* 1 = below, 2 = above */
    halves h = {0};
    for (int64_t i = 0; i < finished; i++) side[by[i]] = i < best ? 1 : 2;
    for (int64_t i = 0; i < t->n; i++)
        if (t->at[i].state == TRIAL_RUNNING) side[i] = 2;
    for (int g = 0; g < 2; g++) h.point[g] = take(keep, const double *, t->n + 1);
    for (int64_t i = 0; i < t->n; i++) {
        if (side[i] == 0 || !has_all(&t->at[i], which, n)) continue;
        if (side[i] == 1) h.point[0][h.below++] = t->at[i].point;
        else h.point[1][h.above++] = t->at[i].point;
    }
    return h;
}

/* Chooses parameters which[n] together. */
static void tpe_choose(const study *t, sampler how, const int *which, int n, rng *r, double *point,
                       arena scratch) {
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    halves h = split(t, which, n, &keep, scratch);
    parzen good = parzen_make(t->s, which, n, h.point[0], h.below, &keep, scratch);
    parzen bad = parzen_make(t->s, which, n, h.point[1], h.above, &keep, scratch);
    int many = how.candidates, best = 0;
    double *x = take(&keep, double, many * n);
    double *l = take(&keep, double, many), *g = take(&keep, double, many);
    for (int i = 0; i < many; i++) parzen_draw(&good, r, x + i * n);
    parzen_log(&good, x, many, l, scratch);
    parzen_log(&bad, x, many, g, scratch);
    for (int i = 1; i < many; i++)
        if (l[i] - g[i] > l[best] - g[best]) best = i;
    for (int j = 0; j < n; j++) point[which[j]] = x[best * n + j];
}

static void tpe_ask(const study *t, sampler how, rng *r, double *point, arena scratch) {
    int which[SPACE_MOST], n = 0;
    for (int i = 0; i < t->s->n; i++)
        if (t->s->at[i].under == 0) which[n++] = i;
    tpe_choose(t, how, which, n, r, point, scratch);
    for (int i = 0; i < t->s->n; i++) {
        if (t->s->at[i].under == 0) continue;
        if (space_counts(t->s, i, point)) tpe_choose(t, how, &i, 1, r, point, scratch);
        else point[i] = NAN;
    }
}

static int64_t finished_of(const study *t) {
    int64_t n = 0;
    for (int64_t i = 0; i < t->n; i++)
        n += t->at[i].state == TRIAL_COMPLETE || t->at[i].state == TRIAL_PRUNED;
    return n;
}

bool study_ask(const study *t, sampler how, int64_t number, double *point, arena scratch) {
    assert(how.candidates >= 1 && how.grid >= 2);
    if (how.kind == SAMPLER_GRID) return grid_ask(t->s, how.grid, number, point);
    rng r = rng_open(seed_for(how.seed, "study"), (uint64_t)number);
    if (how.kind == SAMPLER_TPE && finished_of(t) >= how.startup)
        return tpe_ask(t, how, &r, point, scratch), true;
    for (int i = 0; i < t->s->n; i++)
        point[i] = space_counts(t->s, i, point) ? space_draw(&t->s->at[i], &r) : NAN;
    return true;
}
