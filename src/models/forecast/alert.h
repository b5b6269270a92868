/* alert: what a forecast and a count of stock oblige a buyer to do about one article.
 *
 *     alert_item it = {.stocked = true, .on_hand = 12, .lead_days = 14, .outlook = …, .price = 30};
 *     alert found[ALERT_TYPES];
 *     int n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
 *
 * With D(t) = demand of the next t days (inventory.h), L = lead time, R = review period, position
 * = on hand + on order, p, c, v = price, cost and salvage of a unit, E = days to the season's end:
 *
 *     stock_out   P(D(W) > on hand): what is on the shelf does not last until goods can come: in W
 *                 days what is on order does, else L; units E[(D(W) - on hand)+]
 *     reorder     P(D(L + R) > position) above what pays, 1 - (p - c)/(p - v): order today;
 *                 units E[(D(L + R) - position)+]
 *     overstock   P(D(E) < 0.8 position): a fifth or more stays; units E[(position - D(E))+]
 *     markdown    overstock with E of at most eight weeks, and the price that would sell it
 *     dead        on hand, and no sale for longer than the article's usual gaps
 *     broken      of a product's variants (sizes, colours) some are sold out, others are not;
 *                 units = demand of the missing ones over L
 *     surge, collapse   the last weeks sold more, less than was forecast: |z| = |sold - expected| /
 *                 sd; probability 1 - 2 P(Z > |z|); units = the difference
 *     unreliable  the errors of earlier forecasts add up instead of cancelling: |sum of errors| /
 *                 (1.25 mean absolute error sqrt(n)), as z; units = the mean error over L + R
 *
 * The last three need no stock. A unit not sold costs p - c, a unit left over c - v.
 * Hysteresis: an alert is raised when its probability reaches `raise` and at least one unit is at
 * stake; one that was open stays until the probability falls below `clear` or half a unit remains.
 * At most one of stock_out and reorder, of dead, markdown and overstock, of surge and collapse.
 * Source for position, protection period and critical ratio: inventory.h; the tracking signal:
 * Trigg (1964), Monitoring a forecasting system. */
#ifndef MODELS_FORECAST_ALERT_H
#define MODELS_FORECAST_ALERT_H

#include "models/forecast/inventory.h"

typedef enum alert_type {
    ALERT_STOCK_OUT,
    ALERT_REORDER,
    ALERT_OVERSTOCK,
    ALERT_MARKDOWN,
    ALERT_DEAD,
    ALERT_BROKEN,
    ALERT_SURGE,
    ALERT_COLLAPSE,
    ALERT_UNRELIABLE,
    ALERT_TYPES
} alert_type;
const char *alert_name(alert_type t); /* "stock_out", … */

typedef struct alert_params {
    double lead_days, review_days; /* lead_days: where the shop does not say */
    double cost, salvage;          /* of the price, 0 … 1, salvage below cost */
    double elasticity;             /* of units to price, below 0: how a markdown sells */
} alert_params;
#define ALERT_DEFAULTS                                                                             \
    (alert_params){.lead_days = 14, .review_days = 7, .cost = 0.4, .salvage = 0.15,                \
                   .elasticity = -2}

/* NULL when they can be used, else what is wrong with them. */
const char *alert_check(const alert_params *p);

typedef struct alert_item {
    bool stocked;              /* its stock was counted */
    int64_t on_hand, on_order; /* units, >= 0 */
    double lead_days;          /* 0 = not said */
    double receipt_days;       /* until what is on order comes; below 0 = the lead time */
    inventory_outlook outlook; /* weeks >= 1 */
    double price;              /* of a unit, > 0 */
    double elasticity;         /* of its units to its price; 0 = not known, that of the params */
    double season_days;        /* to the end of the season, > 0 */
    double idle_days, gap_days; /* since the last sale; the 95 % quantile of its gaps */
    double missing;            /* units a week that sold-out variants of the product would sell */
    double missing_share;      /* of the product's demand; 0 = not broken */
    double surprise;           /* z of the last weeks */
    double surprise_units;
    double drift;              /* z of the tracking signal */
    double drift_units;        /* mean error of a week */
} alert_item;

typedef struct alert {
    alert_type type;
    double probability; /* that what the alert says is so */
    double units, money; /* at stake */
    double cover_days;  /* until half of the outcomes have used up the stock; <= 365 */
    int64_t reorder_point, order; /* units; order: what pays to order now */
    double discount;    /* of markdown, 0 … 1 */
    bool was_open;
} alert;

/* Days until goods can come: W above. */
double alert_wait(const alert_item *it, alert_params p);

/* Fills found with the alerts of one article, in order of type; returns how many. open[t] tells
 * which were open before; NULL: none. */
int alert_find(const alert_item *it, alert_params p, const bool *open, alert *found);

#endif
