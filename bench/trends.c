/* trends: seconds of a trend board of many articles, for bench/trends.py.
 *
 * Usage: trends ARTICLES WEEKS CATEGORIES THREADS [FILE]: makes weekly units of a shop whose rates
 * and growth are drawn, judges two windows of four weeks and the shape and stage of every article,
 * and prints the best of three as JSON. FILE, when named, gets y0, y1 of the windows as float64 and
 * then growth, low, high and lfsr of every article, for a comparison. */
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "models/insight/life.h"
#include "models/insight/trend.h"

#include "lib/clock.h"

static void must(bool done, const char *what) {
    if (done) return;
    fprintf(stderr, "trends: %s\n", what);
    exit(1);
}

enum { WINDOW = 4 };

/* [n, weeks] units, of which the last 2 * WINDOW go into the windows. */
static int32_t *make_units(int64_t n, int weeks, arena *keep) {
    int32_t *units = take(keep, int32_t, n * weeks);
    for (int64_t i = 0; i < n; i++) {
        rng r = rng_open(7, (uint64_t)i);
        double rate = 4.0 * rng_exponential(&r), a = rng_gamma(&r, 8), b = rng_gamma(&r, 8);
        for (int w = 0; w < weeks; w++)
            units[i * weeks + w] =
                (int32_t)rng_poisson(&r, rate * (w < weeks - WINDOW ? 1.0 : a / b));
    }
    return units;
}

/* The stage of each article of a board, from the shape of its last SHAPE weeks. */
enum { SHAPE = 26, PER_CHUNK = 256 };
typedef struct board {
    const int32_t *units;
    int64_t n;
    int weeks;
    const trend_model *m;
    uint8_t *stage;
} board;

static void live_chunk(void *what, int64_t chunk, arena scratch) {
    board *b = what;
    for (int64_t i = chunk * PER_CHUNK; i < b->n && i < (chunk + 1) * PER_CHUNK; i++) {
        const int32_t *last = b->units + (i + 1) * b->weeks - SHAPE;
        life_facts f = {.call = b->m->item[i].call, .weeks = b->weeks};
        if (f.call == TREND_STEADY) f.z = life_sure(last, NULL, SHAPE, scratch);
        b->stage[i] = (uint8_t)life_of(f);
    }
}

static void write_file(const char *path, const trend_model *m, int64_t n) {
    FILE *f = fopen(path, "wb");
    must(f != NULL, path);
    for (int64_t i = 0; i < n; i++) {
        const trend_item *one = &m->item[i];
        double x[6] = {(double)one->previous, (double)one->recent, one->growth, one->low,
                       one->high, one->lfsr};
        must(fwrite(x, sizeof *x, 6, f) == 6, path);
    }
    must(fclose(f) == 0, path);
}

int main(int argc, char **argv) {
    must(argc == 5 || argc == 6, "ARTICLES WEEKS CATEGORIES THREADS [FILE]");
    int64_t n = atoll(argv[1]);
    int weeks = atoi(argv[2]), categories = atoi(argv[3]);
    scope s;
    err e = {0};
    must(scope_open(&s, (size_t)2 << 30, (size_t)1 << 30, &e), e.text);
    pool *threads = pool_open(atoi(argv[4]), 16 << 20, &e);
    must(threads != NULL, e.text);
    int32_t *units = make_units(n, weeks, &s.keep);
    double fit = 1e9, all = 1e9, cpu = 1e9;
    trend_model m;
    for (int round = 0; round < 3; round++) {
        arena keep = s.keep;
        double start = clock_wall(), used = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
        int32_t *window = take(&keep, int32_t, n * 2 * WINDOW), *category = take(&keep, int32_t, n);
        for (int64_t i = 0; i < n; i++) {
            category[i] = (int32_t)(i % categories);
            for (int w = 0; w < 2 * WINDOW; w++)
                window[i * 2 * WINDOW + w] = units[(i + 1) * weeks - 2 * WINDOW + w];
        }
        trend_items items = {.n = n, .weeks = WINDOW, .units = window, .category = category,
                             .categories = categories};
        trend_fit(&m, &items, TREND_DEFAULTS, threads, &keep);
        double windows = clock_seconds(CLOCK_MONOTONIC) - start;
        board b = {units, n, weeks, &m, take(&keep, uint8_t, n)};
        pool_for(threads, (n + PER_CHUNK - 1) / PER_CHUNK, live_chunk, &b);
        double took = clock_seconds(CLOCK_MONOTONIC) - start;
        if (windows < fit) fit = windows;
        used = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - used;
        if (took < all) all = took;
        if (used < cpu) cpu = used;
    }
    if (argc == 6) write_file(argv[5], &m, n);
    printf("{\"articles\": %lld, \"weeks\": %d, \"windows_s\": %.4f, \"board_s\": %.4f, "
           "\"cpu_s\": %.4f}\n",
           (long long)n, weeks, fit, all, cpu);
    pool_close(threads);
    scope_close(&s);
    return 0;
}
