/* models_encoder: the sentence encoder against a plain double-precision one; kernels; threads. */
#include "check.h"
#include "plain_encoder.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/simd.h"
#include "models/language/encoder.h"
#include "models/language/encoder_bytes.h"
#include "models/language/encoder_simd.h"

CHECK(encoder_agrees_with_a_plain_one) {
    scope s;
    err e = {0};
    plain_encoder p;
    check_ok(scope_open(&s, 32 << 20, 8 << 20, &e), &e);
    pool *one = pool_open(1, 8 << 20, &e);
    plain_encoder_plant(&p, 7, &s.keep);
    encoder_texts t = plain_encoder_texts(20, 3, &s.keep);
    float *got = take(&s.keep, float, t.n * 64);
    double *wanted = take(&s.keep, double, 64);
    for (int pooling = ENCODER_MEAN; pooling <= ENCODER_FIRST; pooling++) {
        p.m.pooling = (encoder_pooling)pooling;
        encoder_run(&p.m, &t, one, got, s.scratch);
        for (int64_t i = 0; i < t.n; i++) {
            plain_encoder_text(&p, t.ids + t.at[i], (int)(t.at[i + 1] - t.at[i]), wanted,
                               s.scratch);
            /* 2e-6: floats of 24 bits through 3 layers stay below 4e-7 on every instruction set */
            for (int j = 0; j < 64; j++) check_near((double)got[i * 64 + j], wanted[j], 2e-6);
        }
    }
    pool_close(one);
    scope_close(&s);
}

CHECK(encoder_threads_and_neighbours_change_no_bit) {
    scope s;
    err e = {0};
    plain_encoder p;
    check_ok(scope_open(&s, 32 << 20, 8 << 20, &e), &e);
    plain_encoder_plant(&p, 8, &s.keep);
    encoder_texts t = plain_encoder_texts(60, 4, &s.keep);
    float *first = take(&s.keep, float, t.n * 64), *again = take(&s.keep, float, t.n * 64);
    static const int threads[] = {1, 2, 8};
    for (int k = 0; k < 3; k++) {
        pool *some = pool_open(threads[k], 8 << 20, &e);
        encoder_run(&p.m, &t, some, k ? again : first, s.scratch);
        check(k == 0 || memcmp(first, again, (size_t)t.n * 64 * sizeof *first) == 0);
        for (int64_t i = 0; k == 2 && i < 10; i++) { /* each alone */
            encoder_texts alone = {1, t.ids, t.at + i};
            encoder_run(&p.m, &alone, some, again, s.scratch);
            check(memcmp(first + i * 64, again, 64 * sizeof *first) == 0);
        }
        pool_close(some);
    }
    encoder_texts none = {0, t.ids, t.at};
    pool *one = pool_open(1, 8 << 20, &e);
    encoder_run(&p.m, &none, one, again, s.scratch); /* nothing to do, nothing touched */
    pool_close(one);
    scope_close(&s);
}

CHECK(encoder_memory_is_enough) {
    scope s;
    err e = {0};
    plain_encoder p;
    check_ok(scope_open(&s, 32 << 20, 8 << 20, &e), &e);
    plain_encoder_plant(&p, 9, &s.keep);
    encoder_texts t = plain_encoder_texts(30, 5, &s.keep);
    float *got = take(&s.keep, float, t.n * 64);
    pool *one = pool_open(1, encoder_memory(&p.m, 100), &e); /* an arena that is too small aborts */
    encoder_run(&p.m, &t, one, got, s.scratch);
    pool_close(one);
    check(encoder_memory(&p.m, 100) < 3 << 20);
    scope_close(&s);
}

/* ---- kernels, each instruction set that is here ---- */

/* A random product, its exact answer, and its weights in panels. */
typedef struct factors {
    int rows, from, to;
    float *a, *bias, *panels, *c; /* c: room for an answer */
    double *y;                    /* [rows, to] exact */
} factors;

static factors factors_of(const int shape[3], rng *r, arena *keep) {
    int rows = shape[0], from = shape[1], to = shape[2];
    factors f = {rows, from, to, plain_floats(rows * from, 1, r, keep)};
    float *w = plain_floats(from * to, 1, r, keep);
    f.bias = plain_floats(to, 1, r, keep);
    f.panels = take(keep, float, from * to);
    f.c = take(keep, float, rows * to);
    f.y = take(keep, double, rows * to);
    double *x = take(keep, double, rows * from);
    for (int i = 0; i < rows * from; i++) x[i] = (double)f.a[i];
    plain_product(x, rows, from, to, w, f.bias, f.y);
    encoder_pack(w, from, to, false, f.panels);
    return f;
}

CHECK(encoder_products_agree_with_plain_ones_at_odd_sizes) {
    scope s;
    err e = {0};
    rng r = rng_open(1, 2);
    static const int shapes[][3] = {{12, 32, 32}, {24, 1, 64}, {36, 65, 96}, {12, 200, 32}};
    check_ok(scope_open(&s, 16 << 20, 4 << 20, &e), &e);
    for (int k = 0; k < 4; k++) {
        factors f = factors_of(shapes[k], &r, &s.keep);
        int rows = f.rows, to = f.to;
        for (int level = 0; level < SIMD_KINDS; level++)
            for (int gelu = 0; gelu < 2 && simd_has((simd_kind)level); gelu++) {
                encoder_product p = {f.a, f.from, rows, f.panels, f.bias, f.from, to, f.c, gelu};
                encoder_kernels_of[level].product(&p);
                for (int i = 0; i < rows * to; i++) /* 2e-5: 200 float products of size 1 */
                    check_near((double)f.c[i], gelu ? plain_gelu(f.y[i]) : f.y[i], 2e-5);
            }
    }
    scope_close(&s);
}

CHECK(encoder_gelu_is_exact_to_float) {
    float a[12 * 32] = {0}, identity[32 * 32] = {0}, bias[32], c[12 * 32];
    for (int i = 0; i < 32; i++) identity[i * 32 + i] = 1, bias[i] = 0;
    for (int i = 0; i < 12 * 32; i++) a[i] = (float)(i - 192) / 16; /* -12 … 12 */
    for (int level = 0; level < SIMD_KINDS; level++) {
        if (!simd_has((simd_kind)level)) continue;
        encoder_product p = {a, 32, 12, identity, bias, 32, 32, c, true};
        encoder_kernels_of[level].product(&p);
        for (int i = 0; i < 12 * 32; i++) /* erf to 1.5e-7, times half of |x| */
            check_near((double)c[i], plain_gelu((double)a[i]), 3e-7 + 1.5e-7 * fabs((double)a[i]));
    }
}

CHECK(encoder_attention_to_equal_keys_is_the_mean_of_values) {
    scope s;
    err e = {0};
    enum { N = 45, WIDE = 64 };
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    rng r = rng_open(2, 2);
    float *qkv = plain_floats((N + 12) * 3 * WIDE, 1, &r, &s.keep);
    float *out = take(&s.keep, float, N * WIDE), *keys = take(&s.keep, float, 32 * 64);
    float *prices = take(&s.keep, float, 12 * 64);
    for (int i = 0; i < N; i++)
        for (int d = 0; d < WIDE; d++) qkv[i * 3 * WIDE + WIDE + d] = (float)d / 50;
    for (int level = 0; level < SIMD_KINDS; level++) {
        if (!simd_has((simd_kind)level)) continue;
        encoder_attention t = {qkv, N, WIDE, 2, out, keys, prices};
        encoder_kernels_of[level].attend(&t);
        for (int d = 0; d < WIDE; d++) {
            double mean = 0;
            for (int i = 0; i < N; i++) mean += (double)qkv[i * 3 * WIDE + 2 * WIDE + d] / N;
            for (int i = 0; i < N; i++) check_near((double)out[i * WIDE + d], mean, 1e-6);
        }
    }
    scope_close(&s);
}

CHECK(encoder_sizes_it_cannot_run_are_named) {
    encoder_model m = {.layers = 6, .wide = 384, .heads = 12, .inner = 1536, .words = 10,
                       .positions = 512, .eps = 1e-12f};
    check(encoder_check(&m) == NULL);
    m.heads = 16; /* of 24 numbers */
    check_has(slice_of(encoder_check(&m)), "heads");
    m.heads = 12;
    m.wide = 380;
    check_has(slice_of(encoder_check(&m)), "width");
    m.wide = 384;
    m.eps = 0;
    check_has(slice_of(encoder_check(&m)), "epsilon");
}

/* ---- weights of one byte ---- */

/* Sums of whole numbers are exact, so what is left is the rounding of a few floats. */
CHECK(encoder_bytes_agree_on_every_instruction_set) {
    scope s;
    err e = {0};
    rng r = rng_open(3, 2);
    static const int shapes[][3] = {{12, 64, 32}, {24, 96, 64}, {12, 384, 96}};
    check_ok(scope_open(&s, 16 << 20, 4 << 20, &e), &e);
    for (int k = 0; k < 3; k++) {
        factors f = factors_of(shapes[k], &r, &s.keep);
        int rows = f.rows, to = f.to;
        encoder_bytes b = encoder_bytes_of(f.panels, f.from, to, &s.keep);
        float *first = take(&s.keep, float, rows * to);
        for (int kernel = 0; kernel < ENCODER_KERNELS8; kernel++) {
            if (!encoder_kernel8_has(kernel)) continue;
            encoder_codes codes = encoder_codes_take(rows, f.from, &s.keep);
            const encoder_kernel8 *fast = &encoder_kernels8[kernel];
            fast->encode(f.a, rows, f.from, b.group, &codes);
            for (int gelu = 0; gelu < 2; gelu++) {
                fast->product(&(encoder_job8){&b, &codes, rows, f.bias, f.c, gelu});
                double worst = 0;
                for (int i = 0; i < rows * to; i++) {
                    double exact = gelu ? plain_gelu(f.y[i]) : f.y[i];
                    worst = fmax(worst, fabs((double)f.c[i] - exact));
                    if (kernel > 0 && !gelu) check_near((double)f.c[i], (double)first[i], 2e-5);
                    if (kernel == 0 && !gelu) first[i] = f.c[i];
                }
                /* a code is off by 1/2 of a step of 5/255 or 3/127: .014 a factor, 384 of them */
                check(worst < 0.014 * 5 * sqrt(f.from) && worst > 0);
            }
        }
    }
    scope_close(&s);
}

CHECK(encoder_bytes_of_whole_numbers_are_exact) {
    scope s;
    err e = {0};
    enum { K = 64 };
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    float *panels = take(&s.keep, float, K * 32), *a = take(&s.keep, float, 12 * K);
    float *bias = take(&s.keep, float, 32), *c = take(&s.keep, float, 12 * 32);
    for (int l = 0; l < K; l++) {
        for (int i = 0; i < 32; i++)
            panels[l * 32 + i] = (float)(l == i ? 127 : l == i + 32 ? -127 : 0);
        for (int i = 0; i < 12; i++)
            a[i * K + l] = (float)(l == 63 ? 255 : (l * 7 + i) % 200) - 10;
    }
    for (int i = 0; i < 12; i++) a[i * K] = -10; /* from -10 to 245: steps of 1 */
    encoder_bytes b = encoder_bytes_of(panels, K, 32, &s.keep);
    for (int kernel = 0; kernel < ENCODER_KERNELS8; kernel++) {
        if (!encoder_kernel8_has(kernel)) continue;
        encoder_codes codes = encoder_codes_take(12, K, &s.keep);
        encoder_kernels8[kernel].encode(a, 12, K, b.group, &codes);
        encoder_kernels8[kernel].product(&(encoder_job8){&b, &codes, 12, bias, c, false});
        for (int i = 0; i < 12 * 32; i++) {
            const float *row = a + i / 32 * K;
            check_near((double)c[i], 127 * ((double)row[i % 32] - (double)row[i % 32 + 32]), 0.02);
        }
    }
    scope_close(&s);
}

CHECK(encoder_quickened_stays_near_on_any_threads) {
    scope s;
    err e = {0};
    plain_encoder p;
    check_ok(scope_open(&s, 32 << 20, 8 << 20, &e), &e);
    plain_encoder_plant(&p, 10, &s.keep);
    encoder_texts t = plain_encoder_texts(40, 6, &s.keep);
    float *exact = take(&s.keep, float, t.n * 64), *got[2];
    pool *one = pool_open(1, encoder_memory(&p.m, 100), &e), *eight = pool_open(8, 8 << 20, &e);
    encoder_run(&p.m, &t, one, exact, s.scratch);
    encoder_quicken(&p.m, &s.keep);
    for (int i = 0; i < 2; i++) {
        got[i] = take(&s.keep, float, t.n * 64);
        encoder_run(&p.m, &t, i ? eight : one, got[i], s.scratch);
    }
    check(memcmp(got[0], got[1], (size_t)t.n * 64 * sizeof *exact) == 0);
    for (int64_t i = 0; i < t.n; i++) {
        double cosine = 0;
        for (int64_t k = i * 64; k < i * 64 + 64; k++)
            cosine += (double)exact[k] * (double)got[0][k];
        bool brief = t.at[i + 1] - t.at[i] < 8; /* always in floats */
        check(cosine > 0.999 && brief == (cosine > 0.99999999));
    }
    pool_close(one);
    pool_close(eight);
    scope_close(&s);
}
