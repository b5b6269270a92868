/* recommend_facts: what step 04 knew of articles and customers on a feature day, as floats. */
#ifndef PIPELINE_RECOMMEND_FACTS_H
#define PIPELINE_RECOMMEND_FACTS_H

#include "pipeline/work.h"

/* Columns of article_weeks and customer_weeks, in the order of the rows. */
enum {
    FACT_UNITS_1,
    FACT_UNITS_3,
    FACT_UNITS_7,
    FACT_UNITS_14,
    FACT_UNITS_28,
    FACT_TREND,
    FACT_PLACE_IN_CATEGORY,
    FACT_AGE_DAYS,
    FACT_PRICE_NOW,
    FACT_DISCOUNT,
    FACT_ARTICLE_ONLINE,
    FACT_BUYER_AGE,
    FACT_AGAIN_SHARE,
    FACT_ON_HAND,
    FACT_ARTICLES
};
enum {
    FACT_RECENCY,
    FACT_FREQUENCY,
    FACT_BASKET,
    FACT_AVG_PRICE,
    FACT_PRICE_SPREAD,
    FACT_CUSTOMER_ONLINE,
    FACT_TENURE,
    FACT_AGE,
    FACT_CLUB,
    FACT_CUSTOMERS
};
extern const char *const fact_articles[FACT_ARTICLES], *const fact_customers[FACT_CUSTOMERS];

typedef struct recommend_facts {
    int32_t as_of;
    float *article;  /* [articles, FACT_ARTICLES]; NaN = not known */
    float *customer; /* [customers, FACT_CUSTOMERS] */
} recommend_facts;

/* The rows of as_of, in keep. Refuses a day that is no feature day. */
bool recommend_facts_load(recommend_facts *f, work *w, int32_t as_of, int64_t articles,
                          int64_t customers, arena *keep, err *e);

#endif
