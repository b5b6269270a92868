/* neighbours_simd: finding the few scores that can still enter a list. */
#include "models/recommend/neighbours_simd.h"

#include <string.h>

#define W SIMD_WIDTH
typedef float vec __attribute__((vector_size(4 * SIMD_WIDTH)));
typedef int32_t mask __attribute__((vector_size(4 * SIMD_WIDTH)));
typedef int64_t wide __attribute__((vector_size(4 * SIMD_WIDTH)));

static inline int any(mask m) {
    wide w = (wide)m;
    int64_t all = 0;
    for (int i = 0; i < W / 2; i++) all |= w[i];
    return all != 0;
}

static inline mask at_least(const float *p, vec least) {
    vec v;
    memcpy(&v, p, sizeof v);
    return v >= least;
}

int SIMD(neighbours_find)(int n, const float *score, float least, int32_t *at) {
    int found = 0, i = 0;
    vec limit = (vec){0} + least;
    for (; i + 4 * W <= n; i += 4 * W) {
        const float *p = score + i;
        mask m = at_least(p, limit) | at_least(p + W, limit) | at_least(p + 2 * W, limit) |
                 at_least(p + 3 * W, limit);
        if (!any(m)) continue;
        for (int j = i; j < i + 4 * W; j++)
            if (score[j] >= least) at[found++] = j;
    }
    for (; i < n; i++)
        if (score[i] >= least) at[found++] = i;
    return found;
}
