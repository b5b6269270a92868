/* encoder_tile: products of a few rows in registers, and softmax of a row; for *_simd.c. */
#ifndef MODELS_LANGUAGE_ENCODER_TILE_H
#define MODELS_LANGUAGE_ENCODER_TILE_H

#include "models/language/encoder_vec.h"

#define TILE_ROWS (SIMD_WIDTH == 16 ? 12 : SIMD_WIDTH == 8 ? 6 : 4) /* of a tile; divides 12 */

/* sum[i][0 … 2W) = rows i of a [TILE_ROWS, k] times a strip of b, 2W of its columns. */
INLINE void tile(const float *a, int64_t lda, const float *b, int64_t ldb, int32_t k,
                 vec sum[TILE_ROWS][2]) {
    for (int i = 0; i < TILE_ROWS; i++) sum[i][0] = sum[i][1] = spread(0);
    for (int32_t l = 0; l < k; l++, b += ldb) {
        vec first = load(b), second = load(b + W);
        for (int i = 0; i < TILE_ROWS; i++) {
            vec x = spread(a[i * lda + l]);
            sum[i][0] += x * first;
            sum[i][1] += x * second;
        }
    }
}

/* Rows of one head, keys or values, as panels of 32 of them: [whole / 32][size][32]; those past the
 * end are 0. */
INLINE void turn_rows(const float *from, int64_t stride, int32_t length, int32_t size,
                      int32_t whole, float *panels) {
    for (int32_t i = 0; i < whole; i++, from += stride) {
        float *to = panels + (int64_t)(i / PANEL) * size * PANEL + i % PANEL;
        for (int32_t d = 0; d < size; d++) to[d * PANEL] = i < length ? from[d] : 0;
    }
}

/* One row of prices [whole] into e^(price - largest) with zeros past the end; returns the sum. */
INLINE float soften(float *price, int32_t length, int32_t whole, float scale) {
    vec top = spread(price[0]), sum = spread(0);
    for (int32_t i = length; i < whole; i++) price[i] = price[0];
    for (int32_t i = 0; i < whole; i += W) top = most(top, load(price + i));
    float largest = top[0];
    for (int i = 1; i < W; i++) largest = top[i] > largest ? top[i] : largest;
    for (int32_t i = 0; i < whole; i += W)
        store(price + i, exponential((load(price + i) - largest) * scale));
    for (int32_t i = length; i < whole; i++) price[i] = 0;
    for (int32_t i = 0; i < whole; i += W) sum += load(price + i);
    return total(sum);
}

#endif
