/* models_forecast_auto: the weighted models of auto against their definition and planted series. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/forecast/conformal.h"
#include "models/forecast/ensemble.h"

static const double levels[] = {0.80, 0.95};
enum { N = 96, H = 6, MOST = 3 };

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 64 << 20, &e), &e);
}

static const double *waves(scope *s, int n, int season) {
    rng r = rng_open(21, (uint64_t)season);
    double *y = take(&s->keep, double, n), level = 100;
    for (int t = 0; t < n; t++) {
        level += 0.3 + rng_normal(&r);
        y[t] = level + 12 * sin(6.283185307179586 * t / season) + 2 * rng_normal(&r);
    }
    return y;
}

static band run(scope *s, const double *y, int n, forecaster_params p, forecaster_told *told) {
    err e = {0};
    band b = band_new(&s->keep, H, levels, 2);
    check_ok(forecaster_run(y, n, p, &b, told, s->scratch, &e), &e);
    return b;
}

static forecaster_params alone(forecaster_params p, const forecaster_member *m) {
    p.kind = m->kind, p.season = p.ets.season = m->season, p.scores = NULL; /* more: as p */
    return p;
}

/* Every figure again from single models: errors over three origins, weights, the weighted mean. */
CHECK(auto_is_the_weighted_mean_of_its_members) {
    scope s;
    open(&s);
    const double *y = waves(&s, N, 12);
    forecaster_params p = FORECASTER_DEFAULTS;
    p.season = 12;
    forecaster_told told, one;
    band b = run(&s, y, N, p, &told);
    check(told.kind == FORECASTER_AUTO && told.origins == MOST && told.members == 6);
    check(told.demand == CROSTON_SMOOTH);
    double least = INFINITY, sum = 0, mean[H] = {0}, high[H] = {0}, low[H] = {0}, total = 0;
    for (int i = 0; i < told.members; i++) {
        double error = 0;
        for (int o = 1; o <= MOST; o++) {
            band past = run(&s, y, N - o * H, alone(p, &told.member[i]), &one);
            for (int h = 0; h < H; h++)
                error += fabs(y[N - o * H + h] - past.mean[h]) / (MOST * H);
        }
        check_near(told.member[i].error, error, 1e-9 * error);
        least = fmin(least, error);
    }
    for (int i = 0; i < told.members; i++) {
        double times = told.member[i].error / least;
        sum += times <= 3 ? 1 / (times * times) : 0;
    }
    bool any_out = false;
    for (int i = 0; i < told.members; i++) {
        double times = told.member[i].error / least, w = told.member[i].weight;
        any_out |= w == 0;
        check_near(w, times <= 3 ? 1 / (times * times) / sum : 0, 1e-9);
        band now = run(&s, y, N, alone(p, &told.member[i]), &one);
        for (int h = 0; h < H; h++) mean[h] += w * now.mean[h], high[h] += w * now.high[H + h];
        for (int h = 0; h < H; h++) low[h] += w * now.low[H + h];
        total += w * now.total_sd;
    }
    check(any_out); /* so both branches are seen */
    check(total > 0);
    check_near(b.total_sd, total, 1e-9 * total);
    for (int h = 0; h < H; h++) {
        check_near(b.mean[h], mean[h], 1e-9 * mean[h]);
        check_near(b.high[H + h], high[h], 1e-9 * high[h]);
        check_near(b.low[H + h], low[h], 1e-9 * high[h]);
    }
    check_has(slice_of(told.model), "auto: ");
    scope_close(&s);
}

/* What repeats itself is known without error: errors near 0 make weights, not NaN. */
CHECK(auto_of_a_series_that_repeats_itself_repeats_it) {
    scope s;
    open(&s);
    double y[N], all = 0;
    rng r = rng_open(4, 4);
    for (int t = 0; t < N; t++) y[t] = t < 12 ? 50 + 20 * rng_normal(&r) : y[t - 12];
    forecaster_params p = FORECASTER_DEFAULTS;
    p.season = 12;
    forecaster_told told;
    band b = run(&s, y, N, p, &told);
    for (int h = 0; h < H; h++) check_near(b.mean[h], y[N - 12 + h], 1e-6);
    for (int i = 0; i < told.members; i++) all += told.member[i].weight;
    check_near(all, 1, 1e-12);
    scope_close(&s);
}

CHECK(auto_takes_models_of_rare_demand) {
    scope s;
    open(&s);
    double y[N];
    rng r = rng_open(5, 5);
    for (int t = 0; t < N; t++) y[t] = rng_uniform(&r) < 0.25 ? 2 + (double)(t % 3) : 0;
    forecaster_params p = FORECASTER_DEFAULTS;
    forecaster_told told;
    band b = run(&s, y, N, p, &told);
    check(told.demand == CROSTON_INTERMITTENT && told.members == 4);
    check(forecaster_rare((int)told.demand) && !forecaster_rare(CROSTON_ERRATIC));
    for (int i = 0; i < told.members; i++) {
        check(told.member[i].kind == FORECASTER_MEAN || told.member[i].kind >= FORECASTER_SBA);
        check(told.member[i].weight > 0.15); /* all say nearly the same */
    }
    check_near(b.mean[0], 0.25 * 3, 0.3); /* sd of a mean of about 20 gaps: 0.15 */
    for (int t = 0; t < N; t++) y[t] = -y[t];
    run(&s, y, N, p, &told); /* below zero: not demand */
    check(told.demand == CROSTON_SMOOTH && told.member[0].kind == FORECASTER_ETS);
    scope_close(&s);
}

CHECK(auto_tries_every_season_and_none_when_it_is_long) {
    scope s;
    open(&s);
    const double *y = waves(&s, 240, 8);
    forecaster_params p = FORECASTER_DEFAULTS;
    p.season = 4, p.more[0] = 8;
    forecaster_told told;
    run(&s, y, 240, p, &told);
    check(told.members == 11); /* five of each season, and mstl of both */
    double of[9] = {0};
    for (int i = 0; i < told.members; i++)
        of[told.member[i].kind == FORECASTER_MSTL ? 0 : told.member[i].season] +=
            told.member[i].weight;
    check(of[8] > 2 * of[4] && of[1] == 0);
    p.season = 40, p.more[0] = 0;
    run(&s, y, 240, p, &told);
    int without = 0, ets = 0;
    for (int i = 0; i < told.members; i++) {
        without += told.member[i].season == 1;
        ets += told.member[i].kind == FORECASTER_ETS && told.member[i].season == 40;
    }
    check(told.members == 9 && without == 4 && ets == 0);
    scope_close(&s);
}

/* Scores of the origins: NaN past the last one, and past a window that a short series narrows. */
CHECK(auto_scores_its_own_past) {
    scope s;
    open(&s);
    const double *y = waves(&s, N, 12);
    double score[MOST * 2 * H];
    forecaster_params p = FORECASTER_DEFAULTS;
    p.scores = score;
    forecaster_told told, one;
    run(&s, y, N, p, &told);
    double f = 0, high = 0, low = 0, error[4] = {0}, least = INFINITY, sum = 0;
    for (int i = 0; i < told.members; i++) { /* of origin 2 by the weights of 1 and 3 */
        for (int o = 1; o <= MOST; o += 2) {
            band b = run(&s, y, N - o * H, alone(p, &told.member[i]), &one);
            for (int h = 0; h < H; h++) error[i] += fabs(y[N - o * H + h] - b.mean[h]);
        }
        least = fmin(least, error[i]);
    }
    for (int i = 0; i < told.members; i++)
        sum += error[i] <= 3 * least ? 1 / (error[i] * error[i]) : 0;
    for (int i = 0; i < told.members; i++) {
        band b = run(&s, y, N - 2 * H, alone(p, &told.member[i]), &one);
        double w = error[i] <= 3 * least ? 1 / (error[i] * error[i]) / sum : 0;
        f += w * b.mean[3], low += w * b.low[H + 3], high += w * b.high[H + 3];
    }
    double wanted = conformal_score_of(y[N - 2 * H + 3], f, low, high);
    check_near(score[(1 * 2 + 1) * H + 3], wanted, 1e-9);
    run(&s, y, 17, p, &told); /* a quarter of 17: windows of 4; 13 and 9 values before them */
    check(told.origins == 2);
    for (int i = 0; i < MOST * 2 * H; i++)
        check(isnan(score[i]) == (i % H >= 4 || i >= 2 * 2 * H));
    run(&s, y, 1, p, &told);
    check(told.origins == 0 && isnan(score[MOST * 2 * H - 1]));
    band b = run(&s, y, 7, p, &told);
    check(told.origins == 0 && isnan(score[0]) && isfinite(b.mean[5]));
    for (int i = 0; i < told.members; i++) check_near(told.member[i].weight, 0.25, 1e-15);
    scope_close(&s);
}

/* Two series of two origins: 24 scores of 2 at the first level, 24 of 3 at the second, one NaN. */
CHECK(auto_intervals_are_fitted_over_the_table) {
    enum { STEPS = 6 };
    double score[2 * 2 * 2 * STEPS];
    scope s;
    open(&s);
    for (int i = 0; i < 2 * 2 * 2 * STEPS; i++) score[i] = i / STEPS % 2 ? 3 : 2;
    score[0] = NAN;
    conformal_panel p = {2, 2, 2, STEPS, 2, levels, score, (const int[]){0, 1}};
    conformal_model *m = conformal_panel_fit(&p, &s.keep, s.scratch);
    check(m[0].factor[0] == 2 && m[0].scores[0] == 23);
    check(m[1].factor[STEPS] == 3 && m[1].scores[STEPS] == 24);
    scope_close(&s);
}
