/* segment preparation: principal components, intrinsic dimension and prices, by hand. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/cost.h"
#include "models/segment/pca.h"
#include "models/segment/scale.h"

static pool *open_all(scope *s, int threads) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 256 << 20, &e), &e);
    pool *p = pool_open(threads, 16 << 20, &e);
    check(p != NULL);
    return p;
}

CHECK(pca_by_hand) {
    scope s;
    err e = {0};
    pca_model m;
    pool *p = open_all(&s, 1);
    /* 3 each way along (2, -1) and 1 each way across it: variances 9 and 1 */
    const double u = 1 / sqrt(5);
    double x[8];
    for (int i = 0; i < 4; i++) {
        double along = (i & 1 ? 1 : -1) * 3, across = (i & 2 ? 1 : -1) * 1;
        x[i * 2] = 10 + u * (2 * along + across);
        x[i * 2 + 1] = -4 + u * (-along + 2 * across);
    }
    pca_params all = {1, 2, true};
    check_ok(pca_fit(&m, x, 4, 2, all, p, &s.keep, s.scratch, &e), &e);
    check(m.d == 2);
    check_near(m.mean[0], 10, 1e-14);
    check_near(m.variance[0], 9, 1e-13);
    check_near(m.variance[1], 1, 1e-13);
    check_near(m.turn[0], 2 * u / 3, 1e-14); /* (2, -1): the larger entry is positive */
    check_near(m.turn[1], -u / 3, 1e-14);
    check_near(m.turn[2], u, 1e-14);
    check_near(m.turn[3], 2 * u, 1e-14);
    double *z = pca_apply(&m, x, 4, p, &s.keep);
    for (int i = 0; i < 4; i++) {
        check_near(z[i * 2], i & 1 ? 1 : -1, 1e-13);
        check_near(z[i * 2 + 1], i & 2 ? 1 : -1, 1e-13);
    }
    check_ok(pca_fit(&m, x, 4, 2, (pca_params){0.9, 2, false}, p, &s.keep, s.scratch, &e), &e);
    check(m.d == 1); /* 9 of 10 */
    check_near(m.kept, 0.9, 1e-14);
    check_near(m.turn[0], 2 * u, 1e-14);
    check_ok(pca_fit(&m, x, 4, 2, (pca_params){0.91, 2, true}, p, &s.keep, s.scratch, &e), &e);
    check(m.d == 2);
    for (int i = 0; i < 4; i++) x[i * 2 + 1] = -2 * x[i * 2]; /* one direction alone */
    check_ok(pca_fit(&m, x, 4, 2, all, p, &s.keep, s.scratch, &e), &e);
    check(m.d == 1);
    const double same[] = {1, 2, 1, 2};
    check(!pca_fit(&m, same, 2, 2, all, p, &s.keep, s.scratch, &e));
    check_text(slice_of(e.text), "pca: no column varies");
    pool_close(p);
    scope_close(&s);
}

CHECK(pca_is_the_same_with_any_number_of_threads) {
    enum { ROWS = 3000, COLS = 7 };
    scope s[3];
    double *first = NULL;
    for (int t = 0; t < 3; t++) {
        err e = {0};
        pca_model m;
        pool *p = open_all(&s[t], (int[]){1, 2, 8}[t]);
        double *x = take(&s[t].keep, double, ROWS * COLS);
        for (int i = 0; i < ROWS; i++) {
            rng r = rng_open(4, (uint64_t)i);
            for (int j = 0; j < COLS; j++) x[i * COLS + j] = (j + 1) * rng_normal(&r) + i % 5 * j;
        }
        check_ok(pca_fit(&m, x, ROWS, COLS, PCA_DEFAULTS, p, &s[t].keep, s[t].scratch, &e), &e);
        double *z = pca_apply(&m, x, ROWS, p, &s[t].keep);
        if (t == 0) first = z;
        check(memcmp(z, first, sizeof *z * (size_t)(ROWS * m.d)) == 0);
        for (int a = 0; a < m.d; a++)
            for (int b = 0; b <= a; b++) { /* white: covariance is the identity */
                double sum = 0;
                for (int i = 0; i < ROWS; i++) sum += z[i * m.d + a] * z[i * m.d + b] / ROWS;
                check_near(sum, a == b, 1e-9);
            }
        pool_close(p);
    }
    for (int t = 0; t < 3; t++) scope_close(&s[t]);
}

/* Rows that fill `inner` dimensions, shown in `d` columns. */
static float *sheet(scope *s, int64_t n, int inner, int d) {
    float *x = take(&s->keep, float, n * d);
    for (int64_t i = 0; i < n; i++) {
        rng r = rng_open(12, (uint64_t)i);
        double u[8];
        for (int j = 0; j < inner; j++) u[j] = rng_uniform(&r);
        for (int j = 0; j < d; j++)
            for (int l = 0; l < inner; l++)
                x[i * d + j] += (float)(u[l] * cos(1 + j * (l + 1) * 1.7));
    }
    return x;
}

CHECK(cost_dimension_finds_what_rows_fill) {
    enum { ROWS = 2000 };
    scope s;
    pool *p = open_all(&s, 2);
    /* a tenth: three standard errors of 1,000 ratios (d / sqrt(1000)), and edges that pull down */
    check_near(cost_dimension(sheet(&s, ROWS, 1, 6), ROWS, 6, p, s.scratch), 1, 0.1);
    check_near(cost_dimension(sheet(&s, ROWS, 2, 6), ROWS, 6, p, s.scratch), 2, 0.2);
    check_near(cost_dimension(sheet(&s, ROWS, 4, 9), ROWS, 9, p, s.scratch), 4, 0.5);
    float *x = sheet(&s, ROWS, 2, 6);
    for (int i = 1; i < ROWS; i += 2) /* every row twice: the nearest is no neighbour */
        memcpy(x + i * 6, x + (i - 1) * 6, 6 * sizeof *x);
    check_near(cost_dimension(x, ROWS, 6, p, s.scratch), 6, 0); /* nothing tells: the columns */
    pool_close(p);
    scope_close(&s);
}

CHECK(cost_grows_and_is_said_in_words) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    double flat = cost_hdbscan(250000, 8, 10, 2).seconds;
    check(cost_hdbscan(250000, 8, 10, 8).seconds > 5 * flat);  /* what rows fill is what costs */
    check(cost_hdbscan(500000, 8, 10, 2).seconds < 2.2 * flat); /* n log n while it is low */
    double full = cost_hdbscan(250000, 200, 10, 100).seconds; /* all pairs: n squared, no more */
    check_near(cost_hdbscan(500000, 200, 10, 100).seconds / full, 4, 0.01);
    check(cost_kmeans(1000000, 8, 16, 4, 100000).seconds >
          1.9 * cost_kmeans(1000000, 8, 8, 4, 100000).seconds);
    check_text(slice_of(cost_words((cost){3.21, 2.5e6}, &s.keep)),
               "about 3.2 seconds and 3 MB of memory");
    check_text(slice_of(cost_words((cost){0.3, 1e6}, &s.keep)),
               "under a second and 1 MB of memory");
    check_text(slice_of(cost_words((cost){600, 1.26e9}, &s.keep)),
               "about 10 minutes and 1.3 GB of memory");
    check_text(slice_of(cost_words((cost){100000, 42e9}, &s.keep)),
               "about 28 hours and 42 GB of memory");
    scope_close(&s);
}

CHECK(scale_by_ranks_and_robustly_by_hand) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 4 << 20, 4 << 20, &e), &e);
    const double x[] = {4, 1, 8, 2};
    scale_model m = scale_fit(x, 4, 1, (scale_params){0, 1, SCALE_RANK}, &s.keep, s.scratch);
    double *z = scale_apply_wide(&m, x, 4, &s.keep);
    /* shares 1/8, 3/8, 5/8, 7/8: quantiles 1.1503493804 and 0.3186393640, then over their sd */
    const double sd = sqrt((1.1503493804 * 1.1503493804 + 0.3186393640 * 0.3186393640) / 2);
    check_near(z[1], -1.1503493804 / sd, 1e-9);
    check_near(z[3], -0.3186393640 / sd, 1e-9);
    check_near(z[2], 1.1503493804 / sd, 1e-9);
    const double other[] = {3, 1000, -5, NAN};
    z = scale_apply_wide(&m, other, 4, &s.keep);
    check_near(z[0], 0, 1e-12); /* half way between -0.32 and 0.32 */
    check_near(z[1], 1.1503493804 / sd, 1e-9);
    check_near(z[2], -1.1503493804 / sd, 1e-9);
    check(z[3] == 0);
    const double ties[] = {0, 0, 0, 9}; /* three share the place 3/8: equal values stay equal */
    m = scale_fit(ties, 4, 1, (scale_params){0, 1, SCALE_RANK}, &s.keep, s.scratch);
    z = scale_apply_wide(&m, ties, 4, &s.keep);
    check(z[0] == z[1] && z[1] == z[2]);
    check_near(z[0], -1 / sqrt(3), 1e-12); /* of two values: mean 0, variance 1 */
    const double tail[] = {1, 2, 4, 8, 100};
    m = scale_fit(tail, 5, 1, (scale_params){0, 1, SCALE_ROBUST}, &s.keep, s.scratch);
    check_near(m.mean[0], 4, 0);
    check_near(m.sd[0], 6 / 1.349, 1e-15); /* quartiles 2 and 8 */
    const double zeros[] = {0, 0, 0, 0, 0, 0, 0, 8}; /* the middle half is one value: the sd */
    m = scale_fit(zeros, 8, 1, (scale_params){0, 1, SCALE_ROBUST}, &s.keep, s.scratch);
    check_near(m.sd[0], sqrt(7.0), 1e-12);
    check(m.mean[0] == 0);
    scope_close(&s);
}

CHECK(scale_by_ranks_makes_any_shape_normal) {
    enum { ROWS = 5000 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 16 << 20, &e), &e);
    double *x = take(&s.keep, double, ROWS), fourth = 0;
    for (int i = 0; i < ROWS; i++) {
        rng r = rng_open(15, (uint64_t)i);
        x[i] = exp(3 * rng_normal(&r)); /* the largest is thousands of times the median */
    }
    scale_model m = scale_fit(x, ROWS, 1, (scale_params){0, 1, SCALE_RANK}, &s.keep, s.scratch);
    double *z = scale_apply_wide(&m, x, ROWS, &s.keep);
    for (int i = 0; i < ROWS; i++) fourth += pow(z[i], 4) / ROWS;
    check(m.knots[0] == SCALE_KNOTS);
    check_near(fourth, 3, 0.1); /* a normal's; straight lines between knots lose a little */
    scope_close(&s);
}
