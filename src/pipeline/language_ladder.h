/* language_ladder: what reads the shop's reviews best: their words, their vectors, or both.
 *
 * The rungs are heads (sentiment.h) on features that cost more and more: words alone; the frozen
 * encoder's vectors alone; words beside vectors. All are fitted on the train part and judged on the
 * validation part. The climb begins at words and goes up to a rung only where the paired difference
 * of log loss to the rung chosen so far has a 95 % bootstrap interval wholly below zero: what is
 * not shown to help is not worth its cost. */
#ifndef PIPELINE_LANGUAGE_LADDER_H
#define PIPELINE_LANGUAGE_LADDER_H

#include "pipeline/language_head.h"

/* ---- climbing ---- */

typedef struct language_gain {
    language_rung over;           /* the rung chosen so far */
    double difference, low, high; /* of log loss: below zero is better */
    const char *verdict;          /* better, worse, no difference shown */
} language_gain;

/* rung[k].n = 0: not tried. All others are of the same rows. Fills gain[k] of the rungs tried above
 * words, and returns the rung that is chosen. */
language_rung language_ladder_climb(const metrics_class_data rung[LANGUAGE_RUNGS], uint64_t seed,
                                    pool *threads, language_gain gain[LANGUAGE_RUNGS],
                                    arena scratch);

/* A rung after step 07. */
typedef struct language_step {
    bool tried;
    language_head head;
    metrics_class validation;
    language_gain gain;
} language_step;

typedef struct language_ladder {
    language_step step[LANGUAGE_RUNGS];
    language_rung chosen;
    int64_t fitted_on, judged_on; /* reviews */
    double abstain_share;         /* of the validation reviews, by the chosen head */
} language_ladder;

/* Step 07: the small grids of every rung that can be tried, the best of each by log loss after its
 * temperature, the climb. Trials go into the array `trials` of the report. */
bool language_ladder_tune(work *w, scope *s, const language_data *d, const language_vectors *v,
                          js *report, language_ladder *out, err *e);

/* Members ladder, chosen, why, thresholds. */
void language_ladder_put(const language_ladder *l, const language_vectors *v, js *report,
                         arena *keep);

#endif
