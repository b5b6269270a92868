/* arima_exact: the exact Gaussian likelihood of an ARIMA model and its maximum. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/simd.h"
#include "models/bfgs.h"
#include "models/forecast/arima_core.h"

SIMD_DECLARE(void, arima_filter, arima_pass *p);

#define SETTLED  1e-13 /* f - 1: the likelihood changes by less than rounding from there on */
#define TINY     1e-17 /* autocovariances below this share of the variance are zero */
#define MOST_ARC 4.0   /* atanh of the largest partial autocorrelation: 0.99933 */

enum { LONGEST = 20000, ROWS = ARIMA_MOST + 1 };

int arima_reach(const arima_order *o) {
    int p = o->p + o->m * o->sp, q = o->q + o->m * o->sq + 1;
    return p > q ? p : q;
}

/* Solves a[n, n] x = b by elimination with pivots, into b; a singular system leaves zeros. */
static void solve(double *a, double *b, int n) {
    for (int i = 0; i < n; i++) {
        int best = i;
        for (int j = i + 1; j < n; j++)
            if (fabs(a[j * ROWS + i]) > fabs(a[best * ROWS + i])) best = j;
        for (int j = 0; j < n && best != i; j++) {
            double x = a[i * ROWS + j];
            a[i * ROWS + j] = a[best * ROWS + j], a[best * ROWS + j] = x;
        }
        double x = b[i];
        b[i] = b[best], b[best] = x;
        for (int j = i + 1; j < n && a[i * ROWS + i] != 0; j++) {
            double by = a[j * ROWS + i] / a[i * ROWS + i];
            for (int l = i; l < n; l++) a[j * ROWS + l] -= by * a[i * ROWS + l];
            b[j] -= by * b[i];
        }
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int l = i + 1; l < n; l++) b[i] -= a[i * ROWS + l] * b[l];
        b[i] = a[i * ROWS + i] != 0 ? b[i] / a[i * ROWS + i] : 0;
    }
}

/* Autocovariances 0 … of an ARMA(p, q) with unit innovations into to[most], at least p + 1 of them;
 * returns how many until they vanish. */
static int covariances(const double *ar, int p, const double *ma, int q, double *to, int most) {
    double psi[ROWS] = {1}, b[ROWS] = {0}, a[ROWS * ROWS] = {0}, c[ROWS];
    for (int j = 1; j <= q; j++) {
        psi[j] = ma[j - 1];
        for (int i = 1; i <= p && i <= j; i++) psi[j] += ar[i - 1] * psi[j - i];
    }
    for (int k = 0; k <= q; k++)
        for (int j = k; j <= q; j++) b[k] += (j ? ma[j - 1] : 1) * psi[j - k];
    for (int k = 0; k <= p; k++) {
        a[k * ROWS + k] += 1;
        for (int i = 1; i <= p; i++) {
            int lag = k > i ? k - i : i - k;
            a[k * ROWS + lag] -= ar[i - 1];
        }
    }
    for (int k = 0; k <= p; k++) c[k] = k <= q ? b[k] : 0;
    solve(a, c, p + 1);
    int k = 0, still = 0;
    for (; k < most && still <= p + q; k++) {
        double at = k <= q ? b[k] : 0;
        for (int i = 1; i <= p && k > p; i++) at += ar[i - 1] * to[k - i];
        to[k] = k <= p ? c[k] : at;
        still = fabs(to[k]) < TINY * to[0] ? still + 1 : 0;
    }
    return k;
}

/* Autocovariances 0 … r of the product of a plain and a seasonal model: a convolution of theirs. */
static void product_covariances(const arima_order *o, const arima_coefficients *at, int r,
                                double *to, arena scratch) {
    if (o->sp + o->sq == 0) {
        memset(to, 0, sizeof(double) * (size_t)(r + 1));
        covariances(at->ar, o->p, at->ma, o->q, to, r + 1 > o->p + 1 ? r + 1 : o->p + 1);
        return;
    }
    double *far = take_raw(&scratch, double, LONGEST), *near = take_raw(&scratch, double, LONGEST);
    int nf = covariances(at->sar, o->sp, at->sma, o->sq, far, LONGEST / o->m);
    int wanted = r + o->m * nf + 1;
    int nn = covariances(at->ar, o->p, at->ma, o->q, near, wanted < LONGEST ? wanted : LONGEST);
    for (int k = 0; k <= r; k++) {
        double sum = 0;
        int first = (k - nn + 1) / o->m - 1, last = (k + nn) / o->m;
        if (first < 1 - nf) first = 1 - nf;
        if (last > nf - 1) last = nf - 1;
        for (int j = first; j <= last; j++) {
            int lag = k - o->m * j;
            lag = lag < 0 ? -lag : lag;
            if (lag < nn) sum += far[j < 0 ? -j : j] * near[lag];
        }
        to[k] = sum;
    }
}

/* Cov(state_i, w) over sigma2 into c[r + 1], c[r] = 0. */
static void start_covariances(const arima_order *o, const arima_coefficients *at,
                              const arima_lags *ar, const arima_lags *ma, int r, double *c,
                              arena scratch) {
    double *g = take(&scratch, double, r + 2), *psi = take(&scratch, double, r + 1);
    product_covariances(o, at, r, g, scratch);
    psi[0] = 1;
    for (int i = 0; i < ma->n; i++) psi[ma->lag[i]] = ma->c[i];
    for (int j = 1; j < r; j++)
        for (int i = 0; i < ar->n && ar->lag[i] <= j; i++) psi[j] += ar->c[i] * psi[j - ar->lag[i]];
    c[0] = psi[0];
    for (int i = 0; i < r; i++) {
        c[i] = i == 0 ? 1 : 0; /* theta_0 psi_0 */
        for (int j = 0; j < ar->n; j++)
            if (ar->lag[j] > i) c[i] += ar->c[j] * g[ar->lag[j] - i];
        for (int j = 0; j < ma->n; j++)
            if (ma->lag[j] >= i) c[i] += ma->c[j] * psi[ma->lag[j] - i];
    }
    c[r] = 0;
}

/* Past where the gains settled: plain recursion, the state there as its past. */
static void finish(const arima_pass *p, const arima_lags *ar, const arima_lags *ma, int column) {
    const double *in = p->in[column], *a = &p->a[column * (p->r + 1)];
    double *out = &p->out[(int64_t)column * p->n];
    int from = p->stopped, near = from + p->r < p->n ? from + p->r : p->n;
    for (int t = from; t < near; t++) {
        double f = a[t - from];
        for (int i = 0; i < ar->n && ar->lag[i] <= t - from; i++)
            f += ar->c[i] * in[t - ar->lag[i]];
        for (int i = 0; i < ma->n && ma->lag[i] <= t - from; i++)
            f += ma->c[i] * out[t - ma->lag[i]];
        out[t] = in[t] - f;
    }
    for (int t = near; t < p->n; t++) {
        double f = 0;
        for (int i = 0; i < ar->n; i++) f += ar->c[i] * in[t - ar->lag[i]];
        for (int i = ma->n - 1; i >= 0; i--) f += ma->c[i] * out[t - ma->lag[i]];
        out[t] = in[t] - f;
    }
}

static double dot(const double *a, const double *b, int n) {
    double sum[4] = {0};
    int t = 0;
    for (; t + 4 <= n; t += 4)
        for (int j = 0; j < 4; j++) sum[j] += a[t + j] * b[t + j];
    for (; t < n; t++) sum[0] += a[t] * b[t];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Regression of column 0 of out on the others; returns the sum of squares that is left. */
static double regress(double *out, int n, int k, double *beta, arena scratch) {
    double *a = take(&scratch, double, k *k);
    for (int i = 0; i < k; i++) {
        const double *x = out + (int64_t)(i + 1) * n;
        beta[i] = dot(x, out, n);
        for (int j = 0; j <= i; j++) a[i * k + j] = dot(x, out + (int64_t)(j + 1) * n, n);
    }
    if (!arima_solve(a, beta, k)) return INFINITY;
    for (int i = 0; i < k; i++)
        for (int t = 0; t < n; t++) out[t] -= beta[i] * out[(int64_t)(i + 1) * n + t];
    return dot(out, out, n);
}

arima_exact arima_exact_run(const arima_data *d, const arima_order *o,
                            const arima_coefficients *at, double *beta, double *state,
                            arena scratch) {
    static void (*const filters[])(arima_pass *) = SIMD_TABLE(arima_filter);
    int r = arima_reach(o), n = d->n;
    arima_lags ar = arima_ar_lags(o, at), ma = arima_ma_lags(o, at);
    double *c = take(&scratch, double, r + 1), *phi = take(&scratch, double, r);
    start_covariances(o, at, &ar, &ma, r, c, scratch);
    const double *in[ARIMA_MOST_REGRESSORS + 2];
    arima_pass p = {.n = n, .r = r, .columns = d->k + 1, .phi = phi, .f = c[0], .in = in};
    p.gain = take(&scratch, double, r + 1), p.l = take(&scratch, double, r + 1);
    p.a = take(&scratch, double, p.columns *(r + 1));
    p.out = take_raw(&scratch, double, (int64_t)p.columns *n);
    p.settle = state ? -INFINITY : SETTLED;
    for (int i = 0; i < ar.n; i++) phi[ar.lag[i] - 1] = ar.c[i];
    for (int i = 0; i < r; i++) p.gain[i] = p.l[i] = phi[i] * c[0] + c[i + 1];
    in[0] = d->z;
    for (int i = 0; i < d->k; i++) in[i + 1] = &d->x[(int64_t)i * n];
    filters[simd_level()](&p);
    for (int i = 0; i < p.columns; i++) finish(&p, &ar, &ma, i);
    arima_exact to = {.sum = regress(p.out, n, d->k, beta, scratch)};
    to.sum = fmax(to.sum, 1e-14 * d->total);
    to.loglik = -(n * (log(6.283185307179586 * to.sum / n) + 1) + p.logs) / 2;
    if (!isfinite(to.loglik)) to.loglik = -INFINITY;
    for (int i = 0; i < r && state; i++) {
        state[i] = p.a[i];
        for (int j = 0; j < d->k; j++) state[i] -= beta[j] * p.a[(j + 1) * (r + 1) + i];
    }
    return to;
}

/* ---- its maximum ---- */

typedef struct problem {
    const arima_data *d;
    const arima_order *o;
    arena scratch;
    double *beta;
    int n;
    double x[2 * (ARIMA_MOST + ARIMA_MOST_SEASONAL)], value; /* the latest point */
} problem;

static int place(const double *x, int n, double sign, double *c) {
    double r[ARIMA_MOST] = {0};
    for (int i = 0; i < n; i++) r[i] = tanh(x[i]);
    arima_from_partial(r, n, c);
    for (int i = 0; i < n; i++) c[i] *= sign;
    return n;
}

static void coefficients(const arima_order *o, const double *x, arima_coefficients *at) {
    x += place(x, o->p, 1, at->ar);
    x += place(x, o->q, -1, at->ma);
    x += place(x, o->sp, 1, at->sar);
    place(x, o->sq, -1, at->sma);
}

static int unplace(const double *c, int n, double sign, double *x) {
    double turned[ARIMA_MOST] = {0}, r[ARIMA_MOST] = {0};
    for (int i = 0; i < n; i++) turned[i] = sign * c[i];
    arima_to_partial(turned, n, r);
    for (int i = 0; i < n; i++) x[i] = atanh(fmin(fmax(r[i], -0.999), 0.999));
    return n;
}

static double deviance(problem *p, const double *x) {
    arima_coefficients at = {0};
    for (int i = 0; i < p->n; i++)
        if (!(fabs(x[i]) <= MOST_ARC)) return INFINITY;
    coefficients(p->o, x, &at);
    return -2 * arima_exact_run(p->d, p->o, &at, p->beta, NULL, p->scratch).loglik / p->d->n;
}

static double value(void *what, const double *x) {
    problem *p = what;
    memcpy(p->x, x, sizeof(double) * (size_t)p->n);
    return p->value = deviance(p, x);
}

/* One-sided differences: 1e-6 balances curvature against rounding. */
static void slope(void *what, double *g) {
    problem *p = what;
    for (int i = 0; i < p->n; i++) {
        double x[2 * (ARIMA_MOST + ARIMA_MOST_SEASONAL)], by = p->x[i] > 0 ? -1e-6 : 1e-6;
        memcpy(x, p->x, sizeof x);
        x[i] += by;
        g[i] = (deviance(p, x) - p->value) / by;
    }
}

arima_exact arima_exact_fit(const arima_data *d, const arima_order *o, arima_coefficients *at,
                            double *beta, arena scratch) {
    problem p = {.d = d, .o = o, .beta = beta, .n = o->p + o->q + o->sp + o->sq};
    double x[2 * (ARIMA_MOST + ARIMA_MOST_SEASONAL)] = {0}, *to = x;
    to += unplace(at->ar, o->p, 1, to);   /* break: where the search starts, not where it ends */
    to += unplace(at->ma, o->q, -1, to);  /* break: the same */
    to += unplace(at->sar, o->sp, 1, to); /* break: the same */
    unplace(at->sma, o->sq, -1, to);
    arena work = arena_split(&scratch, 8192);
    p.scratch = scratch;
    bfgs_problem f = {p.n, &p, value, slope};
    if (p.n) bfgs_minimise(&f, x, (bfgs_params){.iterations = 60, .tolerance = 1e-10}, NULL, work);
    *at = (arima_coefficients){0};
    coefficients(o, x, at);
    return arima_exact_run(d, o, at, beta, NULL, scratch);
}
