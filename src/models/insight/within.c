/* within: centring columns within fixed effects. */
#include "models/insight/within.h"

#include <math.h>
#include <string.h>

typedef struct job {
    const within *w;
    within_column *columns;
} job;

static double weight_of(const within *w, int64_t i) { return w->weight ? w->weight[i] : 1.0; }

void within_weigh(within *w) {
    for (int f = 0; f < w->effects; f++) {
        memset(w->total[f], 0, (size_t)w->levels[f] * sizeof *w->total[f]);
        for (int64_t i = 0; i < w->n; i++) w->total[f][w->effect[f][i]] += weight_of(w, i);
    }
}

void within_open(within *w, arena *keep) {
    for (int f = 0; f < w->effects; f++) w->total[f] = take(keep, double, w->levels[f]);
    within_weigh(w);
}

within_column within_column_of(const within *w, const double *values, arena *keep) {
    int64_t levels = 1, room = w->effects > 1 ? w->n : 1;
    for (int f = 0; f < w->effects; f++)
        if (w->levels[f] > levels) levels = w->levels[f];
    return (within_column){.x = take_copy(keep, double, values, w->n),
                           .x1 = take(keep, double, room),
                           .x2 = take(keep, double, room),
                           .sums = take(keep, double, levels)};
}

/* Takes the mean of each level of every effect out of x, one effect after the other. */
static void project(const within *w, const within_column *c, double *x) {
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
        c->spread += weight_of(w, i) * (c->x[i] - mean) * (c->x[i] - mean);
    for (int64_t i = 0; w->effects == 0 && i < w->n; i++) c->x[i] -= mean;
    return weights > 0 ? sqrt(c->spread / weights) : 0.0;
}

static void centre(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const job *j = what;
    const within *w = j->w;
    within_column *c = &j->columns[chunk];
    double enough = w->tolerance * measure(w, c);
    size_t bytes = (size_t)w->n * sizeof *c->x;
    bool fast = !c->value[0]; /* acceleration would lose what was taken away */
    c->settled = true;
    c->rounds = w->effects > 0;
    if (w->effects > 0) project(w, c, c->x);
    if (w->effects < 2) return;
    for (; c->rounds < w->rounds; c->rounds += fast ? 2 : 1) {
        memcpy(c->x1, c->x, bytes);
        project(w, c, c->x1);
        bool done = moved(c->x1, c->x, w->n) <= enough;
        if (done || !fast) memcpy(c->x, c->x1, bytes);
        if (done) return;
        if (!fast) continue;
        memcpy(c->x2, c->x1, bytes);
        project(w, c, c->x2);
        accelerate(c->x, c->x1, c->x2, w->n);
    }
    c->settled = false;
}

void within_centre(const within *w, within_column *c, int columns, pool *threads) {
    job j = {.w = w, .columns = c};
    pool_for(threads, columns, centre, &j);
}

int64_t within_present(const within *w, int effect) {
    int64_t present = 0;
    for (int32_t l = 0; l < w->levels[effect]; l++) present += w->total[effect][l] > 0;
    return present;
}

int64_t within_absorbed(const within *w) {
    int64_t absorbed = w->effects == 0;
    for (int f = 0; f < w->effects; f++) absorbed += within_present(w, f) - (f > 0);
    return absorbed;
}

bool within_nested(const within *w, int effect, const int32_t *cluster, arena scratch) {
    int32_t *in = take(&scratch, int32_t, w->levels[effect]);
    for (int64_t i = 0; i < w->n; i++) {
        int32_t *home = &in[w->effect[effect][i]];
        if (*home && *home != cluster[i] + 1) return false;
        *home = cluster[i] + 1;
    }
    return true;
}
