/* ensemble: several models of one series, weighed by how well they did on its own past.
 *
 *     members    by the class of demand (croston.h): those made for sales now and then where the
 *                gaps are long, else exponential smoothing, ARIMA, Theta, a damped trend and, with
 *                a season, the season before and MSTL; each with each season it can take (smoothing
 *                24, ARIMA 60 at most), and without one where the first season is above 24
 *     origins    every member forecasts y[n-oh … n-oh+h-1] from those before, o = 1 … origins, h
 *                the horizon (shorter where the series is short); its error is the mean absolute
 *                one, for rare demand the root of the mean square
 *     weight     1 / error^2, none where the error is above p->slack times the least one; they add
 *                up to 1
 *     forecast   per step and bound the weighted mean of the members, fitted on the whole series
 *
 * Without room for one origin all weights are equal. A member that fails, or is not finite, does
 * not count. Sources: Bates and Granger, "The combination of forecasts" (1969), for the weights;
 * Petropoulos and Svetunkov, "A simple combination of univariate models" (2020). */
#ifndef MODELS_FORECAST_ENSEMBLE_H
#define MODELS_FORECAST_ENSEMBLE_H

#include "models/forecast/forecaster.h"

/* Fills to, told's demand, origins, members and model. y is what forecaster_run takes; p->scores
 * gets how far each origin's values were from the mean by the weights of the other origins. False
 * when no member has a forecast. */
bool ensemble_run(const double *y, int n, const forecaster_params *p, band *to,
                  forecaster_told *told, arena scratch);

#endif
