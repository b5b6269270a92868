/* plain_encoder: a small encoder of random numbers, and the same in double as the formulas say. */
#include "plain_encoder.h"

#include <math.h>

#include "base/random.h"

float *plain_floats(int64_t n, double scale, rng *r, arena *keep) {
    float *x = take(keep, float, n);
    for (int64_t i = 0; i < n; i++) x[i] = (float)(scale * rng_normal(r));
    return x;
}

static encoder_linear random_linear(plain_encoder *p, int which, int32_t from, int32_t to, rng *r,
                                    arena *keep) {
    int64_t one = (int64_t)from * to;
    float *panels = take(keep, float, p->m.layers * one);
    p->plain[which] = plain_floats(p->m.layers * one, 1.5 / sqrt(from), r, keep);
    for (int layer = 0; layer < p->m.layers; layer++)
        encoder_pack(p->plain[which] + layer * one, from, to, false, panels + layer * one);
    return (encoder_linear){panels, plain_floats(p->m.layers * to, 0.2, r, keep)};
}

static encoder_norm random_norm(const plain_encoder *p, int layers, rng *r, arena *keep) {
    float *scale = plain_floats((int64_t)layers * p->m.wide, 0.2, r, keep);
    for (int64_t i = 0; i < (int64_t)layers * p->m.wide; i++) scale[i] += 1;
    return (encoder_norm){scale, plain_floats((int64_t)layers * p->m.wide, 0.2, r, keep)};
}

void plain_encoder_plant(plain_encoder *p, uint64_t seed, arena *keep) {
    rng r = rng_open(seed, 0);
    p->m = (encoder_model){.layers = 3, .wide = 64, .heads = 2, .inner = 96, .words = 50,
                           .positions = 100, .eps = 1e-12f};
    p->m.word = plain_floats(50 * 64, 1, &r, keep);
    p->m.position = plain_floats(100 * 64, 0.5, &r, keep);
    p->m.type = plain_floats(64, 0.5, &r, keep);
    p->m.first = random_norm(p, 1, &r, keep);
    p->m.qkv = random_linear(p, 0, 64, 192, &r, keep);
    p->m.out = random_linear(p, 1, 64, 64, &r, keep);
    p->m.up = random_linear(p, 2, 64, 96, &r, keep);
    p->m.down = random_linear(p, 3, 96, 64, &r, keep);
    p->m.after_attention = random_norm(p, 3, &r, keep);
    p->m.after_inner = random_norm(p, 3, &r, keep);
}

/* ---- the plain encoder, in double, one text at a time, as the header's formulas say ---- */

void plain_product(const double *x, int rows, int from, int to, const float *w,
                          const float *bias, double *y) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < to; j++) {
            y[i * to + j] = (double)bias[j];
            for (int l = 0; l < from; l++) y[i * to + j] += x[i * from + l] * (double)w[l * to + j];
        }
}

static void plain_norm(double *x, const double *y, int rows, int wide, const float *scale,
                       const float *shift) {
    for (int i = 0; i < rows; i++, x += wide) {
        double mean = 0, variance = 0;
        for (int j = 0; j < wide; j++) mean += (x[j] += y ? y[i * wide + j] : 0) / wide;
        for (int j = 0; j < wide; j++) variance += (x[j] - mean) * (x[j] - mean) / wide;
        for (int j = 0; j < wide; j++)
            x[j] = (double)scale[j] * (x[j] - mean) / sqrt(variance + 1e-12) + (double)shift[j];
    }
}

static void plain_attention(const double *qkv, int n, int wide, int heads, double *out) {
    int size = wide / heads, stride = 3 * wide;
    for (int h = 0; h < heads; h++)
        for (int i = 0; i < n; i++) {
            double weight[100], sum = 0;
            for (int j = 0; j < n; j++) {
                double dot = 0;
                for (int d = h * size; d < (h + 1) * size; d++)
                    dot += qkv[i * stride + d] * qkv[j * stride + wide + d];
                sum += weight[j] = exp(dot / sqrt(size));
            }
            for (int d = h * size; d < (h + 1) * size; d++) {
                out[i * wide + d] = 0;
                for (int j = 0; j < n; j++)
                    out[i * wide + d] += weight[j] / sum * qkv[j * stride + 2 * wide + d];
            }
        }
}

double plain_gelu(double x) { return x / 2 * (1 + erf(x / sqrt(2))); }

void plain_encoder_text(const plain_encoder *p, const int32_t *ids, int n, double *vector,
                        arena scratch) {
    const encoder_model *m = &p->m;
    int wide = m->wide, inner = m->inner;
    double *x = take(&scratch, double, n * wide), *y = take(&scratch, double, n * wide);
    double *qkv = take(&scratch, double, 3 * n * wide), *up = take(&scratch, double, n * inner);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < wide; j++)
            x[i * wide + j] = (double)m->word[ids[i] * wide + j] + (double)m->type[j] +
                              (double)m->position[i * wide + j];
    plain_norm(x, NULL, n, wide, m->first.scale, m->first.shift);
    for (int l = 0; l < m->layers; l++) {
        plain_product(x, n, wide, 3 * wide, p->plain[0] + l * 3 * wide * wide,
                      m->qkv.bias + l * 3 * wide, qkv);
        plain_attention(qkv, n, wide, m->heads, y);
        plain_product(y, n, wide, wide, p->plain[1] + l * wide * wide, m->out.bias + l * wide, qkv);
        plain_norm(x, qkv, n, wide, m->after_attention.scale + l * wide,
                   m->after_attention.shift + l * wide);
        plain_product(x, n, wide, inner, p->plain[2] + l * wide * inner, m->up.bias + l * inner,
                      up);
        for (int i = 0; i < n * inner; i++) up[i] = plain_gelu(up[i]);
        plain_product(up, n, inner, wide, p->plain[3] + l * wide * inner, m->down.bias + l * wide,
                      y);
        plain_norm(x, y, n, wide, m->after_inner.scale + l * wide, m->after_inner.shift + l * wide);
    }
    double length = 0;
    for (int j = 0; j < wide; j++) {
        vector[j] = 0;
        for (int i = 0; i < (m->pooling == ENCODER_MEAN ? n : 1); i++) vector[j] += x[i * wide + j];
        length += vector[j] * vector[j];
    }
    for (int j = 0; j < wide; j++) vector[j] /= sqrt(length);
}

encoder_texts plain_encoder_texts(int64_t n, uint64_t seed, arena *keep) {
    rng r = rng_open(seed, 1);
    int64_t *at = take(keep, int64_t, n + 1);
    int32_t *ids = take(keep, int32_t, n * 100);
    static const int lengths[] = {1, 2, 31, 32, 33, 100, 12, 13};
    for (int64_t i = 0; i < n; i++) {
        int64_t length = i < 8 ? lengths[i] : 1 + rng_below(&r, 90);
        for (int64_t k = 0; k < length; k++) ids[at[i] + k] = (int32_t)rng_below(&r, 50);
        at[i + 1] = at[i] + length;
    }
    return (encoder_texts){n, ids, at};
}
