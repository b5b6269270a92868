/* encoder: times of our tokenizer and encoder; bench/encoder.py runs it beside its peers.
 *
 *     encoder tokens ENCODER TEXTS               processor seconds for all lines of TEXTS, pieces
 *     encoder vectors ENCODER TEXTS THREADS fp32|int8 OUT.npy
 *                                                wall and processor seconds for all lines
 *
 * ENCODER is a folder or a file that atelier embed takes. ATELIER_SIMD lowers the instruction
 * set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kernels.h"
#include "data/folder.h"
#include "data/npy.h"
#include "pipeline/encoder_file.h"

#include "lib/clock.h"

enum { MOST = 1 << 20, ROOM = 4096 };

static double used(void) { return (double)clock() / CLOCKS_PER_SEC; }

static int64_t read_lines(const char *path, slice *line, scope *s, err *e) {
    slice all;
    int64_t n = 0;
    if (!file_read(path, s, (size_t)1 << 30, &all, e)) return -1;
    for (const char *end; n < MOST && (end = memchr(all.p, '\n', all.n)) != NULL; n++) {
        line[n] = (slice){all.p, (size_t)(end - all.p)};
        all = (slice){end + 1, all.n - line[n].n - 1};
    }
    return n;
}

/* The best of five passes over everything. */
static void run_tokens(const encoder_file *f, const slice *line, int64_t n) {
    int32_t ids[ROOM];
    double best = 1e9;
    int64_t pieces = 0;
    for (int pass = 0; pass < 5; pass++) {
        double start = used();
        pieces = 0;
        for (int64_t i = 0; i < n; i++)
            pieces += wordpiece_encode(&f->words, line[i], ROOM, ids, NULL);
        double took = used() - start;
        best = took < best ? took : best;
    }
    printf("%.6f %lld\n", best, (long long)pieces);
}

static bool run_vectors(const encoder_file *f, const slice *line, int64_t n, char **argv, scope *s,
                        err *e) {
    pool *threads = pool_open(atoi(argv[4]), (size_t)256 << 20, e);
    if (!threads) return false;
    int32_t *ids = take(&s->keep, int32_t, n * f->most);
    int64_t *at = take(&s->keep, int64_t, n + 1);
    for (int64_t i = 0; i < n; i++)
        at[i + 1] = at[i] + wordpiece_encode(&f->words, line[i], f->most, ids + at[i], NULL);
    float *vectors = take(&s->keep, float, n * f->model.wide);
    encoder_texts texts = {n, ids, at};
    double start = clock_wall(), work = used();
    encoder_run(&f->model, &texts, threads, vectors, s->scratch);
    printf("%.4f %.4f\n", clock_wall() - start, used() - work);
    pool_close(threads);
    return npy_write(argv[6], STORE_F32, n, f->model.wide, vectors, e);
}

int main(int argc, char **argv) {
    scope s;
    err e = {0};
    encoder_file f;
    kernels_start();
    bool done = scope_open(&s, (size_t)12 << 30, (size_t)4 << 30, &e);
    if (argc < 4) done = refuse(&e, "see the first comment of bench/encoder.c for what it takes");
    done = done && encoder_file_open(&f, argv[2], NULL, &s, &e);
    slice *line = done ? take(&s.keep, slice, MOST) : NULL;
    int64_t n = done ? read_lines(argv[3], line, &s, &e) : -1;
    if (n >= 0 && argc == 7 && strcmp(argv[5], "int8") == 0) encoder_quicken(&f.model, &s.keep);
    if (n >= 0 && strcmp(argv[1], "tokens") == 0) run_tokens(&f, line, n);
    else if (n >= 0 && argc == 7) done = run_vectors(&f, line, n, argv, &s, &e);
    if (e.kind != ERR_NONE) fprintf(stderr, "encoder: %s\n", e.text);
    scope_close(&s);
    return e.kind != ERR_NONE || !done;
}
