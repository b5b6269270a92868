/* series_global: the series of a table as one panel, forecast by one model of all of them.
 *
 *     series_global g = {.t = &t, .season = season, .steps = horizon, .levels = levels, …};
 *     series_global_run(&g, b.threads, s, bands, e)
 *
 * Series share a clock by their times: the place of a value is the number of steps from the first
 * time of the table. Dates add the month, the day of the month and the weekday where a step is
 * short enough for them. */
#ifndef SURFACES_SERIES_GLOBAL_H
#define SURFACES_SERIES_GLOBAL_H

#include "models/forecast/global.h"
#include "surfaces/series_calendar.h"

typedef struct series_global {
    const series_table *t;
    const series_calendar *calendar; /* holidays and regressors; NULL: none */
    const int *season;               /* [1 + FORECASTER_MORE] asked for; first 0: auto */
    int steps, held;                 /* ahead; last values of each series that are not known */
    const double *levels;            /* [n_levels] */
    int n_levels;
    uint64_t seed;
    global_params used; /* to fill, with what follows */
    global_model model; /* memory of s */
} series_global;

/* Forecasts every series with two values or more before the held ones: to[i] has `steps` steps and
 * the levels; the others are left alone. */
bool series_global_run(series_global *g, pool *threads, scope *s, band *to, err *e);

/* What was fitted, and which columns mattered, as the object "global". */
void series_global_put(const series_global *g, js *out, arena scratch);

#endif
