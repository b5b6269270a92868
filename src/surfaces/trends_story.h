/* trends_story: what `atelier trends` tells of a table beside growth: stages, reasons, money.
 *
 * Makes the tables story_… that trend_evidence.h, trend_evolution.h and trend_alarms.h read out of
 * the verb's table `sales`; columns that the file does not have leave theirs empty. */
#ifndef SURFACES_TRENDS_STORY_H
#define SURFACES_TRENDS_STORY_H

#include "pipeline/trend_evidence.h"
#include "surfaces/verbs.h"

#define TRENDS_STORY_ELASTICITY (-2.0) /* of what a price would explain; see `atelier elasticity` */

/* The columns of `sales`, those of the verb first; see verb_trends.c. */
extern const contract trends_sales;

/* Days of sales as a panel reads them; a row without units is one. */
extern const char trends_source[];

/* The day after the last sale; rows that are years later than nearly all are said on stderr and do
 * not count. trends_end: the day of --as-of instead, where it is given. */
bool trends_last(bench *b, int32_t *end, scope *s, err *e);
bool trends_end(const args *a, bench *b, int32_t *end, scope *s, err *e);

/* Of the days before `end`. */
bool trends_story_make(db *d, int32_t end, arena *keep, err *e);

/* Members stages, revenue and attributes of the open object, two lines for people on stderr, and
 * all with odd days and changes of level into the file `path`, unless that is NULL. */
bool trends_story_put(js *out, bench *b, const trend_evidence *t, int32_t end, int weeks,
                      const char *path, scope *s, err *e);

#endif
