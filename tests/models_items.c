/* models_items: kNN of all weightings, RP3beta and ease against NumPy, and the pairs under them. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/recommend/ease.h"
#include "models/recommend/knn.h"
#include "models/recommend/pairs.h"
#include "models/recommend/rp3beta.h"

enum { USERS = 30, ITEMS = 8 };

typedef struct table {
    scope s;
    pool *threads;
    sparse by_user, by_item;
    int32_t *day; /* [entries of by_user] */
} table;

/* The table of tests/oracles/items.py. */
static void open_table(table *t, int threads) {
    err e = {0};
    int32_t row[USERS * ITEMS], col[USERS * ITEMS], n = 0;
    float w[USERS * ITEMS];
    int64_t state = 1;
    check_ok(scope_open(&t->s, 16 << 20, 16 << 20, &e), &e);
    check((t->threads = pool_open(threads, 4 << 20, &e)) != NULL);
    t->day = take(&t->s.keep, int32_t, USERS * ITEMS);
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++) {
            state = (state * 1103515245 + 12345) % ((int64_t)1 << 31);
            if ((state >> 16) % 5 >= 2 && i != u % 8 && i != (u + 3) % 8) continue;
            row[n] = u;
            col[n] = i;
            w[n] = (float)(1 + (u + i) % 3);
            t->day[n++] = 100 + u * i % 30;
        }
    check(n == 134);
    t->by_user = sparse_from_triples(USERS, ITEMS, n, row, col, w, &t->s.keep, t->s.scratch);
    t->by_item = sparse_transpose(&t->by_user, &t->s.keep);
}

static void close_table(table *t) {
    pool_close(t->threads);
    scope_close(&t->s);
}

/* (0,1) (1,0) (2,5) (7,3) and the sum of all; 2e-6 of each: rounding to single precision. */
static void check_matrix(const sparse *m, const double wanted[5]) {
    static const int32_t row[] = {0, 1, 2, 7}, col[] = {1, 0, 5, 3};
    double sum = 0;
    for (int64_t at = 0; at < sparse_count(m); at++) sum += m->value[at];
    for (int i = 0; i < 4; i++)
        check_near(sparse_get(m, row[i], col[i]), wanted[i], 2e-6 * fabs(wanted[i]));
    check_near(sum, wanted[4], 2e-6 * wanted[4]);
}

static sparse similar(table *t, knn_params p, const int32_t *day) {
    check(knn_check(p) == NULL);
    return knn_fit_timed(&t->by_user, &t->by_item, day, p, t->threads, &t->s.keep, t->s.scratch);
}

CHECK(knn_weights_equal_the_formulas_in_numpy) {
    table t;
    open_table(&t, 2);
    knn_params p = KNN_TFIDF_DEFAULTS;
    p.amounts = true;
    sparse m = similar(&t, p, NULL);
    check_matrix(&m, (double[]){.0438727385, .0438727385, .55319803, .376783644, 21.3624324});
    p = KNN_BM25_DEFAULTS;
    p.amounts = true;
    m = similar(&t, p, NULL);
    check_matrix(&m, (double[]){.219300365, .219300365, 2.84039942, 1.64679077, 107.771714});
    p = KNN_DEFAULTS;
    p.norm = 0.9f;
    p.asymmetry = 0.7f;
    m = similar(&t, p, NULL);
    check_matrix(&m, (double[]){.120276994, .1145638, .475786207, .437763899, 20.1150549});
    close_table(&t);
}

CHECK(knn_pairs_decay_with_the_days_between_and_want_support) {
    table t;
    open_table(&t, 1);
    knn_params p = KNN_DEFAULTS;
    p.shrink = 0;
    p.user_power = 0;
    p.min_support = 6;
    p.pair_half_life = 10;
    sparse m = similar(&t, p, t.day);
    check(sparse_count(&m) == 48); /* of 56 pairs */
    check_matrix(&m, (double[]){0, 0, .302959035, .391333641, 14.9708081});
    p.pair_half_life = 0; /* no decay: as without days */
    sparse still = similar(&t, p, t.day), plain = similar(&t, p, NULL);
    check(memcmp(still.value, plain.value, sizeof(float) * (size_t)sparse_count(&plain)) == 0);
    check(still.value[0] > m.value[0]);
    close_table(&t);
}

CHECK(rp3beta_walks_equal_numpy) {
    table t;
    open_table(&t, 2);
    rp3beta_params p = RP3BETA_DEFAULTS;
    p.alpha = 0.7f;
    p.beta = 0.4f;
    check(rp3beta_check(p) == NULL);
    sparse w = rp3beta_fit(&t.by_user, &t.by_item, p, t.threads, &t.s.keep, t.s.scratch);
    check_matrix(&w, (double[]){.0869209377, .0860735462, .181283953, .156423523, 8});
    w = rp3beta_fit(&t.by_user, &t.by_item, P3ALPHA_DEFAULTS, t.threads, &t.s.keep, t.s.scratch);
    check_matrix(&w, (double[]){.0734684297, .0684161313, .222331066, .138936134, 8});
    p.normalise = false; /* rows of what remains when the best two are kept, as they were */
    p.keep = 2;
    w = rp3beta_fit(&t.by_user, &t.by_item, p, t.threads, &t.s.keep, t.s.scratch);
    check(sparse_count(&w) == 2 * ITEMS);
    p.longest = 3; /* most customers are passed over: less is reached */
    sparse few = rp3beta_fit(&t.by_user, &t.by_item, p, t.threads, &t.s.keep, t.s.scratch);
    check(few.value[0] < w.value[0]);
    close_table(&t);
}

CHECK(ease_with_dropout_equals_numpy) {
    table t;
    err e = {0};
    open_table(&t, 2);
    ease_params p = EASE_DEFAULTS;
    p.lambda = 3;
    ease_model m;
    check_ok(ease_fit(&m, &t.by_user, &t.by_item, p, t.threads, &t.s.keep, t.s.scratch, &e), &e);
    sparse b = ease_sparse(&m, ITEMS, &t.s.keep, t.s.scratch);
    check_matrix(&b, (double[]){-.0171767182, -.0151812345, .374699179, .172964057, 6.74480314});
    p.dropout = 0.4f;
    p.user_power = 0.5f;
    check_ok(ease_fit(&m, &t.by_user, &t.by_item, p, t.threads, &t.s.keep, t.s.scratch, &e), &e);
    b = ease_sparse(&m, ITEMS, &t.s.keep, t.s.scratch);
    check_matrix(&b, (double[]){-.00715264379, -.00608039949, .248572925, .110951856, 5.41569949});
    close_table(&t);
}

static float just_the_sum(const void *what, int32_t item, int32_t other, float sum) {
    (void)what, (void)item, (void)other;
    return sum;
}

/* Items 0, 1 of customer 0; 0, 1, 2 of customer 1; 2 of customer 2. */
CHECK(pairs_by_hand_with_ties_to_the_smaller_item) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    pool *t = pool_open(1, 1 << 20, &e);
    int32_t row[] = {0, 0, 1, 1, 1, 2}, col[] = {0, 1, 0, 1, 2, 2};
    sparse by_user = sparse_from_triples(3, 3, 6, row, col, NULL, &s.keep, s.scratch);
    sparse by_item = sparse_transpose(&by_user, &s.keep);
    float to[] = {1, 2, 3, 4, 5, 6}; /* in the order of by_user */
    float *from = pairs_by_item(&by_user, &by_item, to, &s.keep, s.scratch);
    check(from[0] == 1 && from[1] == 3 && from[2] == 2 && from[3] == 4 && from[4] == 5);
    pairs p = {.by_user = &by_user, .by_item = &by_item, .from = from, .to = to, .keep = 2,
               .min_support = 1, .score = just_the_sum};
    sparse m = pairs_fit(&p, t, &s.keep, s.scratch);
    check(sparse_get(&m, 0, 1) == 1 * 2 + 3 * 4 && sparse_get(&m, 0, 2) == 3 * 5);
    check(sparse_get(&m, 2, 1) == 20 && sparse_count(&m) == 6);
    p.min_support = 2;
    m = pairs_fit(&p, t, &s.keep, s.scratch);
    check(sparse_count(&m) == 2 && sparse_get(&m, 1, 0) == 14);
    float ones[] = {1, 1, 1, 1, 1, 1};
    p = (pairs){.by_user = &by_user, .by_item = &by_item, .from = ones, .to = ones, .keep = 1,
                .min_support = 1, .score = just_the_sum};
    m = pairs_fit(&p, t, &s.keep, s.scratch);
    check(sparse_get(&m, 2, 0) == 1 && !sparse_has(&m, 2, 1)); /* 0 and 1 tie */
    pool_close(t);
    scope_close(&s);
}

CHECK(pairs_and_walks_are_the_same_bytes_for_any_threads) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    enum { N = 6000 };
    rng r = rng_open(9, 9);
    int32_t row[N], col[N], day[N];
    for (int i = 0; i < N; i++) {
        row[i] = (int32_t)rng_below(&r, 400);
        col[i] = (int32_t)rng_below(&r, 200);
        day[i] = (int32_t)rng_below(&r, 300);
    }
    sparse by_user = sparse_from_triples(400, 200, N, row, col, NULL, &s.keep, s.scratch);
    sparse by_item = sparse_transpose(&by_user, &s.keep), first[2];
    knn_params p = KNN_BM25_DEFAULTS;
    p.pair_half_life = 20;
    for (int threads = 1; threads <= 8; threads *= 2) {
        pool *t = pool_open(threads, 4 << 20, &e);
        sparse m[2] = {knn_fit_timed(&by_user, &by_item, day, p, t, &s.keep, s.scratch),
                       rp3beta_fit(&by_user, &by_item, RP3BETA_DEFAULTS, t, &s.keep, s.scratch)};
        pool_close(t);
        for (int i = 0; i < 2; i++) {
            if (threads == 1) first[i] = m[i];
            size_t n = (size_t)sparse_count(&first[i]);
            check(n > 10000 && sparse_count(&m[i]) == (int64_t)n);
            check(memcmp(m[i].col, first[i].col, sizeof(int32_t) * n) == 0);
            check(memcmp(m[i].value, first[i].value, sizeof(float) * n) == 0);
        }
    }
    scope_close(&s);
}

CHECK(knn_and_walks_name_what_is_wrong) {
    knn_params p = KNN_DEFAULTS;
    p.min_support = 0;
    check(strstr(knn_check(p), "min_support"));
    p = KNN_DEFAULTS;
    p.asymmetry = NAN;
    check(strstr(knn_check(p), "asymmetry"));
    p = KNN_DEFAULTS;
    p.keep = 5000;
    check(strstr(knn_check(p), "4096"));
    check(knn_check(KNN_DEFAULTS) == NULL && knn_check(KNN_TFIDF_DEFAULTS) == NULL);
    check(knn_check(KNN_BM25_DEFAULTS) == NULL && rp3beta_check(P3ALPHA_DEFAULTS) == NULL);
    rp3beta_params w = RP3BETA_DEFAULTS;
    w.beta = -1;
    check(strstr(rp3beta_check(w), "beta"));
}
