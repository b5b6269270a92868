/* models_topk: the pruned search gives the lists of the plain scan, bit for bit, on kind and on
 * hostile factors, for every kernel of this machine; bitmaps by hand and by a simple set. */
#include "check.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/recommend/neighbours_simd.h"
#include "models/recommend/topk.h"
#include "models/recommend/topk_simd.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 64 << 20, &e), &e);
}

static pool *open_pool(int threads) {
    err e = {0};
    pool *p = pool_open(threads, 16 << 20, &e);
    check(p != NULL);
    return p;
}

/* ---- bitmaps ---- */

CHECK(bitmap_equals_a_set_of_flags) {
    scope s;
    open_scope(&s);
    rng r = rng_open(1, 1);
    for (int n = 0; n < 200; n += n < 3 ? 1 : 61) { /* 0, 1, 2, 3, 64, 125, 186 */
        uint8_t a[200], b[200];
        for (int i = 0; i < n; i++) {
            a[i] = rng_below(&r, 3) == 0;
            b[i] = rng_below(&r, 2) == 0;
        }
        bitmap x = bitmap_of(a, n, &s.keep), y = bitmap_of(b, n, &s.keep);
        bitmap both = bitmap_copy(&x, &s.keep), any = bitmap_copy(&x, &s.keep);
        bitmap only = bitmap_copy(&x, &s.keep), all = bitmap_open(n, &s.keep);
        bitmap_and(&both, &y);
        bitmap_or(&any, &y);
        bitmap_and_not(&only, &y);
        bitmap_set_all(&all);
        int count = 0;
        int64_t next = bitmap_next(&both, 0);
        for (int i = 0; i < n; i++) {
            check(bitmap_has(&both, i) == (a[i] && b[i]));
            check(bitmap_has(&any, i) == (a[i] || b[i]));
            check(bitmap_has(&only, i) == (a[i] && !b[i]));
            if (!(a[i] && b[i])) continue;
            check(next == i);
            next = bitmap_next(&both, i + 1);
            count++;
        }
        check(next == n && bitmap_count(&both) == count && bitmap_count(&all) == n);
        if (n == 0) continue;
        bitmap_clear(&all, n - 1);
        check(bitmap_count(&all) == n - 1 && !bitmap_has(&all, n - 1));
    }
    scope_close(&s);
}

/* ---- the twins ---- */

typedef struct problem {
    neighbours_vectors v;
    neighbours_rule rule;
} problem;

/* True when the search with every kernel of this machine gives the lists of the plain scan. */
static void check_twins(problem p, pool *threads, arena scratch) {
    int64_t n = p.v.queries * p.rule.k;
    int32_t *wanted = take(&scratch, int32_t, n), *ids = take(&scratch, int32_t, n);
    float *wanted_scores = take(&scratch, float, n), *scores = take(&scratch, float, n);
    topk_plain(p.v, p.rule, wanted, wanted_scores);
    for (int kernel = 0; kernel < TOPK_KERNELS; kernel++) {
        if (!topk_kernel_has(kernel)) continue;
        arena keep = scratch, inner = arena_split(&keep, arena_left(&keep) / 2);
        topk_index x = topk_open_for(kernel, p.v.item, p.v.items, p.v.ld, NULL, &keep, inner);
        topk_lists(&x, p.v.query, p.v.queries, p.rule, ids, scores, threads);
        check(memcmp(ids, wanted, sizeof *ids * (size_t)n) == 0);
        check(memcmp(scores, wanted_scores, sizeof *scores * (size_t)n) == 0);
        for (int64_t q = 0; !p.rule.skip && !p.rule.skip_self && q < p.v.queries; q += 9) {
            topk_one(&x, p.v.query + q * p.v.ld, p.rule, ids, scores, inner);
            check(memcmp(ids, wanted + q * p.rule.k, sizeof *ids * (size_t)p.rule.k) == 0);
        }
    }
}

/* Rows with norms that fall off like those of a catalogue. */
static float *factors(rng *r, int64_t rows, int ld, float scale, arena *keep) {
    float *x = take(keep, float, rows * ld);
    for (int64_t i = 0; i < rows; i++) {
        float size = scale * (float)exp(1.5 * rng_normal(r));
        for (int j = 0; j < ld; j++) x[i * ld + j] = size * (float)rng_normal(r);
    }
    return x;
}

static sparse some_pairs(rng *r, int64_t rows, int64_t cols, int64_t n, scope *s) {
    int32_t *row = take(&s->scratch, int32_t, n), *col = take(&s->scratch, int32_t, n);
    for (int64_t i = 0; i < n; i++) {
        row[i] = (int32_t)rng_below(r, i % 2 ? rows : 2); /* the first two have thousands */
        col[i] = (int32_t)rng_below(r, cols);
    }
    return sparse_from_triples(rows, cols, n, row, col, NULL, &s->keep, s->scratch);
}

CHECK(topk_equals_the_plain_scan_under_every_rule) {
    enum { Q = 70, ITEMS = 3000 };
    scope s;
    open_scope(&s);
    rng r = rng_open(11, 1);
    pool *t = open_pool(2);
    sparse seen = some_pairs(&r, Q, ITEMS, 6000, &s);
    bitmap most = bitmap_open(ITEMS, &s.keep), few = bitmap_open(ITEMS, &s.keep);
    for (int i = 0; i < ITEMS; i++) {
        if (rng_below(&r, 3) > 0) bitmap_set(&most, i);
        if (rng_below(&r, 100) == 0) bitmap_set(&few, i);
    }
    static const int sizes[] = {1, 7, 16, 20, 64};
    for (int i = 0; i < 5; i++) {
        int ld = sizes[i];
        neighbours_vectors v = {factors(&r, Q, ld, 0.1f, &s.keep), Q,
                                factors(&r, ITEMS, ld, 0.3f, &s.keep), ITEMS, ld};
        problem p[] = {{v, {.k = 12}},
                       {v, {.k = 1}},
                       {v, {.k = 100, .skip = &seen}},
                       {v, {.k = 12, .allowed = &most, .skip_self = true}},
                       {v, {.k = 64, .allowed = &few}},
                       {v, {.k = 12, .skip = &seen, .allowed = &few}}};
        for (int j = 0; j < 6; j++) check_twins(p[j], t, s.scratch);
    }
    pool_close(t);
    scope_close(&s);
}

CHECK(topk_equals_the_plain_scan_on_hostile_factors) {
    enum { Q = 30, ITEMS = 300, LD = 24 };
    scope s;
    open_scope(&s);
    rng r = rng_open(12, 1);
    pool *t = open_pool(1);
    float *query = factors(&r, Q, LD, 1, &s.keep), *item = take(&s.keep, float, ITEMS * LD);
    neighbours_vectors v = {query, Q, item, ITEMS, LD};
    problem p = {v, {.k = 20}};
    for (int i = 0; i < ITEMS * LD; i++) item[i] = (float)(i % LD) - 11; /* all items alike */
    check_twins(p, t, s.scratch);
    for (int i = 0; i < ITEMS * LD; i++) item[i] = (float)rng_below(&r, 3) - 1; /* many ties */
    for (int i = 0; i < Q * LD; i++) query[i] = (float)rng_below(&r, 3) - 1;
    check_twins(p, t, s.scratch);
    memset(query, 0, sizeof *query * 10 * LD); /* customers and articles without history */
    memset(item + 50 * LD, 0, sizeof *item * 200 * LD);
    check_twins(p, t, s.scratch);
    for (int i = 0; i < Q * LD; i++) query[i] = -fabsf(query[i]); /* the best score is 0 */
    for (int i = 0; i < ITEMS * LD; i++) item[i] = fabsf(item[i]);
    check_twins(p, t, s.scratch);
    static const float scales[] = {1e-45f, 1e-38f, 1e-20f, 1e18f, 1e37f};
    for (int a = 0; a < 5; a++) /* denormal, tiny and huge: sums that vanish, and infinite ones */
        for (int b = 0; b < 5; b++) {
            for (int i = 0; i < Q * LD; i++) query[i] = scales[a] * (float)rng_below(&r, 9);
            for (int i = 0; i < ITEMS * LD; i++)
                item[i] = scales[b] * (float)(rng_below(&r, 9) - 3);
            check_twins(p, t, s.scratch);
        }
    for (int i = 0; i < ITEMS; i++) /* one huge number in each row hides the others */
        for (int j = 0; j < LD; j++) item[i * LD + j] = j == 3 ? 1e6f : (float)rng_normal(&r);
    for (int i = 0; i < Q * LD; i++) query[i] = i % LD == 3 ? 1e-6f : (float)rng_normal(&r);
    check_twins(p, t, s.scratch);
    pool_close(t);
    scope_close(&s);
}

CHECK(topk_of_few_items) {
    scope s;
    open_scope(&s);
    rng r = rng_open(13, 1);
    pool *t = open_pool(1);
    static const int counts[] = {0, 1, 2, 63, 64, 65};
    for (int i = 0; i < 6; i++) {
        neighbours_vectors v = {factors(&r, 9, 8, 1, &s.keep), 9,
                                factors(&r, counts[i], 8, 1, &s.keep), counts[i], 8};
        check_twins((problem){v, {.k = 70}}, t, s.scratch); /* more than there are */
        check_twins((problem){v, {.k = 1}}, t, s.scratch);
    }
    pool_close(t);
    scope_close(&s);
}

/* By hand: the sum is taken over lanes of 16, then in halves. 1e8 + 1 is 1e8 in floats, so the
 * order shows: lane 0 holds 1e8, lane 8 holds -1e8 and they meet before lane 4's 1 is added. */
CHECK(topk_score_is_the_sum_its_header_names) {
    scope s;
    open_scope(&s);
    float item[32] = {0}, query[32], score;
    for (int i = 0; i < 32; i++) query[i] = 1;
    item[0] = 1e8f;
    item[4] = 1;
    item[8] = -1e8f;
    item[20] = 2; /* lane 4 as well */
    int32_t id;
    topk_plain((neighbours_vectors){query, 1, item, 1, 32}, (neighbours_rule){.k = 1}, &id, &score);
    check(id == 0 && score == 3);
    topk_index x = topk_open(item, 1, 32, NULL, &s.keep, s.scratch);
    topk_one(&x, query, (neighbours_rule){.k = 1}, &id, &score, s.scratch);
    check(id == 0 && score == 3);
    scope_close(&s);
}

/* What a panel says of its items is true of them and not far from it. */
CHECK(topk_panels_bound_what_rounding_does) {
    enum { ITEMS = 200, LD = 24 };
    scope s;
    open_scope(&s);
    rng r = rng_open(17, 1);
    float *item = factors(&r, ITEMS, LD, 1, &s.keep);
    topk_index x = topk_open(item, ITEMS, LD, NULL, &s.keep, s.scratch);
    int most = topk_kernels[x.kernel].most;
    for (int p = 0; p * TOPK_PANEL < ITEMS; p++) {
        double error = 0, whole = 0, norm = 0;
        for (int i = 0; i < TOPK_PANEL && p * TOPK_PANEL + i < ITEMS; i++) {
            double e = 0, w = 0, n = 0;
            for (int j = 0; j < LD; j++) {
                float y = item[x.name[p * TOPK_PANEL + i] * LD + j];
                const uint8_t *code = x.code + (size_t)p * (size_t)x.groups * 4 * TOPK_PANEL;
                int number = code[(j / 4 * TOPK_PANEL + i) * 4 + j % 4] - most - 1;
                double c = x.panel[p].step * number;
                e += (y - c) * (y - c);
                w += c * c;
                n += (double)y * y;
            }
            n = sqrt(n);
            e = sqrt(e) + (LD / 16 + 6) * 0x1p-24 * n;
            error = e > error ? e : error;
            whole = w > whole ? w : whole;
            norm = n > norm ? n : norm;
        }
        /* 1e-10 is what the index adds for the rounding of doubles */
        check(x.panel[p].error >= error && x.panel[p].error <= error * (1 + 1e-9));
        check(x.panel[p].whole >= sqrt(whole) && x.panel[p].whole <= sqrt(whole) * (1 + 1e-9));
        check(x.panel[p].norm >= norm && x.panel[p].norm <= norm * (1 + 1e-9));
    }
    scope_close(&s);
}

CHECK(topk_index_of_some_items_lists_only_those) {
    enum { ITEMS = 500, LD = 16, K = 30 };
    scope s;
    open_scope(&s);
    rng r = rng_open(14, 1);
    float *item = factors(&r, ITEMS, LD, 1, &s.keep), *query = factors(&r, 1, LD, 1, &s.keep);
    bitmap only = bitmap_open(ITEMS, &s.keep);
    for (int i = 0; i < ITEMS; i += 3) bitmap_set(&only, i);
    neighbours_vectors v = {query, 1, item, ITEMS, LD};
    int32_t wanted[K], ids[K];
    float scores[K];
    topk_plain(v, (neighbours_rule){.k = K, .allowed = &only}, wanted, scores);
    topk_index x = topk_open(item, ITEMS, LD, &only, &s.keep, s.scratch);
    topk_one(&x, query, (neighbours_rule){.k = K}, ids, scores, s.scratch);
    check(memcmp(ids, wanted, sizeof ids) == 0);
    memset(query, 0, sizeof *query * LD); /* zeros: the first ones that are in */
    topk_one(&x, query, (neighbours_rule){.k = K}, ids, scores, s.scratch);
    for (int i = 0; i < K; i++) check(ids[i] == 3 * i && scores[i] == 0);
    scope_close(&s);
}

CHECK(topk_lists_are_the_same_bytes_for_any_threads) {
    enum { Q = 400, ITEMS = 1500, LD = 32, K = 12 };
    scope s;
    open_scope(&s);
    rng r = rng_open(15, 1);
    float *item = factors(&r, ITEMS, LD, 1, &s.keep), *query = factors(&r, Q, LD, 1, &s.keep);
    topk_index x = topk_open(item, ITEMS, LD, NULL, &s.keep, s.scratch);
    int32_t *ids[2] = {take(&s.keep, int32_t, Q * K), take(&s.keep, int32_t, Q * K)};
    float *scores[2] = {take(&s.keep, float, Q * K), take(&s.keep, float, Q * K)};
    for (int threads = 1; threads <= 8; threads *= 2) {
        pool *t = open_pool(threads);
        int to = threads > 1;
        topk_lists(&x, query, Q, (neighbours_rule){.k = K}, ids[to], scores[to], t);
        pool_close(t);
        if (to == 0) continue;
        check(memcmp(ids[0], ids[1], sizeof *ids[0] * Q * K) == 0);
        check(memcmp(scores[0], scores[1], sizeof *scores[0] * Q * K) == 0);
    }
    scope_close(&s);
}

/* Every kernel counts like a loop, at the ends of its range too. */
CHECK(topk_kernels_equal_plain_sums) {
    enum { GROUPS = 6, PANEL = 64 };
    rng r = rng_open(16, 1);
    for (int kernel = 0; kernel < TOPK_KERNELS; kernel++) {
        if (!topk_kernel_has(kernel)) continue;
        int most = topk_kernels[kernel].most;
        uint8_t code[GROUPS * PANEL * 4];
        int8_t query[4][GROUPS * 4];
        for (int round = 0; round < 50; round++) {
            bool ends = round < 4; /* the largest sums of either sign first */
            for (int i = 0; i < GROUPS * PANEL * 4; i++)
                code[i] = (uint8_t)(ends ? (round & 1 ? 2 * most + 1 : 1)
                                         : 1 + rng_below(&r, 2 * most + 1));
            topk_scan s = {.groups = GROUPS, .code = code};
            int32_t sum[4][PANEL] = {{0}};
            for (int q = 0; q < 4; q++) {
                for (int i = 0; i < GROUPS * 4; i++)
                    query[q][i] = (int8_t)(ends ? (round & 2 ? most : -most)
                                                : rng_below(&r, 2 * most + 1) - most);
                for (int i = 0; i < PANEL; i++)
                    for (int j = 0; j < GROUPS * 4; j++)
                        sum[q][i] += query[q][j] * code[(j / 4 * PANEL + i) * 4 + j % 4];
                s.query[q] = query[q];
                s.least[q] = sum[q][rng_below(&r, PANEL)];
            }
            for (int four = 0; four < 2; four++) {
                memset(s.hits, 0, sizeof s.hits);
                (four ? topk_kernels[kernel].four : topk_kernels[kernel].one)(&s);
                for (int q = 0; q < (four ? 4 : 1); q++)
                    for (int i = 0; i < PANEL; i++)
                        check((s.hits[q] >> i & 1) == (sum[q][i] >= s.least[q]));
            }
        }
    }
}

/* ---- tables of sparse products ---- */

/* Rows of length 1 like those of articles: some common terms, some rare, families alike. */
static sparse catalogue(rng *r, int64_t rows, int64_t terms, bool families, scope *s) {
    enum { EACH = 12 };
    int64_t n = rows * EACH;
    int32_t *row = take(&s->scratch, int32_t, n), *col = take(&s->scratch, int32_t, n);
    float *w = take(&s->scratch, float, n);
    for (int64_t i = 0; i < n; i++) {
        double u = rng_uniform(r);
        row[i] = (int32_t)(i / EACH);
        col[i] = (int32_t)((double)terms * u * u * u);
        w[i] = 0.1f + (float)rng_uniform(r);
        bool alike = families && i >= EACH && row[i] % 5 != 0 && i % EACH < 9;
        if (alike) col[i] = col[i - EACH];
        if (alike) w[i] = w[i - EACH];
    }
    sparse m = sparse_from_triples(rows, terms, n, row, col, w, &s->keep, s->scratch);
    for (int64_t i = 0; i < rows; i++) {
        double square = 0;
        for (int64_t at = m.at[i]; at < m.at[i + 1]; at++) square += m.value[at] * m.value[at];
        for (int64_t at = m.at[i]; at < m.at[i + 1]; at++) m.value[at] /= (float)sqrt(square);
    }
    return m;
}

static void check_table(const sparse *query, const sparse *by_term, neighbours_rule rule,
                        pool *threads, arena scratch) {
    int64_t n = query->rows * rule.k;
    int32_t *wanted = take(&scratch, int32_t, n), *ids = take(&scratch, int32_t, n);
    float *wanted_scores = take(&scratch, float, n), *scores = take(&scratch, float, n);
    neighbours_sparse(query, by_term, rule, wanted, wanted_scores, threads);
    memset(ids, 7, sizeof *ids * (size_t)n);
    neighbours_table(query, by_term, rule, ids, scores, threads, scratch);
    check(memcmp(ids, wanted, sizeof *ids * (size_t)n) == 0);
    check(memcmp(scores, wanted_scores, sizeof *scores * (size_t)n) == 0);
}

CHECK(neighbours_table_equals_term_by_term_for_any_threads) {
    enum { ROWS = 400, TERMS = 100 };
    scope s;
    open_scope(&s);
    rng r = rng_open(21, 1);
    sparse seen = some_pairs(&r, ROWS, ROWS, 3000, &s);
    bitmap allowed = bitmap_open(ROWS, &s.keep);
    for (int i = 0; i < ROWS; i++)
        if (rng_below(&r, 4) > 0) bitmap_set(&allowed, i);
    for (int families = 0; families < 2; families++) {
        sparse m = catalogue(&r, ROWS, TERMS, families, &s);
        sparse by_term = sparse_transpose(&m, &s.keep);
        sparse part = m; /* some rows without terms: their lists are empty */
        part.at = take_copy(&s.keep, int64_t, m.at, ROWS + 1);
        for (int i = 0; i < 100; i++) part.at[i] = m.at[100];
        for (int threads = 1; threads <= 8; threads *= 2) {
            pool *t = open_pool(threads);
            check_table(&m, &by_term, (neighbours_rule){.k = 24, .skip_self = true}, t, s.scratch);
            check_table(&m, &by_term, (neighbours_rule){.k = 1}, t, s.scratch);
            check_table(&part, &by_term, (neighbours_rule){.k = 900}, t, s.scratch);
            check_table(&part, &by_term,
                        (neighbours_rule){.k = 12, .skip = &seen, .allowed = &allowed}, t,
                        s.scratch);
            pool_close(t);
        }
    }
    scope_close(&s);
}

CHECK(neighbours_table_equals_term_by_term_on_hostile_rows) {
    enum { ROWS = 300, TERMS = 60 };
    scope s;
    open_scope(&s);
    rng r = rng_open(22, 1);
    pool *t = open_pool(1);
    static const float scales[] = {1e-40f, 1e-22f, 1, 1e18f, 1e30f};
    neighbours_rule rule = {.k = 30, .skip_self = true};
    for (int a = 0; a < 5; a++) { /* vanishing and infinite products */
        sparse m = catalogue(&r, ROWS, TERMS, true, &s);
        for (int64_t i = 0; i < sparse_count(&m); i++) m.value[i] *= scales[a];
        sparse by_term = sparse_transpose(&m, &s.keep);
        check_table(&m, &by_term, rule, t, s.scratch);
    }
    sparse m = catalogue(&r, ROWS, TERMS, false, &s);
    for (int64_t i = 0; i < sparse_count(&m); i++) m.value[i] = (float)rng_below(&r, 3); /* ties */
    sparse by_term = sparse_transpose(&m, &s.keep);
    check_table(&m, &by_term, rule, t, s.scratch);
    for (int64_t i = 0; i < sparse_count(&m); i++) m.value[i] = 1; /* all the same */
    by_term = sparse_transpose(&m, &s.keep);
    check_table(&m, &by_term, rule, t, s.scratch);
    m.value[5] = -1; /* left to the twin */
    check_table(&m, &by_term, rule, t, s.scratch);
    memset(m.value, 0, sizeof *m.value * (size_t)sparse_count(&m));
    by_term = sparse_transpose(&m, &s.keep);
    check_table(&m, &by_term, rule, t, s.scratch);
    sparse dense = some_pairs(&r, 3, 2000, 3000, &s); /* a row too long for 16 bits */
    sparse wide = sparse_transpose(&dense, &s.keep);
    check(sparse_degree(&dense, 0) > 256);
    check_table(&dense, &wide, (neighbours_rule){.k = 3}, t, s.scratch);
    pool_close(t);
    scope_close(&s);
}

CHECK(neighbours_sums_equal_plain_sums) {
    enum { SLOTS = 40, N = 9, L = NEIGHBOURS_LANES };
    static uint64_t (*const sums[])(const neighbours_block *, int64_t, const int32_t *,
                                    const int16_t *) = SIMD_TABLE(neighbours_sums);
    rng r = rng_open(23, 1);
    int16_t weight[SLOTS * L], value[N];
    int32_t slot[SLOTS], term[N];
    for (int round = 0; round < 100; round++) {
        neighbours_block b = {.weight = weight, .slot = slot};
        for (int i = 0; i < SLOTS * L; i++) weight[i] = (int16_t)rng_below(&r, 7000);
        for (int i = 0; i < SLOTS; i++) slot[i] = (int32_t)rng_below(&r, SLOTS);
        for (int i = 0; i < N; i++) {
            value[i] = (int16_t)rng_below(&r, 32768);
            term[i] = (int32_t)rng_below(&r, SLOTS);
        }
        uint64_t wanted = 0;
        for (int l = 0; l < L; l++) {
            int sum = 0;
            for (int i = 0; i < N; i++) sum += weight[slot[term[i]] * L + l] * value[i] / 65536;
            b.limit[l] = (int16_t)(sum + rng_below(&r, 3) - 1);
            wanted |= (uint64_t)(sum >= b.limit[l]) << l;
        }
        for (int kind = 0; kind < SIMD_KINDS; kind++)
            if (simd_has((simd_kind)kind)) check(sums[kind](&b, N, term, value) == wanted);
    }
}
