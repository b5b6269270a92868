/* source_drift: how the sources of a shop differ from those of its last good run.
 *
 * Compares the tables raw_SOURCE of the engine with OUT/01_raw/raw_SOURCE.parquet, column by
 * column, into the caller's table drift_findings (source, column_name, measure, was, now,
 * severity):
 *
 *     rows       rows of the source: warn below half or above three times, fail below a tenth
 *     null_share share of rows without a value: warn at 0.05 apart, fail at 0.2
 *     distinct   distinct values of a text with at most 1,000: warn when halved or doubled
 *     psi        sum of (q - p) ln(q / p) over the former deciles of a number, or the former values
 *                of a text with at most 50 and one class of new ones; was is 0; shares below 1e-4
 *                count as that. warn and fail as the source's contract says (0.2, 0.3)
 *
 * Times, ids and texts with many values have no psi: they move by nature. */
#ifndef PIPELINE_SOURCE_DRIFT_H
#define PIPELINE_SOURCE_DRIFT_H

#include "data/terms.h"
#include "pipeline/work.h"

/* all[6] as terms_read gives it. Refuses when OUT has no step 01. */
bool source_drift(const work *w, const char *before, const terms *const all[6], scope *s, err *e);

#endif
