/* mst: the k-d tree against all pairs, the spanning tree against its twin and numbers by hand. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/kdtree_parts.h"
#include "models/segment/mst_parts.h"

typedef struct fixture {
    scope s;
    pool *threads;
    err e;
} fixture;

static void open_fixture(fixture *f, int threads) {
    memset(f, 0, sizeof *f);
    check_ok(scope_open(&f->s, 64 << 20, 64 << 20, &f->e), &f->e);
    f->threads = pool_open(threads, 1 << 20, &f->e);
    check(f->threads != NULL);
}

static void close_fixture(fixture *f) {
    pool_close(f->threads);
    scope_close(&f->s);
}

/* What real tables hold: clouds, whole numbers with many equal rows, a line, numbers far apart. */
typedef enum shape { CLOUD, WHOLE, TWICE, LINE, FAR, EQUAL, SHAPES } shape;

static float *rows(fixture *f, shape kind, int64_t n, int d) {
    float *x = take(&f->s.keep, float, n * d);
    rng r = rng_open((uint64_t)kind, (uint64_t)(n * 16 + d));
    for (int64_t i = 0; i < n; i++)
        for (int c = 0; c < d; c++) {
            double v = rng_normal(&r);
            float *to = x + i * d + c;
            if (kind == CLOUD) *to = (float)(v + (double)(i % 3 * 4));
            if (kind == WHOLE) *to = (float)rint(v * 2);
            if (kind == TWICE) *to = i % 3 ? (float)v : i ? x[(i - 1) * d + c] : 0;
            if (kind == LINE) *to = c ? 7 : (float)i;
            if (kind == FAR) *to = (float)(v * pow(10, (double)((i * 5 + c) % 60) - 30));
            if (kind == EQUAL) *to = -3;
        }
    return x;
}

static double distance(const float *x, const float *y, int d) {
    double sum = 0;
    for (int c = 0; c < d; c++) {
        double gap = (double)x[c] - (double)y[c];
        sum += gap * gap;
    }
    return sqrt(sum);
}

/* ---- the k-d tree ---- */

static void nearest_of_all(const float *x, int64_t n, int d, const float *query, int k,
                           int32_t *row, double *far) {
    int found = 0;
    for (int64_t i = 0; i < n; i++) {
        double v = distance(x + i * d, query, d);
        int at = found < k ? found++ : k - 1;
        if (at == k - 1 && found == k && i >= k && v >= far[at]) continue;
        for (; at > 0 && far[at - 1] > v; at--) {
            far[at] = far[at - 1];
            row[at] = row[at - 1];
        }
        far[at] = v;
        row[at] = (int32_t)i;
    }
}

CHECK(kdtree_finds_the_nearest_rows_in_order) {
    enum { K = 7 };
    static const int64_t sizes[] = {1, 2, 16, 17, 300, 1001};
    fixture f;
    open_fixture(&f, 2);
    for (int kind = 0; kind < SHAPES; kind++)
        for (int s = 0; s < 6; s++) {
            int64_t n = sizes[s];
            int d = 1 + (kind + s) % 10, k = n < K ? (int)n : K;
            float *x = rows(&f, (shape)kind, n, d);
            kdtree t = kdtree_build(x, n, d, f.threads, &f.s.keep, f.s.scratch);
            for (int64_t i = 0; i < n; i += 1 + n / 50) {
                int32_t row[K], wanted[K];
                double far[K], wanted_far[K];
                float query[10];
                for (int c = 0; c < d; c++) query[c] = x[i * d + c] + (i % 2 ? 0.25f : 0);
                kdtree_nearest(&t, query, K, row, far);
                nearest_of_all(x, n, d, query, k, wanted, wanted_far);
                check(memcmp(row, wanted, (size_t)k * sizeof *row) == 0);
                check(memcmp(far, wanted_far, (size_t)k * sizeof *far) == 0);
                for (int at = k; at < K; at++) check(row[at] == -1 && isinf(far[at]));
            }
        }
    close_fixture(&f);
}

/* The kernels of this processor against the sums as they are written, with limits halfway between
 * two distances, and against limits that exclude or let through everything. */
CHECK(kdtree_kernels_agree_with_plain_sums) {
    enum { MOST = 10, LEAF = KDTREE_LEAF };
    float leaf[MOST * LEAF], query[MOST * LEAF], box[2 * MOST], limit[LEAF];
    rng r = rng_open(3, 4);
    for (int d = 1; d <= MOST; d++) {
        for (int i = 0; i < d * LEAF; i++) {
            leaf[i] = (float)rng_normal(&r);
            query[i] = (float)rng_normal(&r);
        }
        for (int c = 0; c < d; c++) {
            box[c] = (float)rng_normal(&r);
            box[d + c] = box[c] + (float)rng_uniform(&r);
        }
        uint32_t lanes = 0xbeef, near = 0, row[LEAF] = {0}, hits[LEAF];
        for (int l = 0; l < LEAF; l++) {
            limit[l] = l == 3 ? -1 : l == 5 ? INFINITY : (float)d * 1.5f;
            near |= (uint32_t)(kdtree_outside(box, query, l, LEAF, d) <= (double)limit[l]) << l;
            for (int i = 0; i < LEAF; i++)
                if (kdtree_square(leaf, i, query, l, LEAF, d) <= (double)limit[l])
                    row[l] |= 1u << i;
        }
        int32_t number[LEAF];
        for (int i = 0; i < LEAF; i++) number[i] = i % 3 - 1;
        for (int level = 0; level < SIMD_KINDS; level++) {
            if (!simd_has((simd_kind)level)) continue;
            check(kdtree_near_kernels[level](query, box, d, limit) == near);
            kdtree_scan_kernels[level](leaf, query, LEAF, d, lanes, limit, hits);
            for (int l = 0; l < LEAF; l++) check(!(lanes >> l & 1) || hits[l] == row[l]);
            check(kdtree_same_kernels[level](number, 1) == 0x4924);
            check(kdtree_same_kernels[level](number, -1) == 0x9249);
        }
    }
}

/* A list of 11 in room for 16, filled from nothing: what is as far goes behind. */
CHECK(kdtree_lists_keep_the_nearest) {
    enum { K = 11, ROOM = KDTREE_ROOM(K), TRIES = 60 };
    for (int level = 0; level < SIMD_KINDS; level++) {
        if (!simd_has((simd_kind)level)) continue;
        double far[ROOM], plain_far[K + 1];
        int32_t near[ROOM] = {0}, plain_near[K + 1];
        int found = 0;
        rng r = rng_open(7, 8);
        for (int i = 0; i < ROOM; i++) far[i] = INFINITY;
        for (int32_t slot = 0; slot < TRIES; slot++) {
            double square = (double)rng_below(&r, 40);
            int at = found;
            bool tied = false;
            for (int i = 0; i < found; i++) tied |= plain_far[i] == square;
            for (; at > 0 && plain_far[at - 1] > square; at--) {
                plain_far[at] = plain_far[at - 1];
                plain_near[at] = plain_near[at - 1];
            }
            plain_far[at] = square;
            plain_near[at] = slot;
            if (found < K) found++;
            if (found < K || square < far[K - 1])
                check(kdtree_insert_kernels[level](far, near, K, square, slot) == tied);
            for (int i = 0; i < found; i++)
                check(far[i] == plain_far[i] && near[i] == plain_near[i]);
        }
    }
}

/* A limit has room for all roundings of float and little more: 1e-5 is d + 6 of them. */
CHECK(kdtree_limits_leave_no_row_out) {
    rng r = rng_open(5, 6);
    for (int d = 1; d <= 60; d++)
        for (int k = 0; k < 50; k++) {
            float sum = 0;
            double exact = 0, size = pow(10, (double)(k % 40) - 20);
            for (int c = 0; c < d; c++) {
                float a = (float)(rng_normal(&r) * size), b = (float)(rng_normal(&r) * size);
                sum += (a - b) * (a - b);
                exact += ((double)a - (double)b) * ((double)a - (double)b);
            }
            check(sum <= kdtree_limit(exact, d));
            if (size > 1e-15 && size < 1e15)
                check_near((double)kdtree_limit(exact, d) / exact, 1, 1e-5);
        }
    check(isinf(kdtree_limit(INFINITY, 3)) && isinf(kdtree_limit(1e39, 3)));
}

/* Every row in one leaf, every box tight, whatever the number of threads. */
CHECK(kdtree_is_the_same_for_any_number_of_threads) {
    enum { N = 5003, D = 3 };
    kdtree t[2];
    fixture f[2];
    for (int i = 0; i < 2; i++) {
        open_fixture(&f[i], i ? 8 : 1);
        float *x = rows(&f[i], WHOLE, N, D);
        t[i] = kdtree_build(x, N, D, f[i].threads, &f[i].s.keep, f[i].s.scratch);
    }
    size_t leaves = (size_t)t[0].leaves, nodes = 2 * leaves - 1;
    bool seen[N] = {false};
    for (size_t i = 0; i < leaves * KDTREE_LEAF; i++) {
        int32_t row = t[0].row[i];
        check(i < N ? row < N && !seen[row] : row == INT32_MAX);
        if (i < N) seen[row] = true;
    }
    check(memcmp(t[0].row, t[1].row, leaves * KDTREE_LEAF * sizeof(int32_t)) == 0);
    check(memcmp(t[0].box, t[1].box, nodes * 2 * D * sizeof(float)) == 0);
    check(memcmp(t[0].least, t[1].least, nodes * sizeof(int32_t)) == 0);
    for (int i = 0; i < 2; i++) close_fixture(&f[i]);
}

/* ---- the spanning tree ---- */

/* Four rows on a line at 0, 1, 3, 7: with one neighbour the core distances are 1, 1, 2, 4; with
 * two, 3, 2, 3, 6. */
CHECK(mst_of_four_rows_by_hand) {
    static const float x[] = {0, 1, 3, 7};
    static const struct {
        int neighbours;
        double core[4];
        mst_edge edge[3];
    } wanted[] = {
        {0, {0, 0, 0, 0}, {{0, 1, 1}, {1, 2, 2}, {2, 3, 4}}},
        {1, {1, 1, 2, 4}, {{0, 1, 1}, {1, 2, 2}, {2, 3, 4}}},
        {2, {3, 2, 3, 6}, {{0, 1, 3}, {0, 2, 3}, {1, 3, 6}}},
        {3, {7, 6, 4, 7}, {{1, 2, 6}, {0, 1, 7}, {0, 3, 7}}},
        {9, {7, 6, 4, 7}, {{1, 2, 6}, {0, 1, 7}, {0, 3, 7}}},
    };
    fixture f;
    open_fixture(&f, 2);
    for (int i = 0; i < 5; i++)
        for (int twin = 0; twin < 2; twin++) {
            mst_model m;
            mst_params p = {wanted[i].neighbours};
            check_ok(twin ? mst_plain_fit(&m, x, 4, 1, p, &f.s.keep, f.s.scratch, &f.e)
                          : mst_fit(&m, x, 4, 1, p, f.threads, &f.s.keep, f.s.scratch, &f.e),
                     &f.e);
            check(m.n == 4 && m.neighbours == (p.neighbours < 3 ? p.neighbours : 3));
            for (int k = 0; k < 4; k++) check(m.core[k] == wanted[i].core[k]);
            for (int k = 0; k < 3; k++) {
                check(m.edge[k].a == wanted[i].edge[k].a && m.edge[k].b == wanted[i].edge[k].b);
                check(m.edge[k].weight == wanted[i].edge[k].weight);
            }
        }
    close_fixture(&f);
}

/* The numbers of tests/oracles/mst.py. */
static float *planted(fixture *f, int64_t n, int d) {
    float *x = take(&f->s.keep, float, n * d);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < d; j++) {
            double noise = (double)((i * 7919 + j * 104729 + i * i * 31 * (j + 1)) % 1009) / 1009;
            x[i * d + j] = (float)(noise * 4 + (double)(((i % 6) * (j + 2) * 5) % 7));
        }
    return x;
}

/* 1e-9: SciPy takes roots before it compares, we after; observed 2e-13. */
CHECK(mst_equals_the_reference) {
    enum { N = 701 };
    static const struct {
        int neighbours;
        double core, most_core, weight, middle, most;
    } wanted[] = {
        {0, 0.0, 0.0, 438.39648883544464, 0.5573220308885392, 2.1924916819674594},
        {1, 322.44807447867584, 1.549740592734176, 438.39648883544464, 0.5573220308885392,
         2.1924916819674594},
        {5, 813.797611031586, 2.5047765598496583, 844.077870352705, 1.1130498904870763,
         2.5047765598496583},
        {20, 1421.505514636434, 3.267237826297615, 1422.126910634027, 2.049420094329086,
         3.267237826297615},
    };
    fixture f;
    open_fixture(&f, 2);
    float *x = planted(&f, N, 4);
    for (int i = 0; i < 4; i++) {
        mst_model m;
        mst_params p = {wanted[i].neighbours};
        double core = 0, most_core = 0, weight = 0;
        check_ok(mst_fit(&m, x, N, 4, p, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
        for (int k = 0; k < N; k++) {
            core += m.core[k];
            most_core = fmax(most_core, m.core[k]);
            if (k < N - 1) weight += m.edge[k].weight;
        }
        check_near(core, wanted[i].core, 1e-9 * core);
        check_near(most_core, wanted[i].most_core, 1e-9);
        check_near(weight, wanted[i].weight, 1e-9 * weight);
        check_near(m.edge[N / 2].weight, wanted[i].middle, 1e-9);
        check_near(m.edge[N - 2].weight, wanted[i].most, 1e-9);
    }
    close_fixture(&f);
}

static void check_twins(fixture *f, const float *x, int64_t n, int d, int neighbours) {
    mst_model m, twin;
    mst_params p = {neighbours};
    check_ok(mst_fit(&m, x, n, d, p, f->threads, &f->s.keep, f->s.scratch, &f->e), &f->e);
    check_ok(mst_plain_fit(&twin, x, n, d, p, &f->s.keep, f->s.scratch, &f->e), &f->e);
    check(n == 0 || memcmp(m.core, twin.core, (size_t)n * sizeof *m.core) == 0);
    for (int64_t k = 0; k + 1 < n; k++) {
        check(m.edge[k].a == twin.edge[k].a && m.edge[k].b == twin.edge[k].b);
        check(m.edge[k].weight == twin.edge[k].weight);
        check(m.edge[k].a < m.edge[k].b && (k == 0 || m.edge[k - 1].weight <= m.edge[k].weight));
    }
}

/* The tree is the only one in the order (weight, a, b), so not a byte may differ: also where
 * nearly all weights are equal. */
CHECK(mst_is_its_twin_to_the_byte) {
    static const int64_t sizes[] = {0, 1, 2, 15, 33, 400};
    static const int neighbours[] = {0, 1, 2, 5, 20, 12};
    fixture f;
    for (int kind = 0; kind < SHAPES; kind++)
        for (int s = 0; s < 6; s++) {
            open_fixture(&f, 2);
            int64_t n = sizes[s];
            int d = 1 + (kind * 6 + s * 7) % 12;
            float *x = rows(&f, (shape)kind, n, d);
            check_twins(&f, x, n, d, neighbours[(kind + s) % 6]);
            close_fixture(&f);
        }
}

CHECK(mst_is_its_twin_on_thousands_of_rows) {
    fixture f;
    open_fixture(&f, 2);
    check_twins(&f, rows(&f, CLOUD, 3000, 2), 3000, 2, 10);
    check_twins(&f, rows(&f, WHOLE, 2000, 3), 2000, 3, 3);
    check_twins(&f, rows(&f, CLOUD, 1200, 10), 1200, 10, 20);
    close_fixture(&f);
}

/* 6,000 rows are 24 chunks of work. */
CHECK(mst_is_the_same_for_any_number_of_threads) {
    enum { N = 6000 };
    static const int threads[] = {1, 2, 8};
    static const shape kinds[] = {CLOUD, WHOLE};
    for (int kind = 0; kind < 2; kind++) {
        mst_model m[3];
        fixture f[3];
        for (int i = 0; i < 3; i++) {
            open_fixture(&f[i], threads[i]);
            float *x = rows(&f[i], kinds[kind], N, 3);
            check_ok(mst_fit(&m[i], x, N, 3, (mst_params){5}, f[i].threads, &f[i].s.keep,
                             f[i].s.scratch, &f[i].e),
                     &f[i].e);
            check(memcmp(m[i].edge, m[0].edge, (N - 1) * sizeof *m[i].edge) == 0);
            check(memcmp(m[i].core, m[0].core, N * sizeof *m[i].core) == 0);
        }
        for (int i = 0; i < 3; i++) close_fixture(&f[i]);
    }
}

CHECK(mst_refuses_what_is_no_number) {
    static const float x[] = {0, 1, 2, NAN, 4, 5};
    fixture f;
    open_fixture(&f, 1);
    mst_model m;
    check(!mst_fit(&m, x, 3, 2, (mst_params){2}, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "row 1, column 1");
    f.e = (err){0};
    check(!mst_fit(&m, x, 1, 2, (mst_params){-1}, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "neighbours must be 0 to 4096, got -1");
    close_fixture(&f);
}
