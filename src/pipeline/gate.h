/* gate: a bundle whose evaluation is worse than that of the published one is not published.
 *
 * Worse: for some family the 95 % interval of the paired difference (pairs.h) between step 08 of
 * this run and what lies in 10_serve is wholly on the bad side. Families that cannot be paired
 * (other days, other shop, an older program, a damaged file) hold nothing up. */
#ifndef PIPELINE_GATE_H
#define PIPELINE_GATE_H

#include "pipeline/work.h"

/* False with the cause "worse" and a sentence for each family that got worse; the published bundle
 * stays. With w->publish_anyway the sentence is said and true returned. */
bool gate_open(const work *w, err *e);

#endif
