/* encoder_bytes: products with weights and activations of one byte, in groups with scales. */
#include "models/language/encoder_bytes.h"

#include <assert.h>
#include <math.h>

#include "models/language/encoder.h"

enum { PANEL = ENCODER_PANEL };

const encoder_kernel8 encoder_kernels8[ENCODER_KERNELS8] = {
    {"plain", encoder_encode_plain, encoder_product8_plain},
#ifdef __x86_64__
    {"avx2", encoder_encode_avx2, encoder_product8_avx2},
    {"avx512", encoder_encode_avx512, encoder_product8_avx512},
    {"vnni", encoder_encode_avx512, encoder_vnni8_avx512},
#else
    {"plain", encoder_encode_plain, encoder_product8_plain},
    {"plain", encoder_encode_plain, encoder_product8_plain},
    {"plain", encoder_encode_plain, encoder_product8_plain},
#endif
};

bool encoder_kernel8_has(int kernel) {
    return kernel == ENCODER_VNNI ? simd_has_vnni() : simd_has((simd_kind)kernel);
}

bool encoder_quick(void) { return simd_level() == SIMD_AVX512 && simd_has_vnni(); }

static int32_t group_of(int32_t k) {
    int32_t group = 64;
    while (k % group != 0) group -= 32;
    return group;
}

encoder_bytes encoder_bytes_of(const float *panels, int32_t k, int32_t columns, arena *keep) {
    assert(k % 32 == 0 && columns % PANEL == 0);
    encoder_bytes w = {.k = k, .columns = columns, .group = group_of(k)};
    int64_t scales = (int64_t)columns * (k / w.group);
    w.code = take_raw(keep, int8_t, (int64_t)k * columns);
    w.scale = take_raw(keep, float, scales);
    w.sum = take_raw(keep, float, scales);
    for (int32_t at = 0; at < columns; at += PANEL)
        for (int32_t i = 0; i < PANEL; i++)
            for (int32_t from = 0; from < k; from += w.group) {
                const float *column = panels + (int64_t)at * k + i;
                int64_t place = ((int64_t)at / PANEL * (k / w.group) + from / w.group) * PANEL + i;
                float most = 0;
                int32_t sum = 0;
                for (int32_t l = from; l < from + w.group; l++)
                    most = fmaxf(most, fabsf(column[l * PANEL]));
                float scale = most / 127;
                for (int32_t l = from; l < from + w.group; l++) {
                    int code = scale > 0 ? (int)lrintf(column[l * PANEL] / scale) : 0;
                    w.code[(int64_t)at * k + (l / 4 * PANEL + i) * 4 + l % 4] = (int8_t)code;
                    sum += code;
                }
                w.scale[place] = scale;
                w.sum[place] = scale * (float)sum;
            }
    return w;
}

size_t encoder_codes_memory(int64_t rows, int32_t k) {
    return (size_t)(rows * k) + (size_t)(rows * (k / 32)) * 2 * sizeof(float) + 256;
}

encoder_codes encoder_codes_take(int64_t rows, int32_t k, arena *scratch) {
    return (encoder_codes){take_raw(scratch, uint8_t, rows * k),
                           take_raw(scratch, float, rows * (k / 32)),
                           take_raw(scratch, float, rows * (k / 32))};
}

void encoder_bytes_product(const encoder_bytes *w, const float *a, int64_t rows, const float *bias,
                           bool gelu, float *c, encoder_codes *codes) {
    const encoder_kernel8 *fast = &encoder_kernels8[encoder_quick() ? ENCODER_VNNI
                                                                     : (int)simd_level()];
    fast->encode(a, rows, w->k, w->group, codes);
    fast->product(&(encoder_job8){w, codes, rows, bias, c, gelu});
}

static void quicken(const encoder_model *m, encoder_linear *w, int32_t from, int32_t to,
                    arena *keep) {
    w->bytes = take(keep, encoder_bytes, m->layers);
    for (int layer = 0; layer < m->layers; layer++)
        w->bytes[layer] = encoder_bytes_of(w->weight + (int64_t)layer * from * to, from, to, keep);
}

void encoder_quicken(encoder_model *m, arena *keep) {
    quicken(m, &m->qkv, m->wide, 3 * m->wide, keep);
    quicken(m, &m->out, m->wide, m->wide, keep);
    quicken(m, &m->up, m->wide, m->inner, keep);
    quicken(m, &m->down, m->inner, m->wide, keep);
}
