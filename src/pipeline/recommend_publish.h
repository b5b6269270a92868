/* recommend_publish: lists for every customer and article, as the server maps them.
 *
 * recommend.atm: user_items, user_scores [customers, 50] and user_reason (index into reasons),
 * user_cold [customers], user_model (index into models); similar_items, similar_scores
 * [articles, 24]; popular_items, popular_scores [1, 100]. Lists end with -1. */
#ifndef PIPELINE_RECOMMEND_PUBLISH_H
#define PIPELINE_RECOMMEND_PUBLISH_H

#include "pipeline/family.h"

bool recommend_publish(work *w, folder *f, scope *s, js *report, err *e);

#endif
