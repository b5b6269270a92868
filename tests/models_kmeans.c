/* kmeans: against planted clusters, hand counts, an independent implementation and its twin. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/kmeans.h"

enum { N = 1003, D = 5, K = 6 };

typedef struct fixture {
    scope s;
    pool *threads;
    float *x;      /* [N, D] */
    double *first; /* [K, D]: the first rows, as start */
    err e;
} fixture;

/* The numbers of tests/oracles/segment.py. */
static float *planted(arena *keep, int64_t n, int64_t d, int64_t groups) {
    float *x = take(keep, float, n * d);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < d; j++) {
            double noise = (double)((i * 7919 + j * 104729 + i * i * 31 * (j + 1)) % 1009) / 1009;
            x[i * d + j] = (float)(noise * 4 + (double)(((i % groups) * (j + 2) * 5) % 7));
        }
    return x;
}

static void open_fixture(fixture *f, int threads) {
    memset(f, 0, sizeof *f);
    check_ok(scope_open(&f->s, 64 << 20, 256 << 20, &f->e), &f->e);
    f->threads = pool_open(threads, 4 << 20, &f->e);
    check(f->threads != NULL);
    f->x = planted(&f->s.keep, N, D, K);
    f->first = take(&f->s.keep, double, K * D);
    for (int i = 0; i < K * D; i++) f->first[i] = (double)f->x[i];
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

static kmeans_params from_first(const fixture *f) {
    kmeans_params p = KMEANS_DEFAULTS;
    p.k = K;
    p.centres = f->first;
    p.tolerance = 0;
    return p;
}

CHECK(kmeans_equals_the_reference_from_the_same_start) {
    fixture f;
    open_fixture(&f, 1);
    kmeans_model m = fit(&f, &(kmeans_data){f.x, N, D, NULL}, from_first(&f));
    const double counts[K] = {167, 167, 164, 169, 170, 166};
    const double centre[D] = {1.9962374509094687, 2.0611858578945372, 2.0063737758691818,
                              1.9994658859011691, 1.896749610226311};
    int64_t sum = 0;
    for (int64_t i = 0; i < N; i++) sum += m.label[i] * (i % 97);
    check(sum == 117883 && m.converged && m.iterations == 5);
    for (int c = 0; c < K; c++) check_near(m.mass[c], counts[c], 0);
    /* 1e-6 relative: rows are kept as float around their means */
    check_near(m.inertia, 6486.521992060601, 6.5e-3);
    for (int j = 0; j < D; j++) check_near(m.centres[j], centre[j], 1e-6);
    close_fixture(&f);
}

CHECK(kmeans_weights_equal_the_reference_and_repeated_rows) {
    fixture f;
    open_fixture(&f, 1);
    double weight[N];
    float *twice = take(&f.s.keep, float, 3 * N * D);
    int64_t rows = 0;
    for (int i = 0; i < N; i++) {
        weight[i] = 1 + i % 3;
        for (int w = 0; w < 1 + i % 3; w++)
            memcpy(twice + rows++ * D, f.x + i * D, D * sizeof(float));
    }
    kmeans_model m = fit(&f, &(kmeans_data){f.x, N, D, weight}, from_first(&f));
    kmeans_model r = fit(&f, &(kmeans_data){twice, rows, D, NULL}, from_first(&f));
    check_near(m.inertia, 12891.32140924229, 1.3e-2); /* as above */
    check_near(r.inertia, m.inertia, 1e-3);           /* other means to pack around */
    for (int c = 0; c < K; c++) check_near(r.mass[c], m.mass[c], 0);
    close_fixture(&f);
}

CHECK(kmeans_starts_find_what_the_reference_finds) {
    fixture f;
    open_fixture(&f, 2);
    kmeans_params p = KMEANS_DEFAULTS;
    p.k = K;
    kmeans_data data = {f.x, N, D, NULL};
    for (uint64_t seed = 1; seed <= 5; seed++) {
        p.seed = seed;
        /* the reference's best of 30 starts; 1.001 as every local optimum nearby is as good */
        check(fit(&f, &data, p).inertia <= 1.001 * 6486.387466070804);
    }
    p.sample = 300; /* starts on a sample are refined on all rows */
    kmeans_model m = fit(&f, &data, p);
    check(m.inertia <= 1.001 * 6486.387466070804);
    int32_t again[N];
    double inertia = kmeans_assign(&m, &data, f.threads, again, f.s.scratch);
    check(memcmp(again, m.label, sizeof again) == 0);
    check_near(inertia, m.inertia, 1e-3); /* float rounding around the same means */
    close_fixture(&f);
}

CHECK(kmeans_free_runs_reach_the_best_of_ten_starts_of_the_reference) {
    static const struct {
        int n, d, groups, k;
        double best; /* tests/oracles/segment.py */
    } sets[] = {{300, 2, 6, 6, 529.4521036463407},    {400, 3, 9, 5, 1657.2446276063902},
                {500, 4, 7, 10, 2054.2134693979824},  {350, 8, 4, 4, 3687.109552063669},
                {600, 2, 11, 12, 564.9396515768578},  {450, 5, 13, 8, 2783.3517101617354},
                {800, 1, 5, 7, 125.86367645364481},   {300, 12, 6, 6, 4752.424808383912},
                {700, 3, 10, 15, 1417.5883004772668}, {500, 6, 3, 9, 2971.0286402485945}};
    fixture f;
    open_fixture(&f, 1);
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        kmeans_params p = KMEANS_DEFAULTS;
        float *x = planted(&f.s.keep, sets[i].n, sets[i].d, sets[i].groups);
        p.k = sets[i].k;
        for (p.seed = 1; p.seed <= 2; p.seed++)
            check(fit(&f, &(kmeans_data){x, sets[i].n, sets[i].d, NULL}, p).inertia <=
                  1.001 * sets[i].best);
    }
    close_fixture(&f);
}

/* Six clouds on a line, one after the other; returns how many of 20 starts find them all. */
static int found_clouds(fixture *f, int rows) {
    enum { SEEDS = 20 };
    float *x = take(&f->s.keep, float, rows);
    for (int i = 0; i < rows; i++) {
        rng r = rng_open(8, (uint64_t)i);
        x[i] = (float)(rng_normal(&r) + 30 * (i / (rows / 6)));
    }
    int found = 0;
    kmeans_params p = {6, 1, 100, 0, rows, 1, NULL};
    for (p.seed = 1; p.seed <= SEEDS; p.seed++)
        /* 1 a row within clouds of variance 1; a missed cloud costs over 40 a row */
        found += fit(f, &(kmeans_data){x, rows, 1, NULL}, p).inertia < 1.5 * rows;
    return found;
}

CHECK(kmeans_one_start_draws_from_all_clouds) {
    fixture f;
    open_fixture(&f, 1);
    check(found_clouds(&f, 1200) >= 19);  /* one chunk of up to 4,096 rows */
    check(found_clouds(&f, 30000) >= 19); /* eight: no cloud lies within one */
    close_fixture(&f);
}

CHECK(kmeans_starts_take_the_best_of_their_draws) {
    enum { ROWS = 2000, CLOUDS = 40, SEEDS = 20 };
    fixture f;
    open_fixture(&f, 1);
    float *x = take(&f.s.keep, float, ROWS);
    for (int i = 0; i < ROWS; i++) { /* clouds beside each other on a line */
        rng r = rng_open(9, (uint64_t)i);
        x[i] = (float)(rng_normal(&r) + 8 * (i % CLOUDS));
    }
    double sum = 0;
    kmeans_params p = {CLOUDS, 1, 1, 0, ROWS, 1, NULL};
    for (p.seed = 1; p.seed <= SEEDS; p.seed++)
        sum += fit(&f, &(kmeans_data){x, ROWS, 1, NULL}, p).inertia / ROWS / SEEDS;
    check(sum < 2); /* 1.0; 4.9 when the worst draw is taken */
    close_fixture(&f);
}

CHECK(kmeans_fills_empty_clusters_and_survives_equal_rows) {
    fixture f;
    open_fixture(&f, 1);
    float x[] = {0, 0, 0, 10, 10, 20};
    double start[] = {0, 15, 1000}; /* the third centre is nobody's nearest */
    kmeans_params p = {3, 1, 50, 0, 100, 1, start};
    kmeans_model m = fit(&f, &(kmeans_data){x, 6, 1, NULL}, p);
    check_near(m.inertia, 0, 1e-9);
    check_near(m.mass[0], 3, 0);
    float same[] = {7, 7, 7, 7};
    p.k = 3, p.centres = NULL;
    m = fit(&f, &(kmeans_data){same, 4, 1, NULL}, p);
    check_near(m.inertia, 0, 0);
    check_near(m.mass[0] + m.mass[1] + m.mass[2], 4, 0);
    close_fixture(&f);
}

CHECK(kmeans_tolerance_is_a_share_of_the_variance) {
    fixture f;
    open_fixture(&f, 1);
    float x[] = {0, 4}; /* variance 4 */
    double start[] = {0, 1};
    kmeans_params p = {2, 1, 50, 9 / 4.0 + 0.01, 100, 1, start};
    /* the second centre moves by 3: 9 <= tolerance x 4 stops at once */
    check(fit(&f, &(kmeans_data){x, 2, 1, NULL}, p).iterations == 1);
    p.tolerance = 9 / 4.0 - 0.01;
    check(fit(&f, &(kmeans_data){x, 2, 1, NULL}, p).iterations == 2);
    close_fixture(&f);
}

CHECK(kmeans_keeps_its_digits_far_from_zero) {
    fixture f;
    open_fixture(&f, 1);
    const double far = 4194304; /* 2^22: halves are exact in float, and products of such are not */
    float x[40];
    double start[] = {far, far + 3};
    for (int i = 0; i < 40; i++) x[i] = (float)(far + 0.5 * (i % 4) + (i % 8 < 4 ? 0 : 10));
    kmeans_params p = {2, 1, 50, 0, 100, 1, start};
    kmeans_model m = fit(&f, &(kmeans_data){x, 40, 1, NULL}, p);
    check_near(m.centres[0], far + 0.75, 0);
    check_near(m.centres[1], far + 10.75, 0);
    check_near(m.inertia, 40 * 0.3125, 1e-6); /* rows are kept as float around their mean */
    close_fixture(&f);
}

CHECK(kmeans_refuses_nonsense) {
    fixture f;
    open_fixture(&f, 1);
    float bad[] = {1, 2, NAN, 4};
    kmeans_model m;
    kmeans_params p = KMEANS_DEFAULTS;
    kmeans_data data = {bad, 4, 1, NULL};
    check(!kmeans_fit(&m, &data, p, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_text(slice_of(f.e.text), "k-means: there are fewer rows than clusters");
    err e = {0};
    p.k = 2;
    check(!kmeans_fit(&m, &data, p, f.threads, &f.s.keep, f.s.scratch, &e));
    check_text(slice_of(e.text), "k-means: a value is no finite number");
    close_fixture(&f);
}

CHECK(kmeans_is_the_same_with_any_number_of_threads) {
    enum { ROWS = 30000 };
    kmeans_model first = {0};
    fixture f[3];
    for (int t = 0; t < 3; t++) {
        open_fixture(&f[t], (int[]){1, 2, 8}[t]);
        float *x = take(&f[t].s.keep, float, ROWS * 3);
        for (int i = 0; i < ROWS; i++) {
            rng r = rng_open(3, (uint64_t)i);
            for (int j = 0; j < 3; j++)
                x[i * 3 + j] = (float)(rng_normal(&r) + (i % 4) * (j - 1) * 3);
        }
        kmeans_params p = {7, 2, 100, 1e-4, 9000, 42, NULL};
        kmeans_model m = fit(&f[t], &(kmeans_data){x, ROWS, 3, NULL}, p);
        if (t == 0) first = m;
        check(memcmp(m.label, first.label, ROWS * sizeof *m.label) == 0);
        check(memcmp(m.centres, first.centres, 21 * sizeof(double)) == 0);
        check(m.inertia == first.inertia && m.iterations == first.iterations);
    }
    for (int t = 0; t < 3; t++) close_fixture(&f[t]);
}

CHECK(kmeans_kernels_equal_plain_arithmetic) {
    kmeans_nearest_kernel *const nearest[] = SIMD_TABLE(kmeans_nearest);
    kmeans_closer_kernel *const closers[] = SIMD_TABLE(kmeans_closer);
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    const int sizes[] = {1, 7, 8, 33};
    for (int a = 0; a < 16; a++) {
        int d = sizes[a % 4], k = sizes[a / 4], padded = (k + 3) / 4 * 4;
        enum { GROUPS = 3, ROWS = GROUPS * KMEANS_LANES };
        rng r = rng_open(9, (uint64_t)a);
        float *x = take(&s.keep, float, ROWS * d), *c = take(&s.keep, float, padded * d);
        float *half = take(&s.keep, float, padded), *near = take(&s.keep, float, ROWS);
        float *got = take(&s.keep, float, ROWS);
        int32_t *label = take(&s.keep, int32_t, ROWS);
        /* small whole numbers: every sum is exact, so all levels must agree to the bit */
        for (int i = 0; i < ROWS * d; i++) x[i] = (float)(rng_below(&r, 17) - 8);
        for (int i = 0; i < padded; i++) half[i] = i < k ? 0 : INFINITY;
        for (int i = 0; i < k * d; i++) {
            c[i] = (float)(rng_below(&r, 17) - 8);
            half[i / d] += c[i] * c[i] / 2;
        }
        for (int i = 0; i < ROWS; i++) near[i] = (float)rng_below(&r, 200 * d);
        for (int level = 0; level < SIMD_KINDS; level++) {
            if (!simd_has((simd_kind)level)) continue;
            nearest[level](x, GROUPS, d, padded, c, half, label);
            closers[level](x, GROUPS, d, c, near, got);
            for (int i = 0; i < ROWS; i++) {
                float least = INFINITY;
                int best = 0;
                float gap = 0;
                for (int o = 0; o < k; o++) {
                    float square = 0;
                    for (int j = 0; j < d; j++) {
                        float v = x[(i / 16 * d + j) * 16 + i % 16] - c[o * d + j];
                        square += v * v;
                    }
                    if (o == 0) gap = square;
                    if (square < least) least = square, best = o;
                }
                check(label[i] == best);
                check(got[i] == (gap < near[i] ? gap : near[i]));
            }
        }
    }
    scope_close(&s);
}


CHECK(kmeans_batches_come_near_with_any_number_of_threads) {
    enum { ROWS = 50000 };
    kmeans_model first = {0};
    fixture f[3];
    for (int t = 0; t < 3; t++) {
        open_fixture(&f[t], (int[]){1, 2, 8}[t]);
        float *x = take(&f[t].s.keep, float, ROWS * 2);
        for (int i = 0; i < ROWS; i++) {
            rng r = rng_open(17, (uint64_t)i);
            for (int j = 0; j < 2; j++) x[i * 2 + j] = (float)(rng_normal(&r) + 5 * (i & 1));
        }
        kmeans_data data = {x, ROWS, 2, NULL};
        kmeans_params p = KMEANS_DEFAULTS;
        p.k = 2;
        p.sample = 1000;
        kmeans_model whole = t == 0 ? fit(&f[t], &data, p) : first;
        p.batch = 2000;
        kmeans_model m = fit(&f[t], &data, p);
        if (t == 0) {
            first = m;
            double mass = 0;
            for (int c = 0; c < 2; c++) mass += m.mass[c];
            check(mass == ROWS && m.iterations >= 10 && m.iterations < 300 && m.converged);
            /* 5e-4: centres of some 25,000 drawn rows are .01 of a standard deviation off */
            check(m.inertia < 1.0005 * whole.inertia && m.inertia > 0.9999 * whole.inertia);
        }
        check(memcmp(m.label, first.label, ROWS * sizeof *m.label) == 0);
        check(memcmp(m.centres, first.centres, 4 * sizeof(double)) == 0);
    }
    for (int t = 0; t < 3; t++) close_fixture(&f[t]);
}

CHECK(kmeans_swaps_leave_local_optima) {
    enum { CLOUDS = 36, EACH = 20, ROWS = CLOUDS * EACH };
    fixture f;
    open_fixture(&f, 1);
    float *x = take(&f.s.keep, float, ROWS * 2);
    for (int i = 0; i < ROWS; i++) { /* twelve far groups of three near clouds */
        rng r = rng_open(33, (uint64_t)i);
        int c = i % CLOUDS;
        x[i * 2] = (float)(100 * (c / 3) + rng_normal(&r));
        x[i * 2 + 1] = (float)(12 * (c % 3) + rng_normal(&r));
    }
    kmeans_params p = KMEANS_DEFAULTS;
    p.k = CLOUDS;
    p.starts = 1;
    int found[2] = {0};
    for (int swaps = 0; swaps < 2; swaps++)
        for (p.seed = 1; p.seed <= 10; p.seed++) {
            p.swaps = 12 * swaps;
            /* 2 a row in two columns of variance 1; a missed cloud costs 36 for each of 40 rows */
            found[swaps] += fit(&f, &(kmeans_data){x, ROWS, 2, NULL}, p).inertia < 2.4 * ROWS;
        }
    check(found[1] == 10 && found[0] < 10);
    close_fixture(&f);
}


CHECK(kmeans_on_the_sphere_by_hand) {
    fixture f;
    open_fixture(&f, 1);
    /* (1, 0), (0.6, 0.8) | (-1, 0), (-0.8, -0.6): the means point to (1.6, 0.8), (-1.8, -0.6) */
    float x[] = {1, 0, 0.6f, 0.8f, -1, 0, -0.8f, -0.6f};
    double start[] = {1, 0, -1, 0};
    kmeans_params p = KMEANS_DEFAULTS;
    p.k = 2;
    p.centres = start;
    p.spherical = true;
    kmeans_model m = fit(&f, &(kmeans_data){x, 4, 2, NULL}, p);
    check(m.label[0] == 0 && m.label[1] == 0 && m.label[2] == 1 && m.label[3] == 1);
    check_near(m.centres[0], 1.6 / sqrt(1.6 * 1.6 + 0.8 * 0.8), 1e-6); /* rows are floats */
    check_near(m.centres[1], 0.8 / sqrt(1.6 * 1.6 + 0.8 * 0.8), 1e-6);
    check_near(m.centres[2], -1.8 / sqrt(1.8 * 1.8 + 0.6 * 0.6), 1e-6);
    check_near(m.centres[3], -0.6 / sqrt(1.8 * 1.8 + 0.6 * 0.6), 1e-6);
    close_fixture(&f);
}
