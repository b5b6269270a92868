/* trees: ranking 100 candidates with our evaluator and with the library that fitted the trees.
 *
 *     trees LEAVES [TREES]
 *
 * Fits a ranker on planted rows of 40 features, then times, on one thread and on the same 100 rows:
 * our evaluator, its plain twin, the library in one call and row by row (its prepared single-row
 * path); and our reasons beside the library's. Each figure is processor time of the thread, the
 * best of many repeats, taken in turn. Prints whether all bits are equal; the exit status is 1 when
 * they are not. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kernels.h"
#include "base/random.h"
#include "models/boost.h"

#include "lib/clock.h"

enum { COLS = 40, GROUP = 100, GROUPS = 300, ROWS = GROUP * GROUPS, REPEATS = 300 };

/* Half of the features are counts with many zeros, one in ten values is missing. */
static boost_data planted(arena *keep) {
    float *x = take(keep, float, ROWS * COLS), *label = take(keep, float, ROWS);
    int32_t *group = take(keep, int32_t, GROUPS);
    rng r = rng_open(11, 0);
    for (int i = 0; i < ROWS; i++) {
        float *row = x + i * COLS;
        for (int c = 0; c < COLS; c++)
            row[c] = c % 2 ? (float)rng_normal(&r) : (float)rng_poisson(&r, 0.1 * c);
        double law = 0.2 * rng_normal(&r);
        for (int c = 0; c < 20; c++) law += sin((double)row[c] * (c + 1)) / (c + 3);
        label[i] = law > 1;
        for (int c = 0; c < COLS; c++)
            if (rng_below(&r, 10) == 0) row[c] = NAN;
    }
    for (int g = 0; g < GROUPS; g++) group[g] = GROUP;
    return (boost_data){.rows = ROWS, .cols = COLS, .x = x, .label = label, .group = group,
                        .groups = GROUPS};
}

typedef struct desk {
    boost b;
    trees m;
    const float *x;
    double *score, *parts;
    arena scratch;
    err e;
} desk;

static void ours(desk *d) { trees_score(&d->m, d->x, GROUP, d->score, NULL); }
static void plain(desk *d) { trees_plain_score(&d->m, d->x, GROUP, d->score); }
static void block(desk *d) { boost_score(&d->b, d->x, GROUP, d->score, &d->e); }
static void single(desk *d) { boost_score_single(&d->b, d->x, GROUP, d->score, &d->e); }
static void reasons(desk *d) {
    for (int r = 0; r < GROUP; r++)
        trees_explain(&d->m, d->x + r * COLS, d->parts + r * (COLS + 1), d->scratch);
}
static void their_reasons(desk *d) { boost_explain(&d->b, d->x, GROUP, d->parts, &d->e); }

static const struct {
    const char *name;
    void (*run)(desk *d);
    int repeats;
    bool scores;
} ways[] = {
    {"ours", ours, REPEATS, true},           {"plain twin", plain, REPEATS, true},
    {"library, one call", block, REPEATS, true}, {"library, single rows", single, REPEATS, true},
    {"our reasons", reasons, 20, false},      {"library's reasons", their_reasons, 3, false},
};
enum { WAYS = sizeof ways / sizeof *ways };

int main(int argc, char **argv) {
    scope s;
    desk d = {0};
    double best[WAYS], first[GROUP];
    bool equal = true;
    kernels_start();
    if (argc < 2 || !scope_open(&s, (size_t)1 << 30, (size_t)1 << 30, &d.e)) return 2;
    boost_data data = planted(&s.keep);
    boost_params p = BOOST_DEFAULTS;
    p.leaves = atoi(argv[1]);
    p.trees = argc > 2 ? atoi(argv[2]) : 200;
    if (!boost_open(&d.b, &data, NULL, p, 1, &s.keep, s.scratch, &d.e) ||
        !boost_trees(&d.b, &d.m, &s.keep, s.scratch, &d.e)) {
        fprintf(stderr, "trees: %s\n", d.e.text);
        return 1;
    }
    d.x = data.x;
    d.score = take(&s.keep, double, GROUP);
    d.parts = take(&s.keep, double, GROUP * (COLS + 1));
    d.scratch = s.scratch;
    boost_score(&d.b, d.x, GROUP, first, &d.e);
    for (int w = 0; w < WAYS; w++) best[w] = INFINITY;
    for (int i = 0; i < REPEATS; i++)
        for (int w = 0; w < WAYS; w++) {
            if (i >= ways[w].repeats) continue;
            const double start = clock_seconds(CLOCK_THREAD_CPUTIME_ID);
            ways[w].run(&d);
            best[w] = fmin(best[w], clock_seconds(CLOCK_THREAD_CPUTIME_ID) - start);
            if (ways[w].scores) equal = equal && memcmp(d.score, first, sizeof first) == 0;
        }
    printf("%d rows, %d trees of %d leaves, %d features, one thread:\n", GROUP, d.m.n, p.leaves,
           COLS);
    for (int w = 0; w < WAYS; w++) {
        printf("  %-22s %9.1f us", ways[w].name, best[w] * 1e6);
        if (w < 4) printf("   %.2fx of the library's faster way", best[w] / fmin(best[2], best[3]));
        printf("\n");
    }
    printf("  all scores have %s bits\n", equal ? "equal" : "DIFFERENT");
    boost_close(&d.b);
    scope_close(&s);
    return !equal;
}
