/* forecast_learning: how much history forecasts want, and whether their intervals come true.
 *
 *     learning     mean RMSE of the chosen models (without those of all series, which learn from
 *                  the whole panel) when they know the last 8, 13, 26 or 52 weeks, or all;
 *                  without all of them there are no yearly factors
 *     calibration  weeks within the 80 and 95 % intervals, of the total and the categories and of
 *                  the articles modelled one by one */
#ifndef PIPELINE_FORECAST_LEARNING_H
#define PIPELINE_FORECAST_LEARNING_H

#include "pipeline/forecast_panel.h"

/* Members of the open report (evaluation_parts.h, evaluation_calibration.h). */
void forecast_put_learning(const work *w, const forecast_panel *p, forecast_policy policy,
                           scope *s, js *report);
void forecast_put_calibration(const forecast_panel *p, const forecast_result *r, js *report);

#endif
