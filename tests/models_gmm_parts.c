/* gmm_parts: the kernels of Gaussian mixtures against their twins, rows that make components
 * collapse, and bad input. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "gmm_fixture.h"

/* ---- kernels ---- */

static double *noise(scope *s, int64_t n, uint64_t stream, double low, double high) {
    double *out = take(&s->keep, double, n);
    rng random = rng_open(5, stream);
    for (int64_t i = 0; i < n; i++) out[i] = low + (high - low) * rng_uniform(&random);
    return out;
}

/* 1e-11: sums of up to 100 products, in another order and with fused roundings. */
static void check_same(const double *got, const double *want, int64_t n) {
    for (int64_t i = 0; i < n; i++) check_near(got[i], want[i], 1e-11 * (1 + fabs(want[i])));
}

static void check_level(fixture *f, int level, int d, int64_t groups, int k) {
    static gmm_density_kernel *const full[] = SIMD_TABLE(gmm_density_full),
                              *const diag[] = SIMD_TABLE(gmm_density_diag);
    static gmm_moments_kernel *const moments[] = SIMD_TABLE(gmm_moments_full),
                              *const diagonal[] = SIMD_TABLE(gmm_moments_diag);
    static gmm_share_kernel *const share[] = SIMD_TABLE(gmm_share);
    int wide = gmm_wide(d);
    int64_t rows = groups * GMM_LANES, size = 1 + wide + (int64_t)wide * wide;
    scope *s = &f->s;
    double *x = noise(s, rows * d, 1, -2, 2), *mean = noise(s, wide, 2, -1, 1);
    double *p = noise(s, (int64_t)wide * wide, 3, -1, 1), *r = noise(s, rows, 4, 0, 1);
    for (int i = 0; i < wide; i++)
        for (int j = 0; j < wide; j++)
            if (i > j || j >= d) p[i * wide + j] = 0;
    double *got = take(&s->keep, double, rows + size), *want = take(&s->keep, double, rows + size);
    double *work = take(&s->keep, double, wide * rows);
    static gmm_widen_kernel *const widen[] = SIMD_TABLE(gmm_widen);
    float *packed = take(&s->keep, float, rows * d);
    for (int64_t i = 0; i < rows; i++) /* whole numbers: the same in both widths */
        for (int j = 0; j < d; j++)
            packed[(i / 16 * d + j) * 16 + i % 16] = (float)(100 * i + j);
    widen[level](packed, groups, d, work);
    for (int64_t i = 0; i < rows; i++)
        for (int j = 0; j < d; j++)
            check_near(work[j * rows + i], (double)(100 * i + j), 0);
    full[level](x, rows, d, mean, p, 0.5, got);
    gmm_density_full_twin(x, rows, d, mean, p, 0.5, want);
    check_same(got, want, rows);
    diag[level](x, rows, d, mean, p, 0.25, got);
    gmm_density_diag_twin(x, rows, d, mean, p, 0.25, want);
    check_same(got, want, rows);
    double *sums = got + rows, *right = want + rows;
    moments[level](x, rows, d, mean, r, work, sums);
    gmm_moments_full_twin(x, rows, d, mean, r, work, right);
    for (int i = 0; i < d; i++)
        check_same(sums + 1 + wide + i * wide + i, right + 1 + wide + i * wide + i, d - i);
    check_same(sums, right, 1 + d);
    memset(sums, 0, (size_t)size * sizeof *sums);
    memset(right, 0, (size_t)size * sizeof *right);
    diagonal[level](x, rows, d, mean, r, work, sums);
    gmm_moments_diag_twin(x, rows, d, mean, r, work, right);
    check_same(sums, right, 1 + wide + d);
    double *one = noise(s, k * rows, 6, -40, 0), *two = take_copy(&s->keep, double, one, k * rows);
    one[0] = two[0] = -1e5; /* nothing of this component there */
    for (int64_t i = 0; i < rows; i++) one[i] *= 1 + (double)(i % 7) * 3, two[i] = one[i];
    share[level](one, rows, k, got);
    gmm_share_twin(two, rows, k, want);
    check_same(got, want, rows);
    check_same(one, two, k * rows);
    for (int64_t i = 0; k == 1 && i < rows; i++) check_near(one[i], 1, 0);
}

CHECK(gmm_kernels_equal_their_twins) {
    static const int widths[] = {1, 2, 4, 5, 8, 13}, ks[] = {1, 3, 9};
    for (int level = 0; level < SIMD_KINDS; level++) {
        if (!simd_has((simd_kind)level)) continue;
        for (int i = 0; i < 6; i++)
            for (int c = 0; c < 3; c++) {
                fixture f;
                open_fixture(&f, 1);
                check_level(&f, level, widths[i], 1 + i % 3, ks[c]);
                close_fixture(&f);
            }
    }
}

/* ---- rows of which mixtures collapse ---- */

static void check_sound(fixture *f, const gmm_model *m, const kmeans_data *data, int k) {
    double sum = 0;
    int32_t *label = take(&f->s.keep, int32_t, data->n), *next = take(&f->s.keep, int32_t, data->n);
    double *strength = take(&f->s.keep, double, data->n), entropy;
    check(m->k >= 1 && m->k + m->dropped == k);
    for (int c = 0; c < m->k; c++) {
        check(m->weight[c] > 0 && m->weight[c] <= 1 + 1e-12);
        sum += m->weight[c];
    }
    check_near(sum, 1, 1e-12);
    for (int i = 0; i < m->k * m->d; i++) check(isfinite(m->mean[i]));
    int64_t cells = m->kind == GMM_TIED ? 1 : m->k;
    int64_t cell = gmm_has_corners(m->kind) ? m->d * m->d : m->kind == GMM_DIAG ? m->d : 1;
    for (int64_t i = 0; i < cells * cell; i++)
        check(isfinite(m->covariance[i]) && isfinite(m->factor[i]));
    check(isfinite(m->log_likelihood) && isfinite(gmm_bic(m)) && m->entropy >= 0);
    gmm_assign(m, data, f->threads,
               &(gmm_rows){.label = label, .second = next, .strength = strength}, &entropy,
               f->s.scratch);
    for (int64_t i = 0; i < data->n; i++) {
        check(label[i] >= 0 && label[i] < m->k && next[i] < m->k && next[i] != label[i]);
        check(strength[i] > 0 && strength[i] <= 1 && (next[i] >= 0) == (m->k > 1));
    }
}

/* Row i of n in a table of one of five bad shapes. */
static float bad_number(int shape, int64_t i, int j, int64_t n, rng *random) {
    double any = rng_normal(random);
    switch (shape) {
    case 0: return (float)(i % 3);                                  /* few distinct rows */
    case 1: return j == 0 ? 7 : (float)any;                         /* a constant column */
    case 2: return i >= n - 2 ? (float)(i % 2 ? 1e9 : -1e9) : (float)any; /* two far rows */
    case 3: return j == 0 ? (float)i : (float)(i * (j + 1));        /* columns that repeat */
    default: return i < n / 2 ? 5 : (float)(any * 1e6);             /* half is one point */
    }
}

CHECK(gmm_survives_100_collapsed_cases) {
    int cases = 0, dropped = 0, healed = 0;
    static const int64_t sizes[] = {1, 2, 7, 20, 60};
    for (int shape = 0; shape < 5; shape++)
        for (int size = 0; size < 5; size++)
            for (int kind = 0; kind < GMM_KINDS; kind++, cases++) {
                fixture f;
                open_fixture(&f, 1);
                int64_t n = sizes[size];
                int d = 1 + (shape + size) % 4;
                float *x = take(&f.s.keep, float, n * d);
                rng random = rng_open(3, (uint64_t)cases);
                for (int64_t i = 0; i < n * d; i++)
                    x[i] = bad_number(shape, i / d, (int)(i % d), n, &random);
                kmeans_data data = {.x = x, .n = n, .d = d};
                gmm_params p = GMM_DEFAULTS;
                p.kind = (gmm_kind)kind;
                p.k = (int)(n < 4 ? n : kind % 2 ? n - 1 : n / 3);
                gmm_model m = fit(&f, &data, p);
                check_sound(&f, &m, &data, p.k);
                dropped += m.dropped > 0;
                healed += m.heals > 0;
                close_fixture(&f);
            }
    check(cases == 100 && dropped > 20 && healed > 20);
}

/* A component that starts empty is set on the far cloud that its neighbour has to explain. */
CHECK(gmm_sets_a_collapsed_component_anew) {
    fixture f;
    open_fixture(&f, 1);
    enum { ROWS = 400 };
    float *x = take(&f.s.keep, float, ROWS * 2);
    int32_t *label = take(&f.s.keep, int32_t, ROWS);
    rng random = rng_open(9, 0);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < 2; j++)
            x[i * 2 + j] = (float)(rng_normal(&random) + (i % 4 == 0 ? 12 : 0));
    gmm_params p = GMM_DEFAULTS;
    kmeans_data data = {.x = x, .n = ROWS, .d = 2};
    p.k = 2;
    p.label = label; /* all 0 */
    gmm_model m = fit(&f, &data, p);
    check(m.k == 2 && m.heals == 1 && m.dropped == 0 && m.converged);
    check_near(m.weight[1], 0.25, 1e-6);
    /* 0.3: three deviations of a mean of 100 rows */
    check_near(m.mean[2], 12, 0.3);
    check_near(m.mean[0], 0, 0.3);
    p.heals = 0;
    m = fit(&f, &data, p);
    check(m.k == 1 && m.heals == 0 && m.dropped == 1);
    close_fixture(&f);
}

/* 40 rows in two clouds and a far one of `far` rows, of labels 0, `last` and 1 (the far one). */
static kmeans_data three_clouds(fixture *f, int far, int last, int32_t *label) {
    float *x = take(&f->s.keep, float, 60 * 2);
    rng random = rng_open(17, 0);
    int n = 40 + far;
    for (int i = 0; i < n; i++) {
        label[i] = i >= 40 ? 1 : i % 2 ? last : 0;
        for (int j = 0; j < 2; j++)
            x[i * 2 + j] = (float)(rng_normal(&random) + (i >= 40 ? 50 + 10 * j : i % 2 ? 6 : 0));
    }
    return (kmeans_data){.x = x, .n = n, .d = 2};
}

/* Without its empty component in the middle a mixture is the one that never had it. */
CHECK(gmm_drops_a_component_and_nothing_else) {
    for (int kind = 0; kind < GMM_KINDS; kind++) {
        fixture f;
        open_fixture(&f, 1);
        int32_t with[40], without[40];
        gmm_params p = GMM_DEFAULTS;
        kmeans_data data = three_clouds(&f, 0, 2, with);
        for (int i = 0; i < 40; i++) without[i] = with[i] ? 1 : 0;
        p.kind = (gmm_kind)kind;
        p.max_iterations = p.heals = 0;
        p.k = 3;
        p.label = with;
        gmm_model m = fit(&f, &data, p);
        p.k = 2;
        p.label = without;
        gmm_model two = fit(&f, &data, p);
        check(m.k == 2 && m.dropped == 1 && two.k == 2 && two.dropped == 0);
        int64_t cells = kind == GMM_TIED ? 1 : 2;
        cells *= gmm_has_corners(m.kind) ? 4 : kind == GMM_DIAG ? 2 : 1;
        for (int c = 0; c < 2; c++) check_near(m.weight[c], two.weight[c], 1e-14);
        for (int i = 0; i < 4; i++) check_near(m.mean[i], two.mean[i], 1e-12);
        for (int64_t i = 0; i < cells; i++) {
            check_near(m.covariance[i], two.covariance[i], 1e-12);
            check_near(m.factor[i], two.factor[i], 1e-12);
        }
        check_near(m.log_likelihood, two.log_likelihood, 1e-9);
        close_fixture(&f);
    }
}

/* What a component is set to: the row that the other explains worst, half the weight, and half the
 * covariance of all rows. */
CHECK(gmm_sets_a_component_on_the_row_explained_worst) {
    fixture f;
    open_fixture(&f, 1);
    int32_t label[41];
    gmm_params p = GMM_DEFAULTS;
    kmeans_data data = three_clouds(&f, 1, 0, label);
    label[40] = 0;
    p.label = label;
    p.k = 1;
    gmm_model whole = fit(&f, &data, p);
    p.k = 2;
    p.max_iterations = 0;
    gmm_model m = fit(&f, &data, p);
    check(m.k == 2 && m.heals == 1);
    check_near(m.mean[2], (double)data.x[80], 0);
    check_near(m.mean[3], (double)data.x[81], 0);
    check_near(m.weight[0], 0.5, 1e-15);
    check_near(m.weight[1], 0.5, 1e-15);
    for (int i = 0; i < 4; i++) check_near(m.covariance[4 + i], whole.covariance[i] / 2, 1e-9);
    close_fixture(&f);
}

/* Two rows have no covariance of two columns, three have; and a column in units a million times
 * smaller is no reason to call a component flat. */
CHECK(gmm_collapses_below_columns_and_one_rows) {
    for (int far = 2; far <= 3; far++) {
        fixture f;
        open_fixture(&f, 1);
        int32_t label[43];
        gmm_params p = GMM_DEFAULTS;
        kmeans_data data = three_clouds(&f, far, 2, label);
        float *x = take_copy(&f.s.keep, float, data.x, data.n * 2);
        for (int64_t i = 0; i < data.n; i++) x[2 * i + 1] *= 1e6f;
        data.x = x;
        p.k = 3;
        p.label = label;
        p.heals = 0;
        gmm_model m = fit(&f, &data, p);
        check(m.dropped == (far == 2) && m.k == 3 - (far == 2));
        close_fixture(&f);
    }
}

/* ---- bad input ---- */

static void refused(fixture *f, const kmeans_data *data, gmm_params p, const char *why) {
    gmm_model m;
    err e = {0};
    check(!gmm_fit(&m, data, p, f->threads, &f->s.keep, f->s.scratch, &e));
    check(e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), why);
}

CHECK(gmm_refuses_what_makes_no_sense) {
    fixture f;
    open_fixture(&f, 1);
    float x[] = {1, 2, 3, 4, 5, 6};
    double none[] = {0, 0, 0};
    kmeans_data data = {.x = x, .n = 3, .d = 2}, wide = {.x = x, .n = 3, .d = 300};
    gmm_params p = GMM_DEFAULTS;
    refused(&f, &data, p, "fewer rows than components");
    p.k = 0;
    refused(&f, &data, p, "k must be 1 to 1024");
    p.k = 2;
    refused(&f, &wide, p, "1 to 256 columns");
    p.ridge = 0;
    refused(&f, &data, p, "ridge must be above 0");
    p = GMM_DEFAULTS;
    p.k = 1;
    data.weight = none;
    refused(&f, &data, p, "all rows have weight 0");
    none[1] = -1;
    refused(&f, &data, p, "row 2 of the table");
    data.weight = NULL;
    x[5] = NAN;
    refused(&f, &data, p, "row 3 of the table has a value that is no finite number");
    close_fixture(&f);
}

CHECK(gmm_tells_the_two_most_probable_components_of_new_rows) {
    fixture f;
    open_fixture(&f, 1);
    double weight[] = {0.5, 0.5}, mean[] = {0, 4}, covariance[] = {1, 1}, factor[] = {1, 1};
    gmm_model m = {GMM_SPHERICAL, 2, 1, weight, mean, covariance, factor, 1, 0, 0, 0, 0, 0, true};
    static const float x[] = {0, 2.5f, 4};
    int32_t label[3], second[3];
    double strength[3], backup[3], density[3];
    gmm_assign(&m, &(kmeans_data){.x = x, .n = 3, .d = 1}, f.threads,
               &(gmm_rows){label, second, strength, backup, density}, NULL, f.s.scratch);
    check(label[0] == 0 && label[1] == 1 && label[2] == 1);
    check(second[0] == 1 && second[1] == 0 && second[2] == 0);
    double near = exp(-1.125), far = exp(-3.125); /* 1.5 and 2.5 deviations away */
    check_near(strength[1], near / (near + far), 1e-14);
    check_near(backup[1], far / (near + far), 1e-14);
    check_near(density[1], log((near + far) / 2 / sqrt(2 * 3.14159265358979323846)), 1e-14);
    close_fixture(&f);
}

/* ---- stability ---- */

/* n rows around the centres 0, `apart`, 2 `apart` … on the first axis. */
static kmeans_data heaps(scope *s, int64_t n, int groups, float apart) {
    float *x = take(&s->keep, float, n * 2);
    rng random = rng_open(9, 40);
    for (int64_t i = 0; i < n; i++) {
        x[i * 2] = (float)rng_normal(&random) + apart * (float)(i % groups);
        x[i * 2 + 1] = (float)rng_normal(&random);
    }
    return (kmeans_data){.x = x, .n = n, .d = 2};
}

CHECK(gmm_stability_is_one_for_groups_and_low_for_one_cloud) {
    enum { N = 900 };
    fixture f, f8;
    double apart, cloud, same, overlap[3], other[3];
    open_fixture(&f, 1);
    open_fixture(&f8, 8);
    gmm_params p = GMM_DEFAULTS;
    p.k = 3;
    kmeans_data data = heaps(&f.s, N, 3, 20);
    gmm_model m = fit(&f, &data, p);
    check_ok(gmm_stability(&apart, overlap, &m, &data, p, 5, f.threads, f.s.scratch, &f.e), &f.e);
    check_near(apart, 1, 1e-12); /* twenty deviations apart: no row is ever elsewhere */
    for (int c = 0; c < 3; c++) check_near(overlap[c], 1, 1e-12);
    data = heaps(&f.s, N, 1, 0);
    m = fit(&f, &data, p);
    check_ok(gmm_stability(&cloud, overlap, &m, &data, p, 5, f.threads, f.s.scratch, &f.e), &f.e);
    check(cloud < 0.75 && cloud > -0.5);
    for (int c = 0; c < 3; c++) check(overlap[c] > 0 && overlap[c] < 1);
    check_ok(gmm_stability(&same, other, &m, &data, p, 5, f8.threads, f8.s.scratch, &f8.e), &f8.e);
    check(same == cloud && memcmp(overlap, other, sizeof other) == 0);
    close_fixture(&f8);
    close_fixture(&f);
}
