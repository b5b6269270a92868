/* kmeans: seconds of one Lloyd iteration and of a whole fit on a file of rows, for bench/kmeans.py.
 *
 * Usage: kmeans FILE ROWS COLUMNS K ITERATIONS THREADS: FILE holds ROWS x COLUMNS float32; the
 * first K rows are the start. Prints as JSON (best of five of ITERATIONS + 1 iterations - best of
 * five of 1) / ITERATIONS by the wall and by processor seconds, and the inertia after them.
 *
 *     kmeans FILE ROWS COLUMNS K whole:STARTS:SEED THREADS
 *
 * fits whole, with that many starts of its own: best of three, and how many iterations it took. */
#include <stdio.h>
#include <stdlib.h>

#include "models/kmeans.h"

#include "lib/clock.h"

static void must(bool done, const char *what) {
    if (done) return;
    fprintf(stderr, "kmeans: %s\n", what);
    exit(1);
}

static int run(const kmeans_data *data, kmeans_params p, pool *threads, scope *s, double *wall,
               double *cpu, double *inertia) {
    err e = {0};
    kmeans_model m;
    arena keep = s->keep;
    double w = clock_seconds(CLOCK_MONOTONIC), c = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    must(kmeans_fit(&m, data, p, threads, &keep, s->scratch, &e), e.text);
    *wall = clock_seconds(CLOCK_MONOTONIC) - w;
    *cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - c;
    *inertia = m.inertia;
    return m.iterations;
}

static void whole(const kmeans_data *data, int k, const char *asked, pool *threads, scope *s) {
    kmeans_params p = KMEANS_DEFAULTS;
    double best[2] = {1e9, 1e9}, wall, cpu, inertia = 0;
    unsigned long long seed;
    int iterations = 0;
    must(sscanf(asked, "whole:%d:%llu", &p.starts, &seed) == 2, asked);
    p.k = k;
    p.seed = seed;
    for (int round = 0; round < 3; round++) {
        iterations = run(data, p, threads, s, &wall, &cpu, &inertia);
        if (wall < best[0]) best[0] = wall;
        if (cpu < best[1]) best[1] = cpu;
    }
    printf("{\"wall\": %.9f, \"cpu\": %.9f, \"inertia\": %.12g, \"iterations\": %d}\n", best[0],
           best[1], inertia, iterations);
}

int main(int argc, char **argv) {
    must(argc == 7, "FILE ROWS COLUMNS K ITERATIONS THREADS");
    int64_t n = atoll(argv[2]);
    int d = atoi(argv[3]), k = atoi(argv[4]), iterations = atoi(argv[5]);
    scope s;
    err e = {0};
    must(scope_open(&s, (size_t)2 << 30, (size_t)2 << 30, &e), e.text);
    float *x = take(&s.keep, float, n * d);
    FILE *f = fopen(argv[1], "rb");
    must(f && fread(x, (size_t)d * 4, (size_t)n, f) == (size_t)n && fclose(f) == 0, argv[1]);
    double *start = take(&s.keep, double, k * d), inertia = 0;
    double best[2][2] = {{1e9, 1e9}, {1e9, 1e9}}; /* [1 iteration, many][wall, processor] */
    for (int i = 0; i < k * d; i++) start[i] = (double)x[i];
    pool *threads = pool_open(atoi(argv[6]), 1 << 20, &e);
    must(threads != NULL, e.text);
    kmeans_data data = {x, n, d, NULL};
    if (argv[5][0] == 'w') {
        whole(&data, k, argv[5], threads, &s);
        pool_close(threads);
        scope_close(&s);
        return 0;
    }
    kmeans_params one = {k, 1, 1, 0, n, 1, start}, many = one;
    many.max_iterations = iterations + 1;
    for (int round = 0; round < 10; round++) {
        double wall, cpu, *least = best[round % 2];
        run(&data, round % 2 ? many : one, threads, &s, &wall, &cpu, &inertia);
        if (wall < least[0]) least[0] = wall;
        if (cpu < least[1]) least[1] = cpu;
    }
    printf("{\"wall\": %.9f, \"cpu\": %.9f, \"inertia\": %.9g}\n",
           (best[1][0] - best[0][0]) / iterations, (best[1][1] - best[0][1]) / iterations, inertia);
    pool_close(threads);
    scope_close(&s);
    return 0;
}
