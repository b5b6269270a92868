/* cohort: customers by the period of their first purchase, and who of them came back when.
 *
 * Cell (cohort c, age k): customers with a purchase in period c + k (`on`), and with one in period
 * c + k or later (`onward`, which never rises: who comes back is never gone). Only periods up to
 * the last one of the data exist: cells beyond it are -1. The last period is usually not over when
 * the data end; its cells are counted, but `finished` says that they can still grow, and means
 * leave them out. `onward` of late ages is too low by those who are about to come back. */
#ifndef MODELS_SEGMENT_COHORT_H
#define MODELS_SEGMENT_COHORT_H

#include "base/arena.h"

typedef struct cohort_table {
    int n;             /* periods; cohorts and ages are 0 … n-1 */
    int finished;      /* periods that are over: n or n - 1 */
    int64_t *size;     /* [n] customers of each cohort */
    int64_t *on;       /* [n, n] by cohort and age, -1 beyond the data */
    int64_t *onward;   /* [n, n] */
    double *on_mean, *onward_mean; /* [n] by age: share of finished cells, weighted by size; NaN */
    double *on_plain, *onward_plain; /* [n] the same, every cohort counting alike */
} cohort_table;

/* Purchases of customers (0 … customers-1) in periods (0 … n-1), in any order, repetitions allowed;
 * over = the last period is over. Lives in keep. */
cohort_table cohort_of(const int32_t *customer, const int32_t *period, int64_t rows,
                       int64_t customers, int n, bool over, arena *keep, arena scratch);

static inline bool cohort_is_finished(const cohort_table *t, int cohort, int age) {
    return cohort + age < t->finished;
}

/* Customers of all cohorts that were watched for at least `ages` finished periods, still there
 * (onward) after each: to[0 … ages]; what sbg_fit takes. */
void cohort_alive(const cohort_table *t, int ages, double *to);

#endif
