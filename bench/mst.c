/* mst: seconds of a spanning tree on a file of rows, for bench/mst.py.
 *
 * Usage: mst FILE ROWS COLUMNS NEIGHBOURS THREADS TIMES: FILE holds ROWS x COLUMNS float32. Prints
 * as JSON the best of TIMES by the wall and by processor seconds, the total weight, and how many
 * bytes of memory a row took beyond the input. */
#include <stdio.h>
#include <stdlib.h>

#include "models/segment/mst.h"

#include "lib/clock.h"

static void must(bool done, const char *what) {
    if (done) return;
    fprintf(stderr, "mst: %s\n", what);
    exit(1);
}

/* The most memory this program has had so far. */
static double most_bytes(void) {
    char line[256];
    long long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    must(f != NULL, "/proc/self/status");
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %lld", &kib) == 1) break;
    fclose(f);
    return (double)kib * 1024;
}

int main(int argc, char **argv) {
    must(argc == 7, "FILE ROWS COLUMNS NEIGHBOURS THREADS TIMES");
    int64_t n = atoll(argv[2]);
    int d = atoi(argv[3]);
    scope s;
    err e = {0};
    must(scope_open(&s, (size_t)4 << 30, (size_t)4 << 30, &e), e.text);
    float *x = take(&s.keep, float, n * d);
    FILE *f = fopen(argv[1], "rb");
    must(f && fread(x, (size_t)d * 4, (size_t)n, f) == (size_t)n && fclose(f) == 0, argv[1]);
    pool *threads = pool_open(atoi(argv[5]), 1 << 20, &e);
    must(threads != NULL, e.text);
    double wall = 1e9, cpu = 1e9, total = 0, before = most_bytes();
    for (int i = 0; i < atoi(argv[6]); i++) {
        arena keep = s.keep;
        mst_model m;
        double w = clock_seconds(CLOCK_MONOTONIC), c = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
        must(mst_fit(&m, x, n, d, (mst_params){atoi(argv[4])}, threads, &keep, s.scratch, &e),
             e.text);
        w = clock_seconds(CLOCK_MONOTONIC) - w;
        c = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - c;
        if (w < wall) wall = w;
        if (c < cpu) cpu = c;
        total = 0;
        for (int64_t k = 0; k + 1 < n; k++) total += m.edge[k].weight;
    }
    double bytes = (most_bytes() - before) / (double)n;
    printf("{\"wall\": %.6f, \"cpu\": %.6f, \"weight\": %.12g, \"bytes\": %.1f}\n", wall, cpu,
           total, bytes);
    pool_close(threads);
    scope_close(&s);
    return 0;
}
