/* inventory: what a forecast means for the stock of one article: risk, cover, orders.
 *
 * Demand over h weeks ahead is given cumulatively: mean[h] and variance[h] of the sum of the weeks
 * 1 … h + 1, so that errors which carry over are in the variance (no square-root rule). The
 * protection period is lead time + review: an order placed now is the last that arrives before it
 * ends. Sources: Silver, Pyke and Thomas (2017), Inventory and Production Management in Supply
 * Chains; Zipkin (2000). */
#ifndef MODELS_FORECAST_INVENTORY_H
#define MODELS_FORECAST_INVENTORY_H

#include <stdbool.h>

#include "models/forecast/demand.h"

typedef struct inventory_outlook {
    int weeks;
    const double *mean, *variance; /* [weeks], cumulative, mean not falling */
} inventory_outlook;

/* Demand of the first `days` days: between two weeks mean and variance are interpolated; after the
 * last week the mean goes on as in it, and the standard deviation grows in proportion (errors of
 * the level carry over in full: the careful side). */
demand inventory_demand(const inventory_outlook *o, double days);

/* Days until the median (or another quantile q) of demand has used up the stock; `most` days when
 * it has not by then. */
double inventory_cover(const inventory_outlook *o, int64_t stock, double q, double most);

/* Cycle service level at which one more unit earns as much as it risks:
 * (price - cost + goodwill) / (price - salvage + goodwill), held to [0, 1). */
double inventory_critical_ratio(double price, double cost, double salvage, double goodwill);

/* Order up to the quantile `service` of demand over the protection period: units to order now,
 * rounded up to whole packs of `pack` and to at least `least` when it orders at all. */
int64_t inventory_order(const demand *protection, double service, int64_t position, int64_t pack,
                        int64_t least);

/* The least base stock S at which the share `fill` of demand is served from the shelf:
 * E[(D - S)+] - E[(D_lead - S)+] <= (1 - fill) (mean of the review period). */
int64_t inventory_base_stock(const demand *lead, const demand *protection, double fill);

/* Economic order quantity sqrt(2 K D / h): fixed cost K an order, D units a period, h a unit held
 * for a period; its cost sqrt(2 K D h). */
double inventory_lot(double fixed, double rate, double holding);

#endif
