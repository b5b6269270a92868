/* metrics_forecast: how wrong a forecast was: WAPE, sMAPE, MASE, RMSSE, pinball, coverage, MSIS.
 *
 * y[n] are the actual values, f[n] the forecasts, history[t] the values before them. All functions
 * are pure; a figure that is not defined (a scale of zero, nothing to sum) is NaN, never infinity.
 *
 *     wape   sum |y-f| / sum |y|            bias    sum (f-y) / sum |y|
 *     smape  mean of 200 |y-f|/(|y|+|f|)    in percent, 0 to 200; 0/0 counts as 0 (M4 definition)
 *     mase   mean |y-f| / mean_{t>m} |y_t - y_{t-m}| of the history (Hyndman and Koehler 2006)
 *     rmsse  sqrt(mean (y-f)^2 / mean_{t>1} (y_t - y_{t-1})^2), the history from its first value
 *            that is not zero (M5 definition)
 *     msis   (mean[(u-l) + (2/a)(l-y)+ + (2/a)(y-u)+]) / the scale of mase, a = 1 - level (M4) */
#ifndef MODELS_METRICS_FORECAST_H
#define MODELS_METRICS_FORECAST_H

double metrics_rmse(const double *y, const double *f, int n);
double metrics_wape(const double *y, const double *f, int n);
double metrics_bias(const double *y, const double *f, int n);
double metrics_smape(const double *y, const double *f, int n);
/* mean |y_t - y_{t-m}| over the history, the scale of mase and msis; NaN when not above zero. */
double metrics_scale(const double *history, int t, int season);
double metrics_mase(const double *y, const double *f, int n, double scale);
double metrics_rmsse(const double *y, const double *f, int n, const double *history, int t);
/* mean 2 max(q(y-f), (q-1)(y-f)): the quantile loss, doubled so that q = 0.5 is the mean error. */
double metrics_pinball(const double *y, const double *f, int n, double q);
double metrics_coverage(const double *y, const double *low, const double *high, int n);
double metrics_msis(const double *y, const double *low, const double *high, int n, double level,
                    double scale);

#endif
