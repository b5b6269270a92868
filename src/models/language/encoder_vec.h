/* encoder_vec: vectors of SIMD_WIDTH floats and what the encoder needs of them; for *_simd.c. */
#ifndef MODELS_LANGUAGE_ENCODER_VEC_H
#define MODELS_LANGUAGE_ENCODER_VEC_H

#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))
enum { W = SIMD_WIDTH, PANEL = 32 }; /* floats of a vector; columns of a panel */

typedef float vec __attribute__((vector_size(4 * SIMD_WIDTH), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(4 * SIMD_WIDTH), aligned(4), may_alias));

INLINE vec load(const float *p) { return *(const vec *)(const void *)p; }
INLINE void store(float *p, vec v) { *(vec *)(void *)p = v; }
INLINE vec spread(float x) { return x - (vec){0}; }
INLINE vec pick(ivec yes, vec a, vec b) { return (vec)((yes & (ivec)a) | (~yes & (ivec)b)); }
INLINE vec least(vec a, vec b) { return pick((ivec)(a < b), a, b); }
INLINE vec most(vec a, vec b) { return pick((ivec)(a > b), a, b); }

/* e^x for x <= 88, 0 below -87: 2^n by the exponent's bits, the rest by a polynomial (Cephes). */
INLINE vec exponential(vec x) {
    vec far = most(x, spread(-87.0f));
    vec shifted = far * 1.44269504f + 12582912.0f, n = shifted - 12582912.0f;
    vec r = far - n * 0.693359375f + n * 2.12194440e-4f;
    vec p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    vec scaled = (vec)((ivec)p + ((ivec)shifted << 23));
    return pick((ivec)(x < spread(-87.0f)), spread(0), scaled);
}

/* Abramowitz and Stegun 7.1.26: erf to 1.5e-7. */
INLINE vec gelu(vec x) {
    vec z = x * 0.70710678f;
    vec size = most(z, -z), t = 1.0f / (1.0f + size * 0.3275911f);
    vec p = t * 1.061405429f - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    vec erf = 1.0f - p * t * exponential(-z * z);
    return 0.5f * x * (1.0f + pick((ivec)(x < spread(0)), -erf, erf));
}

INLINE float total(vec v) {
    float sum = 0;
    for (int i = 0; i < W; i++) sum += v[i];
    return sum;
}

#endif
