/* funnel_articles: what a funnel of visitors with one article says of each article.
 *
 * Rates are drawn toward the rate of all articles (lost.h). An article is
 *     seen, not wanted     its rate to step 2 is below that of all
 *     wanted, not bought   that is not so, but its rate to a later step is below
 *     hidden gem           its rate from the first step to the last is above that of all, and it
 *                          has fewer units than the median article
 * where below and above hold with a probability of 95 %. Sales missing at a step are the units
 * that would have gone on at the rate of all, times the rates of all from there to the last step;
 * money is that times the median price of the article's events, null where they have none. */
#ifndef SURFACES_FUNNEL_ARTICLES_H
#define SURFACES_FUNNEL_ARTICLES_H

#include "pipeline/funnel_log.h"
#include "surfaces/verbs.h"

/* Member articles of out, the 200 that miss most sales, and table articles, a row an article and
 * step after the first. Reads the columns unit, article and price of table log; every unit is one
 * article's, and no step is optional. */
bool funnel_articles_put(js *out, const funnel_spec *spec, const funnel_log *log,
                         const funnel_outcome *o, bench *b, scope *s, err *e);

#endif
