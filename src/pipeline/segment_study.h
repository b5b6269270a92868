/* segment_study: neighbours, choice and least size of the clusters by density, by who buys next.
 *
 * Fitted on the customers as known one window before the validation period; a point scores by the
 * share of who buys in the validation period that its groups foretell (segment_explain.h, "bought")
 * among the customers as known at its start. Only clusters that people can use count
 * (segment_density.h); a point without any explains nothing. 24 trials of tune_study.h. */
#ifndef PIPELINE_SEGMENT_STUDY_H
#define PIPELINE_SEGMENT_STUDY_H

#include "pipeline/segment_density.h"
#include "pipeline/tune_study.h"

/* `later` is the block of valid_from; `offered` what tuned_file_read found of hdbscan. Writes a row
 * of "studies" into the open array; nothing where customer_bases does not reach back that far.
 * *wish: the default one before, what to use after. */
bool segment_study(const segment_block *later, work *w, const char *journal_path,
                   tuned_file *offered, scope *s, js *report, density_wish *wish, err *e);

#endif
