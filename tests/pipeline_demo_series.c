/* demo series: the planted season and drift of each category come back from its weekly sales. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "demo_shop.h"
#include "models/forecast/prophet.h"

enum { WEEKS = 104, FEASTS = 3, WAVES = 2 };

static double correlation(const double *x, const double *y, int n) {
    double mx = 0, my = 0, xy = 0, xx = 0, yy = 0;
    for (int t = 0; t < n; t++) mx += x[t] / n, my += y[t] / n;
    for (int t = 0; t < n; t++) {
        xy += (x[t] - mx) * (y[t] - my);
        xx += (x[t] - mx) * (x[t] - mx), yy += (y[t] - my) * (y[t] - my);
    }
    return xy / sqrt(xx * yy);
}

/* Weekly units of a category into y, the mean log of price over list price into cut. */
static void read_weeks(demo_shop *shop, slice name, double *y, double *cut) {
    char sql[400];
    snprintf(sql, sizeof sql,
             "SELECT week::INTEGER AS week, count(*)::DOUBLE AS units, "
             "avg(ln(price / list))::DOUBLE AS cut FROM sold WHERE category = '%.*s' "
             "GROUP BY 1 ORDER BY 1", (int)name.n, name.p);
    columns sold = demo_shop_query(shop, sql);
    for (int64_t i = 0; i < sold.rows; i++) {
        int week = columns_i32(&sold, "week")[i];
        if (week < 0 || week >= WEEKS) continue;
        y[week] = columns_real(&sold, "units")[i];
        cut[week] = columns_real(&sold, "cut")[i];
    }
}

/* A straight trend, two waves a year, the sales week of autumn, December and prices: the season is
 * that without the prices. Returns the change of the trend a year, as a logarithm. */
static double fit(scope *s, const double *y, const double *cut, double *season) {
    double day[WEEKS], friday[WEEKS], gifts[WEEKS];
    for (int t = 0; t < WEEKS; t++) {
        day[t] = day_of(2023, 10, 2) + 7 * t;
        friday[t] = t % 52 == 7;
        gifts[t] = t % 52 >= 8 && t % 52 < 12;
    }
    prophet_params p = PROPHET_DEFAULTS;
    p.multiply = true, p.yearly = WAVES, p.changepoints = 0;
    prophet_column extra[FEASTS] = {{friday, 10, true}, {gifts, 10, true}, {cut, 10, true}};
    prophet_calendar c = {WEEKS, 0, day, FEASTS, extra};
    prophet_design d;
    prophet_model m;
    err e = {0};
    check_ok(prophet_design_new(&d, &c, p, &s->keep, s->scratch, &e), &e);
    check_ok(prophet_fit(&m, &d, y, &s->keep, s->scratch, &e), &e);
    int last = d.width - 1; /* the column of prices */
    for (int t = 0; t < WEEKS; t++)
        season[t] = m.swing[t] - m.value[last] * d.row[t * d.width + last];
    return log(m.trend[WEEKS - 1] / m.trend[0]) / (WEEKS / 52.0);
}

/* Articles come and go and campaigns move customers between categories; that is not in the model,
 * so a season of ten per cent comes back as a likeness, one of two to one as itself. */
CHECK(demo_seasons_and_drifts_come_back_from_weekly_sales) {
    demo_shop *shop = demo_shop_see();
    const js_node *categories = js_get(shop->truth, "categories");
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 16 << 20, &e), &e);
    double drift[32], slope[32];
    int n = (int)js_count(categories);
    check(n > 5 && n <= 32);
    for (int k = 0; k < n; k++) {
        const js_node *c = js_at(categories, k);
        double y[WEEKS] = {0}, cut[WEEKS] = {0}, season[WEEKS], truth[WEEKS], low = 9, high = 0;
        for (int t = 0; t < WEEKS; t++) {
            check(js_real(js_at(js_get(c, "season"), t), &truth[t]));
            if (t % 52 > 11) low = fmin(low, truth[t]), high = fmax(high, truth[t]);
        }
        read_weeks(shop, truth_text(c, "name"), y, cut);
        drift[k] = truth_real(c, "drift_a_year");
        slope[k] = fit(&s, y, cut, season);
        double alike = correlation(season, truth, WEEKS);
        check(alike > 0.5);
        if (high > 2 * low) check(alike > 0.8);
        if (high < 5 * low) continue;
        check(alike > 0.95); /* swimwear: its height and its weeks too */
        int peak = 0, planted = 0;
        for (int t = 0; t < 52; t++) {
            if (season[t] > season[peak]) peak = t;
            if (truth[t] > truth[planted]) planted = t;
        }
        check(peak >= planted - 3 && peak <= planted + 3);
        check_near(season[peak] - 1, truth[planted] - 1, 0.35 * (truth[planted] - 1));
    }
    check(correlation(drift, slope, n) > 0.8);
    scope_close(&s);
}
