/* arima_css: the conditional sum of squares of an ARIMA model and its least point. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/arima_core.h"

enum { MOST = 2 * (ARIMA_MOST + ARIMA_MOST_SEASONAL) + ARIMA_MOST_REGRESSORS + 1 };
enum { STEPS = 40 };
#define UNIT 1.0005 /* roots stay further from 0 than this */

typedef struct work {
    const arima_data *d;
    const arima_order *o;
    int n, from, k; /* values; the first that counts; parameters */
    double *w;      /* [n] z - X beta */
    double *s, *v;  /* [n] Phi(B^m) w, phi(B) w */
    double *e;      /* [n] residuals, 0 before from */
    double *g, *h;  /* [n] e filtered by 1/theta and by 1/Theta */
    double *slope;  /* [k, n] derivatives of e */
} work;

typedef struct point {
    arima_coefficients at;
    double beta[ARIMA_MOST_REGRESSORS + 1];
} point;

/* to_t = x_t - sum_i c_i x_{t - i step}, t >= from. */
static void moving(const double *x, int from, int n, const double *c, int count, int step,
                   double *to) {
    for (int t = from; t < n; t++) to[t] = x[t];
    for (int i = 0; i < count; i++) {
        double by = c[i];
        const double *lagged = x - (i + 1) * step;
        for (int t = from; t < n; t++) to[t] -= by * lagged[t];
    }
}

/* x_t <- x_t - sum_i c_i x_{t - i step}, with zeros before from: division by a polynomial. */
static void divide(double *x, int from, int n, const double *c, int count, int step) {
    if (count == 1) {
        for (int t = from + step; t < n; t++) x[t] -= c[0] * x[t - step];
        return;
    }
    if (count == 2) {
        for (int t = from + step; t < n && t < from + 2 * step; t++) x[t] -= c[0] * x[t - step];
        for (int t = from + 2 * step; t < n; t++)
            x[t] -= c[1] * x[t - 2 * step] + c[0] * x[t - step];
        return;
    }
    for (int t = from; t < n; t++)
        for (int i = count; i >= 1; i--)
            if (t - i * step >= from) x[t] -= c[i - 1] * x[t - i * step];
}

static double dot(const double *a, const double *b, int from, int n) {
    double sum[4] = {0};
    int t = from;
    for (; t + 4 <= n; t += 4)
        for (int j = 0; j < 4; j++) sum[j] += a[t + j] * b[t + j];
    for (; t < n; t++) sum[0] += a[t] * b[t];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double residuals(work *k, const point *p) {
    const arima_order *o = k->o;
    int n = k->n;
    memcpy(k->w, k->d->z, sizeof(double) * (size_t)n);
    for (int j = 0; j < k->d->k; j++)
        for (int t = 0; t < n; t++) k->w[t] -= p->beta[j] * k->d->x[j * n + t];
    moving(k->w, o->m * o->sp, n, p->at.sar, o->sp, o->m, k->s);
    moving(k->s, k->from, n, p->at.ar, o->p, 1, k->e);
    divide(k->e, k->from, n, p->at.ma, o->q, 1);
    divide(k->e, k->from, n, p->at.sma, o->sq, o->m);
    double sum = dot(k->e, k->e, k->from, n);
    return isfinite(sum) ? sum : INFINITY;
}

static void shift(const double *x, int from, int n, int lag, double *to) {
    int first = from + lag < n ? from + lag : n;
    for (int t = from; t < first; t++) to[t] = 0;
    for (int t = first; t < n; t++) to[t] = -x[t - lag];
}

/* The column of a parameter on the autoregressive side: -x lagged, divided by both averages. */
static void column(work *k, const point *p, const double *x, int lag, double *to) {
    const arima_order *o = k->o;
    for (int t = k->from; t < k->n; t++) to[t] = -x[t - lag];
    divide(to, k->from, k->n, p->at.ma, o->q, 1);
    divide(to, k->from, k->n, p->at.sma, o->sq, o->m);
}

/* Derivatives of e at the point of the latest residuals. */
static void slopes(work *k, const point *p) {
    const arima_order *o = k->o;
    int n = k->n, at = 0;
    double *to = k->slope;
    for (int i = 1; i <= o->p; i++) column(k, p, k->s, i, &to[at++ * n]);
    memcpy(k->g, k->e, sizeof(double) * (size_t)n);
    if (o->q) divide(k->g, k->from, n, p->at.ma, o->q, 1);
    for (int i = 1; i <= o->q; i++) shift(k->g, k->from, n, i, &to[at++ * n]);
    if (o->sp) moving(k->w, o->p, n, p->at.ar, o->p, 1, k->v);
    for (int i = 1; i <= o->sp; i++) column(k, p, k->v, i * o->m, &to[at++ * n]);
    memcpy(k->h, k->e, sizeof(double) * (size_t)n);
    if (o->sq) divide(k->h, k->from, n, p->at.sma, o->sq, o->m);
    for (int i = 1; i <= o->sq; i++) shift(k->h, k->from, n, i * o->m, &to[at++ * n]);
    for (int j = 0; j < k->d->k; j++) { /* g and v are free again */
        moving(&k->d->x[j * n], o->m * o->sp, n, p->at.sar, o->sp, o->m, k->v);
        moving(k->v, k->from, n, p->at.ar, o->p, 1, k->g);
        column(k, p, k->g, 0, &to[at++ * n]);
    }
    assert(at == k->k);
}

static point moved(const work *k, const point *p, const double *step) {
    const arima_order *o = k->o;
    point to = *p;
    for (int i = 0; i < o->p; i++) to.at.ar[i] += *step++;
    for (int i = 0; i < o->q; i++) to.at.ma[i] += *step++;
    for (int i = 0; i < o->sp; i++) to.at.sar[i] += *step++;
    for (int i = 0; i < o->sq; i++) to.at.sma[i] += *step++;
    for (int i = 0; i < k->d->k; i++) to.beta[i] += *step++;
    return to;
}

bool arima_solve(double *a, double *b, int n) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double sum = a[i * n + j];
            for (int l = 0; l < j; l++) sum -= a[i * n + l] * a[j * n + l];
            if (i != j) a[i * n + j] = sum / a[j * n + j];
            else if (sum > 1e-14 * a[i * n + i]) a[i * n + i] = sqrt(sum);
            else return false;
        }
    for (int i = 0; i < n; i++) {
        for (int l = 0; l < i; l++) b[i] -= a[i * n + l] * b[l];
        b[i] /= a[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int l = i + 1; l < n; l++) b[i] -= a[l * n + i] * b[l];
        b[i] /= a[i * n + i];
    }
    return true;
}

/* c_j <- c_j by^j with the largest by of 0.98, 0.96, … that keeps the roots outside. */
static void hold(double *c, int n, double sign) {
    for (int i = 0; i < 40; i++) {
        double turned[ARIMA_MOST], by = 1;
        for (int j = 0; j < n; j++) turned[j] = sign * c[j];
        if (arima_stable(turned, n, UNIT)) return;
        for (int j = 0; j < n; j++) by *= 0.98, c[j] *= by;
    }
    for (int j = 0; j < n; j++) c[j] = 0;
}

static void hold_in(const arima_order *o, arima_coefficients *at) {
    hold(at->ar, o->p, 1);
    hold(at->sar, o->sp, 1);
    hold(at->ma, o->q, -1);
    hold(at->sma, o->sq, -1);
}

/* Levenberg-Marquardt: damped steps on J'J, damping down after a success and up after a failure. */
static double improve(work *k, point *p, arena scratch) {
    double *normal = take(&scratch, double, k->k *k->k);
    double *damped = take(&scratch, double, k->k *k->k);
    double toward[MOST], step[MOST], sum = residuals(k, p), damping = 1e-3;
    int n = k->k;
    bool fresh = false;
    for (int i = 0; i < STEPS && damping < 1e10 && sum > 1e-13 * k->d->total; i++) {
        if (!fresh) {
            slopes(k, p);
            for (int a = 0; a < n; a++) {
                const double *ja = &k->slope[a * k->n];
                toward[a] = -dot(ja, k->e, k->from, k->n);
                for (int b = 0; b <= a; b++)
                    normal[a * n + b] = dot(ja, &k->slope[b * k->n], k->from, k->n);
            }
            fresh = true;
        }
        memcpy(damped, normal, sizeof(double) * (size_t)(n * n));
        for (int a = 0; a < n; a++) damped[a * n + a] *= 1 + damping;
        memcpy(step, toward, sizeof step);
        if (!arima_solve(damped, step, n)) {
            damping = damping * 8 + 1e-6;
            continue;
        }
        point next = moved(k, p, step);
        hold_in(k->o, &next.at);
        double value = residuals(k, &next);
        if (!(value < sum)) {
            damping *= 8;
            if (value - sum <= 1e-9 * sum) break; /* as good as equal */
            continue;
        }
        double gain = (sum - value) / sum;
        *p = next, sum = value, fresh = false;
        damping *= 0.2;
        if (gain < 1e-7) break;
    }
    return sum;
}

bool arima_css_fit(const arima_data *d, const arima_order *o, arima_coefficients *at,
                   double *beta, arima_css *to, arena scratch) {
    int n = d->n;
    work k = {.d = d, .o = o, .n = n, .from = o->p + o->m * o->sp,
              .k = o->p + o->q + o->sp + o->sq + d->k};
    if (n - k.from < k.k + 2) return false;
    double **vectors[] = {&k.w, &k.s, &k.v, &k.e, &k.g, &k.h};
    for (int i = 0; i < 6; i++) *vectors[i] = take(&scratch, double, n);
    k.slope = take_raw(&scratch, double, (int64_t)k.k *n);
    point p = {.at = *at};
    memcpy(p.beta, beta, sizeof(double) * (size_t)d->k);
    to->sum = k.k ? improve(&k, &p, scratch) : residuals(&k, &p);
    to->used = n - k.from;
    *at = p.at;
    memcpy(beta, p.beta, sizeof(double) * (size_t)d->k);
    return isfinite(to->sum);
}

/* ---- start values ---- */

static double sum_of(const double *a, int lag_a, const double *b, int lag_b, int from, int n) {
    return dot(a - lag_a, b - lag_b, from, n);
}

/* Residuals of an autoregression on lags 1 … 8, m, m + 1, 2m by least squares. */
static bool long_residuals(const double *w, int n, int m, double *e, int *from, arena scratch) {
    int lag[12], k = 0, most = n / 4;
    for (int i = 1; i <= 8 && i <= most; i++) lag[k++] = i;
    int seasonal[] = {m, m + 1, 2 * m};
    for (int i = 0; i < 3 && m > 1; i++)
        if (seasonal[i] > 8 && seasonal[i] <= most) lag[k++] = seasonal[i];
    if (k == 0) return false;
    *from = lag[k - 1];
    double *a = take(&scratch, double, k *k), *b = take(&scratch, double, k);
    for (int i = 0; i < k; i++) {
        for (int j = 0; j <= i; j++) a[i * k + j] = sum_of(w, lag[i], w, lag[j], *from, n);
        a[i * k + i] *= 1 + 1e-6;
        b[i] = sum_of(w, lag[i], w, 0, *from, n);
    }
    if (!arima_solve(a, b, k)) return false;
    for (int t = 0; t < *from; t++) e[t] = 0;
    for (int t = *from; t < n; t++) {
        e[t] = w[t];
        for (int i = 0; i < k; i++) e[t] -= b[i] * w[t - lag[i]];
    }
    return true;
}

static void add_lag(arima_starts *a, int lag, bool ma) {
    a->lag[a->n] = lag;
    a->ma[a->n++] = ma;
}

arima_starts arima_starts_new(const arima_data *d, int m, int p, int sp, arena *keep,
                              arena scratch) {
    arima_starts a = {.m = m};
    int n = d->n, from = 0;
    double *w = take(&scratch, double, n), *e = take(&scratch, double, n), mean = 0;
    for (int t = 0; t < n; t++) mean += d->z[t] / n;
    for (int t = 0; t < n; t++) w[t] = d->z[t] - mean;
    if (!long_residuals(w, n, m, e, &from, scratch)) return a;
    int longest = sp * m > p ? sp * m : p;
    if (from + longest > n / 2) longest = from + p > n / 2 ? 0 : p;
    for (int ma = 0; ma < 2; ma++) {
        for (int i = 1; i <= p && i <= longest; i++) add_lag(&a, i, ma);
        for (int j = 1; j <= sp && j * m <= longest; j++) add_lag(&a, j * m, ma);
    }
    int k = a.n + 1;
    a.gram = take(keep, double, k *k);
    from += longest;
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) {
            const double *x = i < a.n && a.ma[i] ? e : w, *z = j < a.n && a.ma[j] ? e : w;
            int lx = i < a.n ? a.lag[i] : 0, lz = j < a.n ? a.lag[j] : 0;
            a.gram[i * k + j] = a.gram[j * k + i] = sum_of(x, lx, z, lz, from, n);
        }
    return a;
}

/* Draws coefficients towards 0 until the model is well inside. */
static void draw_in(const arima_order *o, arima_coefficients *at) {
    for (int i = 0; i < 60 && !arima_all_stable(o, at, 1.02, 1.02); i++) {
        double by = 1;
        for (int j = 0; j < ARIMA_MOST; j++) by *= 0.9, at->ar[j] *= by, at->ma[j] *= by;
        by = 1;
        for (int j = 0; j < ARIMA_MOST_SEASONAL; j++) by *= 0.9, at->sar[j] *= by, at->sma[j] *= by;
    }
}

void arima_start(const arima_starts *a, const arima_order *o, arima_coefficients *at,
                 arena scratch) {
    *at = (arima_coefficients){0};
    int wanted[2] = {o->p, o->q}, seasonal[2] = {o->sp, o->sq}, used[MOST], k = 0;
    double *to[MOST];
    for (int ma = 0; ma < 2; ma++) {
        double *plain = ma ? at->ma : at->ar, *yearly = ma ? at->sma : at->sar;
        for (int i = 0; i < a->n; i++) {
            bool here = a->ma[i] == (ma == 1);
            int lag = a->lag[i], j = a->m > 1 && lag % a->m == 0 ? lag / a->m : 0;
            double *goal = j && j <= seasonal[ma] ? &yearly[j - 1]
                           : lag <= wanted[ma] ? &plain[lag - 1] : NULL;
            if (here && goal) used[k] = i, to[k++] = goal;
        }
    }
    double *gram = take(&scratch, double, k *k), *b = take(&scratch, double, k);
    int whole = a->n + 1;
    for (int i = 0; i < k; i++) {
        for (int j = 0; j <= i; j++) gram[i * k + j] = a->gram[used[i] * whole + used[j]];
        gram[i * k + i] *= 1 + 1e-3; /* columns of both kinds are nearly the same for noise */
        b[i] = a->gram[used[i] * whole + a->n];
    }
    if (k && arima_solve(gram, b, k))
        for (int i = 0; i < k; i++) *to[i] = b[i];
    draw_in(o, at);
}
