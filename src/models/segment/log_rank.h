/* log_rank: whether groups wait equally long for something to happen, some still waiting.
 *
 * At each event time the events of a group are expected in proportion to who was still waiting;
 * observed minus expected of all groups against their covariance is chi-squared of k - 1 degrees of
 * freedom. Source: Peto, Peto (1972). */
#ifndef MODELS_SEGMENT_LOG_RANK_H
#define MODELS_SEGMENT_LOG_RANK_H

#include "base/arena.h"

enum { LOG_RANK_GROUPS = 64 }; /* at most */

typedef struct log_rank {
    int groups;          /* with anybody in them */
    double chi2, p;      /* p = 1 where fewer than two groups can be compared */
} log_rank;

/* Rows as in survival.h, each in group 0 … groups-1. */
log_rank log_rank_test(const double *time, const bool *happened, const int32_t *group, int groups,
                       int64_t rows, arena scratch);

#endif
