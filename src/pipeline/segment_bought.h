/* segment_bought: what the customers of each segment buy of late, for somebody of whom the segment
 * alone is known.
 *
 * Each customer, article and day bought counts once, half after 28 days (popular.h):
 *
 *     own[g, i]   = sum over purchases of i by segment g of 2^(-age / 28)
 *     score[g, i] = own[g, i] + trust · (share of i in everybody's)
 *
 * with trust and the days after which an article is gone as the recommender has them for age bands,
 * so that a segment which bought little gets what all buy. Arrays of segment.atm, a row for each
 * segment, those of the first method first:
 *
 *     bought_items    I32 [segments, K]  the best K = 500 (or all articles), -1 padded
 *     bought_scores   F32 the same shape
 *     bought_shares   F32 own[g, i] over all that g bought; 0 where it bought nothing
 *     bought_lifts    F32 that share over the shop's */
#ifndef PIPELINE_SEGMENT_BOUGHT_H
#define PIPELINE_SEGMENT_BOUGHT_H

#include "pipeline/segment_present.h"

bool segment_bought_put(const segment_present *p, store_writer *out, work *w, scope *s, err *e);

#endif
