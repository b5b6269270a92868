/* models_forecast_global: one model of a panel, against planted seasons and rows by hand. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/forecast/forecaster.h"
#include "models/forecast/global.h"

enum { SEASON = 12, LONG = 40, SHORT = 10, AHEAD = 6, PLACES = 80 };

static const double levels[] = {0.80, 0.95};

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 128 << 20, 512 << 20, &e), &e);
}

static pool *threads_of(scope *s, int n) {
    err e = {0};
    pool *p = pool_open(n, 16 << 20, &e);
    check(p != NULL);
    scope_defer(s, (void (*)(void *))pool_close, p);
    return p;
}

static global_params few(void) {
    global_params q = GLOBAL_DEFAULTS;
    q.steps = AHEAD, q.season[0] = SEASON;
    q.trees = 150, q.bound_trees = 40;
    return q;
}

static double season_at(int place) { return 1 + 0.8 * sin(2 * acos(-1) * place / SEASON); }

/* Long series of four and a half seasons, short ones of seven months: one season, many sizes. */
static global_panel planted(arena *keep, double noise) {
    global_series *one = take(keep, global_series, LONG + SHORT);
    for (int i = 0; i < LONG + SHORT; i++) {
        int n = i < LONG ? 54 : 7;
        double *y = take(keep, double, n + AHEAD), size = exp(1 + i % 7), level = 0.7 + 0.05 * i;
        rng r = rng_open(7, (uint64_t)i);
        for (int t = 0; t < n + AHEAD; t++)
            y[t] = size * level * season_at(54 - n + t) * (1 + noise * (rng_uniform(&r) - 0.5));
        one[i] = (global_series){.n = n, .start = 54 - n, .y = y};
    }
    return (global_panel){.n = LONG + SHORT, .one = one, .places = PLACES};
}

static band *bands(const global_panel *p, int n_levels, arena *keep) {
    band *to = take(keep, band, p->n);
    for (int i = 0; i < p->n; i++) to[i] = band_new(keep, AHEAD, levels, n_levels);
    return to;
}

static double wrong(const global_series *one, const double *mean) {
    double sum = 0, all = 0;
    for (int h = 0; h < AHEAD; h++)
        sum += fabs(mean[h] - one->y[one->n + h]), all += one->y[one->n + h];
    return sum / all;
}

/* The rows of a series worked out by hand. */
CHECK(global_rows_say_what_was_known) {
    scope s;
    open(&s);
    const double y[] = {2, 0, 4, 6, 8, 10, 12, 100, 200};
    const double price[] = {1, 1, 1, 1, 2, 2, 2, 5, 6}, *x[] = {price};
    const int colour[] = {3};
    double month[20];
    for (int k = 0; k < 20; k++) month[k] = 100 + k;
    double *calendar[] = {month};
    global_series one = {.n = 7, .start = 5, .y = y, .x = (double *const *)(void *)x,
                         .attribute = colour};
    global_panel p = {.n = 1, .one = &one, .regressors = 1, .attributes = 1, .calendars = 1,
                      .places = 20, .calendar = calendar};
    global_params q = GLOBAL_DEFAULTS;
    q.season[0] = 3;
    global_shape shape = global_shape_of(&p, q, global_pool(&p, &s.keep));
    const char **name = global_columns(&shape, &s.keep);
    float row[GLOBAL_COLUMNS];
    double scale = global_scale(&shape, &one, 6); /* 30 / 6 values */
    check_near(scale, 5, 0);
    global_row(&shape, &one, 6, 2, scale, row); /* target y[7], a season before it: y[4] */
    static const struct {
        const char *name;
        double value;
    } wanted[] = {{"step", 2}, {"age", 6}, {"lag_1", 2}, {"lag_4", 0.8}, {"mean_2", 1.8},
                  {"spread_2", 0.2}, {"zeros_8", 1.0 / 6}, {"mean_4", 1.4}, {"mean_all", 1},
                  {"phase_3", 0},
                  {"season_3", 1.6}, {"season_2_3", 0}, {"around_3", 1.6},
                  {"panel_3", 8.0 / ((2 + 0 + 4 + 0) / 4.0)}, {"growth_3", 4},
                  {"calendar_0", 112}, {"regressor_0", 5}, {"change_0", 3}, {"attribute_0", 3}};
    int seen = 0;
    for (int c = 0; c < shape.cols; c++)
        for (int k = 0; k < (int)(sizeof wanted / sizeof *wanted); k++)
            if (strcmp(name[c], wanted[k].name) == 0) {
                seen++;
                check_near(row[c], (float)wanted[k].value, 1e-6); /* floats */
            }
    check(seen == (int)(sizeof wanted / sizeof *wanted));
    scope_close(&s);
}

/* What comes after an origin is in no column of it, regressors and calendar apart. */
CHECK(global_rows_know_nothing_of_the_future) {
    scope s;
    open(&s);
    global_panel p = planted(&s.keep, 0.3);
    global_shape before = global_shape_of(&p, few(), global_pool(&p, &s.keep));
    float a[GLOBAL_COLUMNS], b[GLOBAL_COLUMNS];
    for (int o = 1; o < 54; o += 7) {
        global_panel later = planted(&s.keep, 0.3);
        for (int i = 0; i < later.n; i++)
            for (int t = 0; t < later.one[i].n; t++)
                if (later.one[i].start + t >= o) ((double *)later.one[i].y)[t] *= 17;
        global_shape after = global_shape_of(&later, few(), global_pool(&later, &s.keep));
        for (int h = 1; h <= AHEAD; h++) {
            double scale = global_scale(&before, &p.one[3], o);
            check(scale == global_scale(&after, &later.one[3], o));
            memset(a, 0, sizeof a), memset(b, 0, sizeof b);
            global_row(&before, &p.one[3], o, h, scale, a);
            global_row(&after, &later.one[3], o, h, scale, b);
            check(memcmp(a, b, sizeof a) == 0);
        }
    }
    scope_close(&s);
}

/* Seven months cannot tell a season: only the other series can. */
CHECK(global_gives_short_series_the_season_of_the_others) {
    scope s;
    err e = {0};
    open(&s);
    pool *threads = threads_of(&s, 2);
    global_panel p = planted(&s.keep, 0.1);
    band *to = bands(&p, 0, &s.keep);
    global_model m;
    check_ok(global_fit(&m, &p, few(), threads, &s.keep, s.scratch, &e), &e);
    check(m.positive && m.trees > 10 && m.rows > 1000);
    global_forecast(&m, &p, to, threads, s.scratch);
    double ours = 0, locals = 0, grown = 0;
    for (int i = 0; i < p.n; i++) {
        if (i < LONG) grown += wrong(&p.one[i], to[i].mean) / LONG;
        if (i < LONG) continue;
        forecaster_params local = FORECASTER_DEFAULTS;
        forecaster_told told;
        band b = band_new(&s.keep, AHEAD, levels, 0);
        local.season = local.ets.season = SEASON;
        check_ok(forecaster_run(p.one[i].y, p.one[i].n, local, &b, &told, s.scratch, &e), &e);
        ours += wrong(&p.one[i], to[i].mean) / SHORT;
        locals += wrong(&p.one[i], b.mean) / SHORT;
    }
    check(grown < 0.10); /* noise of 5 % at most, and what a tree does not resolve */
    check(ours < 0.20);
    check(ours < locals / 2);
    scope_close(&s);
}

/* A price that halves doubles the units: learnt from all, and only the future's price says so. */
CHECK(global_follows_a_planned_price) {
    scope s;
    err e = {0};
    open(&s);
    pool *threads = threads_of(&s, 1);
    enum { N = 20, WEEKS = 40 };
    global_series *one = take(&s.keep, global_series, N);
    for (int i = 0; i < N; i++) {
        double *y = take(&s.keep, double, WEEKS), **x = take(&s.keep, double *, 1);
        x[0] = take(&s.keep, double, WEEKS + AHEAD);
        for (int t = 0; t < WEEKS + AHEAD; t++) {
            rng r = rng_open(3, (uint64_t)(i * 100 + t));
            bool low = t < WEEKS ? rng_uniform(&r) < 0.3 : t % 2 == 0;
            x[0][t] = low ? 0.5 : 1;
            if (t < WEEKS) y[t] = (5 + i) * (low ? 2 : 1);
        }
        one[i] = (global_series){.n = WEEKS, .y = y, .x = x};
    }
    global_panel p = {.n = N, .one = one, .regressors = 1, .places = WEEKS + AHEAD};
    global_params q = few();
    q.season[0] = 0;
    band *to = bands(&p, 0, &s.keep);
    global_model m;
    check_ok(global_fit(&m, &p, q, threads, &s.keep, s.scratch, &e), &e);
    global_forecast(&m, &p, to, threads, s.scratch);
    double ratio = 0;
    for (int i = 0; i < N; i++)
        for (int h = 0; h < AHEAD; h += 2) ratio += to[i].mean[h] / to[i].mean[h + 1] / N / 3;
    check_near(ratio, 2, 0.15); /* the level of a series is known to a few percent only */
    scope_close(&s);
}

/* Intervals of a panel of pure noise: nested, and about as wide as they say. */
CHECK(global_bounds_hold_what_they_say) {
    scope s;
    err e = {0};
    open(&s);
    pool *threads = threads_of(&s, 2);
    enum { N = 100, WEEKS = 40 };
    global_series *one = take(&s.keep, global_series, N);
    for (int i = 0; i < N; i++) {
        double *y = take(&s.keep, double, WEEKS + AHEAD);
        rng r = rng_open(11, (uint64_t)i);
        for (int t = 0; t < WEEKS + AHEAD; t++) y[t] = 10 + 10 * rng_uniform(&r);
        one[i] = (global_series){.n = WEEKS, .y = y};
    }
    global_panel p = {.n = N, .one = one, .places = WEEKS + AHEAD};
    global_params q = few();
    q.season[0] = 0, q.levels = levels, q.n_levels = 2;
    band *to = bands(&p, 2, &s.keep);
    global_model m;
    check_ok(global_fit(&m, &p, q, threads, &s.keep, s.scratch, &e), &e);
    global_forecast(&m, &p, to, threads, s.scratch);
    double held[2] = {0}, sd = 0;
    for (int i = 0; i < N; i++) {
        sd += to[i].total_sd / N;
        for (int k = 0; k < 2 * AHEAD; k++) {
            double y = one[i].y[WEEKS + k % AHEAD];
            held[k / AHEAD] += (y >= to[i].low[k] && y <= to[i].high[k]) / (1.0 * N * AHEAD);
            check(to[i].low[k] <= to[i].mean[k % AHEAD] && to[i].mean[k % AHEAD] <= to[i].high[k]);
            check(k < AHEAD || (to[i].low[k] <= to[i].low[k - AHEAD] &&
                                to[i].high[k] >= to[i].high[k - AHEAD]));
        }
    }
    check_near(held[0], 0.80, 0.05); /* 600 values: three standard errors */
    check_near(held[1], 0.95, 0.03);
    /* independent uniform errors: sqrt(6) * 10 / sqrt(12) = 7.07 for the sum; a bound of 80 % of a
     * uniform is 4 wide on each side, which as a normal is 3.12 instead of 2.89 */
    check_near(sd, 7.6, 1.5);
    scope_close(&s);
}

CHECK(global_is_the_same_on_any_threads) {
    scope s;
    err e = {0};
    open(&s);
    global_panel p = planted(&s.keep, 0.3);
    global_params q = few();
    band *to[3];
    q.levels = levels, q.n_levels = 1, q.trees = 40, q.bound_trees = 10;
    for (int k = 0; k < 3; k++) {
        static const int threads[] = {1, 2, 8};
        pool *own = threads_of(&s, threads[k]);
        global_model m;
        to[k] = bands(&p, 1, &s.keep);
        check_ok(global_fit(&m, &p, q, own, &s.keep, s.scratch, &e), &e);
        global_forecast(&m, &p, to[k], own, s.scratch);
        for (int i = 0; i < p.n; i++) {
            check(memcmp(to[k][i].mean, to[0][i].mean, sizeof(double) * AHEAD) == 0);
            check(memcmp(to[k][i].low, to[0][i].low, sizeof(double) * AHEAD) == 0);
            check(memcmp(to[k][i].high, to[0][i].high, sizeof(double) * AHEAD) == 0);
        }
    }
    scope_close(&s);
}

static void check_finite(const double *y, int n, int series) {
    scope s;
    err e = {0};
    open(&s);
    pool *threads = threads_of(&s, 1);
    global_series *one = take(&s.keep, global_series, series);
    for (int i = 0; i < series; i++) one[i] = (global_series){.n = n, .y = y};
    global_panel p = {.n = series, .one = one, .places = n + AHEAD};
    global_params q = few();
    q.levels = levels, q.n_levels = 2, q.trees = 20, q.bound_trees = 10;
    band *to = bands(&p, 2, &s.keep);
    global_model m;
    check_ok(global_fit(&m, &p, q, threads, &s.keep, s.scratch, &e), &e);
    global_forecast(&m, &p, to, threads, s.scratch);
    double low = 0;
    for (int t = 0; t < n; t++) low = fmin(low, y[t]);
    for (int k = 0; k < 2 * AHEAD; k++) {
        double mean = to[0].mean[k % AHEAD];
        check(isfinite(mean) && isfinite(to[0].low[k]) && isfinite(to[0].high[k]));
        check(to[0].low[k] <= mean && mean <= to[0].high[k] && (low < 0 || to[0].low[k] >= 0));
    }
    scope_close(&s);
}

CHECK(global_is_finite_on_extreme_panels) {
    double large[30], small[30], zeros[30] = {0}, below[30], spike[30] = {1e100};
    for (int t = 0; t < 30; t++) {
        large[t] = t % 4 ? 1e100 : 3e99, small[t] = 1e-300 * (1 + t % 4);
        below[t] = t % 3 ? -5 : 5;
    }
    check_finite(large, 30, 3);
    check_finite(small, 30, 3);
    check_finite(zeros, 30, 3);
    check_finite(below, 30, 3);
    check_finite(spike, 30, 3);
    check_finite(below, 2, 1);
}

CHECK(global_refuses_what_it_cannot_fit) {
    scope s;
    err e = {0};
    open(&s);
    pool *threads = threads_of(&s, 1);
    double y[] = {1, NAN}, one_value[] = {1};
    global_series one = {.n = 2, .y = y};
    global_panel p = {.n = 1, .one = &one, .places = 8};
    global_model m;
    check(!global_fit(&m, &p, few(), threads, &s.keep, s.scratch, &e));
    check_has(slice_of(e.text), "1e100");
    one = (global_series){.n = 1, .y = one_value};
    e = (err){0};
    check(!global_fit(&m, &p, few(), threads, &s.keep, s.scratch, &e));
    check_has(slice_of(e.text), "nothing to learn from");
    p.places = 6; /* one value and six ahead need seven */
    check_text(slice_of(global_check(&p, few())), "a series is not on the clock of the panel");
    global_params q = few();
    q.steps = 0;
    check_text(slice_of(global_check(&p, q)), "steps ahead must be at least 1");
    scope_close(&s);
}
