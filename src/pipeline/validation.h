/* validation: what is wrong with a shop's files, found by steps 01 and 02 alone.
 *
 * Runs both steps into w->out with broken contracts as findings, and gathers a table, validation:
 *
 *     part        reader, program, contract, freshness, drift
 *     severity    ok, warn, fail: a share of rows against the contract's thresholds (warn above 0,
 *                 fail off, where there is no contract)
 *     source, file, rule, column_name, rows, bad, share, expected
 *     id          place, from 1: worst first, then in the order of sources, parts and rules
 *
 * freshness compares the last day of a contract's column with `today`. Drift is source_drift.h's;
 * its rows have was and now in `expected`, and no bad rows. */
#ifndef PIPELINE_VALIDATION_H
#define PIPELINE_VALIDATION_H

#include "data/terms.h"
#include "pipeline/work.h"

/* before: results of the last good run, or NULL; today: days since 1970-01-01; all[6] is filled. */
bool validation_run(work *w, const char *before, int32_t today, const terms *all[6], scope *s,
                    err *e);

/* At most 10 rows of a finding: file, line, observed (NULL where the contract hides the column). */
bool validation_examples(const work *w, const terms *const all[6], int64_t id, arena *keep,
                         columns *out, err *e);

#endif
