/* price_panel: weeks of the articles that were sold at several prices, as data of a fit. */
#ifndef PIPELINE_PRICE_PANEL_H
#define PIPELINE_PRICE_PANEL_H

#include "data/columns.h"
#include "models/insight/elasticity.h"
#include "pipeline/work.h"

/* Weeks in [from, to). The price of a week without sales is the dearer of those of the sales before
 * and after it (the one before where `known` hides the one after): of the two it is the dear one at
 * which nothing is sold more likely, and the last one asked would make every end of a promotion a
 * cheap week that failed. An article counts when it sold in eight weeks at three prices that are
 * 3 % apart or more before `known`. Columns: article, category, week, units, x = ln price, age = ln
 * weeks on sale, stock = ln(1 + units on hand when the week began), NAN where not counted, place =
 * number of the article, code = of the category, cell = of category and week, nest = of type and
 * third of the list prices in it. In order of article, then week. */
bool price_panel_read(columns *c, work *w, int32_t known, int32_t from, int32_t to, arena *keep,
                      err *e);

/* 1 + the largest of x[n]; 0 without any. */
int32_t price_panel_levels(const int32_t *x, int64_t n);

/* Rows of a category (-1: all) as data of a fit; columns are price (if wanted), then age (if it
 * tells anything); effects are article and cell. Arrays are copies. */
elasticity_data price_panel_data(const columns *c, int32_t category, bool with_price, scope *s);

#endif
