/* recommend_data: what the recommend family reads: purchases, looks, age bands, articles. */
#ifndef PIPELINE_RECOMMEND_DATA_H
#define PIPELINE_RECOMMEND_DATA_H

#include "base/sparse.h"
#include "pipeline/work.h"

enum {
    RECOMMEND_BANDS = 5,      /* ages below 25, 35, 45, 55, and above */
    RECOMMEND_LOOK_DAYS = 14, /* looks before a cut-off that count */
};

/* What happened between a customer and an article on a day; by customer, article, day. */
typedef struct recommend_log {
    int64_t n;
    const int32_t *customer, *article, *day; /* [n] */
    const float *weight;                     /* [n] */
} recommend_log;

/* Groups of articles: code[article] in 0 … n-1. */
typedef struct recommend_groups {
    int32_t n;
    const int32_t *code; /* [articles] */
} recommend_groups;

/* Attributes by which customers like articles: each has groups of its own. */
typedef enum recommend_trait {
    TRAIT_KIND,
    TRAIT_TYPE,
    TRAIT_COLOUR,
    TRAIT_PATTERN,
    TRAIT_MATERIAL,
    TRAIT_SECTION,
    TRAIT_INDEX,
    RECOMMEND_TRAITS
} recommend_trait;

typedef struct recommend_data {
    int64_t customers, articles;
    int64_t n; /* purchases: one for each customer, article and day; by customer, article, day */
    const int32_t *customer, *article, *day; /* [n] */
    const float *weight;                     /* [n] 1 + ln(units) */
    const int64_t *at;   /* [customers + 1] purchases of each customer */
    recommend_log looks; /* views 1, clicks 1, cart additions 3; none where there is no log */
    int32_t *band;       /* [customers] 0 … RECOMMEND_BANDS-1, -1 = no age */
    bool has_ages;
    sparse vectors; /* [articles, terms] TF-IDF, and meaning where asked for; rows of length 1 */
    /* kind: department, else type, else category. product: the product code, else equal name and
     * type: what differs in colour and size only. */
    recommend_groups kind, product, category, colour;
    recommend_groups trait[RECOMMEND_TRAITS]; /* one group where the shop lacks the attribute */
} recommend_data;

/* What names an article's product, over columns product_code, name, type and article. */
#define RECOMMEND_PRODUCT_SQL                                                                      \
    "coalesce(nullif(product_code, ''), 'name ' || nullif(name, '') || ' ' || "                    \
    "coalesce(type, ''), 'article ' || CAST(article AS VARCHAR))"

/* Purchases and looks before `until`; returns are left out. Everything lives in keep. */
bool recommend_load(recommend_data *d, work *w, int32_t until, arena *keep, arena scratch, err *e);

#endif
