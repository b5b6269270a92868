/* topics: latent vectors, words, coherence and clusters of texts against planted truths and an
 * independent implementation (tests/oracles/topics.py). */
#include "check.h"

#include <math.h>
#include <string.h>

#include "models/language/lsa.h"

typedef struct fixture {
    scope s;
    pool *threads;
    err e;
} fixture;

static void open_fixture(fixture *f, int threads) {
    memset(f, 0, sizeof *f);
    check_ok(scope_open(&f->s, 256 << 20, 256 << 20, &f->e), &f->e);
    f->threads = pool_open(threads, 16 << 20, &f->e);
    check(f->threads != NULL);
}

static void close_fixture(fixture *f) {
    pool_close(f->threads);
    scope_close(&f->s);
}

/* ---- lsa ---- */

enum { ROWS = 240, COLS = 90 };

/* The rule of the oracle. */
static sparse ruled(int64_t rows, arena *keep) {
    sparse x = {.rows = rows, .cols = COLS};
    x.at = take(keep, int64_t, rows + 1);
    x.col = take(keep, int32_t, rows * COLS);
    x.value = take(keep, float, rows * COLS);
    for (int64_t i = 0, at = 0; i < rows; i++) {
        for (int32_t j = 0; j < COLS; j++) {
            if ((7 * i + 11 * j + i * j) % 13 >= 2) continue;
            x.col[at] = j;
            x.value[at++] = (float)(1 + (3 * i + 5 * j) % 7 + 4 * (i % 3 == j % 3));
        }
        x.at[i + 1] = at;
    }
    return x;
}

static double product(const float *a, const float *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

CHECK(lsa_finds_the_singular_values_and_angles_of_the_oracle) {
    static const double singular[8] = {271.754307, 150.429115, 80.489149, 73.142752,
                                       62.333615,  62.026984,  61.655525, 61.085112};
    static const int pair[4][2] = {{0, 3}, {0, 1}, {5, 77}, {100, 239}};
    static const double cosine[4] = {0.491587, 0.422390, 0.695793, 0.780298};
    fixture f;
    lsa_model m;
    open_fixture(&f, 2);
    sparse x = ruled(ROWS, &f.s.keep);
    lsa_params p = LSA_DEFAULTS;
    p.wide = 8;
    p.passes = 30; /* the rule's singular values 5 to 9 lie close together */
    check_ok(lsa_fit(&m, &x, p, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    /* 1e-3 of 61 … 272: float products of 240 rows */
    for (int i = 0; i < 8; i++) check_near(m.singular[i], singular[i], 1e-3);
    float *v = lsa_rows(&m, &x, f.threads, &f.s.keep);
    for (int i = 0; i < 4; i++) /* 1e-4: float vectors of a subspace that is nearly converged */
        check_near(product(v + pair[i][0] * 8, v + pair[i][1] * 8, 8), cosine[i], 1e-4);
    for (int i = 0; i < ROWS; i++) check_near(product(v + i * 8, v + i * 8, 8), 1, 1e-5);
    for (int j = 0; j < 8; j++) { /* signs: the largest component is positive */
        float most = 0;
        for (int t = 0; t < COLS; t++)
            if (fabsf(m.basis[t * 8 + j]) > fabsf(most)) most = m.basis[t * 8 + j];
        check(most > 0);
    }
    close_fixture(&f);
}

CHECK(lsa_threads_give_the_same_bytes) {
    fixture f[3];
    lsa_model m[3];
    float *v[3];
    static const int threads[3] = {1, 2, 8};
    lsa_params p = LSA_DEFAULTS;
    p.wide = 16;
    for (int i = 0; i < 3; i++) {
        open_fixture(&f[i], threads[i]);
        sparse x = ruled(5000, &f[i].s.keep);
        check_ok(lsa_fit(&m[i], &x, p, f[i].threads, &f[i].s.keep, f[i].s.scratch, &f[i].e),
                 &f[i].e);
        v[i] = lsa_rows(&m[i], &x, f[i].threads, &f[i].s.keep);
        check(memcmp(m[i].singular, m[0].singular, 16 * sizeof(double)) == 0);
        check(memcmp(m[i].basis, m[0].basis, COLS * 16 * sizeof(float)) == 0);
        check(memcmp(v[i], v[0], 5000 * 16 * sizeof(float)) == 0);
    }
    for (int i = 0; i < 3; i++) close_fixture(&f[i]);
}

CHECK(lsa_of_few_directions_ends_in_zeros) {
    fixture f;
    lsa_model m;
    open_fixture(&f, 1);
    /* two directions: rows (3, 0, 0), (0, 0, 4), (0, 0, 3) -> singular values 5 and 3 */
    int32_t row[3] = {0, 1, 2}, col[3] = {0, 2, 2};
    float weight[3] = {3, 4, 3};
    sparse x = sparse_from_triples(4, 3, 3, row, col, weight, &f.s.keep, f.s.scratch);
    lsa_params p = LSA_DEFAULTS;
    p.wide = 4;
    check_ok(lsa_fit(&m, &x, p, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    check_near(m.singular[0], 5, 1e-5);
    check_near(m.singular[1], 3, 1e-5);
    check(m.singular[2] == 0 && m.singular[3] == 0);
    float *v = lsa_rows(&m, &x, f.threads, &f.s.keep);
    check_near(v[1], 1, 1e-6);  /* the first row is the second direction */
    check_near(v[4], 1, 1e-6);
    check_near(v[8], 1, 1e-6);
    for (int j = 0; j < 4; j++) check(v[12 + j] == 0); /* a row without words */
    close_fixture(&f);
}

CHECK(lsa_refuses_what_makes_no_sense) {
    fixture f;
    lsa_model m;
    open_fixture(&f, 1);
    sparse x = ruled(9, &f.s.keep), none = {.rows = 0, .cols = 3, .at = take(&f.s.keep, int64_t, 1)};
    lsa_params p = LSA_DEFAULTS;
    p.wide = 0;
    check(!lsa_fit(&m, &x, p, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "wide must be 1 to 1024");
    f.e = (err){0};
    check(!lsa_fit(&m, &none, LSA_DEFAULTS, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "no text has a known word");
    f.e = (err){0};
    x.value[3] = NAN;
    check(!lsa_fit(&m, &x, LSA_DEFAULTS, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "no finite number");
    close_fixture(&f);
}
