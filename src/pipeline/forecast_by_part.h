/* forecast_by_part: errors of forecasts by week ahead, class of articles and category.
 *
 * WAPE (sum of absolute errors over sum of units), series resampled. Classes of the articles
 * modelled one by one, by their units of the last 26 weeks: A makes up 80 %, B the next 15 %, C the
 * rest. Categories are those of the articles. */
#ifndef PIPELINE_FORECAST_BY_PART_H
#define PIPELINE_FORECAST_BY_PART_H

#include "pipeline/forecast_panel.h"

typedef struct forecast_errors {
    const char *model;
    const double *off; /* [full, horizon] absolute errors */
} forecast_errors;

/* Member "parts" of evaluation_parts.h, for n models. */
void forecast_put_parts(const work *w, const forecast_panel *p, const forecast_errors *of, int n,
                        scope *s, js *report);

#endif
