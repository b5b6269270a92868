/* gmm: seconds of one EM step on a file of rows, for bench/gmm.py.
 *
 * Usage: gmm FILE ROWS COLUMNS K KIND STEPS THREADS: FILE holds ROWS x COLUMNS float32; the first K
 * rows are the means of the start. Prints as JSON (best of five of STEPS + 1 steps - best of five
 * of 1) / STEPS by the wall and by processor seconds, and the mean log-likelihood after them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/segment/gmm.h"

#include "lib/clock.h"

static void must(bool done, const char *what) {
    if (done) return;
    fprintf(stderr, "gmm: %s\n", what);
    exit(1);
}

static void run(const kmeans_data *data, gmm_params p, pool *threads, scope *s, double best[2],
                double *likelihood) {
    err e = {0};
    gmm_model m;
    arena keep = s->keep;
    double w = clock_seconds(CLOCK_MONOTONIC), c = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    must(gmm_fit(&m, data, p, threads, &keep, s->scratch, &e), e.text);
    w = clock_seconds(CLOCK_MONOTONIC) - w;
    c = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - c;
    if (w < best[0]) best[0] = w;
    if (c < best[1]) best[1] = c;
    must(m.k == p.k, "a component was dropped");
    *likelihood = m.log_likelihood / m.mass;
}

int main(int argc, char **argv) {
    must(argc == 8, "FILE ROWS COLUMNS K KIND STEPS THREADS");
    int64_t n = atoll(argv[2]);
    int d = atoi(argv[3]), k = atoi(argv[4]), steps = atoi(argv[6]);
    scope s;
    err e = {0};
    must(scope_open(&s, (size_t)2 << 30, gmm_memory(n, d, k), &e), e.text);
    float *x = take(&s.keep, float, n * d);
    FILE *f = fopen(argv[1], "rb");
    must(f && fread(x, (size_t)d * 4, (size_t)n, f) == (size_t)n && fclose(f) == 0, argv[1]);
    double *means = take(&s.keep, double, k * d), likelihood = 0;
    double best[2][2] = {{1e9, 1e9}, {1e9, 1e9}}; /* [1 step, many][wall, processor] */
    for (int i = 0; i < k * d; i++) means[i] = (double)x[i];
    pool *threads = pool_open(atoi(argv[7]), 1 << 20, &e);
    must(threads != NULL, e.text);
    kmeans_data data = {x, n, d, NULL};
    gmm_params p = GMM_DEFAULTS;
    p.k = k;
    p.means = means;
    p.tolerance = 0;
    p.kind = GMM_KINDS;
    for (int i = 0; i < GMM_KINDS; i++)
        if (strcmp(argv[5], gmm_kinds[i]) == 0) p.kind = (gmm_kind)i;
    for (int round = 0; round < 10; round++) {
        p.max_iterations = round % 2 ? steps + 1 : 1;
        run(&data, p, threads, &s, best[round % 2], &likelihood);
    }
    printf("{\"wall\": %.9f, \"cpu\": %.9f, \"likelihood\": %.12g}\n",
           (best[1][0] - best[0][0]) / steps, (best[1][1] - best[0][1]) / steps, likelihood);
    pool_close(threads);
    scope_close(&s);
    return 0;
}
