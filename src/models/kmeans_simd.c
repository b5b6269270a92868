/* kmeans kernels: the nearest centre of many rows at a time, one row a lane. */
#include "models/kmeans.h"

typedef float lanes __attribute__((vector_size(SIMD_WIDTH * 4), may_alias));
typedef int32_t lanes_i __attribute__((vector_size(SIMD_WIDTH * 4), may_alias));

#define ALL(v) ((lanes){0} + (v))
#define PICK(mask, yes, no) (((mask) & (lanes_i)(yes)) | (~(mask) & (lanes_i)(no)))

/* Scores |c|^2 / 2 - x c of four centres, of which d columns each follow one another. */
static inline void four_scores(const float *rows, int d, const float *c, const float *half,
                               lanes score[4]) {
    for (int i = 0; i < 4; i++) score[i] = ALL(half[i]);
    for (int j = 0; j < d; j++) { /* four centres share each load of x */
        lanes v = *(const lanes *)(rows + (int64_t)j * KMEANS_LANES);
        score[0] -= v * c[j];
        score[1] -= v * c[d + j];
        score[2] -= v * c[2 * d + j];
        score[3] -= v * c[3 * d + j];
    }
}

void SIMD(kmeans_nearest)(const float *x, int64_t groups, int d, int padded, const float *centres,
                          const float *half, int32_t *label) {
    for (int64_t at = 0; at < groups * KMEANS_LANES; at += SIMD_WIDTH) {
        const float *rows = x + at / KMEANS_LANES * d * KMEANS_LANES + at % KMEANS_LANES;
        lanes least = ALL(__builtin_inff()), score[4];
        lanes_i best = {0};
        for (int k = 0; k < padded; k += 4) {
            four_scores(rows, d, centres + (int64_t)k * d, half + k, score);
            for (int i = 0; i < 4; i++) {
                lanes_i less = score[i] < least;
                best = PICK(less, (lanes_i){0} + (k + i), best);
                least = (lanes)PICK(less, score[i], least);
            }
        }
        *(lanes_i *)(label + at) = best;
    }
}

/* True when no row of the vector can have got another nearest centre. */
static inline int holds(const kmeans_bounds *b, const int32_t *label, const float *expire) {
    int kept = 0;
    for (int i = 0; i < SIMD_WIDTH; i++) kept += b->decay[label[i]] + b->margin < expire[i];
    return kept == SIMD_WIDTH;
}

/* Renews label and expire of one vector of rows. */
static inline void renew(const float *rows, int d, int padded, const float *centres,
                         const float *half, const kmeans_bounds *b, int32_t *label,
                         float *expire) {
    lanes least = ALL(__builtin_inff()), second = least, square = {0}, score[4];
    lanes_i best = {0};
    for (int k = 0; k < padded; k += 4) {
        four_scores(rows, d, centres + (int64_t)k * d, half + k, score);
        for (int i = 0; i < 4; i++) {
            lanes_i less = score[i] < least, near = score[i] < second;
            second = (lanes)PICK(less, least, PICK(near, score[i], second));
            best = PICK(less, (lanes_i){0} + (k + i), best);
            least = (lanes)PICK(less, score[i], least);
        }
    }
    for (int j = 0; j < d; j++) {
        lanes v = *(const lanes *)(rows + (int64_t)j * KMEANS_LANES);
        square += v * v;
    }
    *(lanes_i *)label = best;
    for (int i = 0; i < SIMD_WIDTH; i++) {
        float near = 2 * least[i] + square[i], far = 2 * second[i] + square[i];
        near = near > 0 ? near : 0;
        far = far > 0 ? far : 0;
        float sum = __builtin_sqrtf(near + b->wobble) + __builtin_sqrtf(far + b->wobble);
        float gap = (2 * (second[i] - least[i]) - b->wobble) / sum;
        expire[i] = gap * (gap > 0 ? 0.99999f : 1.00001f) + b->decay[label[i]];
    }
}

void SIMD(kmeans_bound)(const float *x, int64_t groups, int d, int padded, const float *centres,
                        const float *half, const kmeans_bounds *b, int32_t *label, float *expire,
                        uint8_t *touched) {
    for (int64_t g = 0; g < groups; g++) {
        touched[g] = 0;
        for (int i = 0; i < KMEANS_LANES; i += SIMD_WIDTH) {
            int64_t at = g * KMEANS_LANES + i;
            if (holds(b, label + at, expire + at)) continue;
            renew(x + g * d * KMEANS_LANES + i, d, padded, centres, half, b, label + at,
                  expire + at);
            touched[g] = 1;
        }
    }
}

void SIMD(kmeans_own)(const float *x, int64_t groups, int d, const double *centres,
                      const int32_t *label, double *square) {
    for (int64_t g = 0; g < groups; g++) {
        const float *rows = x + g * d * KMEANS_LANES;
        const int32_t *own = label + g * KMEANS_LANES;
        double sum[KMEANS_LANES] = {0};
        for (int j = 0; j < d; j++)
            for (int i = 0; i < KMEANS_LANES; i++) {
                double gap = (double)rows[j * KMEANS_LANES + i] - centres[(int64_t)own[i] * d + j];
                sum[i] += gap * gap;
            }
        for (int i = 0; i < KMEANS_LANES; i++) square[g * KMEANS_LANES + i] = sum[i];
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
