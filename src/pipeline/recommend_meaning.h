/* recommend_meaning: what articles and their reviews mean, beside their words, for likeness.
 *
 * Each article's row of TF-IDF (length 1) gets up to two dense parts: its own text as a vector, and
 * the mean vector of its reviews, both by the encoder that the reviews are read with (without one
 * by word counts, review_vectors.h), less the mean of all, turned to their first components:
 *
 *     row = sqrt(.5) words, sqrt(.25) text, sqrt(.25) reviews;   then to length 1 again
 *
 * so that the cosine of two rows is the weighted sum of the three cosines. Reviews count that were
 * written 56 days before `until` or earlier: before all weeks by which anything is chosen or
 * judged (w->meaning_until names another day). An article without a part has zeros there. */
#ifndef PIPELINE_RECOMMEND_MEANING_H
#define PIPELINE_RECOMMEND_MEANING_H

#include "base/sparse.h"
#include "pipeline/work.h"

/* vectors [articles, terms] becomes [articles, terms + parts], in keep; says by what. */
bool recommend_meaning_add(sparse *vectors, work *w, int32_t until, arena *keep, err *e);

#endif
