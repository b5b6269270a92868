/* toxicity_fit: learns a toxicity head from labelled texts, clean ones and harmless ones. */
#ifndef SURFACES_TOXICITY_FIT_H
#define SURFACES_TOXICITY_FIT_H

#include "surfaces/verbs.h"

/* --in with --label and --toxic, --clean, --harmless; judges on what is held out of the first two
 * and keeps the head that was judged in --model. */
bool toxicity_fit_run(const args *a, bench *b, scope *s, js *out, err *e);

#endif
