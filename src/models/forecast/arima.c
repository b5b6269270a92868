/* arima: autoregression, differences and moving averages, with seasons and regressors. */
#include "models/forecast/arima.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/arima_core.h"

static const char *check_order(const arima_order *o) {
    if (o->p < 0 || o->p > ARIMA_MOST || o->q < 0 || o->q > ARIMA_MOST)
        return "p and q must be 0..8";
    if (o->sp < 0 || o->sp > ARIMA_MOST_SEASONAL || o->sq < 0 || o->sq > ARIMA_MOST_SEASONAL)
        return "P and Q must be 0..3";
    if (o->d < 0 || o->d > 2 || o->sd < 0 || o->sd > 1) return "d must be 0..2 and D 0 or 1";
    if (o->m < 1 || o->m > 8784) return "the season of an order must be 1..8784 observations";
    if (o->m == 1 && o->sp + o->sd + o->sq > 0) return "P, D and Q need a season above 1";
    return NULL;
}

const char *arima_check(const double *y, int n, arima_params p) {
    const char *why = p.search ? NULL : check_order(&p.order);
    if (why) return why;
    if (p.season < 1 || p.season > 8784) return "season must be 1..8784 observations";
    if (p.most_p < 0 || p.most_p > ARIMA_MOST || p.most_q < 0 || p.most_q > ARIMA_MOST)
        return "most_p and most_q must be 0..8";
    if (p.models < 1 || p.models > 1000) return "models must be 1..1000";
    if (!(p.root >= 1 && p.root < 2)) return "root must be at least 1 and below 2";
    if (p.n_x < 0 || p.n_x > ARIMA_MOST_REGRESSORS) return "at most 32 regressors can be used";
    if (!y) return NULL;
    if (n < 1) return "a series needs at least one value";
    for (int t = 0; t < n; t++)
        if (!isfinite(y[t])) return "the series has a value that is not a finite number";
    for (int64_t i = 0; i < (int64_t)n * p.n_x; i++)
        if (!isfinite(p.x[i])) return "a regressor has a value that is not a finite number";
    if (!p.search && n < p.order.d + p.order.m * p.order.sd + p.order.p + p.order.q + p.order.sp +
                             p.order.sq + p.n_x + p.order.constant + 2)
        return "the series is too short for this order";
    return NULL;
}

static int difference(double *x, int n, int lag) {
    for (int t = lag; t < n; t++) x[t - lag] = x[t] - x[t - lag];
    return n - lag;
}

static int difference_all(double *x, int n, const arima_order *o) {
    if (o->sd) n = difference(x, n, o->m);
    for (int i = 0; i < o->d; i++) n = difference(x, n, 1);
    return n;
}

arima_data arima_difference(const double *y, int n, const double *x, int n_x,
                            const arima_order *o, arena *keep) {
    arima_data d = {.k = n_x + o->constant, .z = take_copy(keep, double, y, n)};
    d.n = difference_all(d.z, n, o);
    d.x = take(keep, double, (int64_t)d.k *n + n);
    for (int t = 0; t < d.n && o->constant; t++) d.x[t] = 1;
    for (int i = 0; i < n_x; i++) { /* each column is as long as w; the last has room to shrink */
        double *to = &d.x[(int64_t)(i + o->constant) * d.n];
        for (int t = 0; t < n; t++) to[t] = x[(int64_t)t * n_x + i];
        difference_all(to, n, o);
    }
    double mean = 0;
    for (int t = 0; t < d.n; t++) mean += d.z[t] / d.n;
    for (int t = 0; t < d.n; t++) d.total += (d.z[t] - mean) * (d.z[t] - mean);
    d.total = fmax(d.total, 1e-30);
    return d;
}

static bool all_equal(const double *y, int n) {
    for (int t = 1; t < n; t++)
        if (y[t] != y[0]) return false;
    return true;
}

/* Lags of (1-B)^d (1-B^m)^D: eta_t = w_t + sum_j delta_j eta_{t-j}, delta[d + m D + 1] from 0. */
static int integration(const arima_order *o, double *delta) {
    int n = o->d + o->m * o->sd;
    for (int j = 0; j <= n; j++) delta[j] = 0;
    static const double powers[3][3] = {{1, 0, 0}, {1, -1, 0}, {1, -2, 1}};
    for (int i = 0; i <= o->d; i++) {
        delta[i] += powers[o->d][i];
        if (o->sd) delta[i + o->m] -= powers[o->d][i];
    }
    for (int j = 0; j <= n; j++) delta[j] = -delta[j];
    return n;
}

/* The model of one order, at its likeliest or as found; false when its roots are too close to the
 * circle. */
static bool settle(arima_model *m, const double *y, const arima_params *p, const arima_found *from,
                   bool likeliest, arena *keep, arena scratch) {
    int n = m->n;
    m->order = from->order, m->at = from->at;
    arima_data d = arima_difference(y, n, p->x, p->n_x, &m->order, &scratch);
    arima_exact e = likeliest
                        ? arima_exact_fit(&d, &m->order, &m->at, m->beta, scratch)
                        : arima_exact_run(&d, &m->order, &m->at, m->beta, NULL, scratch);
    if (!isfinite(e.loglik)) return false;
    const arima_order *o = &m->order;
    if (p->search && !arima_all_stable(o, &m->at, p->root, p->root)) return false;
    m->k = o->p + o->q + o->sp + o->sq + d.k + 1;
    m->loglik = e.loglik;
    m->aic = 2.0 * m->k - 2 * e.loglik;
    m->aicc = m->aic + 2.0 * m->k * (m->k + 1) / (d.n - m->k - 1);
    m->bic = m->k * log(d.n) - 2 * e.loglik;
    m->sigma2 = e.sum / (d.n - m->k + 1 > 0 ? d.n - m->k + 1 : 1);
    m->r = arima_reach(o);
    m->state = take(keep, double, m->r);
    arima_exact_run(&d, o, &m->at, m->beta, m->state, scratch);
    int tail = o->d + o->m * o->sd;
    m->tail = take(keep, double, tail);
    for (int i = 0; i < tail; i++) {
        int t = n - tail + i;
        m->tail[i] = y[t];
        for (int j = 0; j < p->n_x; j++)
            m->tail[i] -= m->beta[o->constant + j] * p->x[(int64_t)t * p->n_x + j];
    }
    return true;
}

/* A constant, when nothing else can be said. */
static void settle_constant(arima_model *m, const double *y, int n, arena *keep) {
    double mean = 0, sum = 0;
    for (int t = 0; t < n; t++) mean += y[t] / n;
    if (all_equal(y, n)) mean = y[0];
    for (int t = 0; t < n; t++) sum += (y[t] - mean) * (y[t] - mean);
    m->order = (arima_order){.m = 1, .constant = true};
    m->at = (arima_coefficients){0};
    m->beta[0] = mean;
    for (int j = 0; j < m->n_x; j++) m->beta[1 + j] = 0;
    m->k = 2, m->r = 1;
    m->sigma2 = n > 1 ? sum / (n - 1) : 0;
    m->loglik = m->aic = m->aicc = m->bic = NAN;
    m->tail = take(keep, double, 1);
    m->state = take(keep, double, 1);
}

static bool collinear(const double *y, int n, const arima_params *p, arena scratch) {
    int k = p->n_x;
    arima_order flat = {.m = 1, .constant = true};
    arima_data d = arima_difference(y, n, p->x, k, &flat, &scratch);
    double *a = take(&scratch, double, k *k), *b = take(&scratch, double, k);
    for (int i = 0; i < k; i++) { /* about the mean, to a length of 1 */
        double *x = &d.x[(int64_t)(i + 1) * n], mean = 0, square = 0;
        for (int t = 0; t < n; t++) mean += x[t] / n;
        for (int t = 0; t < n; t++) x[t] -= mean;
        for (int t = 0; t < n; t++) square += x[t] * x[t]; /* break: keeps numbers near 1 */
        for (int t = 0; t < n && square > 0; t++) x[t] /= sqrt(square);
        for (int j = 0; j <= i; j++)
            for (int t = 0; t < n; t++) a[i * k + j] += x[t] * d.x[(int64_t)(j + 1) * n + t];
        a[i * k + i] *= 1 - 1e-9; /* what is left to a column must be more than rounding */
    }
    return !arima_solve(a, b, k);
}

static bool fit_order(arima_model *m, const double *y, const arima_params *p, arena *keep,
                      arena scratch) {
    arima_found one = {.order = p->order};
    arima_data d = arima_difference(y, m->n, p->x, p->n_x, &one.order, &scratch);
    arena starts = arena_split(&scratch, 16384);
    arima_starts a = arima_starts_new(&d, one.order.m, one.order.p > one.order.q ? one.order.p
                                      : one.order.q, ARIMA_MOST_SEASONAL, &starts, scratch);
    arima_start(&a, &one.order, &one.at, scratch);
    double beta[ARIMA_MOST_REGRESSORS + 1] = {0};
    arima_css unused;
    arima_exact_run(&d, &one.order, &one.at, beta, NULL, scratch);
    arima_css_fit(&d, &one.order, &one.at, beta, &unused, scratch);
    m->tried = 1;
    return settle(m, y, p, &one, true, keep, scratch);
}

bool arima_fit(arima_model *m, const double *y, int n, arima_params p, arena *keep, arena scratch,
               err *e) {
    assert(arena_apart(keep, &scratch));
    const char *why = arima_check(y, n, p);
    if (why) return refuse(e, "%s", why);
    *m = (arima_model){.n = n, .n_x = p.n_x};
    if (p.n_x && n < 2 * p.n_x + 3)
        return refuse(e, "%d values are too few for %d regressors", n, p.n_x);
    if (p.n_x && collinear(y, n, &p, scratch))
        return refuse(e, "a regressor is constant or a sum of the others; leave it out");
    if (all_equal(y, n)) return settle_constant(m, y, n, keep), true;
    if (!p.search) {
        if (fit_order(m, y, &p, keep, scratch)) return true;
        return refuse(e, "the likelihood of this order is not finite for the series");
    }
    arima_found best;
    if (!arima_search(y, n, &p, &best, &m->tried, scratch) ||
        (!settle(m, y, &p, &best, true, keep, scratch) &&
         !settle(m, y, &p, &best, false, keep, scratch)))
        settle_constant(m, y, n, keep);
    return true;
}

/* psi_0 … of the model for y, differences included: to[steps]. */
static void responses(const arima_model *m, const double *delta, int n_delta, int steps,
                      double *to, arena scratch) {
    arima_lags ar = arima_ar_lags(&m->order, &m->at), ma = arima_ma_lags(&m->order, &m->at);
    double *u = take(&scratch, double, steps); /* of w alone */
    u[0] = 1;
    for (int i = 0; i < ma.n; i++)
        if (ma.lag[i] < steps) u[ma.lag[i]] += ma.c[i];
    for (int j = 1; j < steps; j++)
        for (int i = 0; i < ar.n && ar.lag[i] <= j; i++) u[j] += ar.c[i] * u[j - ar.lag[i]];
    for (int j = 0; j < steps; j++) {
        to[j] = u[j];
        for (int i = 1; i <= n_delta && i <= j; i++)
            if (delta[i] != 0) to[j] += delta[i] * to[j - i];
    }
}

static void means(const arima_model *m, const double *x, const double *delta, int n_delta,
                  band *to, arena scratch) {
    const arima_order *o = &m->order;
    arima_lags ar = arima_ar_lags(o, &m->at);
    int steps = to->steps;
    double *w = take(&scratch, double, steps), *eta = take(&scratch, double, n_delta + steps);
    memcpy(eta, m->tail, sizeof(double) * (size_t)n_delta);
    for (int h = 0; h < steps; h++) {
        w[h] = h < m->r ? m->state[h] : 0;
        for (int i = 0; i < ar.n && ar.lag[i] <= h; i++) w[h] += ar.c[i] * w[h - ar.lag[i]];
        double at = w[h] + (o->constant ? m->beta[0] : 0);
        for (int i = 1; i <= n_delta; i++)
            if (delta[i] != 0) at += delta[i] * eta[n_delta + h - i];
        eta[n_delta + h] = to->mean[h] = at;
        for (int j = 0; j < m->n_x; j++)
            to->mean[h] += m->beta[o->constant + j] * x[(int64_t)h * m->n_x + j];
    }
}

void arima_forecast(const arima_model *m, const double *x, band *to, arena scratch) {
    assert(m->n_x == 0 || x);
    int steps = to->steps;
    double *delta = take(&scratch, double, m->order.d + m->order.m + 1);
    double *psi = take(&scratch, double, steps);
    int n_delta = integration(&m->order, delta);
    means(m, x, delta, n_delta, to, scratch);
    responses(m, delta, n_delta, steps, psi, scratch);
    double variance = 0, sum = 0, total = 0;
    for (int h = 0; h < steps; h++) {
        variance += psi[h] * psi[h];
        sum += psi[h]; /* an error moves all later steps; break: only its square is read */
        total += sum * sum;
        band_normal(to, h, sqrt(m->sigma2 * variance));
    }
    to->total_sd = sqrt(m->sigma2 * total);
}

static char *put_number(char *to, int number) {
    char digits[12];
    int n = 0;
    do digits[n++] = (char)('0' + number % 10), number /= 10;
    while (number > 0);
    while (n > 0) *to++ = digits[--n];
    return to;
}

static char *put_three(char *to, int a, int b, int c) {
    *to++ = '(', to = put_number(to, a), *to++ = ',';
    to = put_number(to, b), *to++ = ',', to = put_number(to, c);
    *to++ = ')';
    return to;
}

void arima_name(const arima_order *o, char *name) {
    char *to = put_three(stpcpy(name, "ARIMA"), o->p, o->d, o->q);
    if (o->sp + o->sd + o->sq > 0) {
        to = put_three(to, o->sp, o->sd, o->sq);
        *to++ = '[', to = put_number(to, o->m), *to++ = ']';
    }
    *to = 0;
    if (o->constant) stpcpy(to, o->d + o->sd > 0 ? " drift" : " mean");
}
