/* ets: exponential smoothing in state-space form, chosen among its forms by AICc.
 *
 * A form is three choices: error additive (A) or multiplicative (M); trend none (N), additive (A)
 * or damped (Ad); season none (N), additive (A) or multiplicative (M). With level l, slope b,
 * seasonal s of m phases, q = l + phi b and one-step forecast f = q, q + s or q s:
 *
 *     u = y - f,  r = u (season N, A) or u/s (M),  d = u (A) or u/q (M)
 *     l' = q + alpha r    b' = phi b + beta r    s' = s + gamma d
 *     L = n log sum e^2 + (error M) 2 sum log f,   e = u (error A) or u/f (M)
 *     AICc = L + 2k + 2k(k+1)/(n-k-1),  k = smoothing parameters + start states + 1
 *
 * Parameters and start states minimise L: quasi-Newton steps with the exact gradient from one
 * backward pass over the series (reverse-mode differentiation of the recursion above), within
 * 1e-4 <= beta < alpha <= 0.9999, gamma < 1 - alpha, 0.8 <= phi <= 0.98; a seasonal form whose
 * result is not forecastable (a root of its characteristic polynomial outside the unit circle) is
 * not a candidate (beta is held to a smaller share of alpha until it is). The form is the one with
 * the least AICc among those whose mean absolute error a quarter, a half and a whole season ahead
 * (3, 6, 12 steps without a season), in the sample, is at most `slack` times the least one: AICc
 * looks one step ahead and prefers forms whose errors look small there and drift further on.
 * Forms A,?,M are left out because they are unstable; error or season M need
 * values well above zero.
 *
 *     ets_params p = ETS_DEFAULTS;
 *     p.season = 12;
 *     ets_model m;
 *     ets_fit(&m, y, n, p, &s->keep, s->scratch, e) && (ets_forecast(&m, &band, r, s->scratch), 1)
 *
 * Sources: Hyndman, Koehler, Ord, Snyder, "Forecasting with exponential smoothing" (2008), ch. 2,
 * 5, 6, 10; Hyndman and Khandakar, "Automatic time series forecasting" (2008), for start values. */
#ifndef MODELS_FORECAST_ETS_H
#define MODELS_FORECAST_ETS_H

#include "base/random.h"
#include "models/forecast/band.h"

typedef enum ets_choice { ETS_NONE, ETS_ADD, ETS_DAMPED, ETS_MULTIPLY } ets_choice;

typedef struct ets_form {
    ets_choice error;  /* ETS_ADD, ETS_MULTIPLY */
    ets_choice trend;  /* ETS_NONE, ETS_ADD, ETS_DAMPED */
    ets_choice season; /* ETS_NONE, ETS_ADD, ETS_MULTIPLY */
} ets_form;

typedef struct ets_params {
    int season;           /* m: observations in one season; 1 = none */
    const char *form;     /* "ZZZ" = search; letters error, trend, season: "AAdM", "MNN", "ZAdZ" */
    int iterations;       /* of the optimiser, per form */
    double least_share;   /* forms M need min(y) >= least_share * median(y) > 0 */
    double slack;         /* see above; infinity: AICc alone */
    bool trend;           /* false: forms with a trend are left out of a search */
} ets_params;
#define ETS_DEFAULTS                                                                               \
    {.season = 1, .form = "ZZZ", .iterations = 100, .least_share = 0.05, .slack = 1.1,      \
     .trend = true}

typedef struct ets_values {
    double alpha, beta, gamma, phi; /* smoothing parameters; 0 (phi: 1) where the form has none */
    double level, slope;            /* start states */
    double *seasonal;               /* [season] start states, of observations 0 … season-1 */
} ets_values;

typedef struct ets_model {
    ets_form form;
    int season, n, k;          /* m (1 when the form has no season), observations, parameters k */
    ets_values fitted;
    double level, slope;       /* states after the last observation */
    double *seasonal;          /* [season] of observations n … n+season-1 */
    double l, aic, aicc, bic;  /* L as above and its penalised versions */
    double sigma2;             /* sum e^2 / (n - k + 1) */
    int forms, evaluations;    /* candidates fitted; likelihoods computed */
    bool constant;             /* every value was the same: level only, no optimiser */
} ets_model;

/* NULL, or why these parameters or values cannot be fitted (y may be NULL: parameters only). */
const char *ets_check(const double *y, int n, ets_params p);

/* Fits y[n], n >= 1, all finite; NaN is refused. Scratch: about 64 (n + season^2) bytes + 64 KB. */
bool ets_fit(ets_model *m, const double *y, int n, ets_params p, arena *keep, arena scratch,
             err *e);

/* Means by the recursion; bounds by the exact variance of the forecast where the form has a closed
 * formula (error A: normal; error M without season M: normal), else quantiles of 2,000 simulated
 * paths drawn from r. A model of error M never simulates an error below -1. */
void ets_forecast(const ets_model *m, band *to, rng r, arena scratch);

/* One-step forecasts of the sample: to[n]; y is what the model was fitted on. */
void ets_fitted(const ets_model *m, const double *y, double *to, arena scratch);

/* "ETS(A,Ad,N)" into name[16]. */
void ets_name(ets_form f, char *name);

#endif
