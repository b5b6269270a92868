/* models_als: factorisation against answers known by construction, an oracle and its plain twin. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/recommend/als.h"
#include "models/recommend/als_simd.h"
#include "models/recommend/neighbours.h"

enum { KEEP = 32 << 20, SCRATCH = 64 << 20 };

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, KEEP, SCRATCH, &e), &e);
}

static pool *open_pool(int threads) {
    err e = {0};
    pool *p = pool_open(threads, 32 << 20, &e);
    check(p != NULL);
    return p;
}

static void fit(als_model *m, const sparse *by_user, als_params p, int threads, scope *s) {
    err e = {0};
    sparse by_item = sparse_transpose(by_user, &s->keep);
    pool *t = open_pool(threads);
    check_ok(als_fit(m, by_user, &by_item, p, t, &s->keep, s->scratch, &e), &e);
    pool_close(t);
}

static double predict(const als_model *m, int64_t u, int64_t i) {
    double sum = 0;
    for (int j = 0; j < m->ld; j++) sum += (double)m->user[u * m->ld + j] * m->item[i * m->ld + j];
    return sum;
}

/* Rows of every length from 0 to all items, so that each solver has its turn. */
static sparse mixed(scope *s, int users, int items, uint64_t seed) {
    int32_t *row = take(&s->scratch, int32_t, users * items), *col =
        take(&s->scratch, int32_t, users * items);
    float *w = take(&s->scratch, float, users * items);
    int64_t n = 0;
    rng r = rng_open(seed, 0);
    for (int u = 0; u < users; u++) {
        double share = pow((double)u / (users - 1), 2);
        for (int i = 0; i < items; i++) {
            if (rng_uniform(&r) >= share) continue;
            row[n] = u;
            col[n] = i;
            w[n++] = 0.25f + (float)rng_uniform(&r);
        }
    }
    return sparse_from_triples(users, items, n, row, col, w, &s->keep,
                               arena_split(&s->scratch, 16 << 20));
}

CHECK(als_recommends_the_withheld_square_of_a_checkerboard) {
    enum { N = 50 };
    scope s;
    open_scope(&s);
    int32_t row[N * N], col[N * N], n = 0;
    for (int u = 0; u < N; u++)
        for (int i = 0; i < N; i++)
            if (u % 2 == i % 2 && u != i) {
                row[n] = u;
                col[n++] = i;
            }
    sparse seen = sparse_from_triples(N, N, n, row, col, NULL, &s.keep, s.scratch);
    als_params p = ALS_DEFAULTS;
    p.factors = 4;
    als_model m;
    fit(&m, &seen, p, 2, &s);
    int32_t top[N];
    float score[N];
    pool *t = open_pool(2);
    neighbours_rule rule = {.k = 1, .skip = &seen};
    neighbours_dense((neighbours_vectors){m.user, N, m.item, N, m.ld}, rule, top, score, t,
                     s.scratch);
    pool_close(t);
    for (int u = 0; u < N; u++) check(top[u] == u);
    /* and the other colour stays near 0 */
    check(fabs(predict(&m, 0, 1)) < 0.1 && predict(&m, 0, 0) > 0.7);
    scope_close(&s);
}

/* tests/oracles/als.py: NumPy, double precision, iterated until it stands still. */
CHECK(als_finds_the_optimum_of_an_independent_program) {
    static const float c[7][6] = {{3, 1, 0, 0, 2, 0}, {0, 2, 1, 0, 0, 0}, {1, 0, 0, 4, 0, 1},
                                  {0, 0, 1, 1, 0, 0}, {2, 0, 0, 0, 1, 0}, {0, 1, 0, 0, 0, 3},
                                  {0, 0, 0, 2, 0, 1}};
    static const double wanted[7][6] = {
        {0.9118747, 0.702847, 0.0687481, 0.1331364, 0.8206532, 0.1616319},
        {0.5337138, 0.7449847, 0.579285, 0.7559275, 0.2533438, 0.721763},
        {0.5805783, 0.8233679, 0.6511037, 0.848658, 0.2667668, 0.8095174},
        {0.0299577, 0.3905497, 0.5959934, 0.7511627, -0.2230454, 0.696098},
        {0.8097471, 0.5531616, -0.053621, -0.0260037, 0.7770264, 0.010116},
        {0.3946573, 0.6915898, 0.6557077, 0.8449342, 0.091604, 0.7982273},
        {0.0869211, 0.4525281, 0.6294895, 0.7962087, -0.1840765, 0.7401698}};
    scope s;
    open_scope(&s);
    int32_t row[42], col[42], n = 0;
    float w[42];
    for (int u = 0; u < 7; u++)
        for (int i = 0; i < 6; i++)
            if (c[u][i] > 0) {
                row[n] = u;
                col[n] = i;
                w[n++] = c[u][i];
            }
    sparse seen = sparse_from_triples(7, 6, n, row, col, w, &s.keep, s.scratch);
    als_params p = ALS_DEFAULTS;
    p.factors = 2;
    p.lambda = 0.05f;
    p.alpha0 = 0.2f;
    p.iterations = 1000;
    for (int exact = 0; exact < 2; exact++) {
        p.exact = exact;
        als_model m;
        fit(&m, &seen, p, 1, &s);
        /* 2e-4: single precision at a flat optimum; the loss agrees much better */
        for (int u = 0; u < 7; u++)
            for (int i = 0; i < 6; i++) check_near(predict(&m, u, i), wanted[u][i], 2e-4);
        check_near(als_loss(&m, &seen, s.scratch), 7.367677775, 1e-5);
    }
    scope_close(&s);
}

CHECK(als_agrees_with_its_plain_twin) {
    static const int factors[] = {1, 7, 16, 33};
    scope s;
    open_scope(&s);
    sparse seen = mixed(&s, 90, 180, 5), by_item = sparse_transpose(&seen, &s.keep);
    for (int f = 0; f < 4; f++)
        for (int exact = 0; exact < 2; exact++) {
            als_params p = ALS_DEFAULTS;
            p.factors = factors[f];
            p.iterations = 3;
            p.exact = exact;
            p.cg_steps = 30; /* enough for conjugate gradients to reach the exact answer */
            als_model m, twin;
            fit(&m, &seen, p, 2, &s);
            als_plain_fit(&twin, &seen, &by_item, p, &s.keep, s.scratch);
            /* 1e-3 of scores up to 1: three sweeps in single precision, condition about 1e3 */
            for (int u = 0; u < 90; u++)
                for (int i = 0; i < 180; i++)
                    check_near(predict(&m, u, i), predict(&twin, u, i), 1e-3);
        }
    scope_close(&s);
}

/* The gap between the objectives of als and of its plain twin, as a share. */
static double loss_gap(const sparse *seen, als_params p) {
    scope s;
    open_scope(&s);
    sparse by_item = sparse_transpose(seen, &s.keep);
    als_model m, twin;
    fit(&m, seen, p, 2, &s);
    als_plain_fit(&twin, seen, &by_item, p, &s.keep, s.scratch);
    double gap = als_loss(&m, seen, s.scratch) / als_loss(&twin, seen, s.scratch) - 1;
    scope_close(&s);
    return gap;
}

CHECK(als_reaches_the_loss_of_its_plain_twin) {
    static const int factors[] = {5, 16, 40}, steps[] = {0, 10};
    scope s;
    open_scope(&s);
    /* the last customers of `few` have more articles than conjugate gradients take at k <= 16 */
    sparse few = mixed(&s, 30, 700, 6), many = mixed(&s, 120, 150, 7);
    for (int i = 0; i < 6; i++) {
        als_params p = ALS_DEFAULTS;
        p.factors = factors[i / 2];
        p.iterations = 12;
        p.cg_steps = steps[i % 2];
        /* dense noise is the hardest case for conjugate gradients: ten steps, and a mirror */
        check_near(loss_gap(&many, p), 0, 1e-4);
        if (p.factors <= 16) check_near(loss_gap(&few, p), 0, 1e-4);
    }
    scope_close(&s);
}

CHECK(als_takes_more_factors_than_anyone_has_articles) {
    scope s;
    open_scope(&s);
    sparse seen = mixed(&s, 20, 30, 2);
    als_params p = ALS_DEFAULTS;
    p.factors = 320;
    p.iterations = 1;
    for (int steps = 0; steps <= 30; steps += 30) {
        p.cg_steps = steps;
        check_near(loss_gap(&seen, p), 0, 1e-4);
    }
    scope_close(&s);
}

/* Pairs of weight 0, and a customer who has no others. */
CHECK(als_takes_weights_of_zero) {
    scope s;
    open_scope(&s);
    sparse seen = mixed(&s, 50, 90, 12);
    for (int64_t u = 0; u < 50; u++)
        for (int64_t at = seen.at[u]; at < seen.at[u + 1]; at++)
            if (at % 3 == 0 || u == 30) seen.value[at] = 0;
    for (int steps = 0; steps <= 20; steps += 20) {
        als_params p = ALS_DEFAULTS;
        p.factors = 9;
        p.cg_steps = steps;
        check_near(loss_gap(&seen, p), 0, 1e-4);
        als_model m;
        fit(&m, &seen, p, 2, &s);
        for (int i = 0; i < 90; i++) check_near(predict(&m, 30, i), 0, 1e-6);
    }
    scope_close(&s);
}

CHECK(als_exact_steps_never_raise_the_objective) {
    scope s;
    open_scope(&s);
    err e = {0};
    sparse seen = mixed(&s, 60, 120, 9), by_item = sparse_transpose(&seen, &s.keep);
    als_params p = ALS_DEFAULTS;
    p.factors = 8;
    p.exact = true;
    p.sigma = 1;
    als_model m;
    pool *t = open_pool(1);
    check_ok(als_start(&m, &seen, &by_item, p, &s.keep, &e), &e);
    double last = INFINITY;
    for (int i = 0; i < 12; i++) {
        check_ok(als_step(&m, &seen, &by_item, t, s.scratch, &e), &e);
        double now = als_loss(&m, &seen, s.scratch);
        check(now <= last * (1 + 1e-6)); /* single-precision rounding of the rows */
        last = now;
    }
    pool_close(t);
    scope_close(&s);
}

CHECK(als_is_the_same_bytes_for_any_threads) {
    scope s;
    open_scope(&s);
    sparse seen = mixed(&s, 300, 200, 3);
    als_params p = ALS_DEFAULTS;
    p.factors = 24;
    p.iterations = 3;
    for (p.cg_steps = 0; p.cg_steps <= 2; p.cg_steps += 2) {
        als_model one;
        fit(&one, &seen, p, 1, &s);
        for (int threads = 2; threads <= 8; threads *= 4) {
            als_model m;
            fit(&m, &seen, p, threads, &s);
            check(memcmp(m.user, one.user, sizeof(float) * 300 * (size_t)m.ld) == 0);
            check(memcmp(m.item, one.item, sizeof(float) * 200 * (size_t)m.ld) == 0);
        }
    }
    scope_close(&s);
}

CHECK(als_folds_in_what_training_gives) {
    scope s;
    open_scope(&s);
    sparse seen = mixed(&s, 80, 150, 4);
    als_params p = ALS_DEFAULTS;
    p.factors = 12;
    p.exact = true;
    als_model m;
    fit(&m, &seen, p, 1, &s);
    float *x = take(&s.keep, float, m.ld);
    for (int64_t u = 0; u < 80; u++) {
        int64_t from = seen.at[u];
        als_fold(&m, seen.at[u + 1] - from, seen.col + from, seen.value + from, x, s.scratch);
        check(memcmp(x, m.user + u * m.ld, sizeof *x * (size_t)m.ld) == 0);
    }
    scope_close(&s);
}

CHECK(als_does_not_care_for_the_names_of_items) {
    enum { USERS = 40, ITEMS = 70 };
    scope s;
    open_scope(&s);
    sparse seen = mixed(&s, USERS, ITEMS, 8);
    int32_t name[ITEMS], *row = take(&s.keep, int32_t, USERS * ITEMS);
    int32_t *col = take(&s.keep, int32_t, USERS * ITEMS);
    rng r = rng_open(1, 1);
    for (int i = 0; i < ITEMS; i++) name[i] = i;
    rng_shuffle(&r, name, ITEMS);
    for (int64_t u = 0; u < USERS; u++)
        for (int64_t at = seen.at[u]; at < seen.at[u + 1]; at++) {
            row[at] = (int32_t)u;
            col[at] = name[seen.col[at]];
        }
    sparse renamed = sparse_from_triples(USERS, ITEMS, sparse_count(&seen), row, col, seen.value,
                                         &s.keep, s.scratch);
    als_params p = ALS_DEFAULTS;
    p.factors = 6;
    als_model a, b;
    fit(&a, &seen, p, 1, &s);
    fit(&b, &renamed, p, 1, &s);
    /* 1e-3: sums in another order, amplified over 16 iterations */
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++)
            check_near(predict(&b, u, name[i]), predict(&a, u, i), 1e-3);
    scope_close(&s);
}

CHECK(als_refuses_nonsense_with_a_reason) {
    scope s;
    open_scope(&s);
    int32_t zero = 0;
    float w = -1;
    sparse bad = sparse_from_triples(1, 1, 1, &zero, &zero, &w, &s.keep, s.scratch);
    sparse none = sparse_from_triples(2, 2, 0, NULL, NULL, NULL, &s.keep, s.scratch);
    als_model m;
    err e = {0}, empty = {0}, factors = {0};
    check(!als_start(&m, &bad, &bad, ALS_DEFAULTS, &s.keep, &e) && e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "weights must be 0 or more, found -1");
    check(!als_start(&m, &none, &none, ALS_DEFAULTS, &s.keep, &empty));
    check_has(slice_of(empty.text), "no interaction");
    als_params p = ALS_DEFAULTS;
    p.factors = 0;
    check(!als_start(&m, &bad, &bad, p, &s.keep, &factors));
    check_has(slice_of(factors.text), "factors must be 1..1024");
    /* one row, one column */
    w = 1;
    sparse one = sparse_from_triples(1, 1, 1, &zero, &zero, &w, &s.keep, s.scratch);
    p = ALS_DEFAULTS;
    p.factors = 3;
    fit(&m, &one, p, 1, &s);
    check(predict(&m, 0, 0) > 0.9 && predict(&m, 0, 0) < 1);
    scope_close(&s);
}

/* ---- kernels: each level against double precision ---- */

typedef struct level {
    void (*gather)(const als_rows *);
    void (*first)(const als_rows *, const float *, const float *, float *);
    void (*mirror)(int, int, const float *, const float *, int16_t *, float *);
    void (*add_rows)(int, int, const float *, const float *, float *);
    void (*dual)(int, int, const float *, const float *, float *, float *);
    void (*cg)(const als_rows *, const float *, float *, float *, int, float *);
    void (*products)(int, int, const float *, const float *, float *);
} level;

#define LEVEL(l)                                                                                   \
    {als_gather_##l, als_gather_first_##l, als_mirror_##l,  als_add_rows_##l,                      \
     als_dual_##l,   als_cg_##l,           als_products_##l}
static const level levels[SIMD_KINDS] = {
#ifdef __x86_64__
    LEVEL(plain),
    LEVEL(avx2),
    LEVEL(avx512),
#else
    LEVEL(plain),
#endif
};

static void one_size(const level *l, int n, int k, scope *s) {
    rng r = rng_open(2, (uint64_t)(n * 1000 + k));
    arena a = s->scratch;
    float *other = take(&a, float, (n + 5) * k), *scale = take(&a, float, k);
    float *d = take(&a, float, n), *b = take(&a, float, (n + 3) * k), *x = take(&a, float, k);
    float *y = take(&a, float, (n + 3) & ~3), *work = take(&a, float, als_dual_work(n) + 3 * k);
    float *want = take(&a, float, n), *left = take(&a, float, n), *q = take(&a, float, k);
    float *z = take(&a, float, k), *residual = work + 2 * k, *own = take(&a, float, k);
    int32_t *ids = take(&a, int32_t, n);
    for (int i = 0; i < (n + 5) * k; i++) other[i] = (float)rng_normal(&r);
    for (int j = 0; j < k; j++) scale[j] = 0.1f + 0.2f * (float)rng_uniform(&r);
    for (int j = 0; j < k; j++) q[j] = 0.1f * (float)rng_normal(&r);
    for (int i = 0; i < n; i++) {
        d[i] = 0.5f + (float)rng_uniform(&r);
        want[i] = d[i] + (float)rng_uniform(&r);
        ids[i] = (int32_t)rng_below(&r, n + 5);
    }
    als_rows rows = {n, k, ids, d, {.full = other}, scale, b};
    l->gather(&rows);
    for (int i = 0; i < n; i++) {
        left[i] = want[i];
        for (int j = 0; j < k; j++) {
            check_near(b[i * k + j], d[i] * other[ids[i] * k + j] * scale[j], 1e-6);
            left[i] -= b[i * k + j] * q[j];
        }
    }
    /* both solvers: the gradient (E + b'b) x - b'(want - b q) vanishes; E = I for the first */
    for (int solver = 0; solver < 2; solver++) {
        if (solver == 0) l->dual(n, k, b, left, x, work);
        else {
            memset(b, 0, sizeof *b * (size_t)(n * k));
            for (int j = 0; j < k; j++) {
                own[j] = 0.3f + (float)rng_uniform(&r);
                x[j] = (float)rng_normal(&r);
                residual[j] = own[j] * x[j];
                z[j] = x[j] + q[j];
            }
            l->first(&rows, want, z, residual);
            l->cg(&rows, own, x, residual, 80, work);
        }
        double worst = 0;
        for (int j = 0; j < k; j++) {
            double g = solver == 0 ? x[j] : (double)own[j] * x[j];
            for (int i = 0; i < n; i++) {
                double guess = -left[i];
                for (int c = 0; c < k; c++) guess += (double)b[i * k + c] * x[c];
                g += b[i * k + j] * guess;
            }
            worst = fmax(worst, fabs(g));
        }
        check_near(worst, 0, 4e-4 * sqrt(n)); /* condition below 100, sums of n terms near 2 */
    }
    l->products((n + 3) & ~3, k, b, x, y);
    for (int i = 0; i < n; i++) {
        double dot = 0;
        for (int j = 0; j < k; j++) dot += (double)b[i * k + j] * x[j];
        check_near(y[i], dot, 1e-5);
    }
    float *sum = take(&a, float, k);
    l->add_rows(n, k, b, d, sum);
    for (int j = 0; j < k; j++) {
        double at = 0;
        for (int i = 0; i < n; i++) at += (double)d[i] * b[i * k + j];
        check_near(sum[j], at, 1e-5 * n);
    }
}

/* Columns of very different size, a row of zeros, a column without a unit. */
static void one_mirror(const level *l, int k, scope *s) {
    enum { N = 9 };
    rng r = rng_open(3, (uint64_t)k);
    arena a = s->scratch;
    float *y = take(&a, float, N * k), *inverse = take(&a, float, k), *unit = take(&a, float, k);
    float *step = take(&a, float, N), *b = take(&a, float, 12 * k), one[N];
    int16_t *mirror = take(&a, int16_t, N * k);
    int32_t ids[N];
    for (int j = 1; j < k; j++) unit[j] = powf(10, (float)(j % 9) - 6);
    for (int j = 1; j < k; j++) inverse[j] = 1 / unit[j];
    for (int i = 0; i < N; i++) {
        one[i] = 1;
        ids[i] = N - 1 - i;
        for (int j = 0; j < k && i != 4; j++) y[i * k + j] = unit[j] * (float)rng_normal(&r);
    }
    l->mirror(N, k, y, inverse, mirror, step);
    als_rows rows = {N, k, ids, one, {NULL, mirror, step}, unit, b};
    l->gather(&rows);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < k; j++) {
            double wanted = y[ids[i] * k + j], u = unit[j];
            /* half a step; the largest of a row is below 5 units */
            check_near(b[i * k + j], wanted, u * 5 * 0.51 / 32767);
        }
}

CHECK(als_kernels_of_every_level_solve_their_system) {
    scope s;
    open_scope(&s);
    for (int kind = 0; kind < SIMD_KINDS; kind++) {
        if (!levels[kind].dual || !simd_has((simd_kind)kind)) continue;
        one_mirror(&levels[kind], 48, &s);
        for (int k = 16; k <= 112; k += 48)
            for (int n = 1; n <= 65; n += n < 18 ? 1 : 23) one_size(&levels[kind], n, k, &s);
    }
    scope_close(&s);
}
