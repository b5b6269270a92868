/* arima_core: what the files of arima share: polynomials, both likelihoods, one order's fit.
 *
 * Only arima*.c include it. */
#ifndef MODELS_FORECAST_ARIMA_CORE_H
#define MODELS_FORECAST_ARIMA_CORE_H

#include "models/forecast/arima.h"

/* A differenced series with its regressors: w = z - X beta. */
typedef struct arima_data {
    int n, k;     /* values; columns of x, the constant first */
    double *z;    /* [n] */
    double *x;    /* [k, n] one column after the other */
    double total; /* sum of squares about the mean, at least a little: what counts as perfect */
} arima_data;

/* Differences of y[n] and x[n, n_x] by the order, and its constant, into keep. */
arima_data arima_difference(const double *y, int n, const double *x, int n_x,
                            const arima_order *o, arena *keep);

/* ---- arima_poly ---- */

/* Lags with a coefficient of 1 + c_1 B^lag_1 + …, in order of lag; the constant 1 is not in it. */
enum { ARIMA_LAGS = (ARIMA_MOST + 1) * (ARIMA_MOST_SEASONAL + 1) };
typedef struct arima_lags {
    int n, lag[ARIMA_LAGS];
    double c[ARIMA_LAGS];
} arima_lags;

/* w_t = sum c w_{t-lag} + e_t: phi_1 …; and the moving average's e_t + sum c e_{t-lag}. */
arima_lags arima_ar_lags(const arima_order *o, const arima_coefficients *at);
arima_lags arima_ma_lags(const arima_order *o, const arima_coefficients *at);

/* Are all roots of 1 - c_1 z - … - c_n z^n further than radius from 0? */
bool arima_stable(const double *c, int n, double radius);
/* All four polynomials; the seasonal ones in z = B^m. */
bool arima_all_stable(const arima_order *o, const arima_coefficients *at, double radius,
                      double seasonal);

/* Partial autocorrelations r[n] in (-1, 1) to coefficients and back. */
void arima_from_partial(const double *r, int n, double *c);
void arima_to_partial(const double *c, int n, double *r);

/* ---- arima_css: the conditional sum of squares, residuals before p + m P taken as 0 ---- */
typedef struct arima_css {
    double sum;  /* of squares */
    int used;    /* values that count */
} arima_css;

/* Improves at and beta (starts are in them); false when too few values are left. */
bool arima_css_fit(const arima_data *d, const arima_order *o, arima_coefficients *at,
                   double *beta, arima_css *to, arena scratch);

/* Start values of any order from two regressions on lags (Hannan and Rissanen 1982). */
typedef struct arima_starts {
    int n, m;       /* columns; season */
    int lag[2 * (ARIMA_MOST + ARIMA_MOST_SEASONAL)];
    bool ma[2 * (ARIMA_MOST + ARIMA_MOST_SEASONAL)];
    double *gram;   /* [n + 1, n + 1]: columns, then w */
} arima_starts;
arima_starts arima_starts_new(const arima_data *d, int m, int p, int sp, arena *keep,
                              arena scratch);
void arima_start(const arima_starts *a, const arima_order *o, arima_coefficients *at,
                 arena scratch);

/* ---- arima_filter_simd: the innovations of columns of values, all by the same gains ---- */
typedef struct arima_pass {
    int n, r, columns;
    const double *phi;       /* [r] dense, phi_1 first */
    double *gain, *l;        /* [r + 1] start values, the last 0; destroyed */
    double f;                /* variance of the first innovation over sigma2 */
    double settle;           /* stops where f - 1 falls below it */
    const double *const *in; /* [columns] of [n] */
    double *a;               /* [columns, r + 1] 0 at the start; then the state after the pass */
    double *out;             /* [columns, n] innovations over sqrt f */
    int stopped;             /* n, or where it settled */
    double logs;             /* sum of log f */
} arima_pass;

/* ---- arima_exact ---- */
typedef struct arima_exact {
    double loglik, sum; /* sum of squares of standardised innovations */
} arima_exact;

/* The likelihood at these coefficients; beta[d->k] is solved for. state: NULL, or [r] filled. */
arima_exact arima_exact_run(const arima_data *d, const arima_order *o,
                            const arima_coefficients *at, double *beta, double *state,
                            arena scratch);
int arima_reach(const arima_order *o); /* r = max(p + m P, q + m Q + 1) */

/* Maximises it from at. */
arima_exact arima_exact_fit(const arima_data *d, const arima_order *o, arima_coefficients *at,
                            double *beta, arena scratch);

/* Solves a[n, n] x = b in place for a symmetric positive definite a; false if it is not. */
bool arima_solve(double *a, double *b, int n);

/* ---- arima_search ---- */
typedef struct arima_found {
    arima_order order;
    arima_coefficients at;
} arima_found;

/* The order of least AICc with its estimates; false when no order is a candidate. */
bool arima_search(const double *y, int n, const arima_params *p, arima_found *best, int *tried,
                  arena scratch);

#endif
