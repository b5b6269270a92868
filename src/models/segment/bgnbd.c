/* bgnbd: how often a customer buys and when he stops for good: BG/NBD and MBG/NBD. */
#include "models/segment/bgnbd.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/segment/special.h"

enum { CHUNK = 8192, PARTS = 5 }; /* patterns of one chunk; value and four derivatives */

/* One evaluation: what depends on one of x, t, T alone is computed once per distinct value. */
typedef struct pass {
    const patterns *c;
    double p[4], k;
    bool modified;
    double *own, *odds, *slopes; /* [n_x], [n_x], [n_x, 4]: of x alone */
    double *log_T, *log_t, *over_T, *over_t; /* ln(alpha + T) and 1 / (alpha + T); same of t */
    double *sum; /* [chunks, PARTS] */
} pass;

static void tables(pass *w) {
    const patterns *c = w->c;
    double r = w->p[0], alpha = w->p[1], a = w->p[2], b = w->p[3], k = w->k;
    double lr = special_lgamma(r), lb = special_lgamma(b), lab = special_lgamma(a + b);
    double dr = special_digamma(r), db = special_digamma(b), dab = special_digamma(a + b);
    for (int32_t i = 0; i < c->n_x; i++) {
        double x = c->at_x[i], *s = &w->slopes[4 * i];
        w->own[i] = special_lgamma(r + x) - lr + r * log(alpha) + lab +
                    special_lgamma(b + x + k) - lb - special_lgamma(a + b + x + k);
        s[0] = special_digamma(r + x) - dr + log(alpha);
        s[1] = r / alpha;
        s[2] = dab - special_digamma(a + b + x + k);
        s[3] = s[2] + special_digamma(b + x + k) - db;
        /* ln of the odds of having stopped, but for the time */
        w->odds[i] = x > 0 || w->modified ? log(a) - log(b + x + k - 1) : -INFINITY;
    }
    for (int32_t i = 0; i < c->n_T; i++) {
        w->log_T[i] = log(alpha + c->at_T[i]);
        w->over_T[i] = 1 / (alpha + c->at_T[i]);
    }
    for (int32_t i = 0; i < c->n_t; i++) {
        w->log_t[i] = log(alpha + c->at_t[i]);
        w->over_t[i] = 1 / (alpha + c->at_t[i]);
    }
}

static void add_chunk(void *what, int64_t chunk, arena scratch) {
    const pass *w = what;
    const patterns *c = w->c;
    double r = w->p[0], a = w->p[2], b = w->p[3], sum[PARTS] = {0};
    int64_t from = chunk * CHUNK, to = from + CHUNK < c->n ? from + CHUNK : c->n;
    (void)scratch;
    for (int64_t i = from; i < to; i++) {
        int32_t ix = c->x[i], it = c->t[i], iT = c->T[i];
        double x = c->at_x[ix], n = c->weight[i], gone = 0, more = 0;
        const double *s = &w->slopes[4 * ix];
        double odds = w->odds[ix] + (r + x) * (w->log_T[iT] - w->log_t[it]);
        if (odds > -745) { /* exp() of less is 0; x = 0 of BG has -infinity */
            double e = exp(-fabs(odds));
            more = fmax(odds, 0) + log1p(e);
            gone = odds > 0 ? 1 / (1 + e) : e / (1 + e);
        }
        double here = 1 - gone;
        sum[0] += n * (w->own[ix] - (r + x) * w->log_T[iT] + more);
        sum[1] += n * (s[0] - here * w->log_T[iT] - gone * w->log_t[it]);
        sum[2] += n * (s[1] - (r + x) * (here * w->over_T[iT] + gone * w->over_t[it]));
        sum[3] += n * (s[2] + gone / a);
        sum[4] += n * (s[3] - (gone > 0 ? gone / (b + x + w->k - 1) : 0));
    }
    memcpy(&w->sum[chunk * PARTS], sum, sizeof sum);
}

double bgnbd_likelihood(const patterns *c, bool modified, const double p[4], double g[4],
                        pool *threads, arena scratch) {
    int64_t chunks = (c->n + CHUNK - 1) / CHUNK; /* break: an empty chunk adds nothing */
    pass w = {.c = c, .k = modified, .modified = modified};
    memcpy(w.p, p, sizeof w.p);
    w.own = take_raw(&scratch, double, c->n_x);
    w.odds = take_raw(&scratch, double, c->n_x);
    w.slopes = take_raw(&scratch, double, 4 * (int64_t)c->n_x);
    w.log_T = take_raw(&scratch, double, c->n_T);
    w.over_T = take_raw(&scratch, double, c->n_T);
    w.log_t = take_raw(&scratch, double, c->n_t);
    w.over_t = take_raw(&scratch, double, c->n_t);
    w.sum = take_raw(&scratch, double, chunks * PARTS);
    tables(&w);
    pool_for(threads, chunks, add_chunk, &w);
    double sum[PARTS] = {0};
    for (int64_t i = 0; i < chunks; i++)
        for (int k = 0; k < PARTS; k++) sum[k] += w.sum[i * PARTS + k];
    memcpy(g, sum + 1, 4 * sizeof *g);
    return sum[0];
}

double bgnbd_alive(bool modified, const double p[4], double x, double t, double T) {
    if (x == 0 && !modified) return 1;
    double odds = log(p[2]) - log(p[3] + x + modified - 1) +
                  (p[0] + x) * (log(p[1] + T) - log(p[1] + t));
    return 1 / (1 + exp(odds));
}

/* The sum of the header over N ~ NegBin(shape, z). P(N = j) is kept up to a factor that cancels
 * against the sum of all of them: no power is ever computed, nothing under- or overflows. */
static double purchases(double shape, double z, double a, double b) {
    double chance = 1, kept = 1, weight = 0, all = 1, sum = 0; /* of j = 0 */
    for (int64_t j = 1; j < 4000000; j++) {
        chance *= (shape + (double)j - 1) / (double)j * z;
        weight += kept;
        kept *= (b + (double)j - 1) / (a + b + (double)j - 1);
        all += chance;
        sum += chance * weight;
        double ratio = z * (shape + (double)j) / ((double)j + 1); /* break: only when to stop */
        double gap = 1 - ratio;                                   /* break: only when to stop */
        if (gap > 0 && chance * (weight + 1) < 1e-14 * gap * gap * sum) break; /* break: so too */
        if (all > 1e250) chance *= 1e-250, all *= 1e-250, sum *= 1e-250;
    }
    return sum / all;
}

double bgnbd_ahead(bool modified, const double p[4], double x, double T, double time) {
    if (time <= 0) return 0;
    return purchases(p[0] + x, time / (p[1] + T + time), p[2], p[3] + x + modified);
}

double bgnbd_expected(bool modified, const double p[4], double time) {
    double start = modified ? p[3] / (p[2] + p[3]) : 1;
    return start * bgnbd_ahead(modified, p, 0, 0, time);
}

/* ln (B(a + i, b + j) / B(a, b)) */
static double log_beta_ratio(double a, double b, double i, double j) {
    return special_lgamma(a + i) - special_lgamma(a) + special_lgamma(b + j) - special_lgamma(b) +
           special_lgamma(a + b) - special_lgamma(a + b + i + j);
}

double bgnbd_chance(bool modified, const double p[4], int n, double time) {
    double r = p[0], a = p[2], b = p[3], z = time / (p[1] + time);
    double chance = exp(r * log1p(-z)), below = 0; /* P(n of NegBin), P(fewer than n) */
    assert(n >= 0 && time >= 0);
    for (int j = 0; j < n; j++) {
        below += chance;
        chance *= (r + j) / (j + 1) * z;
    }
    double kept = exp(log_beta_ratio(a, b, 0, n + modified)) * chance;
    if (n == 0 && !modified) return kept;
    return kept + exp(log_beta_ratio(a, b, 1, n + modified - 1)) * (1 - below);
}
