/* tune: best values found by our TPE on three known functions, and milliseconds of one ask.
 *
 * Usage: tune SEEDS TRIALS: prints as JSON the best value of each seed and function, and the
 * mean milliseconds of an ask at 1,000 trials of 10 parameters, all reals and mixed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/tune/study.h"

#include "lib/clock.h"

enum { TRIALS_MOST = 1000, ASKS = 200 };

typedef struct game {
    const char *name;
    space s;
    double (*value)(const double *x, rng *noise);
} game;

static double branin(const double *x, rng *noise) {
    (void)noise;
    double a = x[1] - 5.1 / (4 * M_PI * M_PI) * x[0] * x[0] + 5 / M_PI * x[0] - 6;
    return a * a + 10 * (1 - 1 / (8 * M_PI)) * cos(x[0]) + 10;
}

static double hartmann6(const double *x, rng *noise) {
    static const double c[] = {1, 1.2, 3, 3.2};
    static const double a[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                   {0.05, 10, 17, 0.1, 8, 14},
                                   {3, 3.5, 1.7, 10, 17, 8},
                                   {17, 8, 0.05, 10, 0.1, 14}};
    static const double p[4][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                                   {2329, 4135, 8307, 3736, 1004, 9991},
                                   {2348, 1451, 3522, 2883, 3047, 6650},
                                   {4047, 8828, 8732, 5743, 1091, 381}};
    (void)noise;
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        double far = 0;
        for (int j = 0; j < 6; j++) far += a[i][j] * pow(x[j] - p[i][j] * 1e-4, 2);
        sum -= c[i] * exp(-far);
    }
    return sum;
}

/* Best where both decimal logarithms are -2, seen through noise of deviation 0.1. */
static double log_quadratic(const double *x, rng *noise) {
    return pow(log10(x[0]) + 2, 2) + pow(log10(x[1]) + 2, 2) + 0.1 * rng_normal(noise);
}

static const space_param plane[] = {{"x0", SPACE_REAL, -5, 10}, {"x1", SPACE_REAL, 0, 15}};
static const space_param cube[] = {{"x0", SPACE_REAL, 0, 1}, {"x1", SPACE_REAL, 0, 1},
                                   {"x2", SPACE_REAL, 0, 1}, {"x3", SPACE_REAL, 0, 1},
                                   {"x4", SPACE_REAL, 0, 1}, {"x5", SPACE_REAL, 0, 1}};
static const space_param rates[] = {{"x0", SPACE_REAL, 1e-5, 1, .log = true},
                                    {"x1", SPACE_REAL, 1e-5, 1, .log = true}};
static const game games[] = {{"branin", {2, plane}, branin},
                             {"hartmann6", {6, cube}, hartmann6},
                             {"log_quadratic", {2, rates}, log_quadratic}};

static void play(const game *g, int seeds, int trials, scope *s) {
    printf("%s\"%s\": [", g == games ? "" : ", ", g->name);
    for (int seed = 0; seed < seeds; seed++) {
        arena keep = s->keep;
        study_trial *trial = take(&keep, study_trial, trials);
        study t = {&g->s, false, 0, trial};
        sampler how = STUDY_DEFAULTS;
        how.seed = (uint64_t)seed;
        rng noise = rng_open(seed_for((uint64_t)seed, "noise"), 0);
        for (; t.n < trials; t.n++) {
            double *x = take(&keep, double, g->s.n);
            study_ask(&t, how, t.n, x, s->scratch);
            trial[t.n] = (study_trial){TRIAL_COMPLETE, x, g->value(x, &noise), 0};
        }
        printf("%s%.17g", seed ? ", " : "", trial[study_best(&t)].score);
    }
    printf("]");
}

static double ask_ms(bool mixed, scope *s) {
    static const char *const words[] = {"a", "b", "c", "d"};
    space_param p[10];
    for (int i = 0; i < 10; i++) p[i] = (space_param){"x", SPACE_REAL, 1e-3, 1, .log = i % 2};
    for (int i = 0; mixed && i < 3; i++) {
        p[i] = (space_param){"n", SPACE_INT, 1, 100, .log = i == 1};
        p[9 - i] = (space_param){"w", SPACE_WORD, .n = 4, .words = words};
    }
    space sp = {10, p};
    arena keep = s->keep;
    study_trial *trial = take(&keep, study_trial, TRIALS_MOST);
    study t = {&sp, false, TRIALS_MOST, trial};
    rng r = rng_open(1, 0);
    for (int i = 0; i < TRIALS_MOST; i++) {
        double *x = take(&keep, double, 10);
        for (int j = 0; j < 10; j++) x[j] = space_draw(&p[j], &r);
        trial[i] = (study_trial){TRIAL_COMPLETE, x, rng_uniform(&r), 0};
    }
    double to[10], start = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < ASKS; i++) study_ask(&t, STUDY_DEFAULTS, TRIALS_MOST + i, to, s->scratch);
    return (clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - start) * 1000 / ASKS;
}

int main(int argc, char **argv) {
    scope s;
    err e = {0};
    if (argc != 3 || !scope_open(&s, 64 << 20, 64 << 20, &e)) return 1;
    printf("{");
    for (int i = 0; i < 3; i++) play(&games[i], atoi(argv[1]), atoi(argv[2]), &s);
    printf(", \"ask_ms\": %.4f, \"ask_mixed_ms\": %.4f}\n", ask_ms(false, &s), ask_ms(true, &s));
    scope_close(&s);
    return 0;
}
