/* review_months: positive shares by month of many groups of reviews, intervals and changes.
 *
 *     review_months *m = review_months_open(groups, first, last, &s->keep);
 *     review_months_add(m, group, day, positive);      // day INT32_MIN: counted without a month
 *     review_months_put(m, group, series, out, s->scratch);
 *
 * Months are numbered 12 year + month - 1. */
#ifndef PIPELINE_REVIEW_MONTHS_H
#define PIPELINE_REVIEW_MONTHS_H

#include "base/json.h"
#include "models/language/changes.h"

typedef struct review_months {
    int32_t groups, first, months; /* months first … first + months - 1 */
    int64_t *n, *k;                /* [groups, months] reviews; positive ones */
    int64_t *all_n, *all_k;        /* [groups] with those that have no day */
} review_months;

int32_t review_months_of(int32_t day);

/* For the days first … last; last < first: there are none. */
review_months review_months_open(int32_t groups, int32_t first, int32_t last, arena *keep);
void review_months_add(review_months *m, int32_t group, int32_t day, bool positive);

/* Members reviews, positive_share, low and high of the group as a whole. */
void review_months_put_share(const review_months *m, int32_t group, js *out);

/* Members months and changes. */
void review_months_put(const review_months *m, int32_t group, int64_t series, js *out,
                       arena scratch);

changes_model review_months_changes(const review_months *m, int32_t group, int64_t series,
                                    arena *keep, arena scratch);

/* One change as an object. */
void review_months_put_change(const review_months *m, const changes_point *p, const char *key,
                              js *out);

#endif
