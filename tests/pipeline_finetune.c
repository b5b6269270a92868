/* pipeline_finetune: fine-tuning a tiny encoder from texts to a file; kills, threads, refusals. */
#include "check.h"
#include "encoder_folder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "data/folder.h"
#include "pipeline/finetune.h"

enum { N = 160 };

typedef struct lesson {
    scope s;
    encoder_file f;
    slice text[N];
    int32_t label[N];
    finetune_data d;
    finetune_params p;
    pool *threads;
} lesson;

/* Texts of three to eight words; the label is whether "well" stands among them. */
static void lesson_open(lesson *l, const char *dir, int threads) {
    static const char *const words[] = {"the", "dress", "fits", "small", "runs", "a", "soft",
                                        "size"};
    err e = {0};
    rng r = rng_open(3, 3);
    check_ok(scope_open(&l->s, 96 << 20, 16 << 20, &e), &e);
    const char *from = check_folder("finetune_encoder");
    encoder_folder_safe(from, &l->s);
    check_ok(encoder_file_open(&l->f, from, NULL, &l->s, &e), &e);
    for (int i = 0; i < N; i++) {
        char line[200] = "";
        int n = 3 + (int)rng_below(&r, 6), at = (int)rng_below(&r, n);
        l->label[i] = rng_below(&r, 2) == 1;
        for (int k = 0; k < n; k++) {
            const char *word = words[rng_below(&r, 8)];
            strcat(strcat(line, l->label[i] && k == at ? "well" : word), " ");
        }
        l->text[i] = slice_of(arena_text(&l->s.keep, "%s", line));
    }
    l->threads = pool_open(threads, 64 << 20, &e);
    l->d = (finetune_data){l->text, l->label, N, 2};
    l->p = FINETUNE_DEFAULTS;
    l->p.train.rate = 2e-3;
    l->p.train.epochs = 3;
    l->p.train.batch = 8;
    l->p.held = 0.2;
    l->p.folder = dir;
    l->p.threads = l->threads;
}

static void lesson_close(lesson *l) {
    pool_close(l->threads);
    scope_close(&l->s);
}

static hash_text bytes_of(const char *dir) {
    char path[512];
    hash_text h = {""};
    err e = {0};
    snprintf(path, sizeof path, "%s/encoder.atm", dir);
    check_ok(hash_file(path, &h, NULL, &e), &e);
    return h;
}

CHECK(finetune_learns_and_the_fast_encoder_serves_it) {
    lesson l;
    err e = {0};
    finetune_result r;
    encoder_file tuned;
    lesson_open(&l, check_folder("finetune_learns"), 2);
    check_ok(finetune_run(&l.f, &l.d, &l.p, &r, &l.s, &e), &e);
    check(r.epochs == 3 && r.n_fit + r.n_held == N && r.n_held > 16 && r.steps > 30);
    check(r.epoch[r.best].held_accuracy > 0.9);
    check(r.epoch[r.best].loss < r.epoch[0].loss || r.best == 0);
    /* what the file and the head say together is what was measured */
    check_ok(encoder_file_open(&tuned, r.path, NULL, &l.s, &e), &e);
    for (int64_t i = 0; i < r.n_held; i++) {
        int32_t ids[64];
        int64_t at[2] = {0};
        float u[64];
        double z = r.bias[0];
        at[1] = wordpiece_encode(&tuned.words, l.text[r.held[i]], tuned.most, ids, NULL);
        encoder_texts one = {1, ids, at};
        encoder_run(&tuned.model, &one, l.threads, u, l.s.scratch);
        for (int k = 0; k < 64; k++) z += r.reach * (double)u[k] * r.weight[k];
        check_near(1 / (1 + exp(-z)), r.held_probability[2 * i + 1], 1e-9); /* the same floats */
    }
    check(strcmp(tuned.hash.hex, l.f.hash.hex) != 0);
    lesson_close(&l);
}

CHECK(finetune_on_any_threads_writes_the_same_bytes) {
    static const int threads[] = {1, 2, 8};
    hash_text first = {""};
    for (int k = 0; k < 3; k++) {
        lesson l;
        err e = {0};
        finetune_result r;
        lesson_open(&l, check_folder("finetune_threads"), threads[k]);
        check_ok(finetune_run(&l.f, &l.d, &l.p, &r, &l.s, &e), &e);
        hash_text now = bytes_of(l.p.folder);
        if (k == 0) first = now;
        check(strcmp(first.hex, now.hex) == 0);
        lesson_close(&l);
    }
}

/* Ends the process as a kill would, in the middle of an epoch. */
static void die_at(void *what, const char *label, int64_t done, int64_t total) {
    (void)label;
    (void)total;
    if (done == *(int64_t *)what) _exit(9);
}

CHECK(finetune_killed_and_resumed_is_the_same_bytes) {
    lesson l;
    err e = {0};
    finetune_result r;
    lesson_open(&l, check_folder("finetune_whole"), 1);
    check_ok(finetune_run(&l.f, &l.d, &l.p, &r, &l.s, &e), &e);
    hash_text whole = bytes_of(l.p.folder);
    const char *dir = check_folder("finetune_killed");
    static const int64_t kills[] = {7 * 8, 25 * 8, 38 * 8}; /* texts done */
    l.p.folder = dir;
    l.p.every = 5;
    l.p.resume = true; /* without a checkpoint it begins anew */
    for (int k = 0; k < 3; k++) {
        int64_t at = kills[k];
        pid_t child = fork();
        if (child == 0) {
            pool *own = pool_open(1, 64 << 20, &e); /* threads do not survive a fork */
            l.p.threads = own;
            l.p.progress = (progress){&at, die_at, NULL};
            finetune_run(&l.f, &l.d, &l.p, &r, &l.s, &e);
            _exit(0); /* it did not get there: the test fails below */
        }
        int status = 0;
        check(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 9);
    }
    int64_t never = -1;
    l.p.progress = (progress){&never, die_at, NULL};
    check_ok(finetune_run(&l.f, &l.d, &l.p, &r, &l.s, &e), &e);
    check(strcmp(whole.hex, bytes_of(dir).hex) == 0);
    check(!file_exists(arena_text(&l.s.keep, "%s/finetune.part", dir)));
    lesson_close(&l);
}

CHECK(finetune_refuses_what_cannot_be_learnt) {
    lesson l;
    err e = {0};
    finetune_result r;
    int64_t stop = 10 * 8;
    lesson_open(&l, check_folder("finetune_refused"), 1);
    l.p.train.rate = 7;
    check(!finetune_run(&l.f, &l.d, &l.p, &r, &l.s, &e));
    check_has(slice_of(e.text), "the learning rate must be above 0");
    check(e.kind == ERR_ASKED_WRONG);
    l.p.train.rate = 1e-3;
    l.d.classes = 3;
    e = (err){0};
    check(!finetune_run(&l.f, &l.d, &l.p, &r, &l.s, &e));
    check_has(slice_of(e.text), "class 3 of 3 has no text to learn from");
    l.d.classes = 2;
    l.p.every = 5;
    pid_t child = fork();
    if (child == 0) {
        l.p.threads = pool_open(1, 64 << 20, &e);
        l.p.progress = (progress){&stop, die_at, NULL};
        finetune_run(&l.f, &l.d, &l.p, &r, &l.s, &e);
        _exit(0);
    }
    int status = 0;
    check(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 9);
    l.p.resume = true;
    l.label[0] = !l.label[0];
    e = (err){0};
    check(!finetune_run(&l.f, &l.d, &l.p, &r, &l.s, &e));
    check_has(slice_of(e.text), "is of other texts, labels, encoder or parameters");
    char path[512];
    snprintf(path, sizeof path, "%s/finetune.part", l.p.folder);
    check(truncate(path, 100000) == 0);
    l.label[0] = !l.label[0];
    e = (err){0};
    check(!finetune_run(&l.f, &l.d, &l.p, &r, &l.s, &e));
    check(e.kind == ERR_WENT_WRONG);
    lesson_close(&l);
}
