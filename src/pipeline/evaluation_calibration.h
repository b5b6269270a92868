/* evaluation_calibration: whether stated probabilities and intervals come true.
 *
 * Member "calibration" of a family in evaluation.json: [{"model": …, "of": "conversion", "kind":
 * "probability" | "interval", "units": "customers", "n": units, "ece": e, "rows": [{"stated": p,
 * "observed": share, "low": l, "high": h, "n": units}]}], stated ascending.
 *
 *     probability   units by their stated probability, in up to ten bins of equally many (equal
 *                   probabilities stay together); stated = the bin's mean, observed = the share in
 *                   which it happened; ece = sum over bins of n_bin / n |stated - observed|
 *     interval      a row a level: observed = the share of the units inside; ece = the mean of
 *                   |stated - observed| over the levels
 *
 * low and high are Wilson's 95 % interval, which takes units for independent. report.html, the
 * cards and the page System draw it. Source: Guo, Pleiss, Sun, Weinberger, "On calibration of
 * modern neural networks" (2017), with bins of equal counts. */
#ifndef PIPELINE_EVALUATION_CALIBRATION_H
#define PIPELINE_EVALUATION_CALIBRATION_H

#include "base/json.h"
#include "models/interval.h"

typedef struct calibration_of {
    const char *model, *of, *units;
} calibration_of;

/* Units that got the same probability: how many, and in how many of them it happened. */
typedef struct calibration_cell {
    double stated; /* 0 … 1 */
    int64_t happened, n;
} calibration_cell;

/* An object into the open array; nothing when there is no unit in the cells. */
void evaluation_probability_put(js *report, calibration_of what, const calibration_cell *cells,
                                int64_t n_cells, arena scratch);

/* The same of intervals of `levels` levels, ascending: inside[l] of n[l] units. */
void evaluation_interval_put(js *report, calibration_of what, int levels, const double *level,
                             const int64_t *inside, const int64_t *n);

#endif
