/* train_simd: the inner loops of fine-tuning: the ways back of norm, gelu, attention and products,
 * and the step of AdamW. */
#include <math.h>
#include <string.h>

#include "models/language/train_simd.h"
#include "models/language/encoder_tile.h"

/* sum[i][0 … 2W) = columns i of a [k, TILE_ROWS], times a strip of b, 2W of its columns. */
INLINE void tile_turned(const float *a, int64_t lda, const float *b, int64_t ldb, int32_t k,
                        vec sum[TILE_ROWS][2]) {
    for (int i = 0; i < TILE_ROWS; i++) sum[i][0] = sum[i][1] = spread(0);
    for (int32_t l = 0; l < k; l++, a += lda, b += ldb) {
        vec first = load(b), second = load(b + W);
        for (int i = 0; i < TILE_ROWS; i++) {
            vec x = spread(a[i]);
            sum[i][0] += x * first;
            sum[i][1] += x * second;
        }
    }
}

void SIMD(train_norm)(const train_norm *n) {
    int32_t wide = n->wide;
    for (int64_t row = 0; row < n->rows; row++) {
        const float *x = n->x + row * wide, *y = n->y ? n->y + row * wide : NULL;
        float *hat = n->hat + row * wide, *out = n->out + row * wide;
        vec sum = spread(0), squares = spread(0);
        for (int32_t i = 0; i < wide; i += W) {
            vec v = load(x + i);
            if (y) v += load(y + i);
            store(hat + i, v);
            sum += v;
        }
        float mean = total(sum) / (float)wide;
        for (int32_t i = 0; i < wide; i += W) {
            vec v = load(hat + i) - mean;
            squares += v * v;
        }
        float r = n->r[row] = 1.0f / sqrtf(total(squares) / (float)wide + n->eps);
        for (int32_t i = 0; i < wide; i += W) {
            vec v = (load(hat + i) - mean) * r;
            store(hat + i, v);
            store(out + i, v * load(n->scale + i) + load(n->shift + i));
        }
    }
}

void SIMD(train_norm_back)(const train_norm_back *n) {
    int32_t wide = n->wide;
    for (int64_t row = 0; row < n->rows; row++) {
        const float *dy = n->dy + row * wide;
        float *hat = n->hat + row * wide;
        vec sum = spread(0), along = spread(0);
        for (int32_t i = 0; i < wide; i += W) {
            vec d = load(dy + i), h = load(hat + i), g = d * load(n->scale + i);
            store(n->dscale + i, load(n->dscale + i) + d * h);
            store(n->dshift + i, load(n->dshift + i) + d);
            sum += g;
            along += g * h;
        }
        float mean = total(sum) / (float)wide, slope = total(along) / (float)wide, r = n->r[row];
        for (int32_t i = 0; i < wide; i += W) {
            vec g = load(dy + i) * load(n->scale + i);
            store(hat + i, (g - mean - load(hat + i) * slope) * r);
        }
    }
}

/* n a multiple of 32, as all widths are. */
void SIMD(train_gelu)(const float *u, int64_t n, float *g) {
    for (int64_t i = 0; i < n; i += W) store(g + i, gelu(load(u + i)));
}

void SIMD(train_gelu_back)(float *u, const float *dg, int64_t n) {
    for (int64_t i = 0; i < n; i += W) {
        vec x = load(u + i), z = x * 0.70710678f, size = most(z, -z);
        vec t = 1.0f / (1.0f + size * 0.3275911f), bell = exponential(-z * z);
        vec p = t * 1.061405429f - 1.453152027f;
        p = p * t + 1.421413741f;
        p = p * t - 0.284496736f;
        p = p * t + 0.254829592f;
        vec erf = 1.0f - p * t * bell;
        vec below = 0.5f * (1.0f + pick((ivec)(x < spread(0)), -erf, erf));
        store(u + i, load(dg + i) * (below + x * bell * 0.39894228f));
    }
}

/* ---- attention, one head at a time ---- */

typedef struct head {
    const train_attention *t;
    int32_t size, whole, stride; /* stride: of qkv */
    float *q, *k, *v;            /* first row */
    const float *dout;
} head;

/* Rows of P and of dS, TILE_ROWS at a time. */
static void price_rows(const head *h, int32_t row) {
    float scale = 1.0f / sqrtf((float)h->size);
    float *price = h->t->price + (int64_t)row * h->whole;
    float *change = h->t->change + (int64_t)row * h->whole;
    vec sum[TILE_ROWS][2];
    for (int32_t at = 0; at < h->whole; at += 2 * W) {
        int64_t strip = (int64_t)(at / PANEL) * h->size * PANEL + at % PANEL;
        tile(h->q + (int64_t)row * h->stride, h->stride, h->t->keys + strip, PANEL, h->size, sum);
        for (int i = 0; i < TILE_ROWS; i++) {
            store(price + (int64_t)i * h->whole + at, sum[i][0]);
            store(price + (int64_t)i * h->whole + at + W, sum[i][1]);
        }
        tile(h->dout + (int64_t)row * h->t->wide, h->t->wide, h->t->values + strip, PANEL, h->size,
             sum);
        for (int i = 0; i < TILE_ROWS; i++) {
            store(change + (int64_t)i * h->whole + at, sum[i][0]);
            store(change + (int64_t)i * h->whole + at + W, sum[i][1]);
        }
    }
    for (int i = 0; i < TILE_ROWS; i++, price += h->whole, change += h->whole) {
        vec along = spread(0);
        float weight = 1.0f / soften(price, h->t->length, h->whole, scale);
        for (int32_t at = 0; at < h->whole; at += W) {
            vec p = load(price + at) * weight;
            store(price + at, p);
            along += p * load(change + at);
        }
        float mean = total(along);
        for (int32_t at = 0; at < h->whole; at += W)
            store(change + at, load(price + at) * (load(change + at) - mean) * scale);
    }
}

static void put_rows(vec sum[TILE_ROWS][2], int32_t rows, float *to, int64_t stride) {
    for (int i = 0; i < TILE_ROWS && i < rows; i++, to += stride) {
        store(to, sum[i][0]);
        store(to + W, sum[i][1]);
    }
}

/* to = m' with, m = P or dS. */
static void turned_product(const head *h, const float *m, const float *with, int64_t stride,
                           float *to) {
    vec sum[TILE_ROWS][2];
    for (int32_t row = 0; row < h->t->length; row += TILE_ROWS)
        for (int32_t at = 0; at < h->size; at += 2 * W) {
            tile_turned(m + row, h->whole, with + at, stride, h->t->length, sum);
            put_rows(sum, h->t->length - row, to + (int64_t)row * h->stride + at, h->stride);
        }
}

static void attend_head(const head *h) {
    int32_t length = h->t->length;
    vec sum[TILE_ROWS][2];
    turn_rows(h->k, h->stride, length, h->size, h->whole, h->t->keys);
    turn_rows(h->v, h->stride, length, h->size, h->whole, h->t->values);
    for (int32_t row = 0; row < length; row += TILE_ROWS) price_rows(h, row);
    for (int32_t row = 0; row < length; row++)
        memcpy(h->t->query + (int64_t)row * h->size, h->q + (int64_t)row * h->stride,
               (size_t)h->size * sizeof(float));
    turned_product(h, h->t->price, h->dout, h->t->wide, h->v);
    for (int32_t row = 0; row < length; row += TILE_ROWS)
        for (int32_t at = 0; at < h->size; at += 2 * W) {
            tile(h->t->change + (int64_t)row * h->whole, h->whole, h->k + at, h->stride, length,
                 sum);
            put_rows(sum, length - row, h->q + (int64_t)row * h->stride + at, h->stride);
        }
    turned_product(h, h->t->change, h->t->query, h->size, h->k);
}

void SIMD(train_attend_back)(const train_attention *t) {
    int32_t size = t->wide / t->heads, whole = (t->length + PANEL - 1) / PANEL * PANEL;
    for (int32_t i = 0; i < t->heads; i++) {
        float *q = t->qkv + (int64_t)i * size;
        head h = {t, size, whole, 3 * t->wide, q, q + t->wide, q + 2 * t->wide,
                  t->dout + (int64_t)i * size};
        attend_head(&h);
    }
}

/* ---- slopes of products ---- */

static void outer_panel(const train_outer *o, const float *x, const float *strip, int32_t rows,
                        bool more, float *slope) {
    for (int32_t l = 0; l < o->from; l += TILE_ROWS)
        for (int32_t part = 0; part < PANEL; part += 2 * W) {
            vec sum[TILE_ROWS][2];
            tile_turned(x + l, o->from, strip + part, PANEL, rows, sum);
            float *to = slope + (int64_t)l * PANEL + part;
            for (int i = 0; i < TILE_ROWS && l + i < o->from; i++, to += PANEL) {
                if (more) sum[i][0] += load(to);
                if (more) sum[i][1] += load(to + W);
                store(to, sum[i][0]);
                store(to + W, sum[i][1]);
            }
        }
}

void SIMD(train_outer)(const train_outer *o) {
    for (int64_t at = 0; at < o->rows; at += TRAIN_BLOCK) {
        int32_t rows = (int32_t)(o->rows - at < TRAIN_BLOCK ? o->rows - at : TRAIN_BLOCK);
        bool more = o->more || at > 0;
        for (int32_t p = 0; p < o->panels; p++) {
            float *strip = o->strip + (int64_t)p * PANEL * TRAIN_BLOCK, *bias = o->bias + p * PANEL;
            const float *dy = o->dy + at * o->to + p * PANEL;
            if (!more) memset(bias, 0, PANEL * sizeof *bias);
            for (int32_t row = 0; row < rows; row++, dy += o->to)
                for (int32_t i = 0; i < PANEL; i += W) {
                    vec d = load(dy + i);
                    store(strip + row * PANEL + i, d);
                    store(bias + i, load(bias + i) + d);
                }
            outer_panel(o, o->x + at * o->from, strip, rows, more,
                        o->slope + (int64_t)p * o->from * PANEL);
        }
    }
}

/* ---- the step ---- */

void SIMD(train_adam)(const train_adam *a) {
    float *restrict w = a->w, *restrict m = a->m, *restrict v = a->v;
    const float *restrict slope = a->slope;
    const train_adam by = *a;
    for (int64_t i = 0; i < by.n; i++) {
        float g = by.clip * slope[i];
        m[i] = 0.9f * m[i] + 0.1f * g;
        v[i] = 0.999f * v[i] + 0.001f * g * g;
        w[i] -= by.rate * (m[i] * by.up1 / (sqrtf(v[i] * by.up2) + 1e-8f) + by.decay * w[i]);
    }
}

/* In 16 sums, whatever the width of vectors: the same bits everywhere. */
double SIMD(train_squares)(const float *x, int64_t n) {
    double sum[16] = {0}, all = 0;
    int64_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (int k = 0; k < 16; k++) sum[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < n; i++) all += (double)x[i] * (double)x[i];
    for (int k = 0; k < 16; k++) all += sum[k];
    return all;
}

void SIMD(train_turn)(const float *panel, int32_t from, int32_t to, int32_t at, float *turned) {
    for (int32_t l = 0; l < from; l += PANEL) {
        float *block = turned + (int64_t)l * to + (int64_t)at * PANEL;
        for (int c = 0; c < PANEL; c++)
            for (int i = 0; i < PANEL; i++) block[c * PANEL + i] = panel[(l + i) * PANEL + c];
    }
}
