/* train_simd: the inner loops of fine-tuning: the ways back of norm, gelu, attention and products,
 * and the step of AdamW. With dz the slope of the loss by z:
 *
 *     y = x W + b           dx = dy W',  dW = x' dy,  db = sum of dy
 *     y = scale h + shift, h = (x - mean) r, r = 1 / sqrt(variance + eps), g = dy scale
 *                           dx = r (g - mean(g) - h mean(g h)),  dscale = sum of dy h
 *     y = gelu(x)           dx = dy (P(x) + x p(x)), P and p of the standard normal
 *     P = softmax(q k' / sqrt D), y = P v
 *                           dv = P' dy,  dP = dy v',  dS = P (dP - rowsum(P dP)) / sqrt D,
 *                           dq = dS k,  dk = dS' q
 *
 * dx = dy W' is encoder_product with the panels of W' (train_turn makes them). */
#ifndef MODELS_LANGUAGE_TRAIN_SIMD_H
#define MODELS_LANGUAGE_TRAIN_SIMD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/simd.h"

enum { TRAIN_SLACK = 12 }; /* rows that may be read, but not used, past the end of a matrix */

/* out = scale hat + shift, hat = (x + y - mean) r; y may be NULL. All [rows, wide], r [rows]. */
typedef struct train_norm {
    const float *x, *y, *scale, *shift;
    int64_t rows;
    int32_t wide;
    float eps;
    float *hat, *r, *out;
} train_norm;

/* hat becomes dx; dscale and dshift [wide] are added to. */
typedef struct train_norm_back {
    const float *dy, *scale, *r;
    int64_t rows;
    int32_t wide;
    float *hat, *dscale, *dshift;
} train_norm_back;

/* One text, all heads: q, k, v of qkv [length, 3 wide] become dq, dk, dv. dout [length, wide] and
 * qkv have TRAIN_SLACK readable rows past the end. The rest is scratch, with whole(length) = a
 * multiple of 32: keys, values head * whole; price, change (whole(length) + 32)^2;
 * query length * head. */
typedef struct train_attention {
    float *qkv;
    const float *dout;
    int32_t length, wide, heads;
    float *keys, *values, *price, *change, *query;
} train_attention;

/* The slopes of `panels` panels of W [panels][from][32] and their biases [panels * 32] by `rows`
 * more rows: slope = x' dy, or slope += x' dy where `more`. x [rows + slack, from], dy [rows, to],
 * from its first column of these panels on. strip: panels * 32 * TRAIN_BLOCK floats of scratch. */
enum { TRAIN_BLOCK = 192 };
typedef struct train_outer {
    const float *x, *dy;
    int64_t rows;
    int32_t from, to, panels;
    bool more;
    float *slope, *bias, *strip;
} train_outer;

/* m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, w -= rate (m up1 / (sqrt(v up2) + eps) + decay w)
 * with g = clip * slope. */
typedef struct train_adam {
    const float *slope;
    float *w, *m, *v;
    int64_t n;
    float clip, rate, decay, up1, up2;
} train_adam;

typedef struct train_kernels {
    void (*norm)(const train_norm *n);
    void (*norm_back)(const train_norm_back *n);
    void (*gelu)(const float *u, int64_t n, float *g);
    void (*gelu_back)(float *u, const float *dg, int64_t n); /* u becomes du */
    void (*attend_back)(const train_attention *t);
    void (*outer)(const train_outer *o);
    void (*adam)(const train_adam *a);
    double (*squares)(const float *x, int64_t n); /* sum of squares */
    void (*turn)(const float *panel, int32_t from, int32_t to, int32_t at, float *turned);
} train_kernels;

extern const train_kernels train_kernels_of[SIMD_KINDS];

SIMD_DECLARE(void, train_norm, const train_norm *n);
SIMD_DECLARE(void, train_norm_back, const train_norm_back *n);
SIMD_DECLARE(void, train_gelu, const float *u, int64_t n, float *g);
SIMD_DECLARE(void, train_gelu_back, float *u, const float *dg, int64_t n);
SIMD_DECLARE(void, train_attend_back, const train_attention *t);
SIMD_DECLARE(void, train_outer, const train_outer *o);
SIMD_DECLARE(void, train_adam, const train_adam *a);

SIMD_DECLARE(double, train_squares, const float *x, int64_t n);

/* The panel of columns at … at + 31 of W [from, to] into the panels of W' [from / 32][to][32]. */
SIMD_DECLARE(void, train_turn, const float *panel, int32_t from, int32_t to, int32_t at,
             float *turned);

#endif
