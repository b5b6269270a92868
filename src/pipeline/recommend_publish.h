/* recommend_publish: what the server needs of recommendations, as it maps it: recommend.atm.
 *
 * Lists of every customer with the largest parts of each score, articles alike and bought together,
 * rankings, histories, and factors, weights and trends for lists made at request time. The arrays
 * and their shapes stand in bundle.h and docs/serving.md. */
#ifndef PIPELINE_RECOMMEND_PUBLISH_H
#define PIPELINE_RECOMMEND_PUBLISH_H

#include "pipeline/family.h"

bool recommend_publish(work *w, folder *f, scope *s, js *report, err *e);

#endif
