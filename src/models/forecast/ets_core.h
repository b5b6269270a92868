/* ets_core: what the files of ets share: recursion and gradient, start values, one form's fit.
 *
 * Only ets*.c include it. The recursion does not depend on the kind of error, which only weighs
 * the residuals in L; so there are two loops: season none or additive (none is additive with m = 1
 * and a seasonal state of zero) and season multiplicative. */
#ifndef MODELS_FORECAST_ETS_CORE_H
#define MODELS_FORECAST_ETS_CORE_H

#include "models/forecast/ets.h"

#define ETS_LOW  1e-4
#define ETS_HIGH 0.9999
#define ETS_PHI_LOW  0.80
#define ETS_PHI_HIGH 0.98

typedef struct ets_core {
    const double *y; /* [n] */
    int n, m;
    ets_form form;
    ets_values at;       /* where to compute */
    ets_values gradient; /* of L; the seasonal one treats all m states as free */
    double floor;        /* sums of squares below it count as a perfect fit */
    double sum;          /* sum of e^2 of the latest run */
    /* trace of the latest run, [n] each: level + phi slope, seasonal, slope, residual y - f */
    double *q, *s, *b, *u;
    double level, slope; /* states after the run */
    double *ring;        /* [m] seasonal states after the run, by phase t mod m */
    double *adjoint;     /* [m] */
} ets_core;

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
