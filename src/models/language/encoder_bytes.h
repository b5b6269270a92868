/* encoder_bytes: products with weights and activations of one byte, in groups with scales.
 *
 * The k rows of W are cut into groups of g (64, or less where k needs it). Within a group each
 * column has signed codes q = round(w / s), s = max |w| / 127, and each row of the other factor has
 * unsigned codes c = round((x - low) / t), t = (max - min) / 255. Then
 *
 *     x W = sum over groups of  t s (c q) + low s (sum of q)
 *
 * where c q is a dot product of whole numbers, exact on every processor. Groups keep one large
 * value of a row from spoiling the others: the vectors of both known encoders keep a cosine above
 * .999 to those of floats (docs/language.md), which per-row scales miss.
 *
 * Source: Dettmers et al., "LLM.int8()" (2022), for what large values do; Shen et al., "Q-BERT"
 * (2020), for scales by group. */
#ifndef MODELS_LANGUAGE_ENCODER_BYTES_H
#define MODELS_LANGUAGE_ENCODER_BYTES_H

#include "base/arena.h"
#include "base/simd.h"

/* One layer's W [k, columns]; k a multiple of group, group a multiple of 32. */
typedef struct encoder_bytes {
    int32_t k, columns, group;
    int8_t *code;        /* [columns / 32][k / 4][32][4] */
    float *scale, *sum;  /* [columns / 32][k / group][32]: s, and s times the sum of codes */
} encoder_bytes;

/* Codes of the other factor. */
typedef struct encoder_codes {
    uint8_t *code;      /* [rows, k] */
    float *low, *step;  /* [rows, k / group] */
} encoder_codes;

/* From panels [columns / 32][k][32] of floats. */
encoder_bytes encoder_bytes_of(const float *panels, int32_t k, int32_t columns, arena *keep);

size_t encoder_codes_memory(int64_t rows, int32_t k);
encoder_codes encoder_codes_take(int64_t rows, int32_t k, arena *scratch);

/* c = a W + bias, then gelu where asked; a [rows, k], c [rows, columns], rows a multiple of 12. */
void encoder_bytes_product(const encoder_bytes *w, const float *a, int64_t rows, const float *bias,
                           bool gelu, float *c, encoder_codes *codes);

/* ---- the kernels ---- */

typedef struct encoder_job8 {
    const encoder_bytes *w;
    const encoder_codes *a;
    int64_t rows;
    const float *bias;
    float *c;
    bool gelu;
} encoder_job8;

SIMD_DECLARE(void, encoder_encode, const float *a, int64_t rows, int32_t k, int32_t group,
             encoder_codes *codes);
SIMD_DECLARE(void, encoder_product8, const encoder_job8 *j);
SIMD_DECLARE(void, encoder_vnni8, const encoder_job8 *j); /* only the avx512 copy has them */

typedef struct encoder_kernel8 {
    const char *name;
    void (*encode)(const float *a, int64_t rows, int32_t k, int32_t group, encoder_codes *codes);
    void (*product)(const encoder_job8 *j);
} encoder_kernel8;

enum { ENCODER_VNNI = SIMD_KINDS, ENCODER_KERNELS8 };
extern const encoder_kernel8 encoder_kernels8[ENCODER_KERNELS8];
bool encoder_kernel8_has(int kernel);

#endif
