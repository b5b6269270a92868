/* als: seconds an iteration of our iALS on a file of pairs; bench/als.py runs it beside a peer.
 *
 *     als FILE FACTORS THREADS ITERATIONS
 *
 * FILE: int64 users, items, n, then int32 user[n], int32 item[n], native bytes. Prints the seconds
 * of each iteration but the first (which touches memory for the first time). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/kernels.h"
#include "models/recommend/als.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

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

int main(int argc, char **argv) {
    scope s;
    err e = {0};
    sparse by_user;
    als_model m;
    als_params p = ALS_DEFAULTS;
    if (argc != 5) {
        fprintf(stderr, "usage: als FILE FACTORS THREADS ITERATIONS\n");
        return 2;
    }
    p.factors = atoi(argv[2]);
    kernels_start();
    pool *threads = pool_open(atoi(argv[3]), (size_t)256 << 20, &e);
    bool done = threads && scope_open(&s, (size_t)16 << 30, (size_t)8 << 30, &e) &&
                load(argv[1], &by_user, &s, &e);
    sparse by_item = done ? sparse_transpose(&by_user, &s.keep) : (sparse){0};
    done = done && als_start(&m, &by_user, &by_item, p, &s.keep, &e);
    for (int i = 0; done && i <= atoi(argv[4]); i++) {
        double start = now();
        done = als_step(&m, &by_user, &by_item, threads, s.scratch, &e);
        if (i > 0) printf("%.4f\n", now() - start);
    }
    if (!done) fprintf(stderr, "als: %s\n", e.text);
    pool_close(threads);
    return !done;
}
