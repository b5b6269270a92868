/* elasticity: seconds of a Poisson elasticity with two high-dimensional effects, for elasticity.py.
 *
 * Usage: elasticity FOLDER ROWS ARTICLES CELLS THREADS: reads y.f64, x.f64 (ln price), article.i32
 * and cell.i32, clusters by article, prints seconds (best of two), of the clock and of the
 * processor, estimate and errors as JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "models/insight/elasticity.h"

#include "lib/clock.h"

static void must(bool done, const char *what) {
    if (done) return;
    fprintf(stderr, "elasticity: %s\n", what);
    exit(1);
}

static void *read_file(const char *folder, const char *name, int64_t n, size_t size, arena *keep) {
    const char *path = arena_text(keep, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    must(f != NULL, path);
    void *to = arena_raw(keep, size, (size_t)n);
    must(fread(to, size, (size_t)n, f) == (size_t)n, path);
    fclose(f);
    return to;
}

int main(int argc, char **argv) {
    must(argc == 6, "FOLDER ROWS ARTICLES CELLS THREADS");
    scope s;
    err e = {0};
    int64_t n = atoll(argv[2]);
    must(scope_open(&s, (size_t)2 << 30, (size_t)4 << 30, &e), e.text);
    pool *threads = pool_open(atoi(argv[5]), 16 << 20, &e);
    must(threads != NULL, e.text);
    int32_t *article = read_file(argv[1], "article.i32", n, sizeof(int32_t), &s.keep),
            *cell = read_file(argv[1], "cell.i32", n, sizeof(int32_t), &s.keep);
    elasticity_data d = {.n = n, .k = 1,
                         .y = read_file(argv[1], "y.f64", n, sizeof(double), &s.keep),
                         .x = read_file(argv[1], "x.f64", n, sizeof(double), &s.keep),
                         .effects = 2, .effect = {article, cell},
                         .levels = {atoi(argv[3]), atoi(argv[4])}, .cluster = article,
                         .clusters = atoi(argv[3])};
    elasticity_params p = ELASTICITY_DEFAULTS;
    p.poisson = true, p.tolerance = 1e-8;
    elasticity_fit f;
    double best = 1e9, cpu = 1e9;
    for (int round = 0; round < 2; round++) {
        arena keep = s.keep;
        double start = clock_wall(), used = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
        must(elasticity_run(&f, &d, p, threads, &keep, s.scratch, &e), e.text);
        double took = clock_wall() - start;
        used = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - used;
        if (took < best) best = took;
        if (used < cpu) cpu = used;
    }
    printf("{\"seconds\": %.3f, \"cpu\": %.3f, \"beta\": %.10f, \"se\": %.10f, \"rounds\": %d}\n",
           best, cpu, f.beta[0], f.se_cluster[0], f.rounds);
    pool_close(threads);
    scope_close(&s);
    return 0;
}
