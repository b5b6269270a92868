/* recommend_frame: candidates as rows of numbers, for a ranker to learn from and to order.
 *
 * A row is a customer and a candidate as of a cut-off: the score (in units of hybrid.h) and the
 * place that each source gives it, the default blend, the facts of article and customer, and what
 * both have to do with each other: purchases of it, how like it is to the last ones bought. NaN is
 * what is not known or not there. Rows are in the order (customer as given, article): the order in
 * which a ranker breaks ties.
 *
 * The candidates of a customer are the RECOMMEND_UNION best of all sources by the default blend,
 * whatever the tuned weights are, so that a ranker learns and serves on the same kind of rows. */
#ifndef PIPELINE_RECOMMEND_FRAME_H
#define PIPELINE_RECOMMEND_FRAME_H

#include "pipeline/recommend_facts.h"
#include "pipeline/recommend_models.h"

enum { RECOMMEND_UNION = 100 };

typedef enum recommend_pair_column {
    PAIR_TIMES,       /* days on which the customer bought it */
    PAIR_GAP,         /* days since the last of them */
    PAIR_PLACE,       /* 1 = the article bought last */
    PAIR_AGAIN,       /* chance of buying it again in the target (repurchase.h) */
    PAIR_KIND,        /* shares of the profile: its kind, category, colour, product */
    PAIR_CATEGORY,
    PAIR_COLOUR,
    PAIR_PRODUCT,
    PAIR_PRICE_GAP,   /* its price less the customer's mean price */
    PAIR_PRICE_RATIO, /* over it */
    PAIR_AGE_GAP,     /* the customer's age less its buyers' mean age */
    PAIR_ONLINE_GAP,  /* the customer's share bought online less its */
    PAIR_LIKE_1,      /* highest content similarity to the last 1, 3, 10 articles bought */
    PAIR_LIKE_3,
    PAIR_LIKE_10,
    PAIR_WITH_1, /* the same for bought together */
    PAIR_WITH_3,
    PAIR_WITH_10,
    PAIR_TASTE, /* factor product, without trend */
    PAIR_BLEND, /* score of the default blend */
    PAIR_LIKING, /* one for each trait (recommend_taste.h), then their sum */
    PAIR_LIKINGS = PAIR_LIKING + RECOMMEND_TRAITS,
    PAIR_COLUMNS
} recommend_pair_column;

enum {
    FRAME_SCORES = 0,                                   /* one for each source */
    FRAME_PLACES = FRAME_SCORES + RECOMMEND_SOURCES,    /* 1 = best; NaN = not in its list */
    FRAME_ARTICLE = FRAME_PLACES + RECOMMEND_SOURCES,
    FRAME_CUSTOMER = FRAME_ARTICLE + FACT_ARTICLES,
    FRAME_PAIR = FRAME_CUSTOMER + FACT_CUSTOMERS,
    FRAME_COLUMNS = FRAME_PAIR + PAIR_COLUMNS
};

/* Name of a column, and the part of recommend_rank.h that it belongs to. */
const char *recommend_column_name(int at, arena *keep);
int recommend_column_part(int at);

typedef struct recommend_frame {
    int64_t n, rows;
    int64_t *at;   /* [n + 1] rows of each customer */
    int32_t *item; /* [rows] ascending in a customer */
    float *x;      /* [rows, FRAME_COLUMNS] */
} recommend_frame;

/* The candidates to be ranked: ids [lists->users, RECOMMEND_UNION], ascending, -1 padded. */
int32_t *recommend_union(const hybrid_problem *lists, pool *threads, arena *keep, arena scratch);

typedef struct recommend_rows {
    const int32_t *customers;    /* [n] */
    int64_t n;
    const hybrid_problem *lists; /* of the same customers */
    const int32_t *ids;          /* [n, RECOMMEND_UNION] of recommend_union */
    const uint8_t *wanted;       /* [n] 0 = no rows of this customer; NULL = all */
    const recommend_facts *facts;
} recommend_rows;
recommend_frame recommend_frame_make(const recommend_fit *m, const recommend_rows *of,
                                     pool *threads, arena *keep, arena scratch);

#endif
