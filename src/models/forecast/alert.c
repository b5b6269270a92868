/* alert: what a forecast and a count of stock oblige a buyer to do about one article. */
#include "models/forecast/alert.h"

#include <math.h>
#include <stddef.h>

#define LONGEST_COVER 365.0
#define KEPT          0.8  /* of the position: more than a fifth left over is overstock */
#define MARKDOWN_DAYS 56.0 /* a markdown sells in the season's last weeks, not before */
#define LEAST_CUT     0.05
#define MOST_CUT      0.7

typedef struct rule {
    const char *name;
    double raise, clear;
} rule;

/* Stock-outs are told when they are likelier than not. Of the three that only compare with the
 * past, 0.997 is a z of 3: one in 370 of quiet weeks. */
static const rule rules[ALERT_TYPES] = {
    [ALERT_STOCK_OUT] = {"stock_out", 0.5, 0.3},   [ALERT_REORDER] = {"reorder", 0, 0},
    [ALERT_OVERSTOCK] = {"overstock", 0.8, 0.6},   [ALERT_MARKDOWN] = {"markdown", 0.8, 0.6},
    [ALERT_DEAD] = {"dead", 0.95, 0.95},           [ALERT_BROKEN] = {"broken", 0.3, 0.15},
    [ALERT_SURGE] = {"surge", 0.997, 0.95},        [ALERT_COLLAPSE] = {"collapse", 0.997, 0.95},
    [ALERT_UNRELIABLE] = {"unreliable", 0.99, 0.95},
};

const char *alert_name(alert_type t) { return rules[t].name; }

const char *alert_check(const alert_params *p) {
    if (!(p->lead_days >= 0 && p->lead_days <= 3650 && p->review_days >= 0 &&
          p->review_days <= 3650))
        return "lead time and review period must be 0 to 3650 days";
    if (!(p->cost > 0 && p->cost < 1 && p->salvage >= 0 && p->salvage < p->cost))
        return "cost must be a share of the price between 0 and 1, salvage one below the cost";
    return p->elasticity < 0 ? NULL : "the elasticity must be below 0";
}

typedef struct state {
    const alert_item *it;
    alert_params p;
    const bool *open;
    alert *found;
    int n;
    alert base; /* what all alerts of the article share */
} state;

/* Adds an alert when it is to be raised or to stay. */
static bool add(state *s, alert_type t, double raise, double clear, double probability,
                double units, double unit_money) {
    bool was = s->open && s->open[t];
    if (!(probability >= (was ? clear : raise)) || !(units >= (was ? 0.5 : 1))) return false;
    alert *a = &s->found[s->n++];
    *a = s->base;
    a->type = t, a->probability = probability, a->units = units;
    a->money = units * unit_money, a->was_open = was;
    return true;
}

static bool add_ruled(state *s, alert_type t, double probability, double units,
                      double unit_money) {
    return add(s, t, rules[t].raise, rules[t].clear, probability, units, unit_money);
}

double alert_wait(const alert_item *it, alert_params p) {
    if (it->on_order > 0 && it->receipt_days >= 0) return it->receipt_days;
    return it->lead_days > 0 ? it->lead_days : p.lead_days;
}

static void shortage(state *s) {
    const alert_item *it = s->it;
    double lead = it->lead_days > 0 ? it->lead_days : s->p.lead_days;
    double margin = it->price * (1 - s->p.cost);
    int64_t position = it->on_hand + it->on_order;
    demand until = inventory_demand(&it->outlook, alert_wait(it, s->p));
    demand protection = inventory_demand(&it->outlook, lead + s->p.review_days);
    double ratio = inventory_critical_ratio(1, s->p.cost, s->p.salvage, 0);
    s->base.reorder_point = demand_quantile(&protection, ratio);
    s->base.order = inventory_order(&protection, ratio, position, 1, 0);
    s->base.cover_days = inventory_cover(&it->outlook, it->on_hand, 0.5, LONGEST_COVER);
    if (add_ruled(s, ALERT_STOCK_OUT, demand_above(&until, it->on_hand),
                  demand_lost(&until, it->on_hand), margin))
        return;
    double pays = 1 - ratio; /* one more unit pays when P(D > position) exceeds it */
    add(s, ALERT_REORDER, pays, pays / 2, demand_above(&protection, position),
        demand_lost(&protection, position), margin);
}

/* The cut of the price at which mean demand to the season's end takes the position: units go with
 * price^elasticity. */
static double cut_that_sells(double elasticity, int64_t position, const demand *to_end) {
    if (!(to_end->mean > 0)) return MOST_CUT;
    double price = pow((double)position / to_end->mean, 1 / elasticity);
    return fmin(fmax(1 - price, LEAST_CUT), MOST_CUT);
}

static void excess(state *s) {
    const alert_item *it = s->it;
    int64_t position = it->on_hand + it->on_order;
    double each = it->price * (s->p.cost - s->p.salvage);
    if (it->on_hand > 0 && it->idle_days > fmax(it->gap_days, 28) &&
        add_ruled(s, ALERT_DEAD, 1 - 0.05 * fmax(it->gap_days, 28) / it->idle_days,
                  (double)it->on_hand, each))
        return;
    demand to_end = inventory_demand(&it->outlook, it->season_days);
    int64_t most = (int64_t)floor(KEPT * (double)position) - 1; /* D < KEPT position */
    if (KEPT * (double)position > floor(KEPT * (double)position)) most++;
    double probability = demand_at_most(&to_end, most), left = demand_left(&to_end, position);
    alert_type t = it->season_days <= MARKDOWN_DAYS ? ALERT_MARKDOWN : ALERT_OVERSTOCK;
    double elasticity = it->elasticity < 0 ? it->elasticity : s->p.elasticity;
    if (add_ruled(s, t, probability, left, each) && t == ALERT_MARKDOWN)
        s->found[s->n - 1].discount = cut_that_sells(elasticity, position, &to_end);
}

static double within(double z) { return erf(fabs(z) / sqrt(2)); } /* P(|Z| < z) */

int alert_find(const alert_item *it, alert_params p, const bool *open, alert *found) {
    state s = {.it = it, .p = p, .open = open, .found = found};
    double margin = it->price * (1 - p.cost);
    double lead = it->lead_days > 0 ? it->lead_days : p.lead_days;
    if (it->stocked) {
        shortage(&s);
        excess(&s);
        add_ruled(&s, ALERT_BROKEN, it->missing_share, it->missing * lead / 7, margin);
    }
    add_ruled(&s, it->surprise > 0 ? ALERT_SURGE : ALERT_COLLAPSE, within(it->surprise),
              fabs(it->surprise_units), margin);
    double weeks = (lead + p.review_days) / 7;
    if (it->outlook.mean[it->outlook.weeks - 1] >= 1) /* it is still sold */
        add_ruled(&s, ALERT_UNRELIABLE, within(it->drift), fabs(it->drift_units) * weeks, margin);
    return s.n;
}
