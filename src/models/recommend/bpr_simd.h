/* bpr_simd: the inner loops of bpr over factors; k is a multiple of 16. */
#ifndef MODELS_RECOMMEND_BPR_SIMD_H
#define MODELS_RECOMMEND_BPR_SIMD_H

#include "base/simd.h"

/* x · y */
SIMD_DECLARE(float, bpr_dot, int k, const float *x, const float *y);

/* At once: x = shrink x + g (y - z),  y = shrink y + g x,  z = shrink z - g x. */
SIMD_DECLARE(void, bpr_step, int k, float g, float shrink, float *x, float *y, float *z);

#endif
