/* affinity_prior: what lifts are like, learned from all pairs that were seen. */
#include "models/insight/affinity_prior.h"

#include <math.h>

#define MOST  10000 /* pairs that are looked at: every so many-th */
#define CHUNK 2048
#define SIDE  5     /* of the grid around each part's (ln a, ln b) */
#define TIMES 20
#define Z95   1.6448536269514722
#define EDGE  6.0 /* logarithms of a and b lie within +-EDGE */

typedef struct search {
    const affinity_pair *pair;
    int64_t n, stride, chunks;
    affinity_prior at;
    double a[2][SIDE * SIDE], b[2][SIDE * SIDE];
    double *share; /* [n] of part 1 */
    double *sum;   /* [chunks, 2, SIDE * SIDE] */
    double *parts; /* [chunks] shares of part 1 */
} search;

/* One part, with lgamma(a + n) - lgamma(a) of the counts that most pairs have. */
enum { FEW = 32 };
typedef struct part {
    double a, b, rise[FEW];
} part;

static part part_of(double a, double b) {
    part p = {a, b, {0}};
    for (int n = 1; n < FEW; n++) p.rise[n] = p.rise[n - 1] + log(a + n - 1);
    return p;
}

/* ln P(n | n >= 1) of one part, less what does not depend on it. */
static double likelihood(const part *p, affinity_pair x) {
    double rate = log(p->b + x.expected), stay = p->a * (log(p->b) - rate); /* ln P(0) */
    double rise = x.n < FEW ? p->rise[(int)x.n] : lgamma(p->a + x.n) - lgamma(p->a);
    return rise + stay - x.n * rate - log(-expm1(stay));
}

static void share_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    search *s = what;
    int64_t end = (chunk + 1) * CHUNK < s->n ? (chunk + 1) * CHUNK : s->n;
    part parts[2] = {part_of(s->at.a[0], s->at.b[0]), part_of(s->at.a[1], s->at.b[1])};
    double sum = 0.0;
    for (int64_t i = chunk * CHUNK; i < end; i++) {
        double l[2];
        for (int k = 0; k < 2; k++)
            l[k] = log(s->at.w[k]) + likelihood(&parts[k], s->pair[i * s->stride]);
        s->share[i] = 1.0 / (1.0 + exp(l[0] - l[1]));
        sum += s->share[i];
    }
    s->parts[chunk] = sum;
}

static void grid_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    search *s = what;
    int64_t end = (chunk + 1) * CHUNK < s->n ? (chunk + 1) * CHUNK : s->n;
    for (int k = 0; k < 2; k++)
        for (int g = 0; g < SIDE * SIDE; g++) {
            double sum = 0.0;
            part p = part_of(s->a[k][g], s->b[k][g]);
            for (int64_t i = chunk * CHUNK; i < end; i++) {
                double share = k ? s->share[i] : 1.0 - s->share[i];
                if (share > 1e-6) sum += share * likelihood(&p, s->pair[i * s->stride]);
            }
            s->sum[(chunk * 2 + k) * SIDE * SIDE + g] = sum;
        }
}

static double clamped(double log_value) { return exp(fmin(EDGE, fmax(-EDGE, log_value))); }

/* Moves each part to the best place of the grid around it. */
static void maximise(search *s, double step, pool *threads) {
    for (int k = 0; k < 2; k++)
        for (int g = 0; g < SIDE * SIDE; g++) {
            s->a[k][g] = clamped(log(s->at.a[k]) + (g / SIDE - 2) * step);
            s->b[k][g] = clamped(log(s->at.b[k]) + (g % SIDE - 2) * step);
        }
    pool_for(threads, s->chunks, grid_chunk, s);
    for (int k = 0; k < 2; k++) {
        double most = -INFINITY;
        int best = SIDE * SIDE / 2;
        for (int g = 0; g < SIDE * SIDE; g++) {
            double sum = 0.0;
            for (int64_t c = 0; c < s->chunks; c++) sum += s->sum[(c * 2 + k) * SIDE * SIDE + g];
            if (sum > most) most = sum, best = g;
        }
        s->at.a[k] = s->a[k][best], s->at.b[k] = s->b[k][best];
    }
}

affinity_prior affinity_prior_fit(const affinity_pair *pair, int64_t n, pool *threads,
                                  arena scratch) {
    if (n == 0) return (affinity_prior){{1, 1}, {1, 1}, {0.5, 0.5}};
    search s = {.pair = pair, .stride = n > MOST ? n / MOST : 1,
                .at = {{4.0, 0.5}, {4.0, 0.05}, {0.9, 0.1}}};
    s.n = n / s.stride;
    s.chunks = (s.n + CHUNK - 1) / CHUNK;
    s.share = take(&scratch, double, s.n);
    s.parts = take(&scratch, double, s.chunks);
    s.sum = take(&scratch, double, s.chunks * 2 * SIDE * SIDE);
    double step = 1.0;
    for (int round = 0; round < TIMES; round++, step *= 0.8) {
        double of_one = 0.0;
        pool_for(threads, s.chunks, share_chunk, &s);
        for (int64_t c = 0; c < s.chunks; c++) of_one += s.parts[c];
        of_one = fmin(1.0 - 1e-6, fmax(1e-6, of_one / (double)s.n));
        s.at.w[0] = 1.0 - of_one, s.at.w[1] = of_one;
        maximise(&s, step, threads);
    }
    if (s.at.a[0] / s.at.b[0] > s.at.a[1] / s.at.b[1])
        s.at = (affinity_prior){{s.at.a[1], s.at.a[0]}, {s.at.b[1], s.at.b[0]},
                                {s.at.w[1], s.at.w[0]}};
    return s.at;
}

/* ---- posterior ---- */

enum { TABLE = 2048 };

struct affinity_table {
    affinity_prior p;
    double rise[2][TABLE]; /* lgamma(a + n) - lgamma(a) */
    double psi[2][TABLE], psi1[2][TABLE];
};

/* Digamma and trigamma: up to 6 by recurrence, then the asymptotic series (1e-10). */
static void polygamma(double x, double *psi, double *psi1) {
    double down = 0.0, squares = 0.0;
    for (; x < 6.0; x += 1.0) down += 1.0 / x, squares += 1.0 / (x * x);
    double i = 1.0 / x, q = i * i;
    *psi = log(x) - 0.5 * i - q * (1.0 / 12 - q * (1.0 / 120 - q / 252)) - down;
    *psi1 = i + 0.5 * q + q * i * (1.0 / 6 - q * (1.0 / 30 - q / 42)) + squares;
}

affinity_table *affinity_table_of(const affinity_prior *p, arena *keep) {
    affinity_table *t = take(keep, affinity_table, 1);
    t->p = *p;
    for (int k = 0; k < 2; k++)
        for (int n = 0; n < TABLE; n++) {
            t->rise[k][n] = lgamma(p->a[k] + n) - lgamma(p->a[k]);
            polygamma(p->a[k] + n, &t->psi[k][n], &t->psi1[k][n]);
        }
    return t;
}

affinity_lift affinity_lift_of(const affinity_table *t, double n, double expected) {
    const affinity_prior *p = &t->p;
    double l[2], mean[2], centre[2], spread[2];
    for (int k = 0; k < 2; k++) {
        double shape = p->a[k] + n, rate = p->b[k] + expected, rise, log_rate = log(rate);
        if (n < TABLE) {
            int at = (int)n;
            rise = t->rise[k][at], centre[k] = t->psi[k][at], spread[k] = t->psi1[k][at];
        } else {
            rise = lgamma(shape) - lgamma(p->a[k]);
            polygamma(shape, &centre[k], &spread[k]);
        }
        double stay = p->a[k] * (log(p->b[k]) - log_rate); /* ln P(0) */
        l[k] = log(p->w[k]) + rise + stay - n * log_rate - log(-expm1(stay));
        mean[k] = shape / rate;
        centre[k] -= log_rate;
    }
    double one = 1.0 / (1.0 + exp(l[0] - l[1])), zero = 1.0 - one;
    double m = zero * centre[0] + one * centre[1], apart = centre[0] - centre[1];
    double v = zero * spread[0] + one * spread[1] + zero * one * apart * apart;
    return (affinity_lift){zero * mean[0] + one * mean[1], exp(m - Z95 * sqrt(v)),
                           exp(m + Z95 * sqrt(v))};
}
