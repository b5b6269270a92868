/* encoder_simd: the inner loops of the encoder: products in panels, attention, norm, gelu. */
#ifndef MODELS_LANGUAGE_ENCODER_SIMD_H
#define MODELS_LANGUAGE_ENCODER_SIMD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/simd.h"

/* c = a W + bias, then gelu where asked. a [rows, lda], rows a multiple of 12; W in panels of 32
 * columns [columns / 32][k][32]; c [rows, columns]. */
typedef struct encoder_product {
    const float *a;
    int64_t lda, rows;
    const float *panels, *bias;
    int32_t k, columns;
    float *c;
    bool gelu;
} encoder_product;

/* softmax(q k' / sqrt head) v of one text. qkv [length + up to 11 readable rows, 3 wide]: columns
 * of q, of k, of v, each by heads; out [length, wide]. keys: head * whole(length) floats, prices:
 * 12 * whole(length) floats of scratch, whole(n) = n rounded up to a multiple of 32. */
typedef struct encoder_attention {
    const float *qkv;
    int32_t length, wide, heads;
    float *out, *keys, *prices;
} encoder_attention;

/* x = norm(x + y), row by row; y NULL: x = norm(x). [rows, wide], wide a multiple of 32. */
typedef struct encoder_sum {
    float *x;
    const float *y, *scale, *shift;
    int64_t rows;
    int32_t wide;
    float eps;
} encoder_sum;

typedef struct encoder_kernels {
    void (*product)(const encoder_product *p);
    void (*attend)(const encoder_attention *a);
    void (*norm)(const encoder_sum *s);
} encoder_kernels;

extern const encoder_kernels encoder_kernels_of[SIMD_KINDS];

SIMD_DECLARE(void, encoder_product, const encoder_product *p);
SIMD_DECLARE(void, encoder_attend, const encoder_attention *a);
SIMD_DECLARE(void, encoder_norm, const encoder_sum *s);

#endif
