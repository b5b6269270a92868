/* forecast_study: parameters of ETS and Prophet for the total and the categories of a shop.
 *
 * A point scores by the RMSSE of a series (RMSE over that of the last value repeated, in its
 * history), the mean over up to five origins before the test, a horizon apart. Where there are 128
 * series or more, trials report after a sixteenth and a quarter of them, in an order that is drawn
 * once, and are given up by asha.h. tune_study.h says when a point is taken. */
#ifndef PIPELINE_FORECAST_STUDY_H
#define PIPELINE_FORECAST_STUDY_H

#include "pipeline/forecast_panel.h"
#include "pipeline/work.h"

/* Sets knobs and upper_trend of *policy. p: the panel of the validation period. Writes the member
 * "studies" with a row each; journals into f. */
bool forecast_studies(const forecast_panel *p, forecast_policy *policy, work *w, folder *f,
                      scope *s, js *report, err *e);

/* What knobs and upper_trend of the policy, from whatever search of step 07, are worth in the panel
 * p of the test beside the defaults: member "tuning", comparisons (family.h) by RMSSE; no row where
 * a model has its defaults. */
void forecast_put_tuning(const work *w, const forecast_panel *p, const forecast_policy *policy,
                         scope *s, js *report);

#endif
