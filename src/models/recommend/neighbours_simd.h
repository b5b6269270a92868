/* neighbours_simd: sums of products of 64 sparse queries with one sparse item, in 16 bits. */
#ifndef MODELS_RECOMMEND_NEIGHBOURS_SIMD_H
#define MODELS_RECOMMEND_NEIGHBOURS_SIMD_H

#include <stdint.h>

#include "base/simd.h"

enum { NEIGHBOURS_LANES = 64 };

typedef struct neighbours_block {
    const int16_t *weight; /* [slots, 64] weights of the queries; slot 0 is a term that none has */
    const int32_t *slot;   /* [terms] */
    int16_t limit[NEIGHBOURS_LANES]; /* sums below it say nothing */
} neighbours_block;

/* sum[lane] = sum over the item's n terms of weight * value / 65536, each product rounded down.
 * Weights and values are 0 … 32767 and no sum leaves that range. Returns the lanes whose sum is at
 * least their limit. */
SIMD_DECLARE(uint64_t, neighbours_sums, const neighbours_block *b, int64_t n, const int32_t *term,
             const int16_t *value);

#endif
