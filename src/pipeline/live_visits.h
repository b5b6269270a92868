/* live_visits: the shop's visits as sessions of articles, and how much they count in live lists.
 *
 * The weight of a source that the blend's tuning does not know is chosen on the newest visits: the
 * last new article of each is sought in the list made from the articles before it, by a blend with
 * visits older than those, for weights of 0, 1/4, 1/2, 1, 2, 4 times all others together. The one
 * of the highest mean reciprocal rank (12 places) is taken; equal ones: the smaller. The other
 * sources know the last days, the visits do not, so the choice leans to a small weight. */
#ifndef PIPELINE_LIVE_VISITS_H
#define PIPELINE_LIVE_VISITS_H

#include "pipeline/live.h"
#include "pipeline/work.h"

typedef struct live_visits {
    int64_t n;
    const int64_t *at;   /* [n + 1] the oldest visit first */
    const int32_t *item; /* [at[n]] */
} live_visits;

/* Visits of the days in which articles count as active, the newest 500,000: an article met more
 * often in a row once, of a visit its last BUNDLE_VISIT, visits of one article not at all. In
 * keep. */
bool live_visits_load(live_visits *v, work *w, const recommend_fit *m, arena *keep, arena scratch,
                      err *e);

/* Powers of popularity, [articles] in keep: what tastes are multiplied by; 0 = sells no more. */
float *live_trend(const recommend_fit *m, arena *keep);
/* Articles with factors: those that took part in the fit. */
int64_t live_took_part(const als_model *m);

/* The weight beside m->p.weights; 0 with fewer than 200 visits. */
bool live_visits_weight(float *weight, const recommend_fit *m, const live_visits *v, arena scratch,
                        err *e);

#endif
