/* models_inventory: demand of counts and what follows for stock, against sums and formulas. */
#include "check.h"

#include <math.h>

#include "models/forecast/inventory.h"

/* P(D <= x) and E[(D - stock)+] by adding up the probabilities themselves. */
static double sum_below(double r, double p, int64_t x) {
    double pmf = pow(p, r), sum = 0;
    for (int64_t k = 0; k <= x; k++) {
        sum += pmf;
        pmf *= ((double)k + r) / (double)(k + 1) * (1 - p);
    }
    return sum;
}

static double sum_lost(const demand *d, int64_t stock) {
    double lost = d->mean;
    for (int64_t k = 0; k < stock; k++) lost -= 1 - sum_below(d->r, d->p, k);
    return lost;
}

CHECK(demand_equals_the_sums_of_its_probabilities) {
    static const double means[] = {0.3, 4, 20, 60}, ratios[] = {1.2, 2.25, 8};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 3; j++) {
            demand d = demand_of(means[i], means[i] * ratios[j]);
            for (int64_t x = 0; x < 90; x += 7) {
                double below = sum_below(d.r, d.p, x);
                check_near(demand_at_most(&d, x), below, 1e-11); /* 1e-11: 90 rounded terms */
                check_near(demand_above(&d, x), 1 - below, 1e-11);
                check_near(demand_lost(&d, x), sum_lost(&d, x), 1e-8); /* sums of sums */
                check_near(demand_left(&d, x), (double)x - d.mean + sum_lost(&d, x), 1e-8);
            }
        }
}

/* r = 2, p = 1/2: probabilities 1/4, 1/4, 3/16, 1/8, … by hand. */
CHECK(demand_known_by_hand) {
    demand d = demand_of(2, 4);
    check_near(d.r, 2, 1e-12);
    check_near(demand_at_most(&d, 0), 0.25, 1e-12);
    check_near(demand_at_most(&d, 2), 0.6875, 1e-12);
    check(demand_quantile(&d, 0.25) == 0 && demand_quantile(&d, 0.26) == 1);
    check(demand_quantile(&d, 0.6875) == 2 && demand_quantile(&d, 0.69) == 3);
    check_near(demand_lost(&d, 0), 2, 1e-12);
    check_near(demand_lost(&d, 1), 1.25, 1e-12); /* 2 - 3/4 */
    check_near(demand_left(&d, 2), 0.75, 1e-12); /* 2 · 1/4 + 1 · 1/4 */
    check_near(demand_lost(&d, -3), 5, 1e-12);   /* three are owed already */
}

/* With hardly more variance than mean it is Poisson's: P(D = 0) = exp(-3), P(D <= 5) = 0.91608. */
CHECK(demand_is_poissons_at_the_least_variance) {
    demand d = demand_of(3, 0.5);
    check_near(demand_at_most(&d, 0), exp(-3), 1e-4);      /* the variance is 1.0001 of the mean */
    check_near(demand_at_most(&d, 5), 0.9160820580, 1e-4); /* Poisson's own */
    demand none = demand_of(0, 0);
    check(demand_at_most(&none, 0) == 1 && demand_above(&none, 0) == 0);
    check(demand_quantile(&none, 0.99) == 0 && demand_lost(&none, 3) == 0);
    demand wide = demand_over(10, 25, 4, 0.5); /* variance 4 · 25 + 0.5 · 100 */
    check_near(wide.mean, 40, 1e-12);
    check_near(wide.variance, 150, 1e-12);
}

static const double weekly[] = {7, 14, 28}, spread[] = {9, 20, 50};
static const inventory_outlook outlook = {3, weekly, spread};

CHECK(inventory_demand_lies_between_the_weeks_and_goes_on_after_them) {
    demand d = inventory_demand(&outlook, 7);
    check_near(d.mean, 7, 1e-12);
    check_near(d.variance, 9, 1e-12);
    d = inventory_demand(&outlook, 10.5);
    check_near(d.mean, 10.5, 1e-12);
    check_near(d.variance, 14.5, 1e-12);
    d = inventory_demand(&outlook, 3.5);
    check_near(d.mean, 3.5, 1e-12);
    d = inventory_demand(&outlook, 42); /* three more weeks of 14; twice the standard deviation */
    check_near(d.mean, 70, 1e-12);
    check_near(d.variance, 200, 1e-12);
}

CHECK(inventory_cover_is_where_the_quantile_meets_the_stock) {
    double cover = inventory_cover(&outlook, 14, 0.5, 365);
    demand before = inventory_demand(&outlook, cover - 0.01);
    demand at = inventory_demand(&outlook, cover + 0.01);
    check(demand_quantile(&before, 0.5) < 14 && demand_quantile(&at, 0.5) >= 14);
    check(cover > 12 && cover < 16);
    check(inventory_cover(&outlook, 14, 0.9, 365) < cover);
    check(inventory_cover(&outlook, 0, 0.5, 365) == 0);
    check(inventory_cover(&outlook, 100000, 0.5, 365) == 365);
    static const double nothing[] = {0};
    check(inventory_cover(&(inventory_outlook){1, nothing, nothing}, 1, 0.5, 365) == 365);
}

/* Price 10, cost 4, salvage 1: 6 / 9. Order up to the quantile, in packs, at least. */
CHECK(inventory_orders_what_pays) {
    check_near(inventory_critical_ratio(10, 4, 1, 0), 2.0 / 3, 1e-12);
    check_near(inventory_critical_ratio(10, 4, 1, 2), 8.0 / 11, 1e-12);
    check(inventory_critical_ratio(5, 6, 1, 0) == 0);
    check(inventory_critical_ratio(10, 0, 10, 0) == 0); /* nothing at stake is no reason to buy */
    demand d = demand_of(20, 45);
    int64_t up_to = demand_quantile(&d, 0.9);
    check(inventory_order(&d, 0.9, 5, 1, 0) == up_to - 5);
    check(inventory_order(&d, 0.9, up_to, 1, 0) == 0);
    check(inventory_order(&d, 0.9, up_to - 1, 6, 0) == 6);
    check(inventory_order(&d, 0.9, up_to - 1, 1, 10) == 10);
}

/* The defining inequality holds at S and not at S - 1. */
CHECK(inventory_base_stock_serves_its_share) {
    demand lead = demand_of(14, 30), all = demand_of(21, 48);
    int64_t s = inventory_base_stock(&lead, &all, 0.95);
    double allowed = 0.05 * 7;
    check(demand_lost(&all, s) - demand_lost(&lead, s) <= allowed);
    check(demand_lost(&all, s - 1) - demand_lost(&lead, s - 1) > allowed);
}

/* K = 8, h = 0.225, D = 1300: the textbook's 304.047 units. */
CHECK(inventory_lot_of_the_textbook) { check_near(inventory_lot(8, 1300, 0.225), 304.047, 5e-4); }
