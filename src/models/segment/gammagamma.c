/* gammagamma: what a customer spends at a purchase: the Gamma-Gamma model. */
#include "models/segment/gammagamma.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/segment/special.h"

enum { PIECE = 8192, GROUP = 8, SAMPLE = 8192 };

/* Customers of one x, at most PIECE: where they lie in z. */
typedef struct piece {
    int64_t from, to;
    int32_t x; /* index into at_x */
} piece;

/* The customers of a fit in the order of x. */
typedef struct spenders {
    int64_t n, pieces;
    int32_t n_x;
    const double *at_x;
    double *z;             /* [n] x m, in units of `unit` */
    piece *piece;          /* [pieces] */
    double *count, *log_m; /* [n_x] customers; sum of ln m */
    double v;              /* of the evaluation */
    double *sum;           /* [pieces, 2] sums of ln(z + v) and 1 / (z + v) */
    pool *threads;
    double unit;
} spenders;

/* One logarithm for GROUP customers: of their product. A z is in units of the mean of all, hence at
 * most customers x purchases, and v within a millionth and a million: no product overflows. */
static void add_piece(void *what, int64_t k, arena scratch) {
    const spenders *s = what;
    const double *z = s->z, v = s->v;
    int64_t i = s->piece[k].from, to = s->piece[k].to;
    double logs = 0, over = 0;
    (void)scratch;
    for (; i + GROUP <= to; i += GROUP) {
        double product = 1;
        for (int j = 0; j < GROUP; j++) {
            double y = z[i + j] + v;
            product *= y;
            over += 1 / y;
        }
        logs += log(product);
    }
    for (; i < to; i++) {
        logs += log(z[i] + v);
        over += 1 / (z[i] + v);
    }
    s->sum[2 * k] = logs;
    s->sum[2 * k + 1] = over;
}

/* Money in units of s->unit throughout. Parameters: p, q - 1, v. */
static double likelihood_at(void *what, const double *at, double *g) {
    spenders *s = what;
    double p = at[0], q = 1 + at[1], v = s->v = at[2], value = 0;
    memset(g, 0, 3 * sizeof *g);
    pool_for(s->threads, s->pieces, add_piece, s);
    for (int64_t k = 0; k < s->pieces;) {
        int32_t ix = s->piece[k].x;
        double x = s->at_x[ix], n = s->count[ix], logs = 0, over = 0;
        for (; k < s->pieces && s->piece[k].x == ix; k++) {
            logs += s->sum[2 * k];
            over += s->sum[2 * k + 1];
        }
        double a = p * x, log_x = log(x), both = special_digamma(a + q);
        value += n * (special_lgamma(a + q) - special_lgamma(a) - special_lgamma(q) +
                      q * log(v) + a * log_x) + (a - 1) * s->log_m[ix] - (a + q) * logs;
        g[0] += x * (n * (both - special_digamma(a) + log_x) + s->log_m[ix] - logs);
        g[1] += n * (both - special_digamma(q) + log(v)) - logs;
        g[2] += n * q / v - (a + q) * over;
    }
    return value;
}

double gammagamma_plain(const double p[3], const double *x, const double *m, int64_t n,
                        double g[3]) {
    double value = 0;
    memset(g, 0, 3 * sizeof *g);
    for (int64_t i = 0; i < n; i++) {
        double a = p[0] * x[i], q = p[1], v = p[2], y = x[i] * m[i] + v;
        double both = special_digamma(a + q);
        value += special_lgamma(a + q) - special_lgamma(a) - special_lgamma(q) + q * log(v) +
                 (a - 1) * log(m[i]) + a * log(x[i]) - (a + q) * log(y);
        g[0] += x[i] * (both - special_digamma(a) + log(m[i]) + log(x[i]) - log(y));
        g[1] += both - special_digamma(q) + log(v) - log(y);
        g[2] += q / v - (a + q) / y;
    }
    return value;
}

/* Takes every step-th of the customers order[n], which ascend by x. */
static spenders gather(const int32_t *order, int64_t n, int64_t step, const double *x,
                       const double *m, double unit, arena *keep) {
    spenders s = {.n = (n + step - 1) / step, .unit = unit};
    double *at = take(keep, double, s.n);
    s.z = take_raw(keep, double, s.n);
    s.count = take(keep, double, s.n);
    s.log_m = take(keep, double, s.n);
    s.piece = take(keep, piece, s.n / PIECE + s.n);
    for (int64_t i = 0; i < s.n; i++) {
        int32_t c = order[i * step];
        if (s.n_x == 0 || at[s.n_x - 1] != x[c]) at[s.n_x++] = x[c];
        int32_t ix = s.n_x - 1;
        piece *last = s.pieces ? &s.piece[s.pieces - 1] : NULL;
        if (!last || last->x != ix || last->to - last->from == PIECE)
            s.piece[s.pieces++] = (piece){i, i + 1, ix};
        else last->to++;
        s.z[i] = x[c] * m[c] / unit;
        s.count[ix]++;
        s.log_m[ix] += log(m[c] / unit);
    }
    s.at_x = at;
    s.sum = take(keep, double, 2 * s.pieces);
    return s;
}

static double correlate(const int32_t *order, int64_t n, const double *x, const double *m) {
    double mean_x = 0, mean_m = 0, xx = 0, mm = 0, xm = 0;
    for (int64_t i = 0; i < n; i++) {
        mean_x += x[order[i]] / (double)n;
        mean_m += m[order[i]] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        double dx = x[order[i]] - mean_x, dm = m[order[i]] - mean_m;
        xx += dx * dx, mm += dm * dm, xm += dx * dm;
    }
    return xx > 0 && mm > 0 ? xm / sqrt(xx * mm) : 0;
}

static likelihood problem(spenders *s, double ridge, const double (*starts)[LIKELIHOOD_MOST],
                          int n) {
    return (likelihood){.n = 3, .what = s, .at = likelihood_at, .observations = (double)s->n,
                        .ridge = ridge, .unit = {1, 1, 1}, .starts = starts, .n_starts = n};
}

bool gammagamma_fit(gammagamma *g, const double *x, const double *m, int64_t n, double ridge,
                    pool *threads, arena scratch, err *e) {
    static const double starts[][LIKELIHOOD_MOST] = {{5, 3, 1}, {1, 1, 1}, {20, 5, 0.2}};
    int32_t *order = take_raw(&scratch, int32_t, n);
    int64_t some = 0;
    double unit = 0;
    for (int64_t i = 0; i < n; i++)
        if (x[i] >= 1 && m[i] > 0 && isfinite(m[i])) order[some++] = (int32_t)i;
    if (some < 2)
        return refuse(e, "what customers spend cannot be modelled: %lld of %lld have a repeat "
                         "purchase with money, at least 2 are needed",
                      (long long)some, (long long)n);
    order_up(order, some, x, scratch);
    for (int64_t i = 0; i < some; i++) unit += m[order[i]] / (double)some;
    int64_t step = (some + SAMPLE - 1) / SAMPLE;
    spenders s = gather(order, some, step, x, m, unit, &scratch);
    s.threads = threads;
    likelihood f = problem(&s, ridge, starts, 3);
    g->fit = likelihood_maximise(&f, scratch);
    if (step > 1) {
        double found[1][LIKELIHOOD_MOST];
        int evaluations = g->fit.evaluations;
        memcpy(found[0], g->fit.p, sizeof found[0]);
        s = gather(order, some, 1, x, m, unit, &scratch);
        s.threads = threads;
        f = problem(&s, ridge, (const double(*)[LIKELIHOOD_MOST])found, 1);
        g->fit = likelihood_maximise(&f, scratch);
        g->fit.evaluations += evaluations;
    }
    g->fit.p[1] += 1;
    g->fit.p[2] *= unit;
    g->fit.error[2] *= unit;
    g->fit.value -= (double)some * log(unit); /* a density of money in its own unit */
    g->customers = some;
    g->correlation = correlate(order, some, x, m);
    return true;
}

double gammagamma_mean(const double p[3], double x, double m) {
    double spent = x > 0 ? x * fmax(m, 0) : 0;
    return p[0] * (p[2] + spent) / (p[0] * x + p[1] - 1);
}
