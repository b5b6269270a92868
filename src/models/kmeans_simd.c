/* kmeans kernels: the nearest centre of many rows at a time, one row a lane. */
#include "models/kmeans.h"

typedef float lanes __attribute__((vector_size(SIMD_WIDTH * 4), may_alias));
typedef int32_t lanes_i __attribute__((vector_size(SIMD_WIDTH * 4), may_alias));

#define ALL(v) ((lanes){0} + (v))
#define PICK(mask, yes, no) (((mask) & (lanes_i)(yes)) | (~(mask) & (lanes_i)(no)))

void SIMD(kmeans_nearest)(const float *x, int64_t groups, int d, int padded, const float *centres,
                          const float *half, int32_t *label) {
    for (int64_t at = 0; at < groups * KMEANS_LANES; at += SIMD_WIDTH) {
        const float *rows = x + at / KMEANS_LANES * d * KMEANS_LANES + at % KMEANS_LANES;
        lanes least = ALL(__builtin_inff());
        lanes_i best = {0};
        for (int k = 0; k < padded; k += 4) { /* four centres share each load of x */
            const float *c = centres + (int64_t)k * d;
            lanes score[4] = {ALL(half[k]), ALL(half[k + 1]), ALL(half[k + 2]), ALL(half[k + 3])};
            for (int j = 0; j < d; j++) {
                lanes v = *(const lanes *)(rows + (int64_t)j * KMEANS_LANES);
                score[0] -= v * c[j];
                score[1] -= v * c[d + j];
                score[2] -= v * c[2 * d + j];
                score[3] -= v * c[3 * d + j];
            }
            for (int i = 0; i < 4; i++) {
                lanes_i less = score[i] < least;
                best = PICK(less, (lanes_i){0} + (k + i), best);
                least = (lanes)PICK(less, score[i], least);
            }
        }
        *(lanes_i *)(label + at) = best;
    }
}

void SIMD(kmeans_closer)(const float *x, int64_t groups, int d, const float *centre,
                         const float *distance, float *nearer) {
    for (int64_t at = 0; at < groups * KMEANS_LANES; at += SIMD_WIDTH) {
        const float *rows = x + at / KMEANS_LANES * d * KMEANS_LANES + at % KMEANS_LANES;
        lanes sum = {0};
        for (int j = 0; j < d; j++) {
            lanes gap = *(const lanes *)(rows + (int64_t)j * KMEANS_LANES) - centre[j];
            sum += gap * gap;
        }
        lanes old = *(const lanes *)(distance + at);
        lanes_i less = sum < old;
        *(lanes *)(nearer + at) = (lanes)PICK(less, sum, old);
    }
}
