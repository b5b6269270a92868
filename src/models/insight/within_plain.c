/* within_plain: the readable twin of within: one effect after the other, over and over. */
#include "models/insight/within.h"

#include <math.h>
#include <string.h>

/* A column on its way: x of the caller, two later rounds, sums of a level's rows. */
typedef struct way {
    double *x, *x1, *x2, *sums;
    double *const *value;
} way;

static double weight_of(const within *w, int64_t i) { return w->weight ? w->weight[i] : 1.0; }

/* Takes the mean of each level of every effect out of x, one effect after the other. */
static void project(const within *w, const way *c, double *x) {
    double *sums = c->sums;
    for (int f = 0; f < w->effects; f++) {
        const int32_t *level = w->effect[f];
        memset(sums, 0, (size_t)w->levels[f] * sizeof *sums);
        if (w->weight)
            for (int64_t i = 0; i < w->n; i++) sums[level[i]] += w->weight[i] * x[i];
        else
            for (int64_t i = 0; i < w->n; i++) sums[level[i]] += x[i];
        for (int32_t l = 0; l < w->levels[f]; l++) {
            sums[l] = w->total[f][l] > 0 ? sums[l] / w->total[f][l] : 0.0;
            if (c->value[f]) c->value[f][l] += sums[l];
        }
        for (int64_t i = 0; i < w->n; i++) x[i] -= sums[level[i]];
    }
}

/* x2 - coefficient (x2 - x1): the limit of a sequence whose differences shrink geometrically. */
static void accelerate(double *x0, const double *x1, const double *x2, int64_t n) {
    double over = 0.0, under = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double second = (x2[i] - x1[i]) - (x1[i] - x0[i]);
        over += (x2[i] - x1[i]) * second;
        under += second * second;
    }
    double coefficient = under > 0 ? over / under : 0.0;
    for (int64_t i = 0; i < n; i++) x0[i] = x2[i] - coefficient * (x2[i] - x1[i]);
}

static double moved(const double *a, const double *b, int64_t n) {
    double most = 0.0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

/* Sets spread; returns the standard deviation; takes the mean out when there are no effects. */
static double measure(const within *w, within_column *c) {
    double sum = 0.0, weights = 0.0;
    for (int64_t i = 0; i < w->n; i++) {
        sum += weight_of(w, i) * c->x[i];
        weights += weight_of(w, i);
    }
    double mean = weights > 0 ? sum / weights : 0.0;
    c->spread = 0.0;
    for (int64_t i = 0; i < w->n; i++)
        c->spread += weight_of(w, i) *
                     (c->x[i] - mean) * (c->x[i] - mean); /* break: one sign: the same sum */
    for (int64_t i = 0; w->effects == 0 && i < w->n; i++) c->x[i] -= mean;
    return weights > 0 ? sqrt(c->spread / weights) : 0.0;
}

static way way_of(const within *w, const within_column *c, arena *scratch) {
    int64_t levels = 1;
    for (int f = 0; f < w->effects; f++)
        if (w->levels[f] > levels) levels = w->levels[f];
    return (way){c->x, take(scratch, double, w->n), take(scratch, double, w->n),
                 take(scratch, double, levels), c->value};
}

void within_centre_plain(const within *w, within_column *c, arena scratch) {
    double enough = w->tolerance * measure(w, c);
    size_t bytes = (size_t)w->n * sizeof *c->x;
    bool fast = !c->value[0]; /* acceleration would lose what was taken away */
    way a = way_of(w, c, &scratch);
    c->settled = true;
    c->rounds = w->effects > 0;
    if (w->effects > 0) project(w, &a, a.x);
    if (w->effects < 2) return;
    for (; c->rounds < w->rounds; c->rounds += fast ? 2 : 1) {
        memcpy(a.x1, a.x, bytes);
        project(w, &a, a.x1);
        bool done = moved(a.x1, a.x, w->n) <= enough;
        if (done || !fast) memcpy(a.x, a.x1, bytes);
        if (done) return;
        if (!fast) continue;
        memcpy(a.x2, a.x1, bytes);
        project(w, &a, a.x2);
        accelerate(a.x, a.x1, a.x2, w->n);
    }
    c->settled = false;
}
