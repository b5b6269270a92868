/* segment_judge: how well segments foretell who buys: by week and group, by how many customers they
 * were formed of; and whether as many buy as is said.
 *
 * Members of the open report (evaluation_parts.h, evaluation_calibration.h):
 *   parts        share of the squared error explained (segment_explain.h) by each week of the test
 *                window, by RFM name and by cluster; groups of 20 customers or more. That of a
 *                group is its customers' mean, so that groups weighted by their size are the whole
 *   calibration  "buys in the test window": by cluster and by RFM name, whose probability is the
 *                share one window earlier, and by the model of customer value (clv_buys)
 *   learning     clusters formed of an eighth, a quarter, half and all of the customers (every 8th,
 *                4th, 2nd), who also tell what each cluster does */
#ifndef PIPELINE_SEGMENT_JUDGE_H
#define PIPELINE_SEGMENT_JUDGE_H

#include "pipeline/customer_value.h"
#include "pipeline/segment_explain.h"

/* Groups of the earlier and the later customers. */
typedef struct segment_way {
    const char *name;
    int groups;
    const int32_t *before, *after;
    const double *explained; /* [after.n] by who buys */
} segment_way;

enum { SEGMENT_BY_RECENCY, SEGMENT_BY_RFM, SEGMENT_BY_CLUSTER, SEGMENT_WAYS };

typedef struct segment_exam {
    const segment_block *before, *after;
    const segmentation *m;
    segment_way way[SEGMENT_WAYS];
    const double *learn, *test; /* who buys, 0 or 1, in the window after each block */
    const customer_value *v;    /* of the model before the test window */
} segment_exam;

bool segment_put_parts(const segment_exam *x, work *w, scope *s, js *report, err *e);
bool segment_put_learning(const segment_exam *x, work *w, scope *s, js *report, err *e);

#endif
