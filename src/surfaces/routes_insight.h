/* routes_insight: the parameters of routes about prices, baskets, products; and those of many. */
#ifndef SURFACES_ROUTES_INSIGHT_H
#define SURFACES_ROUTES_INSIGHT_H

#include "surfaces/params.h"

#define ID_PARAM(what, shown)                                                                      \
    {"id", PARAM_PATH, PARAM_TEXT, NULL, NULL, 1, 256, shown, what                                 \
     " as in the shop's files; leading zeros of a number do not count"}
#define CATEGORY_PARAM                                                                             \
    {"category", PARAM_QUERY, PARAM_CATEGORY, NULL, NULL, 1, 256, "@category", "only this category"}

extern const param prices_params[], baskets_params[], plan_params[], products_params[],
    product_params[], impact_params[], runs_params[], run_params[], compare_params[];

#endif
