/* arima_poly: the polynomials of an ARIMA model: products, roots, partial autocorrelations. */
#include <math.h>
#include <string.h>

#include "models/forecast/arima_core.h"

/* (1 + s a(B)) (1 + s b(B^m)) = 1 + s c(B) + …: s = -1 for autoregressions. */
static arima_lags product(const double *a, int n, const double *b, int bn, int m, double s) {
    arima_lags to = {0};
    for (int j = 0; j <= bn; j++)
        for (int i = 0; i <= n; i++) {
            if (i + j == 0) continue;
            double c = (i ? a[i - 1] : 1) * (j ? b[j - 1] : 1) * (i && j ? s : 1);
            int lag = i + j * m, at = to.n;
            while (at > 0 && to.lag[at - 1] > lag) at--;
            if (at > 0 && to.lag[at - 1] == lag) {
                to.c[at - 1] += c;
                continue;
            }
            size_t after = (size_t)(to.n++ - at);
            memmove(&to.lag[at + 1], &to.lag[at], sizeof(int) * after);
            memmove(&to.c[at + 1], &to.c[at], sizeof(double) * after);
            to.lag[at] = lag, to.c[at] = c;
        }
    return to;
}

arima_lags arima_ar_lags(const arima_order *o, const arima_coefficients *at) {
    return product(at->ar, o->p, at->sar, o->sp, o->m, -1);
}

arima_lags arima_ma_lags(const arima_order *o, const arima_coefficients *at) {
    return product(at->ma, o->q, at->sma, o->sq, o->m, 1);
}

/* Levinson's recursion downwards; false at a partial autocorrelation outside (-1, 1). */
static bool step_down(double *c, int n, double *r) {
    double before[ARIMA_MOST];
    for (int k = n; k >= 1; k--) {
        double last = c[k - 1];
        if (r) r[k - 1] = last;
        if (!(fabs(last) < 1)) return false;
        memcpy(before, c, sizeof before);
        for (int i = 0; i < k - 1; i++)
            c[i] = (before[i] + last * before[k - 2 - i]) / (1 - last * last);
    }
    return true;
}

bool arima_stable(const double *c, int n, double radius) {
    double scaled[ARIMA_MOST] = {0}, by = 1;
    for (int i = 0; i < n; i++) by *= radius, scaled[i] = c[i] * by;
    return step_down(scaled, n, NULL);
}

void arima_to_partial(const double *c, int n, double *r) {
    double copy[ARIMA_MOST] = {0};
    memcpy(copy, c, sizeof(double) * (size_t)n);
    for (int i = 0; i < n; i++) r[i] = 0;
    step_down(copy, n, r);
}

void arima_from_partial(const double *r, int n, double *c) {
    double before[ARIMA_MOST] = {0};
    for (int k = 1; k <= n; k++) {
        for (int i = 0; i < k - 1; i++) c[i] = before[i] - r[k - 1] * before[k - 2 - i];
        c[k - 1] = r[k - 1];
        memcpy(before, c, sizeof(double) * (size_t)k);
    }
}

static bool stable_ma(const double *c, int n, double radius) {
    double turned[ARIMA_MOST];
    for (int i = 0; i < n; i++) turned[i] = -c[i];
    return arima_stable(turned, n, radius);
}

bool arima_all_stable(const arima_order *o, const arima_coefficients *at, double radius,
                      double seasonal) {
    return arima_stable(at->ar, o->p, radius) && arima_stable(at->sar, o->sp, seasonal) &&
           stable_ma(at->ma, o->q, radius) && stable_ma(at->sma, o->sq, seasonal);
}
