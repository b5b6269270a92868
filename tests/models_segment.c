/* segment: K-Means, validity and RFM against planted clusters, hand counts and an independent
 * implementation. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/choose_k.h"
#include "models/segment/gap.h"
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

CHECK(validity_of_ten_rows_by_hand) {
    fixture f;
    open_fixture(&f, 2);
    /* a: 0 1 2, b: 10 12, c: 20 20 21 23, and one row alone at 40 */
    float x[] = {0, 1, 2, 10, 12, 20, 20, 21, 23, 40};
    int32_t a[] = {0, 0, 0, 1, 1, 2, 2, 2, 2, 3}, b[] = {0, 0, 1, 1, 1, 2, 2, 2, 2, 2};
    const double means[] = {1, 11, 21, 40};
    /* own and nearest other mean distances of each row, counted out */
    const double own[] = {1.5, 1, 1.5, 2, 2, 4.0 / 3, 4.0 / 3, 4.0 / 3, 8.0 / 3};
    const double other[] = {11, 10, 9, 9, 9, 9, 9, 10, 12};
    double silhouette = 0, simple = 0, within = 0, between = 0;
    for (int i = 0; i < 9; i++) { /* the last row, alone in its cluster, counts 0 */
        double near = 1e9, from = fabs((double)x[i] - means[a[i]]);
        for (int c = 0; c < 4; c++)
            if (c != a[i]) near = fmin(near, fabs((double)x[i] - means[c]));
        silhouette += (other[i] - own[i]) / other[i] / 10;
        simple += (near - from) / near / 10;
        within += from * from;
    }
    check_near(within, 2 + 2 + 6, 0);
    const double mean = 14.9, rows[] = {3, 2, 4, 1};
    for (int c = 0; c < 4; c++) between += rows[c] * (means[c] - mean) * (means[c] - mean);
    check_near(validity_silhouette(x, 10, 1, a, 4, f.threads, f.s.scratch), silhouette, 1e-15);
    check_near(validity_simplified(x, 10, 1, a, 4, f.threads, f.s.scratch), simple, 1e-15);
    check_near(validity_calinski(x, 10, 1, a, 4, f.s.scratch), between / 3 / (within / 6), 1e-12);
    /* spreads 2/3, 1, 1, 0 at distances of 10, 10 and 19 */
    check_near(validity_davies(x, 10, 1, a, 4, f.s.scratch),
               (5.0 / 3 / 10 + 2.0 / 10 + 2.0 / 10 + 1.0 / 19) / 4, 1e-15);
    /* cells 2 1 | 2 | 4 1 (rows of a: 3 2 4 1, of b: 2 3 5): 1 + 1 + 6 pairs of 3 + 1 + 6 and
     * 1 + 3 + 10 */
    double chance = 10.0 * 14 / 45;
    check_near(validity_ari(a, 4, b, 3, 10, f.s.scratch), (8 - chance) / (12 - chance), 1e-15);
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
    check(t[0].dbcv > 0.9 && t[1].dbcv < t[0].dbcv);
    check(t[0].silhouette > 0.95 && t[1].stability < 0.9 && t[1].stability > 0);
    bool stable;
    check(choose_k_pick(t, 2, &stable) == 0 && stable);
    t[0].stability = 0.7, t[1].stability = 0.72; /* none is firm: the firmest */
    check(choose_k_pick(t, 2, &stable) == 1 && !stable);
    close_fixture(&f);
}

/* A trial as a judge would leave it. */
static choose_k_trial trial_of(int k, double silhouette, double davies, double stability,
                               double *overlap) {
    return (choose_k_trial){.k = k, .silhouette = silhouette, .simplified = silhouette,
                            .calinski = 100, .davies = davies, .stability = stability,
                            .smallest = 0.05, .overlap = overlap, .dbcv = (double)NAN,
                            .gap = (double)NAN, .bic = (double)NAN, .icl = (double)NAN};
}

CHECK(choose_k_ranks_and_says_why) {
    scope s;
    err e = {0};
    bool stable;
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    double firm[7] = {0.9, 0.8, 0.95, 0.9, 0.9, 0.8, 0.9}, one_loose[] = {0.9, 0.9, 0.9, 0.7, 0.9};
    choose_k_trial t[] = {
        trial_of(2, 0.50, 0.7, 0.95, firm),     /* ranks 3, 3, 3.5, 2, 2: 2.7 */
        trial_of(3, 0.60, 0.5, 0.90, firm),     /* 1.5, 1.5, 3.5, 1, 3: 2.1 */
        trial_of(4, 0.60, 0.6, 0.60, firm),     /* not stable */
        trial_of(5, 0.40, 0.9, 0.97, one_loose),
        trial_of(6, 0.30, 1.0, 0.80, firm),
        trial_of(7, 0.20, 1.1, 0.70, firm),
    };
    t[4].smallest = 0.005;
    check(choose_k_pick(t, 6, &stable) == 1 && stable);
    /* silhouette twice 1.5, Calinski–Harabasz alike for all 3.5, Davies–Bouldin 1, stability 3 */
    check_near(t[1].rank, (1.5 + 1.5 + 3.5 + 1 + 3) / 5, 1e-15);
    check_near(t[0].rank, (3 + 3 + 3.5 + 3 + 2) / 5.0, 1e-15);
    check_text(slice_of(choose_k_verdict(t, 6, &s.keep)),
               "k = 3 is defensible and has the best mean rank over the criteria, k = 2 is "
               "defensible too; k = 4 and 7 are not stable; k = 5 is not stable in each of its "
               "clusters; k = 6 is split into clusters under 1 % of the rows.");
    for (int i = 0; i < 6; i++) t[i].bic = i == 0 ? -1000 : i; /* a mixture's: small is good */
    check(choose_k_pick(t, 6, &stable) == 1);
    check_near(t[0].rank, (3 + 3 + 3.5 + 3 + 2 + 1) / 6.0, 1e-15);
    check_near(t[1].rank, (1.5 + 1.5 + 3.5 + 1 + 3 + 2) / 6, 1e-15);
    for (int i = 0; i < 6; i++) t[i].stability = 0.1 * i;
    check(choose_k_pick(t, 6, &stable) == 5 && !stable);
    check_has(slice_of(choose_k_verdict(t, 6, &s.keep)), "no k of 2 to 7 is defensible; k = 2, ");
    scope_close(&s);
}

CHECK(gap_by_hand) {
    double s;
    const double references[] = {5, 7, 6, 6};
    check_near(gap_of(4, references, 4, &s), 2, 1e-15); /* mean 6 */
    check_near(s, sqrt(0.5 * 1.25), 1e-15);             /* variance 1/2, B = 4 */
    const double gap[] = {1, 0.5, 3.2, 3.4, 3}, sd[] = {0.1, 0.1, 0.1, 0.25, 0.1};
    check(gap_pick(gap, sd, 1, 5) == 3); /* 3.2 is within 0.25 of the largest, 3.4 */
    check(gap_pick(gap, sd, 1, 2) == 1);
}

CHECK(gap_counts_clouds_and_sees_when_there_is_one_on_any_thread) {
    enum { ROWS = 300 };
    int found[2][2];
    for (int threads = 1; threads <= 2; threads++) {
        fixture f;
        open_fixture(&f, threads);
        for (int clouds = 1; clouds <= 4; clouds += 3) {
            float *x = take(&f.s.keep, float, ROWS * 2);
            for (int i = 0; i < ROWS; i++) {
                rng r = rng_open(23, (uint64_t)i);
                int c = i % clouds; /* corners of a square, or one cloud */
                x[i * 2] = (float)(rng_normal(&r) + 8 * (c % 2));
                x[i * 2 + 1] = (float)(rng_normal(&r) + 8 * (c / 2));
            }
            double gap[6], s[6];
            gap_params p = GAP_DEFAULTS;
            check(gap_fit(&(kmeans_data){x, ROWS, 2, NULL}, 1, 6, p, f.threads, gap, s,
                          f.s.scratch));
            found[threads - 1][clouds / 4] = gap_pick(gap, s, 1, 6);
        }
        float same[8] = {1, 2, 1, 2, 1, 2, 1, 2};
        double none;
        check(!gap_fit(&(kmeans_data){same, 4, 2, NULL}, 2, 2, GAP_DEFAULTS, f.threads, &none,
                       &none, f.s.scratch));
        close_fixture(&f);
    }
    check(found[0][0] == 1 && found[0][1] == 4);
    check(memcmp(found[0], found[1], sizeof found[0]) == 0);
}
