/* hdbscan: seconds of HDBSCAN* on a file of rows, step by step, for bench/hdbscan.py.
 *
 * Usage: hdbscan FILE ROWS COLUMNS MIN_CLUSTER_SIZE NEIGHBOURS THREADS LABELS: FILE holds ROWS x
 * COLUMNS float32, LABELS is written: ROWS int32. Prints as JSON, by the wall and by processor
 * seconds, the spanning tree, the linkage, the cut, all of them (whole), a cut for twice the size
 * (again) and the prediction of as many rows moved a little; and the peak of memory in bytes beyond
 * the rows. */
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "models/segment/hdbscan.h"

#include "lib/clock.h"

typedef struct moment {
    double wall, cpu;
} moment;

static moment now(void) {
    return (moment){clock_seconds(CLOCK_MONOTONIC), clock_seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

static void put(const char *name, moment from, moment to) {
    printf("\"%s\": [%.6f, %.6f], ", name, to.wall - from.wall, to.cpu - from.cpu);
}

static void must(bool done, const char *what) {
    if (done) return;
    fprintf(stderr, "hdbscan: %s\n", what);
    exit(1);
}

/* Of this program alone: what getrusage tells begins with the peak of who started it. */
static double peak(void) {
    char line[256];
    long kb = 0;
    FILE *f = fopen("/proc/self/status", "r");
    must(f != NULL, "/proc/self/status");
    while (fgets(line, sizeof line, f) && sscanf(line, "VmHWM: %ld", &kb) != 1) {}
    fclose(f);
    return (double)kb * 1024;
}

static void predict(const hdbscan_tree *t, const hdbscan_model *m, const hdbscan_data *data,
                          pool *threads, scope *s) {
    hdbscan_stock stock = hdbscan_stock_of(t, data, false, threads, &s->keep, s->scratch);
    float *moved = take(&s->keep, float, data->n * data->d);
    rng r = rng_open(1, 0);
    for (int64_t i = 0; i < data->n * data->d; i++)
        moved[i] = data->x[i] + (float)(0.05 * rng_normal(&r));
    hdbscan_data fresh = {moved, data->n, data->d};
    int32_t *label = take(&s->keep, int32_t, data->n);
    double *strength = take(&s->keep, double, data->n);
    moment start = now();
    hdbscan_predict(m, &stock, &fresh, threads, label, strength, s->scratch);
    put("predict", start, now());
}

int main(int argc, char **argv) {
    must(argc == 8, "FILE ROWS COLUMNS MIN_CLUSTER_SIZE NEIGHBOURS THREADS LABELS");
    hdbscan_data data = {.n = atoll(argv[2]), .d = atoi(argv[3])};
    scope s;
    err e = {0};
    must(scope_open(&s, (size_t)4 << 30, (size_t)4 << 30, &e), e.text);
    float *x = take(&s.keep, float, data.n * data.d);
    size_t rows = (size_t)data.n;
    FILE *f = fopen(argv[1], "rb");
    must(f && fread(x, (size_t)data.d * 4, rows, f) == rows && fclose(f) == 0, argv[1]);
    data.x = x;
    pool *threads = pool_open(atoi(argv[6]), 64 << 20, &e);
    must(threads != NULL, e.text);
    hdbscan_params p = HDBSCAN_DEFAULTS;
    p.min_cluster_size = atoll(argv[4]);
    p.neighbours = atoi(argv[5]);
    double before = peak();
    moment clock[5] = {now()};
    hdbscan_tree t;
    mst_params tree = {p.neighbours};
    must(mst_fit(&t.mst, x, data.n, data.d, tree, threads, &s.keep, s.scratch, &e), e.text);
    clock[1] = now();
    t.linkage = linkage_fit(t.mst.edge, data.n, &s.keep, s.scratch);
    clock[2] = now();
    hdbscan_model m = hdbscan_cut(&t, p, &s.keep, s.scratch);
    clock[3] = now();
    double memory = peak() - before;
    p.min_cluster_size *= 2;
    hdbscan_cut(&t, p, &s.keep, s.scratch);
    clock[4] = now();
    f = fopen(argv[7], "wb");
    must(f && fwrite(m.label, 4, rows, f) == rows && fclose(f) == 0, argv[7]);
    printf("{");
    put("tree", clock[0], clock[1]);
    put("linkage", clock[1], clock[2]);
    put("cut", clock[2], clock[3]);
    put("whole", clock[0], clock[3]);
    put("again", clock[3], clock[4]);
    predict(&t, &m, &data, threads, &s);
    printf("\"clusters\": %d, \"noise\": %lld, \"bytes\": %.0f}\n", m.k, (long long)m.noise,
           memory);
    pool_close(threads);
    scope_close(&s);
    return 0;
}
