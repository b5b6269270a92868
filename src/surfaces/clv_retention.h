/* clv_retention: who of each month's new customers came back, and how soon, from purchase days. */
#ifndef SURFACES_CLV_RETENTION_H
#define SURFACES_CLV_RETENTION_H

#include "surfaces/purchase_table.h"

/* Adds "retention" to out: cohorts by period of the first purchase (months; quarters or years where
 * there are more than 60), mean retention by age, a projection by sbg.h, and the time to the second
 * purchase. With `path` (may be NULL) the cells go to that file: cohort, age, customers, on,
 * onward, finished. */
bool clv_retention(bench *b, scope *s, const purchase_table *t, const char *path, js *out, err *e);

#endif
