/* customer_retention: who came back when: cohorts by month, and the wait for the second purchase.
 *
 * Adds two members to an open object, of all sales before the end of the data (returns are none):
 *   "retention": {"months": ["2024-01", …], "complete": the last month is over,
 *                 "cohorts": [{"month", "customers", "on": [by age in months], "after": [that month
 *                              or later]}], the last 36 months with newcomers,
 *                 "mean": {"on": [shares by age], "after"}} of all cohorts, by their size, over
 *                 months that are over (models/segment/cohort.h);
 *   "survival": [{"id", "name", "unit": "days", "time", "share", "low", "high", "at_risk"}]
 *                 Kaplan-Meier from the first to the second day with a purchase
 *                 (models/survival.h): all customers (id null), then each segment. At most
 *                 120 steps a curve, evenly in time; share = not bought again by then, at_risk =
 *                 still waiting just before. */
#ifndef PIPELINE_CUSTOMER_RETENTION_H
#define PIPELINE_CUSTOMER_RETENTION_H

#include "pipeline/work.h"

/* Segments of customers: customer[i] is in label[i]. */
typedef struct retention_groups {
    int64_t n;
    const int32_t *customer, *label; /* [n] customers ascend; labels 0 … groups-1, below 0 = none */
    int groups;
    const slice *ids, *names;        /* [groups] */
} retention_groups;

bool customer_retention_put(const work *w, const retention_groups *g, js *out, scope *s, err *e);

#endif
