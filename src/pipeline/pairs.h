/* pairs: what each unit of a test was worth to the model that is served, kept for the next run.
 *
 * Two runs that were judged on the same days are compared unit by unit (customer, series, review,
 * visitor, article): the spread between units, much larger than what a run changes, drops out.
 * Step 08 writes pairs_FAMILY.atm, step 10 publishes it with the bundle. A metric is
 * sum(sums) / sum(counts) over the units. Paired are units with the same key and count; a unit that
 * one run alone has, or judged by more or fewer cases, is left out and counted. */
#ifndef PIPELINE_PAIRS_H
#define PIPELINE_PAIRS_H

#include "models/metrics.h"
#include "pipeline/work.h"

typedef struct pairs {
    const char *model, *metric;
    bool less_is_better;
    int64_t n;
    const slice *key;
    const double *sum, *count; /* [n]; count NULL = 1 each */
} pairs;

/* Writes the file of a family into the step's folder and the member "paired" {model, metric,
 * less_is_better, units} into its open report. */
bool pairs_write(const work *w, folder *f, const char *name, const pairs *p, scope *s, js *report,
                 err *e);
char *pairs_file(const char *name, arena *keep); /* pairs_recommend.atm */

/* Keys "HASH/NUMBER" of numbers that rows of datasets have, which two runs share only when these
 * are the same: HASH is of the files, which are named by spaces ("d_sales b_articles"). */
slice *pairs_numbered(const work *w, const char *datasets, const int32_t *number, int64_t n,
                      arena *keep, err *e);
/* Keys of customers by their dense numbers: their ids. NULL when refused, as above. */
slice *pairs_customers(const work *w, const int32_t *customer, int64_t n, arena *keep, err *e);

enum { PAIRS_LEAST = 20 }; /* units, for an interval */

typedef struct pairs_result {
    const char *why;        /* why there is no interval; NULL = there is one */
    const char *model, *metric;
    bool less_is_better;
    int64_t left_out;
    metrics_interval d;     /* after less before, 95 % by bootstrap of the units */
    const char *verdict;    /* better | worse | no difference shown */
} pairs_result;

/* The file of a family in two folders. */
bool pairs_compare(const char *before, const char *after, const char *name, scope *s,
                   pairs_result *out, err *e);

#endif
