/* topk: times of our exact top-k on stored factors; bench/topk.py runs it beside a peer.
 *
 *     topk fit PAIRS FACTORS ITERATIONS OUT     fit factors; writes users, items, ld (int64), rows
 *     topk lists FACTORS PAIRS|- K THREADS N [OUT]
 *                                               wall and processor seconds for all
 *                                               lists of the first N customers; PAIRS = leave out
 *                                               what they have; lists go to OUT
 *     topk one FACTORS K N                      latency of single queries with a filter on
 *
 * PAIRS: int64 users, items, n, then int32 user[n], int32 item[n], native bytes. ATELIER_SIMD
 * lowers the instruction set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kernels.h"
#include "base/order.h"
#include "base/random.h"
#include "models/recommend/als.h"
#include "models/recommend/topk.h"
#include "models/recommend/topk_simd.h"

#include "lib/clock.h"

static double now(void) { return clock_seconds(CLOCK_MONOTONIC); }
static double used(void) { return clock_seconds(CLOCK_PROCESS_CPUTIME_ID); }

static bool get(FILE *in, void *to, size_t size, int64_t n) {
    return fread(to, size, (size_t)n, in) == (size_t)n;
}

static bool load_pairs(const char *path, sparse *by_user, scope *s, err *e) {
    int64_t head[3];
    FILE *in = fopen(path, "rb");
    if (!in || !get(in, head, sizeof *head, 3)) return fail_file(e, "read", path);
    int32_t *user = take(&s->scratch, int32_t, head[2]);
    int32_t *item = take(&s->scratch, int32_t, head[2]);
    bool whole = get(in, user, sizeof *user, head[2]) && get(in, item, sizeof *item, head[2]);
    fclose(in);
    if (!whole) return fail(e, "%s is too short", path);
    *by_user = sparse_from_triples(head[0], head[1], head[2], user, item, NULL, &s->keep,
                                   s->scratch);
    return true;
}

static bool load_factors(const char *path, neighbours_vectors *v, scope *s, err *e) {
    int64_t head[3];
    FILE *in = fopen(path, "rb");
    if (!in || !get(in, head, sizeof *head, 3)) return fail_file(e, "read", path);
    float *query = take(&s->keep, float, head[0] * head[2]);
    float *item = take(&s->keep, float, head[1] * head[2]);
    bool whole = get(in, query, sizeof *query, head[0] * head[2]) &&
                 get(in, item, sizeof *item, head[1] * head[2]);
    fclose(in);
    if (!whole) return fail(e, "%s is too short", path);
    *v = (neighbours_vectors){query, head[0], item, head[1], (int)head[2]};
    return true;
}

static bool run_fit(char **argv, scope *s, err *e) {
    sparse by_user;
    als_model m;
    als_params p = ALS_DEFAULTS;
    p.factors = atoi(argv[3]);
    p.iterations = atoi(argv[4]);
    pool *threads = pool_open(pool_processors(), (size_t)256 << 20, e);
    if (!threads || !load_pairs(argv[2], &by_user, s, e)) return false;
    sparse by_item = sparse_transpose(&by_user, &s->keep);
    bool done = als_fit(&m, &by_user, &by_item, p, threads, &s->keep, s->scratch, e);
    pool_close(threads);
    FILE *out = done ? fopen(argv[5], "wb") : NULL;
    if (!out) return fail(e, "no factors in %s", argv[5]);
    int64_t head[3] = {m.users, m.items, m.ld};
    fwrite(head, sizeof *head, 3, out);
    fwrite(m.user, sizeof *m.user, (size_t)(m.users * m.ld), out);
    fwrite(m.item, sizeof *m.item, (size_t)(m.items * m.ld), out);
    return fclose(out) == 0 || fail_file(e, "write", argv[5]);
}

static bool run_lists(int argc, char **argv, scope *s, err *e) {
    neighbours_vectors v;
    sparse seen;
    bool skip = strcmp(argv[3], "-") != 0;
    neighbours_rule rule = {.k = atoi(argv[4]), .skip = skip ? &seen : NULL};
    pool *threads = pool_open(atoi(argv[5]), (size_t)64 << 20, e);
    if (!threads || !load_factors(argv[2], &v, s, e) ||
        (skip && !load_pairs(argv[3], &seen, s, e)))
        return false;
    if (atoll(argv[6]) < v.queries) v.queries = atoll(argv[6]);
    int32_t *ids = take(&s->keep, int32_t, v.queries * rule.k);
    float *scores = take(&s->keep, float, v.queries * rule.k);
    double start = now(), work = used();
    neighbours_dense(v, rule, ids, scores, threads, s->scratch); /* the index is part of it */
    printf("%.4f %.4f\n", now() - start, used() - work);
    pool_close(threads);
    if (argc < 8) return true;
    FILE *out = fopen(argv[7], "wb");
    if (!out) return fail_file(e, "write", argv[7]);
    fwrite(ids, sizeof *ids, (size_t)(v.queries * rule.k), out);
    return fclose(out) == 0 || fail_file(e, "write", argv[7]);
}

static void show(const char *what, const double *ms, int64_t n, int32_t *order, arena scratch) {
    order_up(order, n, ms, scratch);
    printf("%s p50 %.3f p99 %.3f ms", what, ms[order[n / 2]], ms[order[n * 99 / 100]]);
}

/* Category, stock and price as three bitmaps, made anew for each query as a shop's server would. */
static bool run_one(char **argv, scope *s, err *e) {
    neighbours_vectors v;
    if (!load_factors(argv[2], &v, s, e)) return false;
    int k = atoi(argv[3]);
    int64_t n = atoll(argv[4]);
    rng r = rng_open(1, 1);
    double start = now();
    topk_index x = topk_open(v.item, v.items, v.ld, NULL, &s->keep, s->scratch);
    printf("index of %lld items in %.1f ms, kernel %s\n", (long long)v.items,
           (now() - start) * 1e3, topk_kernels[x.kernel].name);
    static const double share[4] = {1, 0.5, 0.05, 0.002};
    for (int f = 0; f < 4; f++) {
        bitmap category = bitmap_open(v.items, &s->keep), stock = bitmap_open(v.items, &s->keep);
        bitmap price = bitmap_open(v.items, &s->keep);
        for (int64_t i = 0; i < v.items; i++) {
            if (rng_uniform(&r) < share[f]) bitmap_set(&category, i);
            if (rng_uniform(&r) < 0.9) bitmap_set(&stock, i);
            if (rng_uniform(&r) < 0.9) bitmap_set(&price, i);
        }
        int32_t *ids = take(&s->keep, int32_t, k), *order = order_count(n, &s->keep);
        float *scores = take(&s->keep, float, k);
        double *took = take(&s->keep, double, n), *work = take(&s->keep, double, n);
        for (int64_t i = 0; i < n; i++) {
            arena scratch = s->scratch;
            const float *query = v.query + rng_below(&r, v.queries) * v.ld;
            double start_work = used();
            start = now();
            bitmap allowed = bitmap_copy(&category, &scratch);
            bitmap_and(&allowed, &stock);
            bitmap_and(&allowed, &price);
            topk_one(&x, query, (neighbours_rule){.k = k, .allowed = &allowed}, ids, scores,
                     scratch);
            took[i] = (now() - start) * 1e3;
            work[i] = (used() - start_work) * 1e3;
        }
        printf("%5.1f %% allowed:", 81 * share[f]);
        show(" wall", took, n, order, s->scratch);
        show("; of processor", work, n, order, s->scratch);
        printf("\n");
    }
    return true;
}

int main(int argc, char **argv) {
    scope s;
    err e = {0};
    kernels_start();
    bool done = scope_open(&s, (size_t)12 << 30, (size_t)12 << 30, &e);
    if (argc == 6 && strcmp(argv[1], "fit") == 0) done = done && run_fit(argv, &s, &e);
    else if (argc >= 7 && strcmp(argv[1], "lists") == 0)
        done = done && run_lists(argc, argv, &s, &e);
    else if (argc == 5 && strcmp(argv[1], "one") == 0) done = done && run_one(argv, &s, &e);
    else done = refuse(&e, "see the first comment of bench/topk.c for what it takes");
    if (!done) fprintf(stderr, "topk: %s\n", e.text);
    scope_close(&s);
    return !done;
}
