/* inventory: what a forecast means for the stock of one article: risk, cover, orders. */
#include "models/forecast/inventory.h"

#include <assert.h>
#include <math.h>

demand inventory_demand(const inventory_outlook *o, double days) {
    assert(o->weeks >= 1 && days >= 0);
    double weeks = days / 7;
    int last = o->weeks - 1;
    if (weeks >= o->weeks) {
        double week = last > 0 ? o->mean[last] - o->mean[last - 1] : o->mean[0];
        double mean = o->mean[last] + week * (weeks - o->weeks);
        double grown = weeks / o->weeks;
        return demand_of(mean, o->variance[last] * grown * grown);
    }
    int whole = (int)weeks; /* weeks that have ended */
    double part = weeks - whole;
    double mean = whole > 0 ? o->mean[whole - 1] : 0;
    double variance = whole > 0 ? o->variance[whole - 1] : 0;
    return demand_of(mean + part * (o->mean[whole] - mean),
                     fmax(variance + part * (o->variance[whole] - variance), 0));
}

double inventory_cover(const inventory_outlook *o, int64_t stock, double q, double most) {
    if (stock <= 0) return 0;
    double low = 0, high = most;
    demand d = inventory_demand(o, most);
    if (demand_quantile(&d, q) < stock) return most;
    for (int i = 0; i < 40; i++) { /* to 1e-12 of `most` */
        double middle = (low + high) / 2;
        d = inventory_demand(o, middle);
        if (demand_quantile(&d, q) < stock) low = middle;
        else high = middle;
    }
    return high;
}

double inventory_critical_ratio(double price, double cost, double salvage, double goodwill) {
    double earns = price - cost + goodwill, stake = price - salvage + goodwill;
    if (!(stake > 0)) return 0;
    return fmin(fmax(earns / stake, 0), 0.9999);
}

int64_t inventory_order(const demand *protection, double service, int64_t position, int64_t pack,
                        int64_t least) {
    assert(pack >= 1);
    int64_t wanted = demand_quantile(protection, service) - position;
    if (wanted <= 0) return 0;
    wanted = wanted < least ? least : wanted;
    return (wanted + pack - 1) / pack * pack;
}

int64_t inventory_base_stock(const demand *lead, const demand *protection, double fill) {
    double most = (1 - fill) * (protection->mean - lead->mean);
    int64_t low = -1, high = 1; /* unserved at low > most >= unserved at high */
    assert(fill < 1);
    while (high < INT64_MAX / 4) {
        double at_lead = demand_lost(lead, high);
        if (demand_lost(protection, high) - at_lead <= most) break; /* break: speed */
        low = high, high *= 2;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (demand_lost(protection, middle) - demand_lost(lead, middle) > most) low = middle;
        else high = middle;
    }
    return high;
}

double inventory_lot(double fixed, double rate, double holding) {
    return sqrt(2 * fixed * rate / holding);
}
