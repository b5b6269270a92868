/* kmeans bounds: they change no bit, say no more than is true, spare rows and know when to end. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "models/kmeans_run.h"

typedef struct fixture {
    scope s;
    pool *threads;
    err e;
} fixture;

static void open_fixture(fixture *f, int threads) {
    memset(f, 0, sizeof *f);
    check_ok(scope_open(&f->s, 64 << 20, 256 << 20, &f->e), &f->e);
    f->threads = pool_open(threads, 4 << 20, &f->e);
    check(f->threads != NULL);
}

static void close_fixture(fixture *f) {
    pool_close(f->threads);
    scope_close(&f->s);
}

static kmeans_model fit(fixture *f, const kmeans_data *data, kmeans_params p) {
    kmeans_model m;
    check_ok(kmeans_fit(&m, data, p, f->threads, &f->s.keep, f->s.scratch, &f->e), &f->e);
    return m;
}

/* Rows of overlapping clouds on a grid, shifted far from zero. */
static float *overlapping(fixture *f, int64_t n, int d, double shift) {
    float *x = take(&f->s.keep, float, n * d);
    for (int64_t i = 0; i < n; i++) {
        rng r = rng_open(17, (uint64_t)i);
        for (int j = 0; j < d; j++)
            x[i * d + j] = (float)(shift + rng_normal(&r) + 1.5 * (double)(i >> (j % 5) & 1));
    }
    return x;
}

CHECK(kmeans_bounds_change_no_bit_of_any_thread_count) {
    static const struct {
        int64_t n;
        int d, k;
        double shift;
        bool weights;
    } cases[] = {{3000, 3, 5, 0, false},   {5000, 8, 33, 100, true},  {3001, 20, 17, 0, false},
                 {4096, 2, 129, 0, true}, {2500, 16, 16, 1e5, false}, {3000, 256, 2, 0, false}};
    fixture f;
    open_fixture(&f, 2);
    double *weight = take(&f.s.keep, double, 10000);
    for (int i = 0; i < 10000; i++) weight[i] = i % 4; /* some rows weigh nothing */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t n = cases[i].n;
        int d = cases[i].d, k = cases[i].k;
        kmeans_data data = {overlapping(&f, n, d, cases[i].shift), n, d,
                            cases[i].weights ? weight : NULL};
        kmeans_params p = KMEANS_DEFAULTS;
        p.k = k;
        p.starts = 2;
        p.swaps = 2;
        p.tolerance = 0;
        kmeans_model with = fit(&f, &data, p);
        p.plain = true;
        kmeans_model without = fit(&f, &data, p);
        check(with.iterations == without.iterations && with.inertia == without.inertia);
        check(memcmp(with.label, without.label, (size_t)n * sizeof *with.label) == 0);
        check(memcmp(with.centres, without.centres, sizeof(double) * (size_t)(k * d)) == 0);
    }
    close_fixture(&f);
}

CHECK(kmeans_kernels_of_bounds_equal_plain_arithmetic) {
    kmeans_bound_kernel *const bound[] = SIMD_TABLE(kmeans_bound);
    kmeans_own_kernel *const own[] = SIMD_TABLE(kmeans_own);
    enum { GROUPS = 3, ROWS = GROUPS * KMEANS_LANES, COLS = 3, CENTRES = 6, PADDED = 8 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e); /* kernels want memory of an arena: aligned */
    float *x = take(&s.keep, float, ROWS * COLS), *expire = take(&s.keep, float, ROWS);
    float *c = take(&s.keep, float, PADDED * COLS), *half = take(&s.keep, float, PADDED);
    double *wide = take(&s.keep, double, CENTRES * COLS), *square = take(&s.keep, double, ROWS);
    int32_t *label = take(&s.keep, int32_t, ROWS);
    rng r = rng_open(14, 0);
    for (int i = 0; i < GROUPS * COLS * KMEANS_LANES; i++) x[i] = (float)(rng_below(&r, 17) - 8);
    for (int i = 0; i < PADDED; i++) half[i] = i < CENTRES ? 0 : INFINITY;
    for (int i = 0; i < CENTRES * COLS; i++) {
        c[i] = (float)(rng_below(&r, 17) - 8);
        wide[i] = (double)c[i];
        half[i / COLS] += c[i] * c[i] / 2;
    }
    const float decay[PADDED] = {1, 2, 3, 4, 5, 6};
    const kmeans_bounds b = {decay, 0.5f, 0};
    for (int level = 0; level < SIMD_KINDS; level++) {
        if (!simd_has((simd_kind)level)) continue;
        uint8_t touched[GROUPS];
        for (int i = 0; i < ROWS; i++) {
            label[i] = i % CENTRES;
            /* group 0 holds in all rows, 1 in all but one, 2 in none: 0.5 is not less than 0.5 */
            expire[i] = decay[label[i]] + (i < 32 && i != 17 ? 0.75f : 0.5f);
        }
        own[level](x, GROUPS, COLS, wide, label, square);
        bound[level](x, GROUPS, COLS, PADDED, c, half, &b, label, expire, touched);
        check(touched[0] == 0 && touched[1] == 1 && touched[2] == 1);
        for (int i = 0; i < ROWS; i++) {
            double least = INFINITY, second = INFINITY;
            int best = 0;
            for (int o = 0; o < CENTRES; o++) {
                double sum = 0;
                for (int j = 0; j < COLS; j++) {
                    double gap = (double)x[(i / 16 * COLS + j) * 16 + i % 16] - wide[o * COLS + j];
                    sum += gap * gap;
                }
                if (o == i % CENTRES) check_near(square[i], sum, 0);
                if (sum < least) second = least, least = sum, best = o;
                else if (sum < second) second = sum;
            }
            if (i < 16 || (i < 32 && label[i] == i % CENTRES && best != label[i])) {
                check(i / 16 < 2 && label[i] == i % CENTRES); /* not looked at */
                continue;
            }
            if (i < 32 && expire[i] == decay[i % CENTRES] + 0.75f) continue; /* another vector */
            check(label[i] == best);
            /* 1e-4: the bound is rounded down by 1e-5 of itself */
            check_near((double)(expire[i] - decay[best]), sqrt(second) - sqrt(least), 3e-4);
            check((double)(expire[i] - decay[best]) <= sqrt(second) - sqrt(least) + 1e-6);
        }
    }
    scope_close(&s);
}

/* Runs from the first rows as centres until no label changes. */
static kmeans_run settle(fixture *f, const kmeans_data *data, int k, kmeans_model *m) {
    kmeans_run r = kmeans_run_open(data, k, NULL, f->threads, &f->s.keep, NULL);
    for (int i = 0; i < k * data->d; i++)
        r.centre[i] = (double)kmeans_run_at(&r, i / data->d, i % data->d);
    kmeans_run_lloyd(&r, 1000, 0, m);
    return r;
}

CHECK(kmeans_bounds_are_below_the_gap_and_spare_most_rows) {
    enum { ROWS = 6400, COLS = 16, CENTRES = 16 };
    fixture f;
    kmeans_model m;
    open_fixture(&f, 2);
    kmeans_data data = {overlapping(&f, ROWS, COLS, 0), ROWS, COLS, NULL};
    float *x = take(&f.s.keep, float, ROWS * COLS);
    for (int i = 0; i < ROWS * COLS; i++) /* far apart enough for few rows to waver */
        x[i] = data.x[i] + 2 * (float)(i / COLS >> (i % COLS % 5) & 1);
    data.x = x;
    kmeans_run r = settle(&f, &data, CENTRES, &m);
    int64_t renewed = 0;
    double reach = 0, centres = 0, apart = INFINITY, most = 0;
    for (int64_t c = 0; c < r.chunks; c++) renewed += r.renewed[c];
    check(m.converged && r.bounded && renewed < r.groups / 4);
    for (int a = 0; a < CENTRES; a++) {
        double square = 0;
        for (int j = 0; j < COLS; j++) square += pow((double)r.narrow[a * COLS + j], 2);
        centres = fmax(centres, sqrt(square));
        most = fmax(most, r.decay[a]);
        for (int b = 0; b < a; b++) {
            square = 0;
            for (int j = 0; j < COLS; j++)
                square += pow((double)(r.narrow[a * COLS + j] - r.narrow[b * COLS + j]), 2);
            apart = fmin(apart, sqrt(square));
        }
    }
    for (int64_t i = 0; i < ROWS; i++) {
        double length = 0, first = INFINITY, second = INFINITY;
        for (int j = 0; j < COLS; j++) length += pow((double)kmeans_run_at(&r, i, j), 2);
        reach = fmax(reach, sqrt(length));
        for (int c = 0; c < CENTRES; c++) {
            double square = 0;
            for (int j = 0; j < COLS; j++)
                square += pow((double)(kmeans_run_at(&r, i, j) - r.narrow[c * COLS + j]), 2);
            if (square < first) second = first, first = square;
            else if (square < second) second = square;
        }
        /* 1e-5: floats */
        check((double)(r.expire[i] - r.narrow_decay[r.label[i]]) <=
              sqrt(second) - sqrt(first) + 1e-5);
    }
    double unit = (COLS + 3) * 6e-8, off = unit * centres * (reach + centres / 2);
    check_near(r.reach, reach, 1e-5);
    check_near((double)r.wobble / (8 * unit * pow(reach + centres, 2)), 1, 1e-5);
    check_near((double)r.margin / (4 * off / apart + 4e-7 * (most + reach + centres)), 1.001, 1e-5);
    close_fixture(&f);
}

CHECK(kmeans_bounds_are_given_up_where_they_do_not_pay) {
    enum { ROWS = 6400, COLS = 32, CENTRES = 16 };
    fixture f;
    kmeans_model m;
    open_fixture(&f, 1);
    float *x = take(&f.s.keep, float, ROWS * COLS);
    for (int i = 0; i < ROWS; i++) { /* one cloud: all centres are about as near */
        rng r = rng_open(41, (uint64_t)i);
        for (int j = 0; j < COLS; j++) x[i * COLS + j] = (float)rng_normal(&r);
    }
    kmeans_run r = settle(&f, &(kmeans_data){x, ROWS, COLS, NULL}, CENTRES, &m);
    check(m.converged && r.still > 64);
    close_fixture(&f);
}
