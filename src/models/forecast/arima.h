/* arima: autoregression, differences and moving averages, with seasons and regressors.
 *
 *     eta_t = y_t - x_t' beta,  w_t = (1-B)^d (1-B^m)^D eta_t - c
 *     phi(B) Phi(B^m) w_t = theta(B) Theta(B^m) e_t,   e_t ~ N(0, sigma2)
 *     phi = 1 - phi_1 B - … - phi_p B^p,  theta = 1 + theta_1 B + … + theta_q B^q, Phi, Theta alike
 *
 * c is a constant of the differences (a mean when there are none, a drift for one). The exact
 * likelihood of w is computed by the Chandrasekhar recursion: its cost per value grows with the
 * longest lag alone, and memory with it too, so seasons of 52 or 168 are everyday; coefficients of
 * regressors and c are solved for by generalised least squares inside it. Maximised by
 * quasi-Newton steps over partial autocorrelations, from the least conditional sum of squares
 * (Levenberg-Marquardt with exact derivatives).
 *
 * The search (Hyndman and Khandakar 2008, as in R's auto.arima): D by the strength of the season,
 * d by KPSS tests, then orders by AICc stepwise from four starts. With more than 150 values or a
 * season above 12 the steps compare conditional sums of squares and only the winner meets the
 * exact likelihood. A model with a root closer to the unit circle than 1.01 is not a candidate;
 * where the likeliest one of the winner's order has such a root (a moving average that takes a
 * difference back), its conditional estimates stay.
 *
 *     arima_params p = ARIMA_DEFAULTS;
 *     p.season = 12;
 *     arima_model m;
 *     arima_fit(&m, y, n, p, &s->keep, s->scratch, e) && (arima_forecast(&m, NULL, &band), 1)
 *
 * Variance of step h: sigma2 sum_{j<h} psi_j^2 with psi of the model for y, differences included.
 * Sources: Box and Jenkins (1976); Morf, Sidhu and Kailath (1974) and Pearlman (1980) for the
 * recursion; Hyndman and Khandakar, "Automatic time series forecasting" (2008). */
#ifndef MODELS_FORECAST_ARIMA_H
#define MODELS_FORECAST_ARIMA_H

#include "models/forecast/band.h"

enum { ARIMA_MOST = 8, ARIMA_MOST_SEASONAL = 3, ARIMA_MOST_REGRESSORS = 32 };

typedef struct arima_order {
    int p, d, q;    /* at most ARIMA_MOST, 2, ARIMA_MOST */
    int sp, sd, sq; /* P, D, Q: at most ARIMA_MOST_SEASONAL, 1, ARIMA_MOST_SEASONAL */
    int m;          /* season; 1 when P = D = Q = 0 */
    bool constant;
} arima_order;

typedef enum arima_way { ARIMA_BY_SIZE, ARIMA_CONDITIONAL, ARIMA_EXACT } arima_way;

typedef struct arima_params {
    int season;           /* m: observations in one season; 1 = none */
    bool search;          /* false: `order` as it stands */
    arima_order order;    /* of a fit without a search */
    int most_p, most_q;   /* of a search; season's: 2 each */
    int models;           /* fitted at most in a search */
    arima_way way;        /* how a search compares models */
    double root;          /* least modulus of the roots of a candidate */
    int n_x;              /* regressors */
    const double *x;      /* [n, n_x]; NULL when n_x is 0 */
} arima_params;
#define ARIMA_DEFAULTS                                                                             \
    {.season = 1, .search = true, .most_p = 5, .most_q = 5, .models = 94, .root = 1.01}

typedef struct arima_coefficients {
    double ar[ARIMA_MOST], ma[ARIMA_MOST], sar[ARIMA_MOST_SEASONAL], sma[ARIMA_MOST_SEASONAL];
} arima_coefficients;

typedef struct arima_model {
    arima_order order;
    int n, n_x, k;                /* values; regressors; parameters, the variance among them */
    arima_coefficients at;
    double beta[ARIMA_MOST_REGRESSORS + 1]; /* c when order.constant, then the regressors' */
    double loglik, aic, aicc, bic; /* of the differenced series */
    double sigma2;                 /* innovations' squares / (values of w - k + 1) */
    double *tail;                  /* [d + m D] last values of eta, latest last */
    int r;                         /* longest lag that matters */
    double *state;                 /* [r] of w after the last value: its forecasts to come */
    int tried;                     /* models fitted */
} arima_model;

/* NULL, or why these parameters or values cannot be fitted (y may be NULL: parameters only). */
const char *arima_check(const double *y, int n, arima_params p);

/* Fits y[n], n >= 1, all finite. A series that is constant (after differences) has that constant.
 * Scratch: about 300 n + 50 m n_x bytes + 64 KB. */
bool arima_fit(arima_model *m, const double *y, int n, arima_params p, arena *keep, arena scratch,
               err *e);

/* x[steps, n_x]: regressors of the steps to come; NULL when the model has none. */
void arima_forecast(const arima_model *m, const double *x, band *to, arena scratch);

/* "ARIMA(0,1,1)(0,1,1)[12]", with " mean" or " drift" after it when there is a constant, into
 * name[48]. */
void arima_name(const arima_order *o, char *name);

#endif
