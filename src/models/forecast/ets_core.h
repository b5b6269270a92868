/* ets_core: what the files of ets share: recursion and gradient, start values, one form's fit.
 *
 * Only ets*.c include it. The recursion does not depend on the kind of error, which only weighs
 * the residuals in L. */
#ifndef MODELS_FORECAST_ETS_CORE_H
#define MODELS_FORECAST_ETS_CORE_H

#include "base/simd.h"
#include "models/forecast/ets.h"

#define ETS_LOW  1e-4
#define ETS_HIGH 0.9999
#define ETS_PHI_LOW  0.80
#define ETS_PHI_HIGH 0.98

/* The passes over the residuals take this many values at a time; traces are padded to it by steps
 * that add nothing (f = 1, u = 0). */
#define ETS_LANES 8
#define ETS_PAD(n) (((n) + ETS_LANES - 1) / ETS_LANES * ETS_LANES)

typedef struct ets_core {
    const double *y; /* [n] */
    int n, m;
    ets_form form;
    ets_values at;       /* where to compute */
    ets_values gradient; /* of L; the seasonal one treats all m states as free */
    double floor;        /* sums of squares below it count as a perfect fit */
    double sum;          /* sum of e^2 of the latest run */
    /* trace of the latest run, [n] each: level + phi slope, seasonal, slope, residual y - f and,
     * for error M, 1 / f */
    double *q, *s, *b, *u, *inverse;
    double level, slope; /* states after the run */
    double *ring;        /* [m] seasonal states after the run, by phase t mod m */
    double *adjoint;     /* [m] */
} ets_core;

/* sum log f = mantissas + exponents log 2, where every f is positive. */
typedef struct ets_logs {
    double mantissas;
    int64_t exponents;
    bool positive;
} ets_logs;

/* Passes over the series at c->at (ets_core_simd.c), `ring` and `adjoint` filled before: the states
 * and residuals, false where season M meets one that is not positive; sum u^2; sum (u/f)^2 and the
 * logarithms of f; the gradient where dL/de = weight e, that of the season in `adjoint`. */
SIMD_DECLARE(bool, ets_ahead, ets_core *c);
SIMD_DECLARE(double, ets_squares, ets_core *c);
SIMD_DECLARE(double, ets_shares, ets_core *c, ets_logs *logs);
SIMD_DECLARE(void, ets_back, ets_core *c, double weight);

/* Room for series y[n] and season m; trace in keep. */
ets_core ets_core_new(const double *y, int n, ets_form form, int season, arena *keep);
double ets_core_run(ets_core *c);    /* L at c->at; infinity where the form does not allow it */
void ets_core_slope(ets_core *c);    /* gradient at the point of the latest run */
/* Mean absolute error of the forecasts `steps` ahead (1 … m for a seasonal form) from the states of
 * the latest run: how a form that was fitted one step ahead reaches further. */
double ets_core_reach(const ets_core *c, int steps);
bool ets_core_forecastable(const ets_core *c, arena scratch);

/* Level, slope and seasonal start states from the data into c->at (parameters untouched). */
void ets_start(ets_core *c, arena scratch);

/* Fits one form from its start values; c->at is then the best point and the run's states are those
 * at it. Returns L, infinity when the form cannot be fitted. */
double ets_form_fit(ets_core *c, int iterations, int *evaluations, arena scratch);
int ets_form_k(ets_form f, int season); /* parameters, start states and the variance */

#endif
