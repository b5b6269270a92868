/* als: seconds an iteration of our iALS on a file of pairs; bench/als.py runs it beside a peer.
 *
 *     als FILE FACTORS THREADS ITERATIONS cg|exact ALPHA0 LAMBDA NU
 *
 * FILE: int64 users, items, n, then int32 user[n], int32 item[n], native bytes. Prints a line of
 * wall and processor seconds for each iteration, then the objective after the last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kernels.h"
#include "models/recommend/als.h"

#include "lib/clock.h"

static bool load(const char *path, sparse *by_user, scope *s, err *e) {
    int64_t head[3];
    FILE *in = fopen(path, "rb");
    if (!in || fread(head, sizeof head, 1, in) != 1) return fail_file(e, "read", path);
    size_t n = (size_t)head[2];
    int32_t *user = take(&s->keep, int32_t, head[2]), *item = take(&s->keep, int32_t, head[2]);
    bool whole = fread(user, sizeof *user, n, in) == n && fread(item, sizeof *item, n, in) == n;
    fclose(in);
    if (!whole) return fail(e, "%s is too short", path);
    *by_user = sparse_from_triples(head[0], head[1], head[2], user, item, NULL, &s->keep,
                                   s->scratch);
    return true;
}

static bool run(const char *path, als_params p, int workers, scope *s, err *e) {
    sparse by_user;
    als_model m;
    pool *threads = pool_open(workers, als_scratch(p), e);
    if (!threads || !load(path, &by_user, s, e)) return false;
    sparse by_item = sparse_transpose(&by_user, &s->keep);
    bool done = als_start(&m, &by_user, &by_item, p, &s->keep, e);
    for (int i = 0; done && i < p.iterations; i++) {
        double wall = clock_seconds(CLOCK_MONOTONIC), cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
        done = als_step(&m, &by_user, &by_item, threads, s->scratch, e);
        printf("%.4f %.4f\n", clock_seconds(CLOCK_MONOTONIC) - wall,
               clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    }
    if (done) printf("%.9g\n", als_loss(&m, &by_user, s->scratch));
    pool_close(threads);
    return done;
}

int main(int argc, char **argv) {
    if (argc != 9) {
        fprintf(stderr, "usage: als FILE FACTORS THREADS ITERATIONS cg|exact ALPHA0 LAMBDA NU\n");
        return 2;
    }
    als_params p = ALS_DEFAULTS;
    p.factors = atoi(argv[2]);
    p.iterations = atoi(argv[4]);
    p.exact = strcmp(argv[5], "exact") == 0;
    p.alpha0 = strtof(argv[6], NULL);
    p.lambda = strtof(argv[7], NULL);
    p.nu = strtof(argv[8], NULL);
    scope s;
    err e = {0};
    kernels_start();
    bool done = scope_open(&s, (size_t)16 << 30, (size_t)8 << 30, &e) &&
                run(argv[1], p, atoi(argv[3]), &s, &e);
    if (!done) fprintf(stderr, "als: %s\n", e.text);
    scope_close(&s);
    return !done;
}
