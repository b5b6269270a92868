/* segment_prices: how the purchases of each segment answer to prices.
 *
 * The regression of elasticity.json (price_panel.h, elasticity.h: Poisson, effects of article and
 * of category and week, age, intervals clustered by article) with the units that the customers of a
 * segment bought in place of all. Told from LEAST_UNITS units in LEAST_ARTICLES articles on, fitted
 * to the articles and category weeks in which it bought LEAST_OF_LEVEL or more. Who
 * buys reduced articles is partly how segments are formed: it describes them, and is no trial of
 * what a price would do to them. */
#ifndef PIPELINE_SEGMENT_PRICES_H
#define PIPELINE_SEGMENT_PRICES_H

#include "data/columns.h"
#include "pipeline/work.h"

typedef struct segment_price {
    double elasticity, low, high; /* 95 %; NaN = not known */
} segment_price;

/* The panel of all that was sold, in s->keep. */
bool segment_prices_open(columns *panel, work *w, scope *s, err *e);

/* out [k]: the segments 0 … k-1 of a method of the table segment_labels (segment_parts.h). */
bool segment_prices_of(segment_price *out, int k, int method, const columns *panel, work *w,
                       scope *s, err *e);

#endif
