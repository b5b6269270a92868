/* series_state: forecasts of single series in a file, for a table that grows.
 *
 *     series_state st;
 *     series_state_open(&st, path, &t, &results, s, e)  // no such file: nothing is kept yet
 *     st.key[i] = series_state_key(&st, one, &params, scratch);
 *     if (!series_state_take(&st, i)) …fit series i into results…
 *     series_state_write(&st, s, e)
 *
 * A series' key is the SHA-256 of all that its forecast is made of: its name and values, seasons,
 * model, parameters, horizon, levels, seed, the build of the program and the instruction set that
 * it runs on. So what is taken over is what a run from scratch would compute, byte for byte; what
 * has no key is fitted. Kept are the forecasts before the table as a whole touches them (intervals
 * by conformal.h, adding up), the model that spoke, and auto's members with errors and weights. The
 * file is one of data/store.h, of kind "series-state", written whole or not at all. */
#ifndef SURFACES_SERIES_STATE_H
#define SURFACES_SERIES_STATE_H

#include "base/hash.h"
#include "surfaces/series_table.h"

/* What was found for each series of a table by itself. */
typedef struct series_results {
    int horizon, n_levels, origins; /* origins of auto */
    const double *levels;
    double *mean, *low, *high; /* [series, horizon], [series, levels, horizon] */
    double *scores;            /* [series, origins, levels, horizon] of auto; NULL: none */
    double *variance;          /* [series] of a step, as the model states it */
    forecaster_told *told;     /* [series] */
} series_results;

/* How a series stands to what is kept. */
typedef enum series_since {
    SERIES_NEW,
    SERIES_SAME,    /* taken over */
    SERIES_GROWN,   /* its values are the kept ones and some after them: fitted anew */
    SERIES_CHANGED, /* fitted anew: earlier values, options or the program changed */
    SERIES_SINCES
} series_since;

typedef struct series_state {
    const char *path;
    const series_table *t;
    series_results *results;
    hash_text *key;             /* [series], to be set before _take and _write */
    series_since *since;        /* [series] set by _take */
    const struct kept_forecasts *kept; /* NULL: none */
} series_state;

/* Opens the state at path for the series of t; damaged files are refused by name. */
bool series_state_open(series_state *st, const char *path, const series_table *t,
                       series_results *results, scope *s, err *e);

/* The key of a series under p, seasons included. Scratch: 8 bytes a value and 1 KB. */
hash_text series_state_key(const series_state *st, const series_one *one,
                           const forecaster_params *p, arena scratch);

/* Fills series i of the results from what is kept under st->key[i]; false: it must be fitted. May
 * be called for different series by different threads. */
bool series_state_take(series_state *st, int64_t i);

bool series_state_write(const series_state *st, scope *s, err *e);

/* Member "state": how many series were taken over and fitted; and a line for people. */
void series_state_put(const series_state *st, js *out);
void series_state_say(const series_state *st);

#endif
