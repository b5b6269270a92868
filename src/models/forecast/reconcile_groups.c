/* reconcile_groups: forecasts of groups that cross made to add up, by conjugate gradients.
 *
 * With C = [I, -S] (S: which leaves an aggregate sums) the answer is x = f - W C' z where
 * C W C' z = C f. W is a diagonal plus the outer products of the residuals, so neither W nor
 * C W C' is ever formed: one product costs a pass over S and one over the residuals. */
#include <math.h>
#include <string.h>

#include "models/forecast/reconcile.h"

#define ENOUGH 1e-12 /* of the residual's length against the start's */
enum { MOST_STEPS = 2000 };

typedef struct problem {
    const reconcile_groups *g;
    const reconcile_errors *w;
    const bool *held;              /* [nodes]: fixed, as if its error were none */
    double *node, *weighted, *by_time; /* [nodes], [nodes], [times] */
} problem;

static int32_t nodes_of(const reconcile_groups *g) { return g->aggregates + g->leaves; }

double *reconcile_groups_leaves(const reconcile_groups *g, arena *keep) {
    double *out = take(keep, double, nodes_of(g));
    for (int32_t a = 0; a < g->aggregates; a++) out[a] = (double)(g->at[a + 1] - g->at[a]);
    for (int32_t l = 0; l < g->leaves; l++) out[g->aggregates + l] = 1;
    return out;
}

reconcile_errors reconcile_shrunk(const double *residual, int times, int32_t nodes, arena *keep) {
    double *variance = take(keep, double, nodes), most = 0;
    for (int t = 0; t < times; t++)
        for (int32_t i = 0; i < nodes; i++)
            variance[i] += pow(residual[(int64_t)t * nodes + i], 2) / times;
    for (int32_t i = 0; i < nodes; i++) most = fmax(most, variance[i]);
    for (int32_t i = 0; i < nodes; i++) variance[i] = fmax(variance[i], most > 0 ? 1e-9 * most : 1);
    double spread = 0, squares = 0;
    for (int32_t i = 0; i < nodes; i++)
        for (int32_t j = 0; j < i; j++) {
            double sum = 0, sum2 = 0, scale = 1 / sqrt(variance[i] * variance[j]);
            for (int t = 0; t < times; t++) {
                const double *r = residual + (int64_t)t * nodes;
                double x = r[i] * r[j] * scale;
                sum += x; /* break: its square counts */
                sum2 += x * x;
            }
            double mean = sum / times;
            if (times > 1) spread += (sum2 / times - mean * mean) / (times - 1);
            squares += mean * mean;
        }
    double shrink = squares > 0 ? fmin(fmax(spread / squares, 0), 1) : 1;
    return (reconcile_errors){variance, times, residual, times > 1 ? shrink : 1};
}

/* x[nodes] = C' z */
static void spread(const reconcile_groups *g, const double *z, double *x) {
    memset(x, 0, sizeof *x * (size_t)nodes_of(g));
    for (int32_t a = 0; a < g->aggregates; a++) {
        x[a] = z[a];
        for (int64_t at = g->at[a]; at < g->at[a + 1]; at++)
            x[g->aggregates + g->leaf[at]] -= z[a];
    }
}

/* z[aggregates] = C x */
static void gather(const reconcile_groups *g, const double *x, double *z) {
    for (int32_t a = 0; a < g->aggregates; a++) {
        double sum = 0;
        for (int64_t at = g->at[a]; at < g->at[a + 1]; at++)
            sum += x[g->aggregates + g->leaf[at]];
        z[a] = x[a] - sum;
    }
}

/* to = W x; held nodes count as without error. Off its diagonal W is (1 - shrink) R'R/T. */
static void weigh(problem *p, double *x, double *to) {
    const reconcile_errors *w = p->w;
    int32_t n = nodes_of(p->g);
    double part = w->times > 0 ? 1 - w->shrink : 0;
    for (int32_t i = 0; i < n; i++) {
        if (p->held[i]) x[i] = 0;
        to[i] = w->variance[i] * x[i];
    }
    if (part > 0) {
        for (int t = 0; t < w->times; t++) {
            const double *r = w->residual + (int64_t)t * n;
            double sum = 0;
            for (int32_t i = 0; i < n; i++) sum += r[i] * x[i];
            p->by_time[t] = part * sum / w->times;
        }
        for (int32_t i = 0; i < n; i++) to[i] *= w->shrink;
        for (int t = 0; t < w->times; t++) {
            const double *r = w->residual + (int64_t)t * n;
            for (int32_t i = 0; i < n; i++) to[i] += r[i] * p->by_time[t];
        }
    }
    for (int32_t i = 0; i < n; i++)
        if (p->held[i]) to[i] = 0;
}

static void product(problem *p, const double *z, double *to) {
    spread(p->g, z, p->node);
    weigh(p, p->node, p->weighted);
    gather(p->g, p->weighted, to);
}

static double dot(const double *a, const double *b, int32_t n) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Solves C W C' z = b with the diagonal of the variances as preconditioner; the steps taken. */
static int solve(problem *p, const double *b, double *z, arena scratch) {
    int32_t n = p->g->aggregates;
    double *r = take_copy(&scratch, double, b, n), *d = take(&scratch, double, n);
    double *q = take(&scratch, double, n), *m = take(&scratch, double, n);
    for (int32_t a = 0; a < n; a++) {
        m[a] = p->w->variance[a];
        for (int64_t at = p->g->at[a]; at < p->g->at[a + 1]; at++)
            m[a] += p->w->variance[n + p->g->leaf[at]];
        z[a] = 0;
        d[a] = r[a] / m[a];
    }
    double *s = take_copy(&scratch, double, d, n), now = dot(r, s, n);
    double least = now * ENOUGH * ENOUGH;
    int step = 0;
    for (; step < MOST_STEPS && now > least; step++) {
        product(p, d, q);
        double along = dot(d, q, n);
        if (!(along > 0)) break;
        double by = now / along, before = now;
        for (int32_t a = 0; a < n; a++) {
            z[a] += by * d[a];
            r[a] -= by * q[a];
            s[a] = r[a] / m[a];
        }
        now = dot(r, s, n);
        for (int32_t a = 0; a < n; a++) d[a] = s[a] + now / before * d[a];
    }
    return step;
}

/* The leaves decide: aggregates are their sums, so that they add up to the last bit's rounding. */
static void add_up(const reconcile_groups *g, double *x) {
    for (int32_t a = 0; a < g->aggregates; a++) {
        x[a] = 0;
        for (int64_t at = g->at[a]; at < g->at[a + 1]; at++)
            x[a] += x[g->aggregates + g->leaf[at]];
    }
}

static bool hold(const reconcile_groups *g, const double *x, bool *held) {
    bool any = false;
    for (int32_t i = g->aggregates; i < nodes_of(g); i++)
        if (x[i] < 0) held[i] = any = true;
    return any;
}

int reconcile_groups_solve(const reconcile_groups *g, const reconcile_errors *w, int steps,
                           bool non_negative, double *f, arena scratch) {
    int32_t n = nodes_of(g);
    int taken = 0;
    bool *held = take(&scratch, bool, n);
    double *x = take(&scratch, double, n), *own = take(&scratch, double, n);
    double *b = take(&scratch, double, g->aggregates), *z = take(&scratch, double, g->aggregates);
    problem p = {g, w, held, take(&scratch, double, n), take(&scratch, double, n),
                 take(&scratch, double, w->times)};
    for (int k = 0; k < steps; k++) {
        memset(held, 0, sizeof *held * (size_t)n);
        do {
            for (int32_t i = 0; i < n; i++) own[i] = held[i] ? 0 : f[(int64_t)i * steps + k];
            gather(g, own, b);
            taken += solve(&p, b, z, scratch);
            spread(g, z, p.node);
            weigh(&p, p.node, p.weighted);
            for (int32_t i = 0; i < n; i++) x[i] = own[i] - p.weighted[i];
        } while (non_negative && hold(g, x, held));
        add_up(g, x);
        for (int32_t i = 0; i < n; i++) f[(int64_t)i * steps + k] = x[i];
    }
    return taken;
}
