/* models_tune: spaces, Parzen densities, samplers and rungs, against answers worked out by hand. */
#include <math.h>

#include "lab.h"

#include "models/normal.h"
#include "models/tune/asha.h"
#include "models/tune/parzen.h"
#include "models/tune/study.h"

static const char *const words[] = {"red", "green", "blue"};

CHECK(normal_log_mass_keeps_its_digits_in_the_tails) {
    /* 1e-13: of logarithms up to 454, from SciPy's ndtr of the left tail */
    check_near(normal_log_mass(-1, 1), -0.38171514630212616, 1e-13);
    check_near(normal_log_mass(5, 6), -15.068446096529456, 1e-13);
    check_near(normal_log_mass(-10, -9), -43.62821663228083, 1e-13);
    check_near(normal_log_mass(30, 31), -454.3212439563433, 1e-11);
    check(normal_log_mass(-INFINITY, INFINITY) == 0);
}

CHECK(space_refuses_what_no_trial_could_have) {
    static const space_param bad[][2] = {
        {{"a", SPACE_REAL, 2, 1}},
        {{"a", SPACE_REAL, 0, 1, .log = true}},
        {{"a", SPACE_REAL, 1, 2, .step = 0.5, .log = true}},
        {{"a", SPACE_INT, 0.5, 2}},
        {{"a", SPACE_REAL, 0, INFINITY}},
        {{"a", SPACE_WORD}},
        {{"a", SPACE_REAL, 0, 1, .under = 1}},
    };
    for (int i = 0; i < 7; i++) check(space_check(&(space){1, bad[i]}) != NULL);
    space_param two[] = {{"a", SPACE_WORD, .n = 3, .words = words},
                         {"b", SPACE_INT, 1, 9, .under = 1, .is = 2}};
    check(space_check(&(space){2, two}) == NULL);
    two[1].is = 3;
    check(space_check(&(space){2, two}) != NULL);
}

CHECK(space_rounds_to_the_nearest_value) {
    space_param tenths = {"a", SPACE_REAL, 0.2, 0.5, .step = 0.1}, odd = {"b", SPACE_INT, 1, 6,
                                                                         .step = 2};
    check_near(space_round(&tenths, 0.46), 0.5, 1e-12); /* 1e-12: 0.2 + 3 * 0.1 */
    check_near(space_round(&tenths, 9), 0.5, 1e-12);
    check(space_round(&odd, 4.2) == 5);
    check(space_round(&odd, 6) == 5);
    check(space_round(&odd, -3) == 1);
}

/* ln of the density of m points of one parameter at x. */
static double density(lab *l, const space_param *p, const double *points, int m, double x) {
    int which = 0;
    const double *at[64];
    double to;
    space s = {1, p};
    for (int i = 0; i < m; i++) at[i] = points + i;
    parzen f = parzen_make(&s, &which, 1, at, m, &l->s.keep, l->s.scratch);
    parzen_log(&f, &x, 1, &to, l->s.scratch);
    return to;
}

CHECK(parzen_of_three_numbers_by_hand) {
    lab l;
    lab_open(&l, 1);
    /* widths 2, 5, 5 from the gaps, prior 5 ± 10, each cut off at 0 and 10; by SciPy's truncnorm */
    static const double points[] = {2, 4, 9}, at[] = {0, 3, 9.5};
    static const double wanted[] = {-2.4335821778405644, -2.0813804317447664, -2.573041891648014};
    space_param p = {"x", SPACE_REAL, 0, 10};
    for (int i = 0; i < 3; i++)
        check_near(density(&l, &p, points, 3, at[i]), wanted[i], 1e-12); /* rounding */
    lab_close(&l);
}

CHECK(parzen_of_whole_numbers_by_the_logarithm) {
    lab l;
    lab_open(&l, 1);
    static const double points[] = {1, 4};
    static const double wanted[] = {-0.826466373337852, -1.470930195386723, -1.909881306042666,
                                    -2.2513780155001024, -2.5339700490340014};
    space_param p = {"n", SPACE_INT, 1, 5, .log = true};
    double all = 0;
    for (int x = 1; x <= 5; x++) {
        double got = density(&l, &p, points, 2, x);
        check_near(got, wanted[x - 1], 1e-12); /* rounding */
        all += exp(got);
    }
    check_near(all, 1, 1e-12);
    lab_close(&l);
}

CHECK(parzen_of_points_that_come_again) {
    lab l;
    lab_open(&l, 1);
    static const double points[] = {4, 1, 4, 4, 2, 2}, ordered[] = {1, 2, 2, 4, 4, 4};
    space_param p = {"n", SPACE_INT, 1, 5};
    double all = 0;
    for (int x = 1; x <= 5; x++) {
        double got = density(&l, &p, points, 6, x);
        check_near(got, density(&l, &p, ordered, 6, x), 1e-12); /* the order of the sum */
        all += exp(got);
    }
    check_near(all, 1, 1e-12);
    lab_close(&l);
}

/* Masses of cells that are alike are reckoned once; asked together or alone, they are the same. */
CHECK(parzen_of_cells_that_are_alike) {
    lab l;
    lab_open(&l, 1);
    enum { M = 60, VALUES = 40 };
    space_param p = {"n", SPACE_INT, 10, 10 + 3 * (VALUES - 1), .step = 3};
    space s = {1, &p};
    double point[M], x[VALUES], together[VALUES];
    const double *points[M];
    rng r = rng_open(5, 0);
    for (int i = 0; i < M; i++) {
        point[i] = space_draw(&p, &r);
        points[i] = &point[i];
    }
    for (int i = 0; i < VALUES; i++) x[i] = 10 + 3 * i;
    parzen f = parzen_make(&s, (int[]){0}, 1, points, M, &l.s.keep, l.s.scratch);
    parzen_log(&f, x, VALUES, together, l.s.scratch);
    double all = 0;
    for (int i = 0; i < VALUES; i++) {
        double alone;
        parzen_log(&f, &x[i], 1, &alone, l.s.scratch);
        check_near(together[i], alone, 1e-12); /* x - half less the centre is rounded either way */
        all += exp(together[i]);
    }
    check_near(all, 1, 1e-12);
    lab_close(&l);
}

CHECK(parzen_of_words_by_hand) {
    lab l;
    lab_open(&l, 1);
    /* own word 5/7, others 1/7, prior 1/3, four kernels alike: (5/7 + 5/7 + 1/7 + 1/3) / 4 */
    static const double points[] = {1, 1, 0};
    space_param p = {"w", SPACE_WORD, .n = 3, .words = words};
    check_near(density(&l, &p, points, 3, 1), log(10.0 / 21), 1e-14);
    lab_close(&l);
}

CHECK(parzen_points_fade_but_the_youngest) {
    lab l;
    lab_open(&l, 1);
    space_param p = {"w", SPACE_REAL, 0, 1};
    space s = {1, &p};
    double points[30];
    const double *at[30];
    int which = 0;
    for (int i = 0; i < 30; i++) at[i] = &points[i], points[i] = i / 30.0;
    parzen f = parzen_make(&s, &which, 1, at, 30, &l.s.keep, l.s.scratch);
    check_near(exp(f.log_weight[0] - f.log_weight[30]), 1.0 / 30, 1e-12);
    check_near(exp(f.log_weight[2] - f.log_weight[30]), (1 + 1.0 / 30) / 2, 1e-12);
    check_near(exp(f.log_weight[4] - f.log_weight[30]), 1, 1e-12);
    check_near(exp(f.log_weight[29] - f.log_weight[30]), 1, 1e-12);
    lab_close(&l);
}

CHECK(parzen_draws_as_its_density_says) {
    lab l;
    lab_open(&l, 1);
    enum { N = 20000 };
    space_param p[] = {{"n", SPACE_INT, 1, 5, .log = true},
                       {"w", SPACE_WORD, .n = 3, .words = words}};
    static const double rows[][2] = {{1, 1}, {4, 0}};
    const double *at[] = {rows[0], rows[1]};
    space s = {2, p};
    parzen f = parzen_make(&s, (int[]){0, 1}, 2, at, 2, &l.s.keep, l.s.scratch);
    double x[15][2], log_f[15], seen[15] = {0};
    for (int i = 0; i < 15; i++) x[i][0] = 1 + i % 5, x[i][1] = i / 5;
    parzen_log(&f, x[0], 15, log_f, l.s.scratch);
    rng r = rng_open(7, 0);
    for (int i = 0; i < N; i++) {
        double got[2];
        parzen_draw(&f, &r, got);
        seen[(int)got[1] * 5 + (int)got[0] - 1]++;
    }
    for (int i = 0; i < 15; i++) { /* 4 standard deviations of a binomial share */
        double share = exp(log_f[i]);
        check_near(seen[i] / N, share, 4 * sqrt(share * (1 - share) / N));
    }
    lab_close(&l);
}

CHECK(study_grid_walks_every_point_once) {
    lab l;
    lab_open(&l, 1);
    space_param p[] = {{"w", SPACE_WORD, .n = 2, .words = words},
                       {"n", SPACE_INT, 1, 3, .under = 1, .is = 1},
                       {"x", SPACE_REAL, 1, 100, .log = true}};
    space s = {3, p};
    study t = {.s = &s};
    sampler how = STUDY_DEFAULTS;
    how.kind = SAMPLER_GRID;
    how.grid = 3;
    static const double wanted[][3] = {{0, NAN, 1}, {0, NAN, 10}, {0, NAN, 100}, {1, 1, 1},
                                       {1, 1, 10},  {1, 1, 100},  {1, 2, 1}};
    double point[3];
    check(study_grid_size(&s, 3, 1000) == 12);
    for (int i = 0; i < 7; i++) {
        check(study_ask(&t, how, i, point, l.s.scratch));
        check(point[0] == wanted[i][0]);
        check(i < 3 ? isnan(point[1]) : point[1] == wanted[i][1]);
        check_near(point[2], wanted[i][2], 1e-12); /* 100^(1/2) */
    }
    check(!study_ask(&t, how, 12, point, l.s.scratch));
    lab_close(&l);
}

/* What is asked for after 20 trials with scores 0 … 19: the first two have word 1, the last two 2,
 * the others 0. */
static double word_asked(lab *l, bool maximise, trial_state state_of_last, int64_t step_of_last) {
    static double point[20];
    study_trial trial[20];
    space_param p = {"w", SPACE_WORD, .n = 3, .words = words};
    space s = {1, &p};
    for (int i = 0; i < 20; i++) {
        point[i] = i < 2 ? 1 : i >= 18 ? 2 : 0;
        trial[i] = (study_trial){TRIAL_COMPLETE, &point[i], i, 0};
        if (i >= 18) trial[i].state = state_of_last, trial[i].step = step_of_last;
    }
    study t = {&s, maximise, 20, trial};
    double to;
    check(study_ask(&t, STUDY_DEFAULTS, 20, &to, l->s.scratch));
    return to;
}

CHECK(study_asks_for_what_the_best_have) {
    lab l;
    lab_open(&l, 1);
    check(word_asked(&l, false, TRIAL_COMPLETE, 0) == 1);
    check(word_asked(&l, true, TRIAL_COMPLETE, 0) == 2);
    check(word_asked(&l, true, TRIAL_PRUNED, 3) != 2); /* the complete ones come first */
    check(word_asked(&l, true, TRIAL_RUNNING, 0) != 2);
    lab_close(&l);
}

static double branin(const double *x) {
    double a = x[1] - 5.1 / (4 * M_PI * M_PI) * x[0] * x[0] + 5 / M_PI * x[0] - 6;
    return a * a + 10 * (1 - 1 / (8 * M_PI)) * cos(x[0]) + 10;
}

/* Best of 60 trials. */
static double best_branin(lab *l, sampler_kind kind, uint64_t seed) {
    static double point[60][2];
    study_trial trial[60];
    static const space_param p[] = {{"x", SPACE_REAL, -5, 10}, {"y", SPACE_REAL, 0, 15}};
    space s = {2, p};
    study t = {&s, false, 0, trial};
    sampler how = STUDY_DEFAULTS;
    how.kind = kind;
    how.seed = seed;
    for (; t.n < 60; t.n++) {
        check(study_ask(&t, how, t.n, point[t.n], l->s.scratch));
        trial[t.n] = (study_trial){TRIAL_COMPLETE, point[t.n], branin(point[t.n]), 0};
    }
    return trial[study_best(&t)].score;
}

CHECK(study_tpe_finds_more_than_chance_and_the_same_again) {
    lab l;
    lab_open(&l, 1);
    int better = 0;
    for (uint64_t seed = 0; seed < 20; seed++)
        better += best_branin(&l, SAMPLER_TPE, seed) < best_branin(&l, SAMPLER_RANDOM, seed);
    check(better >= 15); /* of 20 coin flips 15 or more: p = 0.02 */
    check(best_branin(&l, SAMPLER_TPE, 3) == best_branin(&l, SAMPLER_TPE, 3));
    check(best_branin(&l, SAMPLER_TPE, 3) != best_branin(&l, SAMPLER_TPE, 4));
    lab_close(&l);
}

CHECK(study_keeps_conditions) {
    lab l;
    lab_open(&l, 1);
    static double point[40][2];
    study_trial trial[40];
    space_param p[] = {{"w", SPACE_WORD, .n = 2, .words = words},
                       {"x", SPACE_REAL, 0, 1, .under = 1, .is = 1}};
    space s = {2, p};
    study t = {&s, false, 0, trial};
    for (; t.n < 40; t.n++) {
        double *at = point[t.n];
        check(study_ask(&t, STUDY_DEFAULTS, t.n, at, l.s.scratch));
        check(isnan(at[1]) == (at[0] != 1));
        trial[t.n] = (study_trial){TRIAL_COMPLETE, at,
                                   at[0] != 1 ? 1 : fabs(at[1] - 0.3), 0};
    }
    check(trial[study_best(&t)].score < 0.05); /* 30 trials of one number: 0.02 a kernel's width */
    lab_close(&l);
}

CHECK(asha_lets_the_best_share_go_on) {
    lab l;
    lab_open(&l, 1);
    asha a = asha_open(2, 4, false, 16, &l.s.keep);
    int rung[8] = {0};
    check(asha_rung_end(&a, 0) == 2 && asha_rung_end(&a, 2) == 32);
    check(asha_report(&a, &rung[0], 1, 9) && rung[0] == 0);  /* not there yet */
    check(asha_report(&a, &rung[0], 2, 5) && rung[0] == 1);  /* the first goes on */
    check(!asha_report(&a, &rung[1], 2, 6));                 /* second of two: one goes on */
    check(asha_report(&a, &rung[2], 2, 5));                  /* as good as the best */
    check(!asha_report(&a, &rung[3], 2, NAN));
    for (int i = 4; i < 8; i++) check(asha_report(&a, &rung[i], 2, 4 - i));
    check(a.n[0] == 7);
    int late = 0;
    check(!asha_report(&a, &late, 2, 0.5)); /* 5th of 8: two go on */
    check(asha_report(&a, &rung[7], 8, 1) && rung[7] == 2);
    asha up = asha_open(1, 2, true, 4, &l.s.keep);
    int one = 0, two = 0;
    check(asha_report(&up, &one, 1, 5) && asha_report(&up, &two, 1, 6));
    lab_close(&l);
}
