/* models_ease: the closed form by hand, against the plain inverse over several tiles, and lists. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "base/random.h"
#include "models/recommend/ease.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 64 << 20, &e), &e);
}

static pool *open_pool(int threads) {
    err e = {0};
    pool *p = pool_open(threads, 8 << 20, &e);
    check(p != NULL);
    return p;
}

typedef struct data {
    sparse by_user, by_item;
} data;

static data matrix(int64_t users, int64_t items, int64_t n, const int32_t *row,
                   const int32_t *col, const float *w, scope *s) {
    data d = {.by_user = sparse_from_triples(users, items, n, row, col, w, &s->keep, s->scratch)};
    d.by_item = sparse_transpose(&d.by_user, &s->keep);
    return d;
}

static data random_data(int64_t users, int64_t items, int64_t n, uint64_t seed, scope *s) {
    rng r = rng_open(seed, 0);
    int32_t *row = take(&s->keep, int32_t, n), *col = take(&s->keep, int32_t, n);
    float *w = take(&s->keep, float, n);
    for (int64_t i = 0; i < n; i++) {
        row[i] = (int32_t)rng_below(&r, users);
        col[i] = (int32_t)(rng_below(&r, items) * rng_below(&r, items) / items);
        w[i] = (float)(0.5 + rng_uniform(&r));
    }
    return matrix(users, items, n, row, col, w, s);
}

static ease_model fit(const data *d, ease_params p, int threads, scope *s) {
    err e = {0};
    ease_model m;
    pool *t = open_pool(threads);
    check_ok(ease_fit(&m, &d->by_user, &d->by_item, p, t, &s->keep, s->scratch, &e), &e);
    pool_close(t);
    return m;
}

/* Customers {0,1}, {0,1}, {1,2}; lambda 1: G + I = [3 2 0; 2 4 1; 0 1 2] with determinant 13 and
 * P = [7 -4 2; -4 6 -3; 2 -3 8] / 13. */
CHECK(ease_of_three_items_by_hand) {
    scope s;
    open_scope(&s);
    int32_t row[] = {0, 0, 1, 1, 2, 2}, col[] = {0, 1, 0, 1, 1, 2};
    data d = matrix(3, 3, 6, row, col, NULL, &s);
    ease_params p = EASE_DEFAULTS;
    p.lambda = 1;
    ease_model m = fit(&d, p, 1, &s);
    static const double b[9] = {0,       4.0 / 6, -2.0 / 8, 4.0 / 7, 0,
                                3.0 / 8, -2.0 / 7, 3.0 / 6, 0};
    for (int i = 0; i < 9; i++) check_near(m.b[i], b[i], 1e-6); /* rounding of single precision */
    /* a customer of item 0 is offered item 1 (2/3); item 2 scores below 0 and is not listed */
    int32_t ids[9];
    float scores[9];
    pool *t = open_pool(1);
    ease_lists(&m, &d.by_user, (neighbours_rule){.k = 3, .skip = &d.by_user}, ids, scores, t);
    check(ids[0] == 2 && ids[1] == -1); /* of {0, 1}: 3/8 - 1/4 */
    check_near(scores[0], 0.125, 1e-6);
    check(ids[6] == 0); /* of {1, 2}: 4/7 - 2/7 */
    check_near(scores[6], 2.0 / 7, 1e-6);
    bitmap allowed = bitmap_of((uint8_t[]){0, 1, 1}, 3, &s.keep);
    ease_lists(&m, &d.by_user, (neighbours_rule){.k = 3, .allowed = &allowed}, ids, scores, t);
    check(ids[6] == 1 && ids[7] == 2 && ids[8] == -1); /* 1/2 and 3/8 */
    pool_close(t);
    sparse largest = ease_sparse(&m, 1, &s.keep, s.scratch);
    check(sparse_count(&largest) == 3 && largest.col[0] == 1 && largest.col[1] == 0);
    check_near(sparse_get(&largest, 2, 1), 0.5, 1e-6);
    scope_close(&s);
}

/* B of the same G in double precision through the plain inverse. */
CHECK(ease_sweep_over_tiles_equals_the_plain_inverse) {
    enum { USERS = 700, ITEMS = 530 };
    scope s;
    open_scope(&s);
    data d = random_data(USERS, ITEMS, 9000, 3, &s);
    ease_params p = EASE_DEFAULTS;
    p.lambda = 5;
    p.min_count = 3;
    ease_model m = fit(&d, p, 2, &s);
    check(m.n > 2 * 170 && m.n < ITEMS); /* items that fewer than three have take no part */
    double *a = take(&s.keep, double, m.n * m.n);
    for (int64_t u = 0; u < USERS; u++)
        for (int64_t i = d.by_user.at[u]; i < d.by_user.at[u + 1]; i++)
            for (int64_t j = d.by_user.at[u]; j < d.by_user.at[u + 1]; j++) {
                int64_t x = m.place[d.by_user.col[i]], y = m.place[d.by_user.col[j]];
                if (x >= 0 && y >= 0)
                    a[x * m.n + y] += (double)d.by_user.value[i] * d.by_user.value[j];
            }
    for (int64_t i = 0; i < m.n; i++) {
        check(m.place[m.item[i]] == i && sparse_degree(&d.by_item, m.item[i]) >= 3);
        a[i * m.n + i] += p.lambda;
    }
    check(kernels_plain.inverse_spd_d((int)m.n, a, (int)m.n));
    double worst = 0;
    for (int64_t i = 0; i < m.n; i++)
        for (int64_t j = 0; j < m.n; j++) {
            double b = i == j ? 0 : -a[i * m.n + j] / a[j * m.n + j];
            worst = fmax(worst, fabs(b - m.b[i * m.n + j]));
        }
    /* 1e-6: what single precision leaves of numbers below 1 after sums over three tiles */
    check_near(worst, 0, 1e-6);
    scope_close(&s);
}

CHECK(ease_is_the_same_bytes_for_any_threads) {
    scope s;
    open_scope(&s);
    data d = random_data(300, 300, 4000, 4, &s);
    ease_params p = {.lambda = 10, .dropout = 0.2f, .user_power = 0.3f, .min_count = 1,
                     .most_items = 1000};
    ease_model first = fit(&d, p, 1, &s);
    int32_t *ids[2] = {take(&s.keep, int32_t, 300 * 7), take(&s.keep, int32_t, 300 * 7)};
    float *scores[2] = {take(&s.keep, float, 300 * 7), take(&s.keep, float, 300 * 7)};
    for (int threads = 1; threads <= 8; threads *= 2) {
        ease_model m = fit(&d, p, threads, &s);
        check(m.n == first.n && memcmp(m.b, first.b, sizeof *m.b * (size_t)(m.n * m.n)) == 0);
        pool *t = open_pool(threads);
        int to = threads > 1;
        ease_lists(&m, &d.by_user, (neighbours_rule){.k = 7}, ids[to], scores[to], t);
        pool_close(t);
        check(!to || memcmp(ids[0], ids[1], sizeof *ids[0] * 300 * 7) == 0);
        check(!to || memcmp(scores[0], scores[1], sizeof *scores[0] * 300 * 7) == 0);
    }
    scope_close(&s);
}

/* Lists against scores made one by one from B. */
CHECK(ease_lists_hold_the_best_of_history_times_b) {
    enum { USERS = 90, ITEMS = 70, K = 5 };
    scope s;
    open_scope(&s);
    data d = random_data(USERS, ITEMS, 700, 5, &s);
    ease_model m = fit(&d, (ease_params){.lambda = 2, .min_count = 2, .most_items = 100}, 1, &s);
    int32_t ids[USERS * K];
    float scores[USERS * K];
    pool *t = open_pool(2);
    ease_lists(&m, &d.by_user, (neighbours_rule){.k = K, .skip = &d.by_user}, ids, scores, t);
    pool_close(t);
    for (int64_t u = 0; u < USERS; u++) {
        double score[ITEMS] = {0}, last = INFINITY;
        for (int64_t at = d.by_user.at[u]; at < d.by_user.at[u + 1]; at++)
            for (int64_t j = 0; j < m.n && m.place[d.by_user.col[at]] >= 0; j++)
                score[m.item[j]] += (double)d.by_user.value[at] *
                                    m.b[m.place[d.by_user.col[at]] * m.n + j];
        int n = 0;
        for (; n < K && ids[u * K + n] >= 0; n++) {
            int32_t item = ids[u * K + n];
            check(!sparse_has(&d.by_user, u, item));
            check_near(scores[u * K + n], score[item], 1e-5); /* single-precision sums */
            check(scores[u * K + n] <= last);
            last = scores[u * K + n];
        }
        for (int i = 0; i < ITEMS; i++) /* what is not listed is not better */
            if (!sparse_has(&d.by_user, u, i) && score[i] > (n < K ? 1e-5 : last + 1e-5)) {
                bool listed = false;
                for (int j = 0; j < n; j++) listed = listed || ids[u * K + j] == i;
                check(listed);
            }
    }
    scope_close(&s);
}

CHECK(ease_refuses_in_words) {
    scope s;
    open_scope(&s);
    pool *t = open_pool(1);
    ease_model m;
    data d = random_data(20, 30, 200, 6, &s);
    check(ease_check(EASE_DEFAULTS) == NULL);
    check(strstr(ease_check((ease_params){.min_count = 1, .most_items = 1}), "lambda"));
    ease_params p = EASE_DEFAULTS;
    p.dropout = 1;
    check(strstr(ease_check(p), "dropout"));
    p = EASE_DEFAULTS;
    p.most_items = 10;
    err e = {0};
    check(!ease_fit(&m, &d.by_user, &d.by_item, p, t, &s.keep, s.scratch, &e));
    check(e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "items would take 0.0 GB");
    check_has(slice_of(e.text), "min_count");
    data wide = random_data(5000, 6000, 60000, 7, &s); /* 4 * 6000^2 bytes are not there */
    e = (err){0};
    check(!ease_fit(&m, &wide.by_user, &wide.by_item, EASE_DEFAULTS, t, &s.keep, s.scratch, &e));
    check_has(slice_of(e.text), "items would take 0.1 GB");
    d.by_user.value[3] = -1;
    e = (err){0};
    check(!ease_fit(&m, &d.by_user, &d.by_item, EASE_DEFAULTS, t, &s.keep, s.scratch, &e));
    check_has(slice_of(e.text), "a weight is -1");
    /* nobody, nothing: an empty model that lists nothing */
    data none = matrix(2, 3, 0, NULL, NULL, NULL, &s);
    e = (err){0};
    check_ok(ease_fit(&m, &none.by_user, &none.by_item, EASE_DEFAULTS, t, &s.keep, s.scratch, &e),
             &e);
    int32_t ids[2];
    float scores[2];
    ease_lists(&m, &none.by_user, (neighbours_rule){.k = 1}, ids, scores, t);
    check(m.n == 0 && ids[0] == -1 && ids[1] == -1);
    pool_close(t);
    scope_close(&s);
}
