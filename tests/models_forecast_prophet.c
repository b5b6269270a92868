/* models_forecast_prophet: the bending trend with waves against truths and reference numbers. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv.h"
#include "models/forecast/prophet.h"
#include "models/forecast/prophet_solve.h"
#include "models/forecast/prophet_spread.h"

#include "models_forecast_air.h"

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 64 << 20, &e), &e);
}

/* Days since 1970 of the first of each month from January of `year`. */
static double *months(scope *s, int year, int n) {
    double *day = take(&s->keep, double, n);
    for (int t = 0; t < n; t++) day[t] = day_of(year + t / 12, t % 12 + 1, 1);
    return day;
}

static prophet_model fit(scope *s, const prophet_calendar *c, prophet_params p, const double *y) {
    err e = {0};
    prophet_design *d = take(&s->keep, prophet_design, 1);
    prophet_model m;
    check_ok(prophet_design_new(d, c, p, &s->keep, s->scratch, &e), &e);
    check_ok(prophet_fit(&m, d, y, &s->keep, s->scratch, &e), &e);
    return m;
}

/* The optimum of the same posterior, found by another solver from two starts; 1e-5 of its value:
 * the digits it was printed with. 1e-6 for the loss. */
CHECK(prophet_reaches_the_optimum_of_the_airline_series) {
    scope s;
    open(&s);
    double *day = months(&s, 1949, AIR + 12);
    day[AIR] = day[AIR - 1] + 30, day[AIR + 1] = day[AIR - 1] + 365;
    prophet_calendar c = {.n = AIR, .steps = 2, .day = day};
    prophet_params p = PROPHET_DEFAULTS;
    prophet_model m = fit(&s, &c, p, air);
    check_near(m.loss, -402.398163, 1e-5);
    check_near(m.value[1], .485524, 1e-5);
    check_near(m.value[0], .170693, 1e-5);
    check_near(m.sigma, .0359726, 1e-6);
    check_near(m.yhat[0], 87.3999, 1e-3);
    check_near(m.yhat[72], 242.877, 1e-2);
    check_near(m.yhat[143], 450.590, 1e-2);
    check_near(m.yhat[144], 459.201, 1e-2);
    check_near(m.yhat[145], 488.874, 1e-2);
    p.multiply = true;
    m = fit(&s, &c, p, air);
    check_near(m.loss, -503.888317, 1e-5);
    check_near(m.value[1], .370998, 1e-5);
    check_near(m.value[0], .184821, 1e-5);
    check_near(m.sigma, .0161066, 1e-6);
    check_near(m.yhat[0], 104.632, 1e-2);
    check_near(m.yhat[145], 475.307, 1e-2);
    scope_close(&s);
}
