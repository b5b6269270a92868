/* trend_trial: what came after a day, against what the trends of that day foretold.
 *
 * Every model has the same target: the units of each article in the days after. Two errors:
 *
 *     error         |ln((units + .5) / (foretold + .5))|, foretold at the recent window's rate as
 *                   the model sees it: with raw growth that is the recent rate itself, with no
 *                   growth the rate of both windows together, with shrunk growth trend_foretell
 *     growth_error  |ln((units + .5) / (held + .5)) - ln growth|, held = the units at the recent
 *                   rate: the growth a model names against the growth that came; "no growth" is 1
 *
 * Judged are articles that are not new, sold in the last 14 days and were still on sale at the end:
 * not those whose weeks without a sale before the end had a chance under 1 % at their rate until
 * then (their end is no growth). */
#ifndef PIPELINE_TREND_TRIAL_H
#define PIPELINE_TREND_TRIAL_H

#include "pipeline/trend_panel.h"

enum { TREND_RAW, TREND_NONE, TREND_SHRUNK, TREND_MODELS };
extern const char *const trend_trial_names[TREND_MODELS];

typedef struct trend_trial {
    int64_t n, ended;                   /* articles judged; left out because they ended */
    int32_t *item;                      /* [n] row of the panel */
    double *error[TREND_MODELS];        /* [n] */
    double *growth_error[TREND_MODELS]; /* [n] */
    double *next;                       /* [panel items] units of the days after */
    uint8_t *left;                      /* [panel items] no longer on sale at the end */
} trend_trial;

/* item: the trends of `panel` as of `as_of`. settled: only articles first sold 8 weeks before, so
 * that windows of different lengths judge the same ones. `source` as of trend_panel_read, the panel
 * the one read last. */
bool trend_trial_run(trend_trial *out, const trend_panel *panel, const trend_item *item, db *d,
                     const char *source, int32_t as_of, int32_t to, bool settled, arena *keep,
                     err *e);

/* Both errors of one article that sold so many units in `days` days from the panel's end on. */
void trend_trial_errors(const trend_panel *p, const trend_item *one, int64_t i, double sold,
                        int32_t days, double error[TREND_MODELS],
                        double growth_error[TREND_MODELS]);

/* Exposures of both windows of an item, and of `days` after them. */
typedef struct trend_exposures {
    double previous, recent, next;
} trend_exposures;
trend_exposures trend_trial_exposures(const trend_panel *p, int64_t i, int32_t days);

#endif
