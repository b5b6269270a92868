/* neighbours_simd: finding the few scores that can still enter a list. */
#ifndef MODELS_RECOMMEND_NEIGHBOURS_SIMD_H
#define MODELS_RECOMMEND_NEIGHBOURS_SIMD_H

#include <stdint.h>

#include "base/simd.h"

/* Positions p in ascending order with score[p] >= least, into at[n]; returns how many. */
SIMD_DECLARE(int, neighbours_find, int n, const float *score, float least, int32_t *at);

#endif
