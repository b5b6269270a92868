/* series_table: a long table (series, time, value) as arrays, one per series, in order of time.
 *
 * Times are dates (2020-01-31, 2020-01-31 10:00, 2020-01) or numbers, all of one kind; a table
 * without them is in the order of its rows. Values of one series are taken as equally spaced; what
 * is between them (n months, or a constant difference) is found from the times. Two values at one
 * time are refused. */
#ifndef SURFACES_SERIES_TABLE_H
#define SURFACES_SERIES_TABLE_H

#include "models/forecast/forecaster.h"
#include "surfaces/verbs.h"

typedef enum series_clock { SERIES_ROWS, SERIES_NUMBERS, SERIES_TIMES } series_clock;

typedef struct series_one {
    slice name;
    int n;
    double *y;     /* [n] */
    double *at;    /* [n] row number, number, or microseconds since 1970 */
    int months;    /* between values, or 0: `apart` */
    double apart;  /* median difference of `at` */
    int irregular; /* differences that are not the usual one */
    double **x;    /* [regressors][n]; NaN where there is no value */
} series_one;

typedef struct series_table {
    series_clock clock;
    int n;
    series_one *one; /* [n], by name */
    int regressors;  /* columns of --regressors */
    const char **regressor;    /* [regressors] names */
    const char *regressor_sql; /* ", … AS x0, … AS x1" */
    const char *map;           /* of --map, --series, --time and --value */
} series_table;

/* The options --series, --time and --value of a verb that reads one. */
#define SERIES_OPTIONS                                                                             \
    {"series", OPTION_TEXT, "COLUMN", "column that names the series"},                             \
    {"time", OPTION_TEXT, "COLUMN", "column of dates or numbers"},                                 \
    {"value", OPTION_TEXT, "COLUMN", "column of values"}

/* Other names of the columns series and time. */
#define SERIES_ALIASES      "unique_id|series_id|item_id|id|sku|article_id|store|name"
#define SERIES_TIME_ALIASES "ds|date|day|week|month|quarter|year|timestamp|period|t|t_dat"

/* The expression that makes `at` of the text column time. */
const char *series_at_sql(series_clock clock);

/* Reads --in of a into out (memory of s); adds "rows" to json. */
bool series_read(const args *a, bench *b, scope *s, series_table *out, js *json, err *e);

/* The time `step` steps after the last value of one (0 and below: of its own), as text. */
char *series_time(const series_table *t, const series_one *one, int step, arena *keep);

/* The same as `at`. */
double series_at(const series_table *t, const series_one *one, int step);

/* Season lengths usual for the spacing of one: [n] of them. */
const int *series_usual(const series_table *t, const series_one *one, int *n);

/* Puts "series 'NAME': " before what e says; returns false. */
bool series_named(const series_one *one, err *e);

/* --season: whole numbers, ascending, into to[most]: 0 behind the last; "auto" as 0 alone. */
bool series_season_option(const args *a, int *to, int most, err *e);

/* --set NAME=X,…: parameters of models by name (forecaster_knobs.h) into p. */
bool series_set_option(const args *a, forecaster_params *p, scope *s, err *e);

/* Sets the seasons of p: asked[1 + FORECASTER_MORE], or by the first n values among the usual
 * lengths for the spacing: the strongest, for the model auto all that pass the test. */
void series_set_season(const series_table *t, const series_one *one, int n, const int *asked,
                       forecaster_params *p, arena scratch);

#endif
