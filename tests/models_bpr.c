/* models_bpr: steps by hand, every pair once an epoch, planted tastes, same bytes for threads. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/recommend/bpr.h"
#include "models/recommend/bpr_simd.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 64 << 20, &e), &e);
}

static bpr_model fit(const sparse *by_user, bpr_params p, int threads, scope *s) {
    err e = {0};
    bpr_model m;
    pool *t = pool_open(threads, 1 << 20, &e);
    check(t != NULL);
    check_ok(bpr_fit(&m, by_user, p, t, &s->keep, s->scratch, &e), &e);
    pool_close(t);
    return m;
}

CHECK(bpr_kernels_of_every_level_by_hand) {
    enum { K = 48 };
    static float (*const dot[])(int, const float *, const float *) = SIMD_TABLE(bpr_dot);
    static void (*const step[])(int, float, float, float *, float *, float *) =
        SIMD_TABLE(bpr_step);
    rng r = rng_open(1, 0);
    for (int level = 0; level < SIMD_KINDS; level++) {
        if (!simd_has((simd_kind)level)) continue;
        float x[K], y[K], z[K], a[K], b[K], c[K];
        double sum = 0;
        for (int j = 0; j < K; j++) {
            a[j] = x[j] = (float)rng_normal(&r);
            b[j] = y[j] = (float)rng_normal(&r);
            c[j] = z[j] = (float)rng_normal(&r);
            sum += (double)x[j] * y[j];
        }
        check_near(dot[level](K, x, y), sum, 1e-5); /* 48 rounded products of order 1 */
        step[level](K, 0.25f, 0.5f, x, y, z);
        for (int j = 0; j < K; j++) { /* 1e-6: two roundings of numbers of order 1 */
            check_near(x[j], 0.5 * a[j] + 0.25 * ((double)b[j] - c[j]), 1e-6);
            check_near(y[j], 0.5 * b[j] + 0.25 * a[j], 1e-6);
            check_near(z[j], 0.5 * c[j] - 0.25 * a[j], 1e-6);
        }
    }
}

/* One customer took item 0 of three. With 64 draws the opponent is always the better one of the
 * other two, so the whole training is known: the same in double precision. */
CHECK(bpr_of_one_customer_is_known_step_by_step) {
    enum { K = 3, EPOCHS = 40 };
    scope s;
    open_scope(&s);
    int32_t row[] = {0}, col[] = {0};
    float weight[] = {5}; /* over a mean of 5: counts 1 */
    sparse by_user = sparse_from_triples(1, 3, 1, row, col, weight, &s.keep, s.scratch);
    bpr_params p = {.factors = K, .epochs = EPOCHS, .rate = 0.2f, .reg = 0.1f, .popular = 0.5f,
                    .draws = 64, .blocks = 16, .sigma = 1, .seed = 3};
    bpr_model m = fit(&by_user, p, 1, &s);
    double x[K + 1], y[3][K + 1] = {{0}};
    rng r = rng_open(seed_for(3, "bpr users"), 0);
    for (int f = 0; f < K; f++) x[f] = rng_normal(&r) / sqrt(K);
    x[K] = 1;
    for (int i = 0; i < 3; i++) {
        r = rng_open(seed_for(3, "bpr items"), (uint64_t)i);
        for (int f = 0; f < K; f++) y[i][f] = rng_normal(&r) / sqrt(K);
    }
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        double rate = 0.2 * (1 - (double)epoch / EPOCHS), score[3] = {0};
        for (int i = 0; i < 3; i++)
            for (int f = 0; f <= K; f++) score[i] += x[f] * y[i][f];
        int worse = score[1] >= score[2] ? 1 : 2;
        double g = rate / (1 + exp(score[0] - score[worse])), keep = 1 - rate * 0.1;
        for (int f = 0; f <= K; f++) {
            double a = x[f], b = y[0][f], c = y[worse][f];
            x[f] = f == K ? 1 : keep * a + g * (b - c);
            y[0][f] = keep * b + g * a;
            y[worse][f] = keep * c - g * a;
        }
    }
    for (int f = 0; f <= K; f++) { /* 1e-5: forty steps in single precision */
        check_near(m.user[f], x[f], 1e-5);
        for (int i = 0; i < 3; i++) check_near(m.item[i * m.ld + f], y[i][f], 1e-5);
    }
    for (int f = K + 1; f < m.ld; f++) check(m.user[f] == 0 && m.item[f] == 0);
    scope_close(&s);
}

static sparse random_pairs(int64_t users, int64_t items, int64_t n, uint64_t seed, scope *s) {
    rng r = rng_open(seed, 0);
    int32_t *row = take(&s->keep, int32_t, n), *col = take(&s->keep, int32_t, n);
    for (int64_t i = 0; i < n; i++) {
        row[i] = (int32_t)rng_below(&r, users);
        col[i] = (int32_t)(rng_below(&r, items) * rng_below(&r, items) / items);
    }
    return sparse_from_triples(users, items, n, row, col, NULL, &s->keep, s->scratch);
}

/* All weights are 0 but one: only that pair moves anything, and the bias of its item tells how
 * often it came: rate * (weight / mean) / 2 for once. */
CHECK(bpr_meets_every_pair_once_an_epoch) {
    scope s;
    open_scope(&s);
    sparse by_user = random_pairs(90, 130, 900, 5, &s); /* 8 blocks of items */
    int64_t n = sparse_count(&by_user);
    memset(by_user.value, 0, sizeof(float) * (size_t)n);
    bpr_params p = {.factors = 1, .epochs = 1, .rate = 1e-3f / (float)n, .popular = 0.5f,
                    .draws = 2, .blocks = 16, .sigma = 1e-3f, .seed = 1};
    for (int64_t pair = 0; pair < n; pair += 41) {
        scope one;
        open_scope(&one);
        by_user.value[pair] = 1; /* over a mean of 1 / n */
        bpr_model m = fit(&by_user, p, 2, &one);
        by_user.value[pair] = 0;
        double moved = 0;
        for (int64_t i = 0; i < m.items; i++) moved += fabs((double)m.item[i * m.ld + 1]);
        /* 2 %: the scores of the start are not quite 0 */
        check_near(m.item[by_user.col[pair] * m.ld + 1], 0.5e-3, 1e-5);
        check_near(moved, 2 * 0.5e-3, 2e-5); /* its opponent went down as much, nothing else */
        scope_close(&one);
    }
    scope_close(&s);
}

/* Customers and items of four kinds; each customer took 60 % of the items of the kind. */
CHECK(bpr_ranks_the_withheld_items_of_the_own_kind_first) {
    enum { USERS = 120, ITEMS = 160 };
    scope s;
    open_scope(&s);
    rng r = rng_open(8, 0);
    int32_t *row = take(&s.keep, int32_t, USERS * ITEMS);
    int32_t *col = take(&s.keep, int32_t, USERS * ITEMS);
    int64_t n = 0;
    for (int32_t u = 0; u < USERS; u++)
        for (int32_t i = u % 4; i < ITEMS; i += 4) {
            if (rng_below(&r, 10) >= 6) continue;
            row[n] = u;
            col[n++] = i;
        }
    sparse by_user = sparse_from_triples(USERS, ITEMS, n, row, col, NULL, &s.keep, s.scratch);
    for (int draws = 1; draws <= 4; draws += 3) {
        bpr_params p = BPR_DEFAULTS;
        p.factors = 8;
        p.epochs = 40;
        p.draws = draws;
        bpr_model m = fit(&by_user, p, 2, &s);
        int64_t right = 0, all = 0;
        for (int64_t u = 0; u < USERS; u++)
            for (int32_t i = 0; i < ITEMS; i++)
                for (int32_t j = 0; j < ITEMS; j += 3) { /* withheld i, j of another kind */
                    if (i % 4 != u % 4 || j % 4 == u % 4 || sparse_has(&by_user, u, i)) continue;
                    double lead = 0;
                    for (int f = 0; f < m.ld; f++)
                        lead += (double)m.user[u * m.ld + f] *
                                (m.item[i * m.ld + f] - m.item[j * m.ld + f]);
                    right += lead > 0;
                    all++;
                }
        check(all > 50000 && (double)right > 0.98 * (double)all);
    }
    scope_close(&s);
}

/* Item 0 is everybody's, item 1 half of the customers', item 2 one customer's: drawn by popularity,
 * item 2 is never an opponent and keeps its bias. */
CHECK(bpr_draws_opponents_by_popularity) {
    scope s;
    open_scope(&s);
    int32_t row[61], col[61], n = 0;
    for (int32_t u = 0; u < 40; u++)
        for (int32_t i = 0; i < 3; i++) {
            if ((i == 1 && u % 2) || (i == 2 && u > 0)) continue;
            row[n] = u;
            col[n++] = i;
        }
    sparse by_user = sparse_from_triples(40, 3, n, row, col, NULL, &s.keep, s.scratch);
    bpr_params p = {.factors = 1, .epochs = 30, .rate = 0.05f, .popular = 0, .draws = 1,
                    .blocks = 1, .sigma = 1e-3f, .seed = 1};
    bpr_model alike = fit(&by_user, p, 1, &s);
    p.popular = 4; /* item 2 with 1 in 160,001 where both may be drawn */
    bpr_model often = fit(&by_user, p, 1, &s);
    float bias[2] = {alike.item[2 * alike.ld + 1], often.item[2 * often.ld + 1]};
    check(bias[0] < -0.1f && bias[1] > bias[0] + 0.1f);
    check(often.item[often.ld + 1] < alike.item[alike.ld + 1]); /* item 1 in its stead */
    scope_close(&s);
}

CHECK(bpr_is_the_same_bytes_for_any_threads) {
    scope s;
    open_scope(&s);
    sparse by_user = random_pairs(300, 400, 5000, 6, &s);
    bpr_params p = BPR_DEFAULTS;
    p.factors = 20;
    p.epochs = 5;
    bpr_model first = fit(&by_user, p, 1, &s);
    check(first.ld == 32);
    for (int threads = 1; threads <= 8; threads *= 2) {
        bpr_model m = fit(&by_user, p, threads, &s);
        check(memcmp(m.user, first.user, sizeof(float) * (size_t)(m.users * m.ld)) == 0);
        check(memcmp(m.item, first.item, sizeof(float) * (size_t)(m.items * m.ld)) == 0);
    }
    p.seed = 2;
    bpr_model other = fit(&by_user, p, 2, &s);
    check(memcmp(other.item, first.item, sizeof(float) * (size_t)(other.items * other.ld)) != 0);
    scope_close(&s);
}

CHECK(bpr_takes_the_smallest_tables_and_refuses_in_words) {
    scope s;
    open_scope(&s);
    err e = {0};
    bpr_model m;
    int32_t row[] = {0}, col[] = {0};
    sparse one = sparse_from_triples(2, 1, 1, row, col, NULL, &s.keep, s.scratch);
    m = fit(&one, BPR_DEFAULTS, 2, &s); /* nothing that was not taken: nothing is learned */
    check(m.user[m.p.factors] == 1 && m.item[m.p.factors] == 0);
    for (int f = 0; f < m.ld; f++) check(m.user[m.ld + f] == 0); /* a customer without pairs */
    sparse none = sparse_from_triples(2, 3, 0, NULL, NULL, NULL, &s.keep, s.scratch);
    m = fit(&none, BPR_DEFAULTS, 1, &s);
    check(m.user[0] == 0);
    one.value[0] = -2;
    pool *t = pool_open(1, 1 << 20, &e);
    check(!bpr_fit(&m, &one, BPR_DEFAULTS, t, &s.keep, s.scratch, &e));
    check(e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "a weight is -2");
    pool_close(t);
    bpr_params p = BPR_DEFAULTS;
    check(bpr_check(p) == NULL);
    p.rate = 0;
    check(strstr(bpr_check(p), "rate"));
    p = BPR_DEFAULTS;
    p.reg = 30;
    check(strstr(bpr_check(p), "reg"));
    p = BPR_DEFAULTS;
    p.blocks = 257;
    check(strstr(bpr_check(p), "blocks"));
    scope_close(&s);
}
