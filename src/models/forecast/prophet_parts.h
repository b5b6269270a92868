/* prophet_parts: what the files of prophet share. */
#ifndef MODELS_FORECAST_PROPHET_PARTS_H
#define MODELS_FORECAST_PROPHET_PARTS_H

#include "models/forecast/prophet.h"

#define PROPHET_LARGEST     1e100 /* sums of squares stay finite */
#define PROPHET_TREND_PRIOR 5.0   /* of k and m */

/* to[width, width] = row' row over n rows. */
void prophet_gram(const double *row, int n, int width, double *to);

/* z of prophet.h at row t of the design, from the variables v[width]. */
double prophet_z(const prophet_design *d, const double *v, int64_t t);

#endif
