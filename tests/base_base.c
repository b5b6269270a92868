/* base: errors, arenas, text, days, random numbers, pool, JSON and kernels. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/kernels.h"
#include "base/order.h"
#include "base/pool.h"
#include "base/random.h"

CHECK(err_keeps_the_first_reason_and_collects_context) {
    err e = {0};
    check(!refuse(&e, "k must be 1..100, got %d", 101));
    check(!fail(&e, "a later consequence"));
    fail_in(&e, "recommend");
    check(e.kind == ERR_ASKED_WRONG);
    check_text(slice_of(e.text), "recommend: k must be 1..100, got 101");
}

CHECK(arena_zeroes_aligns_and_gives_back) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    char *first = take(&s.keep, char, 100);
    memset(first, 7, 100);
    check(((uintptr_t)take(&s.keep, double, 3) & 63) == 0);
    check(arena_apart(&s.keep, &s.scratch) && !arena_apart(&s.keep, &s.keep));
    scope_reset(&s);
    char *again = take(&s.keep, char, 100);
    check(again == first && again[0] == 0 && again[99] == 0);
    scope_close(&s);
}

CHECK(text_parses_whole_numbers_or_refuses) {
    int64_t i;
    double d;
    check(slice_int(SLICE("-9223372036854775808"), &i) && i == INT64_MIN);
    check(!slice_int(SLICE("9223372036854775808"), &i) && !slice_int(SLICE("12a"), &i));
    check(!slice_int(SLICE(""), &i) && !slice_int(SLICE("-"), &i));
    check(slice_double(SLICE("0.0209152542372881"), &d) && d == 0.0209152542372881);
    check(!slice_double(SLICE("nan"), &d) && !slice_double(SLICE("1e999"), &d));
    check(!slice_double(SLICE("0x1p3"), &d) && !slice_double(SLICE("1,5"), &d));
}

CHECK(text_knows_valid_utf8) {
    check(slice_utf8_prefix(SLICE("caf\xC3\xA9")) == 5);
    check(slice_utf8_prefix(SLICE("a\xC0\xAF")) == 1);     /* overlong */
    check(slice_utf8_prefix(SLICE("a\xED\xA0\x80")) == 1); /* surrogate */
    check(slice_utf8_prefix(SLICE("a\xE2\x82")) == 1);     /* cut */
}

CHECK(days_round_trip_and_refuse_dates_that_are_none) {
    int32_t day;
    check(day_of(1970, 1, 1) == 0 && day_of(2020, 9, 22) == 18527);
    check(day_parse(SLICE("2020-02-29"), &day) && !day_parse(SLICE("2021-02-29"), &day));
    check(!day_parse(SLICE("2020-13-01"), &day) && !day_parse(SLICE("20200101"), &day));
    for (int32_t d = -200000; d < 200000; d += 37) {
        int y, m, of_month;
        day_split(d, &y, &m, &of_month);
        check(day_of(y, m, of_month) == d);
    }
}

/* Known answers of Philox 4x32-10: Salmon and others, "Parallel random numbers: as easy as 1, 2, 3"
 * (2011), kat_vectors of their Random123. */
CHECK(random_words_are_the_published_ones) {
    static const struct {
        uint64_t seed, block, stream;
        uint32_t word[4];
    } known[] = {
        {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {~0ull, ~0ull, ~0ull, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e,
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        rng r = rng_open(known[i].seed, known[i].stream);
        r.block = known[i].block;
        for (int w = 0; w < 4; w++) check(rng_u32(&r) == known[i].word[w]);
    }
}

CHECK(random_repeats_and_has_the_right_moments) {
    rng a = rng_open(7, 3), b = rng_open(7, 3), c = rng_open(7, 4);
    check(rng_u64(&a) == rng_u64(&b) && rng_u64(&a) != rng_u64(&c));
    double sum = 0, squares = 0, gamma = 0, poisson = 0;
    enum { N = 100000 };
    for (int i = 0; i < N; i++) {
        double x = rng_normal(&a);
        sum += x;
        squares += x * x;
        gamma += rng_gamma(&b, 2.5);
        poisson += (double)rng_poisson(&c, 45.5);
    }
    /* five standard errors of each mean */
    check_near(sum / N, 0, 5 / sqrt(N));
    check_near(squares / N, 1, 5 * sqrt(2.0 / N));
    check_near(gamma / N, 2.5, 5 * sqrt(2.5 / N));
    check_near(poisson / N, 45.5, 5 * sqrt(45.5 / N));
}

typedef struct squares {
    int64_t *out;
} squares;

static void square(void *what, int64_t chunk, arena scratch) {
    int64_t *mine = take(&scratch, int64_t, 1000);
    mine[0] = chunk * chunk;
    ((squares *)what)->out[chunk] = mine[0];
}

CHECK(thread_pool_does_each_chunk_once) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    for (int threads = 1; threads <= 8; threads *= 2) {
        squares w = {take(&s.keep, int64_t, 1000)};
        pool *p = pool_open(threads, 1 << 20, &e);
        check(p != NULL);
        for (int round = 0; round < 20; round++) pool_for(p, 1000, square, &w);
        for (int64_t i = 0; i < 1000; i++) check(w.out[i] == i * i);
        pool_close(p);
    }
    scope_close(&s);
}

CHECK(json_writes_what_it_reads) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    js j;
    js_open(&j, &s);
    js_object(&j, NULL);
    js_put_text(&j, "name", SLICE("a \"quoted\"\n\x01 name \xFF"));
    js_put_real(&j, "x", 0.1);
    js_put_real(&j, "no", NAN);
    js_array(&j, "list");
    js_put_int(&j, NULL, -3);
    js_put_bool(&j, NULL, true);
    js_end(&j);
    js_end(&j);
    check_text(text_slice(&j.out), "{\"name\":\"a \\\"quoted\\\"\\n\\u0001 name \xEF\xBF\xBD\","
                                   "\"x\":0.1,\"no\":null,\"list\":[-3,true]}");
    const js_node *n = js_parse(&s, text_slice(&j.out), &e);
    double x;
    check(n && js_real(js_get(n, "x"), &x) && x == 0.1 && js_count(js_get(n, "list")) == 2);
    check(!js_parse(&s, SLICE("{\"a\":1,\"a\":2}"), &e) && e.kind == ERR_ASKED_WRONG);
    scope_close(&s);
}

CHECK(hash_of_abc_is_the_published_one) {
    hash_text h = hash_of(SLICE("abc"));
    check_text(slice_of(h.hex), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void fill(rng *r, float *x, int n) {
    for (int i = 0; i < n; i++) x[i] = (float)rng_normal(r);
}

CHECK(kernels_blas_agrees_with_plain) {
    static const int sizes[] = {1, 7, 64, 65};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    kernels_start();
    rng r = rng_open(1, 1);
    for (int i = 0; i < 4; i++)
        for (int l = 0; l < 4; l++) {
            int n = sizes[i], k = sizes[l];
            float *a = take(&s.keep, float, n * k), *b = take(&s.keep, float, n * k);
            float *c = take(&s.keep, float, 65 * 65), *d = take(&s.keep, float, 65 * 65);
            fill(&r, a, n * k);
            fill(&r, b, n * k);
            /* 1e-5 a term: single-precision rounding of sums of up to 65 unit products */
            kernels_blas.gemm_nt(n, n, k, 1, a, k, b, k, 0, c, n);
            kernels_plain.gemm_nt(n, n, k, 1, a, k, b, k, 0, d, n);
            for (int at = 0; at < n * n; at++) check_near(c[at], d[at], 1e-5 * k);
            kernels_blas.gemm(n, n, k, 2, a, k, b, n, 0, c, n);
            kernels_plain.gemm(n, n, k, 2, a, k, b, n, 0, d, n);
            for (int at = 0; at < n * n; at++) check_near(c[at], d[at], 2e-5 * k);
            kernels_blas.gram(n, k, a, k, c, k);
            kernels_plain.gram(n, k, a, k, d, k);
            for (int at = 0; at < k * k; at++) check_near(c[at], d[at], 1e-5 * n);
            kernels_blas.gram_add(n, k, b, k, c, k); /* upon what the two grams left */
            kernels_plain.gram_add(n, k, b, k, d, k);
            for (int at = 0; at < k * k; at++) check_near(c[at], d[at], 2e-5 * n);
            double *y = take(&s.keep, double, n * k), *one = take(&s.keep, double, k * k);
            double *two = take(&s.keep, double, k * k);
            for (int at = 0; at < n * k; at++) y[at] = (double)a[at];
            for (int at = 0; at < k * k; at++) one[at] = two[at] = at;
            kernels_blas.gram_add_d(n, k, y, k, one, k); /* the upper triangle alone */
            kernels_plain.gram_add_d(n, k, y, k, two, k);
            for (int at = 0; at < k * k; at++) check_near(one[at], two[at], 1e-13 * n * k * k);
        }
    scope_close(&s);
}

CHECK(kernels_solve_and_eigen_agree_with_plain) {
    enum { N = 17 };
    const kernels *both[] = {&kernels_blas, &kernels_plain};
    double w[2][N];
    rng r = rng_open(2, 2);
    double x[N][N], spd[N][N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) x[i][j] = rng_normal(&r);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            spd[i][j] = i == j;
            for (int l = 0; l < N; l++) spd[i][j] += x[i][l] * x[j][l];
        }
    for (int v = 0; v < 2; v++) {
        double a[N * N], b[N];
        memcpy(a, spd, sizeof a);
        for (int i = 0; i < N; i++) b[i] = i;
        check(both[v]->solve_spd_d(N, a, N, b));
        for (int i = 0; i < N; i++) {
            double back = 0;
            for (int j = 0; j < N; j++) back += spd[i][j] * b[j];
            check_near(back, i, 1e-9);
        }
        memcpy(a, spd, sizeof a);
        check(both[v]->eigen_d(N, a, N, w[v]));
        for (int j = 0; j < N; j++)
            for (int i = 0; i < N; i++) { /* A v = lambda v */
                double left = 0;
                for (int l = 0; l < N; l++) left += spd[i][l] * a[j * N + l];
                check_near(left, w[v][j] * a[j * N + i], 1e-9);
            }
        memcpy(a, spd, sizeof a);
        for (int i = 0; i < N; i++)
            for (int j = i + 1; j < N; j++) a[i * N + j] = 1e9; /* only the lower part is read */
        check(both[v]->inverse_spd_d(N, a, N));
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                double one = 0;
                for (int l = 0; l < N; l++) one += spd[i][l] * a[l * N + j];
                check_near(one, i == j, 1e-9);
            }
        float from[N], onto[N];
        for (int i = 0; i < N; i++) from[i] = onto[i] = (float)i;
        both[v]->axpy(N, 2, from, onto);
        for (int i = 0; i < N; i++) check(onto[i] == 3 * (float)i);
        a[0] = -1;
        check(!both[v]->solve_spd_d(1, a, 1, b));
        a[0] = -1;
        check(!both[v]->inverse_spd_d(1, a, 1));
    }
    for (int j = 0; j < N; j++) check_near(w[0][j], w[1][j], 1e-9);
}

static void fill_and_leave(scope *s) {
    text here; /* ends with this function; its bytes live until s is closed */
    text_open(&here, s);
    for (int i = 0; i < 100; i++) text_addf(&here, "line %d of a text that grows\n", i);
    check(here.n > 2000);
}

CHECK(text_may_end_before_its_owner) {
    scope s;
    err e = {0};
    text kept;
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    fill_and_leave(&s);
    text_open(&kept, &s);
    text_addf(&kept, "%s", "once");
    text_free(&kept); /* by hand, and again by the scope: nothing is freed twice */
    text_addf(&kept, "%0200d", 7);
    check(kept.n == 200);
    scope_close(&s);
}

CHECK(json_passes_on_what_it_read) {
    static const char document[] =
        "{\"b\":[1,-9223372036854775808,0.1,true,null,\"a\\\"\\\\\\n\\u0001z\"],\"a\":{\"x\":{}}}";
    scope s;
    err e = {0};
    js j;
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    js_open(&j, &s);
    const js_node *root = js_parse(&s, slice_of(document), &e);
    check_ok(root, &e);
    js_put_node(&j, NULL, root);
    check_text(text_slice(&j.out), document);
    scope_close(&s);
}

CHECK(text_valid_utf8_at_every_offset_of_eight_bytes) {
    for (size_t at = 0; at < 20; at++) {
        char bytes[24] = "aaaaaaaaaaaaaaaaaaaaaaa";
        bytes[at] = (char)0xC3;
        bytes[at + 1] = (char)0xA9;
        check(slice_utf8_prefix((slice){bytes, 23}) == 23);
        bytes[at + 1] = 'a'; /* a lead byte without its second one */
        check(slice_utf8_prefix((slice){bytes, 23}) == at);
    }
}

/* Sorted in one piece, and merged where there is no room for that: the same, up and down. */
static void check_orders(scope *s, const double *key, int n) {
    for (int down = 0; down < 2; down++) {
        arena keep = s->keep, poor = arena_split(&s->scratch, sizeof(int32_t) * (size_t)n + 64);
        int32_t *fast = order_count(n, &keep), *plain = order_count(n, &keep);
        (down ? order_down : order_up)(fast, n, key, s->scratch);
        (down ? order_down : order_up)(plain, n, key, poor);
        for (int i = 0; i < n; i++) check(fast[i] == plain[i]);
    }
}

CHECK(order_of_many_is_the_order_of_few) {
    enum { N = 600, ROOM = 1 << 16 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, ROOM, ROOM, &e), &e);
    static const double odd[] = {NAN, -0.0, 0.0, -INFINITY, INFINITY, -1e-310, 2, -2};
    double *key = take(&s.keep, double, N);
    rng r = rng_open(3, 0);
    for (int i = 0; i < N; i++)
        key[i] = i % 3 == 0 ? odd[i / 3 % 8] : floor(rng_uniform(&r) * 100) - 50.5;
    check_orders(&s, key, N);
    int32_t *up = order_count(N, &s.keep);
    order_up(up, N, key, s.scratch);
    check(isnan(key[up[N - 1]]) && key[up[0]] == -INFINITY);
    for (int i = 0; i < N; i++) /* alike but for their last bits, beside one far away */
        key[i] = i == 5 ? 1e300 : 1 + i * 7919 % 211 * 0x1p-52;
    check_orders(&s, key, N);
    for (int i = 0; i < N; i++) key[i] = rng_uniform(&r);
    check_orders(&s, key, N);
    scope_close(&s);
}
