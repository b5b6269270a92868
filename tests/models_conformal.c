/* models_conformal: intervals that were wrong on purpose hold after recalibration. */
#include "check.h"

#include <math.h>

#include "base/random.h"
#include "models/forecast/conformal.h"

static void open(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 32 << 20, 32 << 20, &e), &e);
}

CHECK(conformal_scores_count_half_widths) {
    check_near(conformal_score_of(13, 10, 4, 12), 1.5, 1e-15);
    check_near(conformal_score_of(7, 10, 4, 12), 0.5, 1e-15);
    check(conformal_score_of(10, 10, 10, 10) == 0);
    check(isinf(conformal_score_of(11, 10, 10, 10)));
}

/* 100 scores 1 … 100 of one step: at level 0.8 the ceil(80.8) = 81st; at 0.999 the last one, and
 * no factor is above 10. */
CHECK(conformal_factor_is_the_finite_sample_quantile) {
    scope s;
    open(&s);
    conformal_model m;
    conformal_score x[100];
    for (int i = 0; i < 100; i++) x[i] = (conformal_score){0, 0, (100 - i) / 50.0, 1};
    conformal_fit(&m, x, 100, 0.8, 1, 1, &s.keep, s.scratch);
    check_near(m.factor[0], 81 / 50.0, 1e-15);
    check(m.scores[0] == 100);
    conformal_fit(&m, x, 100, 0.999, 1, 1, &s.keep, s.scratch);
    check_near(m.factor[0], 2, 1e-15);
    for (int i = 0; i < 100; i++) x[i].score = INFINITY;
    conformal_fit(&m, x, 100, 0.8, 1, 1, &s.keep, s.scratch);
    check(m.factor[0] == 10);
    conformal_fit(&m, x, 19, 0.8, 1, 1, &s.keep, s.scratch);
    check(m.factor[0] == 1 && m.scores[0] == 19);
    scope_close(&s);
}

/* Scores 1 … 50 that weigh 1 and 51 … 100 that weigh 1/2: 0.8 (75 + 1) = 60.8, 50 of it by the
 * first, 10.8 by 22 of the others. Of two origins the earlier one weighs half: 60 scores of 1 and
 * 30 of 3 are more than 0.6 of them, 60 and 60 would not be. */
CHECK(conformal_weights_favour_what_was_last) {
    enum { MANY = 60 };
    static const double levels[] = {0.6};
    scope s;
    open(&s);
    conformal_model m;
    conformal_score x[100];
    for (int i = 0; i < 100; i++)
        x[i] = (conformal_score){0, 0, (i + 1) / 50.0, i < 50 ? 1 : 0.5};
    conformal_fit(&m, x, 100, 0.8, 1, 1, &s.keep, s.scratch);
    check_near(m.factor[0], 72 / 50.0, 1e-15);
    double score[MANY * 2];
    int kind[MANY] = {0};
    for (int i = 0; i < MANY; i++) score[2 * i] = 1, score[2 * i + 1] = 3;
    conformal_panel p = {MANY, 2, 1, 1, 1, levels, score, kind};
    check(conformal_panel_fit(&p, &s.keep, s.scratch)->factor[0] == 1);
    for (int i = 0; i < MANY; i++) score[2 * i] = 3, score[2 * i + 1] = 1;
    check(conformal_panel_fit(&p, &s.keep, s.scratch)->factor[0] == 3);
    scope_close(&s);
}

/* Kind 0 has 60 scores of 2 in each of two steps; kind 1 has 30 in all: it takes the 60 + 15 of the
 * same step of both kinds. */
CHECK(conformal_few_scores_are_pooled) {
    scope s;
    open(&s);
    conformal_model m;
    conformal_score x[150];
    for (int i = 0; i < 120; i++) x[i] = (conformal_score){0, i % 2, 2, 1};
    for (int i = 0; i < 30; i++) x[120 + i] = (conformal_score){1, i % 2, 5, 1};
    conformal_fit(&m, x, 150, 0.5, 2, 2, &s.keep, s.scratch);
    check(m.factor[0] == 2 && m.scores[0] == 60 && m.scores[1] == 60);
    check(m.factor[2] == 2 && m.scores[2] == 75);
    conformal_fit(&m, x + 60, 90, 0.5, 2, 2, &s.keep, s.scratch); /* kind 0: 30 of a step */
    check(m.scores[0] == 60 && m.scores[2] == 90);
    scope_close(&s);
}

/* 60 series of each of two kinds and one origin: each level and step of a kind has scores of its
 * own, kind + 2 level + 4 step + 1, so every factor says from which cells it was taken. */
CHECK(conformal_panel_takes_each_score_from_its_cell) {
    enum { MANY = 120 };
    scope s;
    open(&s);
    static const double levels[] = {0.8, 0.5};
    double score[MANY * 4];
    int kind[MANY];
    for (int i = 0; i < MANY; i++) {
        kind[i] = i % 2;
        for (int k = 0; k < 4; k++) score[i * 4 + k] = kind[i] + 2 * (k / 2) + 4 * (k % 2) + 1;
    }
    score[4] = NAN; /* of kind 1, level 0, step 0 */
    conformal_panel p = {MANY, 1, 2, 2, 2, levels, score, kind};
    const conformal_model *m = conformal_panel_fit(&p, &s.keep, s.scratch);
    for (int l = 0; l < 2; l++)
        for (int k = 0; k < 4; k++) {
            check(m[l].factor[k] == k / 2 + 2 * l + 4 * (k % 2) + 1);
            check(m[l].scores[k] == (l == 0 && k == 2 ? 59 : 60));
        }
    scope_close(&s);
}

enum { SERIES = 3000, STEPS = 2 };

/* Errors of kind 0 have twice the deviation the band says, of kind 1 half of it. */
static double error_of(rng *r, int kind) { return rng_normal(r) * (kind == 0 ? 2 : 0.5); }

CHECK(conformal_makes_wrong_bands_hold) {
    scope s;
    open(&s);
    static const double levels[] = {0.95, 0.8};
    rng r = rng_open(5, 1);
    conformal_score *x[2] = {take(&s.keep, conformal_score, SERIES),
                             take(&s.keep, conformal_score, SERIES)};
    conformal_model m[2];
    band b = band_new(&s.keep, STEPS, levels, 2);
    for (int i = 0; i < SERIES; i++) {
        int kind = i % 2, step = i / 2 % STEPS;
        double e = error_of(&r, kind);
        for (int h = 0; h < STEPS; h++) b.mean[h] = 7, band_normal(&b, h, 1);
        for (int l = 0; l < 2; l++)
            x[l][i] = (conformal_score){kind, step,
                                        conformal_score_of(7 + e, 7, b.low[l * STEPS + step],
                                                           b.high[l * STEPS + step]), 1};
    }
    for (int l = 0; l < 2; l++)
        conformal_fit(&m[l], x[l], SERIES, levels[l], 2, STEPS, &s.keep, s.scratch);
    for (int kind = 0; kind < 2; kind++)
        for (int l = 0; l < 2; l++) {
            for (int h = 0; h < STEPS; h++) b.mean[h] = 7, band_normal(&b, h, 1);
            conformal_apply(m, kind, &b);
            int inside = 0;
            for (int i = 0; i < 10000; i++)
                inside += fabs(error_of(&r, kind)) < b.high[l * STEPS + 1] - 7;
            /* 0.02: 750 scores a factor, a standard error of 0.015 at 0.8 and 0.008 at 0.95 */
            check_near(inside / 10000.0, levels[l], l ? 0.035 : 0.02);
            for (int h = 0; h < STEPS; h++)
                check_near(7 - b.low[l * STEPS + h], b.high[l * STEPS + h] - 7, 1e-12);
            check(b.high[0] >= b.high[STEPS] && b.low[0] <= b.low[STEPS]);
        }
    scope_close(&s);
}

/* A level that was narrowed below a lower one is widened to hold it. */
CHECK(conformal_levels_stay_nested) {
    scope s;
    open(&s);
    static const double levels[] = {0.95, 0.8};
    double factor[] = {0.1}, one[] = {1};
    conformal_model m[2] = {{1, 1, factor, NULL}, {1, 1, one, NULL}};
    band b = band_new(&s.keep, 3, levels, 2);
    for (int h = 0; h < 3; h++) band_normal(&b, h, 1);
    conformal_apply(m, 0, &b);
    check_near(b.high[2], 1.2815515655446004, 1e-12); /* the 80 % bound; step 3 as the last known */
    check_near(b.low[0], b.low[3], 1e-15);
    scope_close(&s);
}
