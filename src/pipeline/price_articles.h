/* price_articles: the elasticity of each article, drawn toward its category's; prices.json. */
#ifndef PIPELINE_PRICE_ARTICLES_H
#define PIPELINE_PRICE_ARTICLES_H

#include "models/insight/slopes.h"
#include "pipeline/insight.h"
#include "pipeline/price_checks.h"

typedef struct price_articles {
    int32_t n;
    slope *slope;            /* [n] */
    const int32_t *category; /* [n] -> insight_prices.category */
    double tau;              /* how far articles of a category lie apart */
} price_articles;

/* Slopes given what age, category and week sell apart from price: these come from a Poisson fit in
 * which the price enters with the slopes so far, first the categories', then the articles'. c is of
 * price_panel_read. Refused (a sentence in `why`): that fit did not settle. */
bool price_articles_fit(price_articles *out, const insight_prices *p, const columns *c, work *w,
                        scope *s, const char **why);

/* Writes prices.json and price_elasticities.parquet (docs/datasets.md). */
bool price_articles_write(work *w, folder *f, const insight_prices *p, const columns *c, scope *s,
                          err *e);

#endif
