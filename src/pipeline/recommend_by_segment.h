/* recommend_by_segment: popularity and the blend by the customer's segment, beside those of all.
 *
 * Segments are clusters (segment_block.h) of what is known of the customers before the first of
 * the cut-offs, and are not formed anew: on each cut-off a customer belongs to the cluster that is
 * nearest to what is known of him before it. Popularity in segment g:
 *
 *     score[g, i] = Σ over purchases of i by segment g of weight · 2^(-age / half-life)
 *                 + trust · (share of i in everybody's)
 *
 * A customer who has not bought before the cut-off has no segment: his age band's list stands.
 * "blend by segment" is the blend, its weights as they are, with that list in the place of
 * popularity's. Nothing on or after a cut-off is read.
 *
 *     recommend_by_segment b;
 *     recommend_by_segment_open(&b, &w, &d, &cutoffs, s, e)
 *     recommend_walk to = {…, .visit = recommend_by_segment_visit, .what = &b};
 *     recommend_walk_weeks(&to, &cutoffs, weeks, s, e)
 *     recommend_by_segment_report(&b, &results, threads, s, report)
 *
 * Member that the report adds: by_segment {segments, formed, trust, models, comparisons, parts,
 * verdict}; parts are the segments, the richest first, then "no purchase yet", each with MAP@12 of
 * the four and the paired gains of both. */
#ifndef PIPELINE_RECOMMEND_BY_SEGMENT_H
#define PIPELINE_RECOMMEND_BY_SEGMENT_H

#include "pipeline/recommend_score.h"

enum { BY_SEGMENT_K = 7, BY_SEGMENT_CUTOFFS = 64 }; /* clusters; cut-offs at most */

typedef struct recommend_by_segment {
    int segments;                       /* clusters there are, 1 … BY_SEGMENT_K */
    int32_t formed;                     /* the cut-off whose customers they were formed of */
    double trust;                       /* decayed purchases of all mixed into a segment's */
    const slice *names;                 /* [segments] */
    int n, done;                        /* cut-offs; those visited */
    uint8_t *of[BY_SEGMENT_CUTOFFS];    /* [customers] a cluster; BY_SEGMENT_K = none */
    hybrid_source popular[BY_SEGMENT_CUTOFFS]; /* of the week's units */
    arena *keep;
} recommend_by_segment;

/* The segments of all customers on each cut-off, in s->keep. w->d holds transactions and customers.
 * Refuses where fewer than SEGMENT_LEAST customers bought before the first cut-off. */
bool recommend_by_segment_open(recommend_by_segment *b, const work *w, const recommend_data *d,
                               const recommend_calendar *c, scope *s, err *e);

/* A recommend_visit: popularity by segment for the units of the next week. */
bool recommend_by_segment_visit(void *what, const recommend_fit *m, const recommend_week *week,
                                arena scratch, err *e);

/* After the walk; r are the results of all its weeks. */
void recommend_by_segment_report(const recommend_by_segment *b, const recommend_results *r,
                                 pool *threads, scope *s, js *report);

#endif
