/* series_calendar: the days, holidays and regressors of series, for the models that know them.
 *
 *     series_calendar c;
 *     calendar_read(a, &b, s, &t, horizon, &c, e)
 *     calendar_set(&c, i, n, horizon, &params, &scratch, e) && forecaster_run(…, params, …)
 *
 * --holidays is a table holiday, ds[, lower_window, upper_window, prior_scale]: each name at each
 * offset from lower (<= 0) to upper (>= 0) days is a column of 0 and 1. --regressors names further
 * columns of --in; what they are after the end stands in --future, by series and time (without a
 * series column: the same for all). */
#ifndef SURFACES_SERIES_CALENDAR_H
#define SURFACES_SERIES_CALENDAR_H

#include "models/forecast/forecaster.h"
#include "surfaces/series_table.h"

typedef struct calendar_holiday {
    int days;
    double *day; /* [days] ascending, offset included */
    double prior;
} calendar_holiday;

typedef struct series_calendar {
    const series_table *t;
    prophet_params p;
    int holidays;
    calendar_holiday *holiday; /* [holidays] one per name and offset */
    columns future;            /* series, at, x0 …; no rows without --future */
    const char *future_path;
    int32_t *group;            /* [series] those of one calendar share a design; -1: their own */
    prophet_design *design;    /* [groups] of all values and `steps` */
    int steps;
} series_calendar;

/* The options of the calendar, of verbs that read series. */
#define CALENDAR_OPTIONS                                                                           \
    {"growth", OPTION_CHOICE, "linear|logistic|flat", "prophet: form of the trend",                \
     .value = "linear"},                                                                           \
    {"cap", OPTION_REAL, "X", "prophet: what logistic growth approaches"},                         \
    {"floor", OPTION_REAL, "X", "prophet: what logistic growth comes from", .value = "0"},         \
    {"changepoints", OPTION_INT, "N", "prophet: places where the trend may bend", .value = "25",   \
     .high = 1000},                                                                                \
    {"multiply", OPTION_FLAG, "", "prophet: seasons multiply the trend"},                          \
    {"holidays", OPTION_TEXT, "FILE", "prophet, global: table of holiday, ds[, …]"},               \
    {"regressors", OPTION_TEXT, "A,B,…", "prophet, global: further columns of --in"},              \
    {"future", OPTION_TEXT, "FILE", "their values after the end"}

/* Reads the options and files; designs are made for series that share a calendar (memory of s). */
bool calendar_read(const args *a, bench *b, scope *s, const series_table *t, int steps,
                   series_calendar *out, err *e);

/* Puts the calendar of series i with its first n values known into p; memory of keep. */
bool calendar_set(const series_calendar *c, int64_t i, int n, int steps, forecaster_params *p,
                  arena *keep, err *e);

/* The holidays and then the regressors of series i, with its first n values known, as arrays of
 * n + steps values: to[calendar_count]. */
int calendar_count(const series_calendar *c);
bool calendar_columns(const series_calendar *c, int64_t i, int n, int steps, double **to,
                      arena *keep, err *e);

#endif
