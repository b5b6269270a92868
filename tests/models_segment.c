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
