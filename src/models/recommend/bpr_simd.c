/* bpr_simd: the inner loops of bpr over factors. */
#include "models/recommend/bpr_simd.h"

#include <string.h>

#define W SIMD_WIDTH
typedef float vec __attribute__((vector_size(4 * SIMD_WIDTH)));

static inline vec load(const float *p) {
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store(float *p, vec v) { memcpy(p, &v, sizeof v); }

float SIMD(bpr_dot)(int k, const float *x, const float *y) {
    vec sum = {0};
    for (int j = 0; j < k; j += W) sum += load(x + j) * load(y + j);
    float part[W], all = 0;
    store(part, sum);
    for (int j = 0; j < W; j++) all += part[j];
    return all;
}

void SIMD(bpr_step)(int k, float g, float shrink, float *x, float *y, float *z) {
    for (int j = 0; j < k; j += W) {
        vec a = load(x + j), b = load(y + j), c = load(z + j);
        store(x + j, shrink * a + g * (b - c));
        store(y + j, shrink * b + g * a);
        store(z + j, shrink * c - g * a);
    }
}
