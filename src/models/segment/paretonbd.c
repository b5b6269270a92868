/* paretonbd: how often a customer buys and when he stops for good: Pareto/NBD. */
#include "models/segment/paretonbd.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/segment/special.h"

enum { CHUNK = 512, PARTS = 5, HALF = 6 }; /* patterns of one chunk; value and 4 derivatives */

/* Gauss-Legendre, 12 points: the positive half of the places and their weights. */
static const double place[HALF] = {0.1252334085114689, 0.3678314989981802, 0.5873179542866175,
                                   0.7699026741943047, 0.9041172563704748, 0.9815606342467192};
static const double mass[HALF] = {0.2491470458134027, 0.2334925365383546, 0.20316742672306573,
                                  0.16007832854334642, 0.10693932599531907, 0.04717533638651141};

/* ln(s I) and, when wanted, the means over the integrand that its derivatives need. */
typedef struct gone {
    double log_odds; /* ln(s I); -infinity where t = T */
    double log_a, log_b, over_a, over_b; /* means of ln(alpha+u), ln(beta+u), 1/(…+u) */
} gone;

/* One panel [v0, v0 + width] of the integral, with the integrand relative to its value at u = t.
 * Of the two logarithms that of the smaller of alpha and beta is v itself. */
static double add_panel(const double p[4], double power, double t, double v0, double width,
                        double sum[PARTS]) {
    bool first = p[1] <= p[3];
    double c = first ? p[1] : p[3], gap = fabs(p[1] - p[3]), panel = 0;
    double log_near = log(c + t), log_far = log(c + t + gap);
    double near_power = first ? power : p[2], far_power = first ? p[2] : power;
    for (int i = 0; i < 2 * HALF; i++) {
        double y = i < HALF ? -place[HALF - 1 - i] : place[i - HALF];
        double v = v0 + width / 2 * (1 + y); /* break: the places are symmetric */
        double near = (c + t) * exp(v), far = near + gap, log_u = log(far);
        double f = width / 2 * mass[i < HALF ? HALF - 1 - i : i - HALF] *
                   exp(-near_power * v - far_power * (log_u - log_far)) *
                   (first ? near / far : 1);
        panel += f;
        sum[first ? 1 : 2] += f * (log_near + v);
        sum[first ? 2 : 1] += f * log_u;
        sum[first ? 3 : 4] += f / near;
        sum[first ? 4 : 3] += f / far;
    }
    sum[0] += panel;
    return panel;
}

static gone integrate(const double p[4], double x, double t, double T) {
    double power = p[0] + x, c = fmin(p[1], p[3]), sum[PARTS] = {0};
    double all = log1p((T - t) / (c + t));
    gone out = {.log_odds = -INFINITY};
    if (!(all > 0)) return out;
    /* how fast the integrand falls, at most; the first panel sees it fall by e^-4 */
    double rate = (c + T) * (power / (p[1] + T) + (p[2] + 1) / (p[3] + T));
    double width = fmin(fmin(all, 2), 4 / rate);
    for (double v = 0; v < all; v += width, width = fmin(2 * width, 2)) {
        double step = fmin(width, all - v);
        /* the integrand falls all the way: what is left is less than this panel for each of it */
        double panel = add_panel(p, power, t, v, step, sum);
        if (panel * (1 + (all - v) / step) < 1e-17 * sum[0]) break; /* break: only when to stop */
    }
    out.log_odds = log(p[2]) + log(sum[0]) + power * log1p((T - t) / (p[1] + t)) +
                   p[2] * log1p((T - t) / (p[3] + t));
    out.log_a = sum[1] / sum[0];
    out.log_b = sum[2] / sum[0];
    out.over_a = sum[3] / sum[0];
    out.over_b = sum[4] / sum[0];
    return out;
}

typedef struct pass {
    const patterns *c;
    double p[4];
    double *own, *slope; /* [n_x] lnG(r+x) - lnG(r), and its derivative by r */
    double *sum;         /* [chunks, PARTS] */
} pass;

static void add_chunk(void *what, int64_t chunk, arena scratch) {
    const pass *w = what;
    const patterns *c = w->c;
    double r = w->p[0], alpha = w->p[1], s = w->p[2], beta = w->p[3], sum[PARTS] = {0};
    int64_t from = chunk * CHUNK, to = from + CHUNK < c->n ? from + CHUNK : c->n;
    (void)scratch;
    for (int64_t i = from; i < to; i++) {
        double x = c->at_x[c->x[i]], T = c->at_T[c->T[i]], n = c->weight[i];
        double log_a = log(alpha + T), log_b = log(beta + T), power = r + x;
        gone o = integrate(w->p, x, c->at_t[c->t[i]], T);
        double e = exp(-fabs(o.log_odds));
        double more = fmax(o.log_odds, 0) + log1p(e); /* ln(1 + s I) */
        double dead = o.log_odds > 0 ? 1 / (1 + e) : e / (1 + e);
        sum[0] += n * (w->own[c->x[i]] + r * log(alpha) + s * log(beta) - power * log_a -
                       s * log_b + more);
        sum[1] += n * (w->slope[c->x[i]] + log(alpha) - log_a + dead * (log_a - o.log_a));
        sum[2] += n * (r / alpha - power / (alpha + T) +
                       dead * power * (1 / (alpha + T) - o.over_a));
        sum[3] += n * (log(beta) - log_b + dead * (1 / s + log_b - o.log_b));
        sum[4] += n * (s / beta - s / (beta + T) +
                       dead * (s / (beta + T) - (s + 1) * o.over_b));
    }
    memcpy(&w->sum[chunk * PARTS], sum, sizeof sum);
}

double paretonbd_likelihood(const patterns *c, const double p[4], double g[4], pool *threads,
                            arena scratch) {
    int64_t chunks = (c->n + CHUNK - 1) / CHUNK; /* break: an empty chunk adds nothing */
    pass w = {.c = c};
    memcpy(w.p, p, sizeof w.p);
    w.own = take_raw(&scratch, double, c->n_x);
    w.slope = take_raw(&scratch, double, c->n_x);
    w.sum = take_raw(&scratch, double, chunks * PARTS);
    for (int32_t i = 0; i < c->n_x; i++) {
        w.own[i] = special_lgamma(p[0] + c->at_x[i]) - special_lgamma(p[0]);
        w.slope[i] = special_digamma(p[0] + c->at_x[i]) - special_digamma(p[0]);
    }
    pool_for(threads, chunks, add_chunk, &w);
    double sum[PARTS] = {0};
    for (int64_t i = 0; i < chunks; i++)
        for (int k = 0; k < PARTS; k++) sum[k] += w.sum[i * PARTS + k];
    memcpy(g, sum + 1, 4 * sizeof *g);
    return sum[0];
}

double paretonbd_alive(const double p[4], double x, double t, double T) {
    return 1 / (1 + exp(integrate(p, x, t, T).log_odds));
}

double paretonbd_ahead(const double p[4], double x, double T, double time) {
    if (time <= 0) return 0;
    /* (1 - q^(s-1)) / (s-1), which is -ln q at s = 1 */
    double log_q = -log1p(time / (p[3] + T)), s1 = p[2] - 1;
    double lasting = fabs(s1) < 1e-12 ? -log_q : -expm1(s1 * log_q) / s1;
    return (p[0] + x) * (p[3] + T) / (p[1] + T) * lasting;
}

double paretonbd_expected(const double p[4], double time) {
    return paretonbd_ahead(p, 0, 0, time);
}

/* ln P(NegBin(r, u / (alpha + u)) = n) */
static double log_negbin(const double p[4], int n, double u) {
    double many = n > 0 ? n * (log(u) - log(p[1] + u)) : 0;
    return special_lgamma(p[0] + n) - special_lgamma(p[0]) - special_lgamma(n + 1.0) +
           p[0] * (log(p[1]) - log(p[1] + u)) + many;
}

/* Either he lives on and buys n times in `time`, or he stops at u after n purchases. Over
 * w = ln(u) the integrand is smooth; below u = time e^-40 there is nothing. */
double paretonbd_chance(const double p[4], int n, double time) {
    assert(n >= 0 && time > 0);
    double s = p[2], beta = p[3];
    double chance = exp(log_negbin(p, n, time) - s * log1p(time / beta));
    for (int panel = 0; panel < 80; panel++)
        for (int i = 0; i < 2 * HALF; i++) {
            double y = i < HALF ? -place[HALF - 1 - i] : place[i - HALF];
            double u = time * exp(-0.25 * (1 + y) - 0.5 * panel);
            chance += 0.25 * mass[i < HALF ? HALF - 1 - i : i - HALF] * u *
                      exp(log_negbin(p, n, u) + log(s) - log(beta) -
                          (s + 1) * log1p(u / beta));
        }
    return chance;
}
