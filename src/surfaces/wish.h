/* wish: what a request for recommendations asks for beside whom they are for: how many, which
 * articles may be shown, how the list shall be balanced, whether chance may have a say.
 *
 * WISH_PARAMS are rows of a route's table of parameters; the query of a GET and the body of a POST
 * take the same ones. */
#ifndef SURFACES_WISH_H
#define SURFACES_WISH_H

#include "models/recommend/rerank.h"
#include "pipeline/live.h"
#include "surfaces/params.h"

#define WISH_PARAMS(place)                                                                         \
    {"k", place, PARAM_INT, NULL, "12", 1, 100, "12", "how many articles"},                        \
    {"offset", place, PARAM_INT, NULL, "0", 0, 1000, NULL, "skip so many, for paging"},            \
    {"category", place, PARAM_CATEGORY, NULL, NULL, 1, 256, "@category", "only this category"},    \
    {"exclude_bought", place, PARAM_INT, NULL, "0", 0, 1, "0",                                     \
     "1 leaves out what the customer bought before"},                                              \
    {"in_stock", place, PARAM_INT, NULL, "0", 0, 1, "0", "1 leaves out what is sold out"},         \
    {"price_min", place, PARAM_REAL, NULL, NULL, 0, 1000000000, NULL, "lowest price"},             \
    {"price_max", place, PARAM_REAL, NULL, NULL, 0, 1000000000, NULL, "highest price"},            \
    {"max_variants", place, PARAM_INT, NULL, "0", 0, 100, "1",                                     \
     "at most so many articles of one product; 0 = any number"},                                   \
    {"max_per_category", place, PARAM_INT, NULL, "0", 0, 100, "4",                                 \
     "at most so many articles of one category; 0 = any number"},                                  \
    {"max_per_type", place, PARAM_INT, NULL, "0", 0, 100, "3",                                     \
     "at most so many articles of one type; 0 = any number"},                                      \
    {"diversity", place, PARAM_REAL, NULL, "0", 0, 1, "0.2",                                       \
     "0 = by score alone, 1 = as unlike each other as can be"},                                    \
    {"calibration", place, PARAM_REAL, NULL, "0", 0, 1, "0.2",                                     \
     "0 = by score alone, 1 = categories in the shares of the customer's purchases"},              \
    {"new_share", place, PARAM_REAL, NULL, "0", 0, 1, "0.1",                                       \
     "least share of articles that came in the last four weeks"},                                  \
    {"explore", place, PARAM_INT, NULL, "0", 0, 1, "0",                                            \
     "1 gives a tenth of the places to chance and tells the propensity of each article"},          \
    {"seed", place, PARAM_INT, NULL, NULL, 0, 1000000000, "1",                                     \
     "of chance; without one the request's id is"}

typedef enum wish_param { /* places of the rows behind the first one */
    WISH_K,
    WISH_OFFSET,
    WISH_CATEGORY,
    WISH_EXCLUDE_BOUGHT,
    WISH_IN_STOCK,
    WISH_PRICE_MIN,
    WISH_PRICE_MAX,
    WISH_MAX_VARIANTS,
    WISH_MAX_PER_CATEGORY,
    WISH_MAX_PER_TYPE,
    WISH_DIVERSITY,
    WISH_CALIBRATION,
    WISH_NEW_SHARE,
    WISH_EXPLORE,
    WISH_SEED,
    WISH_COUNT
} wish_param;

typedef struct wish {
    int64_t k, offset;
    live_filter filter;
    bool exclude_bought, explore;
    bool balance;         /* one of the wishes of `rerank` is not at its default */
    rerank_params rerank; /* k is left to whoever makes the list */
    uint64_t seed;
} wish;

/* values are those of WISH_PARAMS; id is the seed where none is given. */
wish wish_read(const param_value *values, slice id);

#endif
