/* train: how many texts a second fine-tuning steps through, by length of text and threads. */
#include <stdio.h>
#include <stdlib.h>

#include "base/kernels.h"
#include "base/random.h"
#include "models/language/train.h"
#include "pipeline/encoder_file.h"

#include "lib/clock.h"

/* bench/train ENCODER [PIECES [THREADS [STEPS]]]: batches of 16 texts of random pieces. */
int main(int argc, char **argv) {
    scope s;
    err e = {0};
    encoder_file f;
    train t;
    train_params p = TRAIN_DEFAULTS;
    int pieces = argc > 2 ? atoi(argv[2]) : 13, threads = argc > 3 ? atoi(argv[3]) : 1;
    int steps = argc > 4 ? atoi(argv[4]) : 20;
    kernels_start();
    if (argc < 2 || !scope_open(&s, (size_t)8 << 30, (size_t)1 << 30, &e) ||
        !encoder_file_open(&f, argv[1], encoder_file_weights(NULL, &s), &s, &e)) {
        fprintf(stderr, "bench/train ENCODER [PIECES [THREADS [STEPS]]]: %s\n", e.text);
        return 1;
    }
    pool *pool_ = pool_open(threads, (size_t)256 << 20, &e);
    int32_t *ids = take(&s.keep, int32_t, 16 * pieces), label[16], batch[16];
    int64_t at[17] = {0};
    rng r = rng_open(1, 1);
    for (int i = 0; i < 16 * pieces; i++) ids[i] = (int32_t)rng_below(&r, f.model.words);
    for (int i = 0; i < 16; i++) at[i + 1] = at[i] + pieces, label[i] = i % 2, batch[i] = i;
    encoder_texts x = {16, ids, at};
    train_open(&t, &f.model, 2, pieces, p, &s.keep);
    train_renew(&t, pool_);
    train_step(&t, &x, label, batch, 16, 1e-5, pool_, s.scratch);
    double wall = clock_seconds(CLOCK_MONOTONIC), cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < steps; i++)
        train_step(&t, &x, label, batch, 16, 1e-5, pool_, s.scratch);
    wall = clock_seconds(CLOCK_MONOTONIC) - wall;
    cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%s, %d pieces, %d threads: %.1f texts a second, %.1f a processor second\n", argv[1],
           pieces, threads, 16 * steps / wall, 16 * steps / cpu);
    pool_close(pool_);
    scope_close(&s);
    return 0;
}
