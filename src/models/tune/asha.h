/* asha: which trials go on: at each rung the best share of those that came so far (successive
 * halving without waiting).
 *
 * Rung r ends at resource least · eta^r (iterations, trees, epochs). A trial that reaches it leaves
 * its score there and goes on when it is among the best max(floor(n / eta), 1) of the n scores of
 * the rung, its own among them (ties go on); else it is given up. NaN is given up. The answer
 * depends on the order of the reports alone, so that a journal replayed gives the same.
 *
 * Source: Li, Jamieson, Rostamizadeh, Gonina, Hardt, Recht, Talwalkar, "A system for massively
 * parallel hyperparameter tuning" (2020). */
#ifndef MODELS_TUNE_ASHA_H
#define MODELS_TUNE_ASHA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum { ASHA_RUNGS = 24 };

typedef struct asha {
    int64_t least; /* resource of the first rung, >= 1 */
    int eta;       /* >= 2 */
    bool maximise;
    int64_t most, n[ASHA_RUNGS];
    double *score[ASHA_RUNGS]; /* [most] in the order of the reports */
} asha;

#define ASHA_ETA 4

/* Room for `most` trials, in keep. */
asha asha_open(int64_t least, int eta, bool maximise, int64_t most, arena *keep);

/* Resource at which the rung ends; INT64_MAX past the last. */
int64_t asha_rung_end(const asha *a, int rung);

/* A trial that stands in *rung (0 at first) has reached `step`; true = it goes on. */
bool asha_report(asha *a, int *rung, int64_t step, double score);

#endif
