/* models_alert: alerts of one article against Poisson probabilities worked out by hand. */
#include "check.h"

#include <math.h>

#include "models/forecast/alert.h"

/* Poisson's demand of 3 a week: P(D <= 2) = 0.42319, P(D <= 3) = 0.64723; of 6 in two weeks:
 * P(D <= 6) = 0.60630, P(D <= 7) = 0.74398. */
static const double mean[] = {3, 6, 9, 12}, none[] = {0, 0, 0, 0};

static alert_item three_a_week(int64_t on_hand) {
    return (alert_item){.stocked = true,
                        .on_hand = on_hand,
                        .lead_days = 7,
                        .outlook = {4, mean, mean},
                        .price = 10,
                        .season_days = 365,
                        .gap_days = 3,
                        .idle_days = 1};
}

/* 1e-3 everywhere: demand.h holds the variance 1.0001 times the mean. */
CHECK(alert_of_a_stock_out_is_the_newsvendors) {
    alert found[ALERT_TYPES];
    alert_item it = three_a_week(2);
    int n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 1 && found[0].type == ALERT_STOCK_OUT && !found[0].was_open);
    check_near(found[0].probability, 1 - 0.42319, 1e-3);
    /* E[(D - 2)+] = 3 - 2 + 2 P(0) + P(1) = 1 + 2 * 0.049787 + 0.149361; margin 10 - 4 */
    check_near(found[0].units, 1.248935, 1e-3);
    check_near(found[0].money, 6 * 1.248935, 6e-3);
    /* (10 - 4) / (10 - 1.5) = 0.70588: seven for the two weeks of delivery and review */
    check(found[0].reorder_point == 7 && found[0].order == 5);
    check(found[0].cover_days > 3 && found[0].cover_days < 7); /* median of 7 days: 3 */
}

CHECK(alert_stays_open_between_its_limits) {
    alert found[ALERT_TYPES];
    bool open[ALERT_TYPES] = {false};
    alert_item it = three_a_week(3); /* P(D > 3) = 0.353: below 0.5, above 0.3 */
    int n = alert_find(&it, ALERT_DEFAULTS, open, found);
    check(n == 1 && found[0].type == ALERT_REORDER); /* P(D(14) > 3) = 0.849 pays */
    open[ALERT_STOCK_OUT] = true;
    n = alert_find(&it, ALERT_DEFAULTS, open, found);
    check(n == 1 && found[0].type == ALERT_STOCK_OUT && found[0].was_open);
    it.on_hand = 4; /* P(D > 4) = 0.185 */
    n = alert_find(&it, ALERT_DEFAULTS, open, found);
    check(n == 1 && found[0].type == ALERT_REORDER && !found[0].was_open);
    it.on_hand = 7; /* P(D(14) > 7) = 0.256 < 0.294 that pays */
    check(alert_find(&it, ALERT_DEFAULTS, NULL, found) == 0);
}

CHECK(alert_waits_for_what_is_on_order) {
    alert found[ALERT_TYPES];
    alert_item it = three_a_week(1);
    it.on_order = 40, it.receipt_days = 1; /* 3/7 of a unit until then */
    check(alert_find(&it, ALERT_DEFAULTS, NULL, found) == 0);
    check_near(alert_wait(&it, ALERT_DEFAULTS), 1, 0);
    it.receipt_days = 7;
    int n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 1 && found[0].type == ALERT_STOCK_OUT && found[0].order == 0);
    it.on_order = 0, it.lead_days = 0; /* not said */
    check_near(alert_wait(&it, ALERT_DEFAULTS), 14, 0);
}

CHECK(alert_of_what_will_be_left) {
    alert found[ALERT_TYPES];
    alert_item it = three_a_week(40);
    it.season_days = 28; /* 12 wanted of 40 */
    int n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 1 && found[0].type == ALERT_MARKDOWN && found[0].probability > 0.999);
    check_near(found[0].units, 28, 1e-3);
    check_near(found[0].money, 28 * 2.5, 1e-2);            /* cost 4 less salvage 1.5 */
    check_near(found[0].discount, 1 - pow(40 / 12.0, -0.5), 1e-12); /* units ~ price^-2 */
    it.elasticity = -4; /* its own goes before the one that is assumed for all */
    check(alert_find(&it, ALERT_DEFAULTS, NULL, found) >= 1);
    check_near(found[0].discount, 1 - pow(40 / 12.0, -0.25), 1e-12);
    it.elasticity = 0;
    it.on_hand = it.on_order = 20; /* what is on order will be left as well */
    n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 1 && found[0].type == ALERT_MARKDOWN);
    check_near(found[0].units, 28, 1e-3);
    it.season_days = 14, it.on_order = 0, it.on_hand = 12; /* below 0.8 x 12: P(D <= 9) of 6 */
    n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 1 && found[0].type == ALERT_MARKDOWN);
    check_near(found[0].probability, 0.91608, 1e-3);
    it.on_hand = 10; /* below 8: P(D <= 7) = 0.744, less than 0.8 */
    check(alert_find(&it, ALERT_DEFAULTS, NULL, found) == 0);
    it.season_days = 60, it.on_hand = 80; /* too early for a markdown */
    n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 1 && found[0].type == ALERT_OVERSTOCK);
    it.idle_days = 600, it.gap_days = 30; /* nobody buys: that is said instead */
    n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 1 && found[0].type == ALERT_DEAD && found[0].units == 80);
    check_near(found[0].probability, 1 - 0.05 * 30 / 600, 1e-12);
    it.idle_days = 29, it.gap_days = 40; /* its gaps are longer */
    n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 1 && found[0].type == ALERT_OVERSTOCK);
}

CHECK(alerts_without_stock_come_from_errors_alone) {
    alert found[ALERT_TYPES];
    alert_item it = {.outlook = {4, mean, mean}, .price = 10, .season_days = 7, .idle_days = 900};
    check(alert_find(&it, ALERT_DEFAULTS, NULL, found) == 0);
    it.surprise = 3, it.surprise_units = 8; /* P(|Z| < 3) = 0.9973 */
    int n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 1 && found[0].type == ALERT_SURGE);
    check_near(found[0].probability, 0.9973, 1e-4);
    check_near(found[0].money, 8 * 6, 1e-9);
    it.surprise = -3, it.surprise_units = -8, it.drift = 2.7, it.drift_units = -2;
    n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 2 && found[0].type == ALERT_COLLAPSE && found[1].type == ALERT_UNRELIABLE);
    check_near(found[1].units, 2 * 3, 1e-12); /* two a week over lead and review, 21 days */
    it.outlook.mean = none; /* no longer sold */
    check(alert_find(&it, ALERT_DEFAULTS, NULL, found) == 1);
}

CHECK(alert_of_a_broken_size_curve) {
    alert found[ALERT_TYPES];
    alert_item it = three_a_week(0);
    it.outlook.mean = it.outlook.variance = none;
    it.missing = 4, it.missing_share = 0.5;
    int n = alert_find(&it, ALERT_DEFAULTS, NULL, found);
    check(n == 1 && found[0].type == ALERT_BROKEN && found[0].units == 4);
    it.missing_share = 0.2;
    check(alert_find(&it, ALERT_DEFAULTS, NULL, found) == 0);
}

CHECK(alert_params_are_checked) {
    alert_params p = ALERT_DEFAULTS;
    check(alert_check(&p) == NULL);
    p.salvage = p.cost;
    check(alert_check(&p) != NULL);
    p = ALERT_DEFAULTS, p.elasticity = 0;
    check(alert_check(&p) != NULL);
    p = ALERT_DEFAULTS, p.lead_days = NAN;
    check(alert_check(&p) != NULL);
}
