/* recommend_ranker_study: how the ranker's trees grow: a study on the weeks that were kept.
 *
 * A trial learns on the training weeks but the last (1,000 customers of each at most, one in eight
 * of the candidates that they did not buy), which says how many trees there are, and scores by
 * AP@12 of the customer-weeks of the validation period, also after 16, 64 and 256 trees, where it
 * is given up when it is not in the best quarter so far (asha.h). Six trials: each costs at most a
 * tenth of fitting the ranker. A growth that is shown to be better there is taken when it is so
 * also on all rows (tune_study.h); customers are resampled with all their weeks. What `atelier tune
 * ranker` found is tried on all rows at once. */
#ifndef PIPELINE_RECOMMEND_RANKER_STUDY_H
#define PIPELINE_RECOMMEND_RANKER_STUDY_H

#include "pipeline/recommend_ranker.h"
#include "pipeline/tuned_file.h"

/* k has its weeks (keep) and a ranker of the growth in use; both change when another is taken.
 * Writes a row into the open array of "studies". */
bool recommend_ranker_study(recommend_ranking *k, const recommend_exam *x, const char *journal_path,
                            tuned_file *offered, js *report, err *e);

/* Member "learning" (evaluation_parts.h): MAP@12 in the weeks that were kept by the first eighth,
 * quarter, half and all of the ranker's trees. */
void recommend_ranker_learning(const recommend_ranking *k, const recommend_exam *x, js *report);

#endif
