/* funnel_articles: what a funnel of visitors with one article says of each article.
 *
 * Rates are drawn toward the rate of all articles (lost.h). An article is
 *     seen, not wanted     its rate to step 2 is below that of all
 *     wanted, not bought   that is not so, but its rate to a later step is below
 *     hidden gem           its rate from the first step to the last is above that of all, and it
 *                          has fewer units than the median article
 * where below and above hold with a probability of 95 %. Sales missing at a step are the units
 * that would have gone on at the rate of all, times the rates of all from there to the last step;
 * money is that times the median price of the article's events, null where they have none.
 *
 *     funnel_articles f;
 *     funnel_articles_find(&f, &spec, &log, &outcome, d, "SELECT unit, article, name, price "
 *                          "FROM log", s, e)
 */
#ifndef PIPELINE_FUNNEL_ARTICLES_H
#define PIPELINE_FUNNEL_ARTICLES_H

#include "models/behaviour/lost.h"
#include "pipeline/funnel_log.h"

typedef struct funnel_articles {
    const funnel_spec *spec;
    int steps, articles;
    const slice *article, *name; /* name: empty where it is not known */
    const double *price;   /* NAN: none */
    int64_t *count;        /* [steps, articles] units that reached the step */
    rates_model *all;      /* [steps] of step k from k - 1; 0: from the first to the last */
    lost_cell *cell;       /* [steps, articles] likewise */
    double *sales;         /* [articles] missing at any step */
    const char **label;    /* [articles] "" = nothing to say */
} funnel_articles;

/* source: a SELECT with the columns unit, article (text), name and price; every unit is one
 * article's, and no step is optional. */
bool funnel_articles_find(funnel_articles *out, const funnel_spec *spec, const funnel_log *log,
                          const funnel_outcome *o, db *d, const char *source, scope *s, err *e);

/* Members articles (how many), steps[] and list[]: the 200 that miss most sales, then the 50 hidden
 * gems that most get through of. */
void funnel_articles_put(js *out, const funnel_articles *f, scope *s);

/* A row an article and step after the first. */
columns funnel_articles_rows(const funnel_articles *f, arena *keep);

#endif
