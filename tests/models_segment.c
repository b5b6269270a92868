/* segment: K-Means, validity and RFM against planted clusters, hand counts and an independent
 * implementation. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/choose_k.h"
#include "models/kmeans.h"
#include "models/segment/rfm.h"
#include "models/segment/scale.h"
#include "models/segment/validity.h"

enum { N = 1003, D = 5, K = 6 };

typedef struct fixture {
    scope s;
    pool *threads;
    float *x;      /* [N, D] */
    double *first; /* [K, D]: the first rows, as start */
    err e;
} fixture;

/* The numbers of tests/oracles/segment.py. */
static void open_fixture(fixture *f, int threads) {
    memset(f, 0, sizeof *f);
    check_ok(scope_open(&f->s, 64 << 20, 256 << 20, &f->e), &f->e);
    f->threads = pool_open(threads, 4 << 20, &f->e);
    check(f->threads != NULL);
    f->x = take(&f->s.keep, float, N * D);
    f->first = take(&f->s.keep, double, K * D);
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < D; j++) {
            double noise = (double)((i * 7919 + j * 104729 + i * i * 31 * (j + 1)) % 1009) / 1009;
            f->x[i * D + j] = (float)(noise * 4 + (double)(((i % K) * (j + 2) * 5) % 7));
        }
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

CHECK(validity_equals_the_reference) {
    fixture f;
    open_fixture(&f, 2);
    kmeans_model m = fit(&f, &(kmeans_data){f.x, N, D, NULL}, from_first(&f));
    int32_t truth[N];
    for (int i = 0; i < N; i++) truth[i] = i % K;
    /* 1e-6 relative: the reference computes float rows in part in single precision */
    check_near(validity_silhouette(f.x, N, D, m.label, K, f.threads, f.s.scratch), 0.36359703540802,
               4e-7);
    check_near(validity_calinski(f.x, N, D, m.label, K, f.s.scratch), 615.1231881831745, 6e-4);
    check_near(validity_davies(f.x, N, D, m.label, K, f.s.scratch), 1.0385821652863643, 1e-6);
    check_near(validity_ari(truth, K, m.label, K, N, f.s.scratch), 0.9009811674201171, 1e-12);
    close_fixture(&f);
}

CHECK(validity_by_hand) {
    fixture f;
    open_fixture(&f, 1);
    float x[] = {0, 1, 5, 6};
    int32_t a[] = {0, 0, 1, 1}, b[] = {1, 1, 0, 0}, c[] = {0, 1, 1, 1}, one[] = {0, 0, 0, 0};
    /* rows 0 and 6: a = 1, b = 5.5; rows 1 and 5: a = 1, b = 4.5 */
    check_near(validity_silhouette(x, 4, 1, a, 2, f.threads, f.s.scratch),
               (4.5 / 5.5 + 3.5 / 4.5) / 2, 1e-15);
    check_near(validity_calinski(x, 4, 1, a, 2, f.s.scratch), 25.0 / (1.0 / 2), 1e-12);
    check_near(validity_davies(x, 4, 1, a, 2, f.s.scratch), (0.5 + 0.5) / 5, 1e-15);
    check_near(validity_ari(a, 2, b, 2, 4, f.s.scratch), 1, 0);
    /* cells {1,1;0,2}: common 1, sides 2 and 3, chance 6/6 = 1 */
    check_near(validity_ari(a, 2, c, 2, 4, f.s.scratch), 0, 1e-15);
    check_near(validity_ari(one, 1, one, 1, 4, f.s.scratch), 1, 0);
    double overlap[2];
    validity_jaccard(a, 2, c, 2, 4, overlap, f.s.scratch);
    check_near(overlap[0], 0.5, 0);
    check_near(overlap[1], 2.0 / 3, 1e-15);
    check(isnan(validity_silhouette(x, 4, 1, one, 1, f.threads, f.s.scratch)));
    close_fixture(&f);
}

CHECK(rfm_names_partition_the_125_cells) {
    const int wanted[RFM_NAMES] = {7, 8, 24, 7, 16, 8, 8, 22, 8, 11, 6};
    int count[RFM_NAMES] = {0};
    for (int r = 1; r <= 5; r++)
        for (int f = 1; f <= 5; f++)
            for (int m = 1; m <= 5; m++) count[rfm_name(r, f, m)]++;
    for (int i = 0; i < RFM_NAMES; i++) check(count[i] == wanted[i]);
    check_text(slice_of(rfm_names[rfm_name(5, 5, 5)]), "Champions");
    check_text(slice_of(rfm_names[rfm_name(1, 1, 1)]), "Lost");
    check_text(slice_of(rfm_names[rfm_name(1, 5, 5)]), "Cannot Lose");
}

CHECK(rfm_equal_values_share_a_score) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    double days[10], orders[10], money[10];
    for (int i = 0; i < 10; i++) days[i] = 10 * i, orders[i] = i + 1, money[i] = i < 5 ? 7 : i * 10;
    rfm_cuts c = rfm_cuts_of(&(rfm_data){days, orders, money, 10}, s.scratch);
    /* quintiles of 10 values: the 2nd, 4th, 6th and 8th */
    check_near(c.recency[0], 10, 0);
    check_near(c.recency[3], 70, 0);
    check_near(c.frequency[1], 4, 0);
    check(!c.fixed_frequency);
    for (int i = 0; i < 10; i++) {
        rfm_score one = rfm_score_one(&c, days[i], orders[i], money[i]);
        check(one.recency == 5 - i / 2 && one.frequency == 1 + i / 2);
        check(one.money == (i < 5 ? 1 : i == 5 ? 3 : i < 8 ? 4 : 5));
    }
    for (int i = 0; i < 10; i++) orders[i] = i < 7 ? 1 : i;
    c = rfm_cuts_of(&(rfm_data){days, orders, money, 10}, s.scratch);
    check(c.fixed_frequency && rfm_score_one(&c, 0, 1, 0).frequency == 1);
    check(rfm_score_one(&c, 0, 4, 0).frequency == 3 && rfm_score_one(&c, 0, 5, 0).frequency == 4);
    check(rfm_score_one(&c, 0, 9, 0).frequency == 4 && rfm_score_one(&c, 0, 10, 0).frequency == 5);
    check(rfm_cuts_check(&c) == NULL);
    c.money[0] = 1e9;
    check_text(slice_of(rfm_cuts_check(&c)), "cut points must ascend");
    scope_close(&s);
}

CHECK(scale_by_hand) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    /* the second column does not vary, the third is -2 times the first */
    const double x[] = {1, 7, -2, 1,  2, 7, -4, -1,  3, 7, -6, -1,  4, 7, -8, 1,  NAN, 7, NAN, 0};
    scale_model m = scale_fit(x, 5, 4, (scale_params){0, 0.95}, &s.keep, s.scratch);
    check(m.d == 2 && m.from[0] == 0 && m.from[1] == 3);
    check_near(m.mean[0], 2.5, 1e-15);
    check_near(m.sd[0], sqrt(1.25), 1e-15);
    check_near(m.mean[1], 0, 1e-15);
    check_near(m.sd[1], sqrt(0.8), 1e-15);
    const double other[] = {10, 0, 0, -0.5, NAN, 0, 0, -7};
    float *z = scale_apply(&m, other, 2, &s.keep);
    check_near((double)z[0], 1.5 / sqrt(1.25), 1e-6); /* 10 is drawn to the largest, 4 */
    check_near((double)z[1], -0.5 / sqrt(0.8), 1e-6); /* floats */
    check(z[2] == 0);                                 /* not known: the mean */
    check_near((double)z[3], -1 / sqrt(0.8), 1e-6);
    check(scale_fit(x, 5, 4, (scale_params){0, 1}, &s.keep, s.scratch).d == 3);
    scope_close(&s);
}

CHECK(choose_k_trusts_clouds_that_come_back) {
    enum { ROWS = 60 };
    fixture f;
    open_fixture(&f, 1);
    float x[ROWS];
    for (int i = 0; i < ROWS; i++) { /* clouds of 10, 20 and 30 rows */
        rng r = rng_open(21, (uint64_t)i);
        x[i] = (float)(rng_normal(&r) + (i < 10 ? 0 : i < 30 ? 100 : 250));
    }
    kmeans_data data = {x, ROWS, 1, NULL};
    kmeans_params p = KMEANS_DEFAULTS;
    choose_k_trial t[2];
    for (int i = 0; i < 2; i++) {
        p.k = 3 + 5 * i;
        kmeans_model m = fit(&f, &data, p);
        t[i] = choose_k_judge(&m, &data, CHOOSE_K_DEFAULTS, f.threads, &f.s.keep, f.s.scratch);
    }
    check_near(t[0].stability, 1, 1e-12);
    check_near(t[0].smallest, 1.0 / 6, 1e-12);
    for (int c = 0; c < 3; c++) check_near(t[0].overlap[c], 1, 1e-12);
    check(t[0].silhouette > 0.95 && t[1].stability < 0.9 && t[1].stability > 0);
    bool stable;
    check(choose_k_pick(t, 2, &stable) == 0 && stable);
    t[0].stability = 0.7, t[1].stability = 0.72; /* none is firm: the firmest */
    check(choose_k_pick(t, 2, &stable) == 1 && !stable);
    close_fixture(&f);
}
