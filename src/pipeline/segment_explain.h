/* segment_explain: how much of what customers do next their groups foretell.
 *
 * Groups of the customers of a day and of an earlier day, and what each of them did in the window
 * after her day: a later customer is foretold by the mean outcome of her group one window earlier,
 * ten customers of the average kind mixed in. explained = 1 - mean squared error over that of one
 * group for all; of one customer her share of that difference, so that the mean over customers is
 * the whole. 0: the groups say nothing. */
#ifndef PIPELINE_SEGMENT_EXPLAIN_H
#define PIPELINE_SEGMENT_EXPLAIN_H

#include "pipeline/segment_block.h"

/* What the customers of a block did in [from, to): bought (0 or 1) and money spent; [b->n] each, in
 * s->keep. */
enum { SEGMENT_OUTCOMES = 2 };
bool segment_outcomes(const work *w, const segment_block *b, int32_t from, int32_t to, scope *s,
                      double *out[SEGMENT_OUTCOMES], err *e);

typedef struct segment_learned {
    const double *learn, *test; /* [n], [n_test] outcomes of the earlier and the later customers */
    int64_t n, n_test;
} segment_learned;

/* What is foretold of each group's customers: to[groups]. */
void segment_foretell(const segment_learned *of, int groups, const int32_t *before, double *to,
                      arena scratch);

/* to[n_test]; groups below `groups`, [n] and [n_test]. */
void segment_explain(const segment_learned *of, int groups, const int32_t *before,
                     const int32_t *after, double *to, arena scratch);

#endif
