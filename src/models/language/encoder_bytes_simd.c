/* encoder_bytes_simd: rows of floats as bytes, and their products with weights of bytes. */
#include <string.h>

#include "models/language/encoder_bytes.h"
#include "models/language/encoder_vec.h"

#ifdef __AVX512BW__
#include <immintrin.h>
#endif

INLINE float lowest(vec v) {
    float x = v[0];
    for (int i = 1; i < W; i++) x = v[i] < x ? v[i] : x;
    return x;
}

/* Halves are rounded up: (int)(x + 1/2) of what is never negative. */
void SIMD(encoder_encode)(const float *a, int64_t rows, int32_t k, int32_t group,
                          encoder_codes *codes) {
    uint8_t *code = codes->code;
    int64_t at = 0;
    for (int64_t i = 0; i < rows * k; i += group, at++, a += group) {
        vec low = load(a), high = load(a);
        for (int32_t l = W; l < group; l += W) {
            low = least(low, load(a + l));
            high = most(high, load(a + l));
        }
        float from = lowest(low), range = -lowest(-high) - from;
        float per = range > 0 ? 255 / range : 0;
        codes->low[at] = from;
        codes->step[at] = range / 255;
        for (int32_t l = 0; l < group; l++)
            *code++ = (uint8_t)(int32_t)((a[l] - from) * per + 0.5f);
    }
}

static void finish(const encoder_job8 *j, int64_t row, int32_t column, const float *sum) {
    float *c = j->c + row * j->w->columns + column;
    for (int32_t i = 0; i < PANEL; i += W) {
        vec x = load(sum + i) + load(j->bias + column + i);
        store(c + i, j->gelu ? gelu(x) : x);
    }
}

/* One row by one panel, group after group. */
static void plain_row(const encoder_job8 *j, int64_t row, int32_t column) {
    const encoder_bytes *w = j->w;
    int32_t groups = w->k / w->group;
    const uint8_t *code = j->a->code + row * w->k;
    const int8_t *weight = w->code + (int64_t)column * w->k;
    float sum[PANEL] = {0};
    for (int32_t g = 0; g < groups; g++) {
        int32_t dot[PANEL] = {0};
        for (int32_t l = 0; l < w->group; l += 4, code += 4, weight += 4 * PANEL)
            for (int32_t i = 0; i < PANEL; i++)
                for (int q = 0; q < 4; q++) dot[i] += code[q] * weight[4 * i + q];
        const float *scale = w->scale + (int64_t)(column / PANEL * groups + g) * PANEL;
        const float *total_of = w->sum + (int64_t)(column / PANEL * groups + g) * PANEL;
        float step = j->a->step[row * groups + g], low = j->a->low[row * groups + g];
        for (int32_t i = 0; i < PANEL; i++)
            sum[i] += (float)dot[i] * (scale[i] * step) + low * total_of[i];
    }
    finish(j, row, column, sum);
}

void SIMD(encoder_product8)(const encoder_job8 *j) {
    for (int32_t column = 0; column < j->w->columns; column += PANEL)
        for (int64_t row = 0; row < j->rows; row++) plain_row(j, row, column);
}

#ifdef __AVX512BW__
#define VNNI __attribute__((target("avx512vnni")))
enum { ROWS = 6 }; /* whole numbers and floats of a tile of 6 x 32 stay in registers */

VNNI INLINE void tile(const encoder_job8 *j, int64_t row, int32_t column, float *sum) {
    const encoder_bytes *w = j->w;
    int32_t groups = w->k / w->group, quads = w->group / 4;
    const int8_t *weight = w->code + (int64_t)column * w->k;
    const uint8_t *code = j->a->code + row * w->k;
    const float *scale = w->scale + (int64_t)(column / PANEL) * groups * PANEL;
    const float *total_of = w->sum + (int64_t)(column / PANEL) * groups * PANEL;
    __m512 all[ROWS][2];
    for (int i = 0; i < ROWS; i++) all[i][0] = all[i][1] = _mm512_setzero_ps();
    for (int32_t g = 0; g < groups; g++, scale += PANEL, total_of += PANEL) {
        __m512i dot[ROWS][2];
        for (int i = 0; i < ROWS; i++) dot[i][0] = dot[i][1] = _mm512_setzero_si512();
        for (int32_t q = 0; q < quads; q++, code += 4, weight += 4 * PANEL) {
            __m512i first = _mm512_loadu_si512(weight), second = _mm512_loadu_si512(weight + 64);
            for (int i = 0; i < ROWS; i++) {
                int32_t four;
                memcpy(&four, code + (int64_t)i * w->k, sizeof four);
                __m512i x = _mm512_set1_epi32(four);
                dot[i][0] = _mm512_dpbusd_epi32(dot[i][0], x, first);
                dot[i][1] = _mm512_dpbusd_epi32(dot[i][1], x, second);
            }
        }
        for (int i = 0; i < ROWS; i++)
            for (int half = 0; half < 2; half++) {
                __m512 step = _mm512_set1_ps(j->a->step[(row + i) * groups + g]);
                __m512 low = _mm512_set1_ps(j->a->low[(row + i) * groups + g]);
                __m512 s = _mm512_mul_ps(_mm512_loadu_ps(scale + 16 * half), step);
                __m512 t = _mm512_loadu_ps(total_of + 16 * half);
                all[i][half] = _mm512_fmadd_ps(low, t, all[i][half]);
                all[i][half] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot[i][half]), s, all[i][half]);
            }
    }
    for (int i = 0; i < ROWS; i++)
        for (int half = 0; half < 2; half++)
            _mm512_storeu_ps(sum + i * PANEL + 16 * half, all[i][half]);
}

VNNI void SIMD(encoder_vnni8)(const encoder_job8 *j) {
    for (int32_t column = 0; column < j->w->columns; column += PANEL)
        for (int64_t row = 0; row < j->rows; row += ROWS) {
            float sum[ROWS * PANEL];
            tile(j, row, column, sum);
            for (int i = 0; i < ROWS; i++) finish(j, row + i, column, sum + i * PANEL);
        }
}
#else
void SIMD(encoder_vnni8)(const encoder_job8 *j) { SIMD(encoder_product8)(j); }
#endif
