/* encoder_simd: the inner loops of the encoder: products in panels, attention, norm, gelu. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "models/language/encoder_simd.h"
#include "models/language/encoder_tile.h"

void SIMD(encoder_product)(const encoder_product *p) {
    for (int32_t at = 0; at < p->columns; at += PANEL)
        for (int64_t row = 0; row < p->rows; row += TILE_ROWS)
            for (int32_t part = 0; part < PANEL; part += 2 * W) {
                vec sum[TILE_ROWS][2];
                int32_t column = at + part;
                tile(p->a + row * p->lda, p->lda, p->panels + (int64_t)at * p->k + part, PANEL,
                     p->k, sum);
                vec first = load(p->bias + column), second = load(p->bias + column + W);
                float *c = p->c + row * p->columns + column;
                for (int i = 0; i < TILE_ROWS; i++, c += p->columns) {
                    vec x = sum[i][0] + first, y = sum[i][1] + second;
                    store(c, p->gelu ? gelu(x) : x);
                    store(c + W, p->gelu ? gelu(y) : y);
                }
            }
}

/* Rows `row` … `row` + TILE_ROWS - 1 of one head; rows past the text's end are not written. */
static void attend_rows(const encoder_attention *t, int32_t head, int32_t row, int32_t whole) {
    int32_t size = t->wide / t->heads, stride = 3 * t->wide;
    int32_t rows = t->length - row < TILE_ROWS ? t->length - row : TILE_ROWS;
    const float *query = t->qkv + (int64_t)row * stride + head * size;
    const float *value = t->qkv + 2 * t->wide + head * size;
    float weight[TILE_ROWS], scale = 1.0f / sqrtf((float)size);
    vec sum[TILE_ROWS][2];
    for (int32_t at = 0; at < whole; at += 2 * W) {
        const float *keys = t->keys + (int64_t)(at / PANEL) * size * PANEL + at % PANEL;
        tile(query, stride, keys, PANEL, size, sum);
        for (int i = 0; i < TILE_ROWS; i++) {
            store(t->prices + (int64_t)i * whole + at, sum[i][0]);
            store(t->prices + (int64_t)i * whole + at + W, sum[i][1]);
        }
    }
    for (int i = 0; i < TILE_ROWS; i++)
        weight[i] = 1.0f / soften(t->prices + (int64_t)i * whole, t->length, whole, scale);
    for (int32_t at = 0; at < size; at += 2 * W) {
        tile(t->prices, whole, value + at, stride, t->length, sum);
        for (int i = 0; i < rows; i++) {
            float *out = t->out + (int64_t)(row + i) * t->wide + head * size + at;
            store(out, sum[i][0] * weight[i]);
            store(out + W, sum[i][1] * weight[i]);
        }
    }
}

void SIMD(encoder_attend)(const encoder_attention *t) {
    int32_t size = t->wide / t->heads, whole = (t->length + PANEL - 1) / PANEL * PANEL;
    for (int32_t head = 0; head < t->heads; head++) {
        turn_rows(t->qkv + t->wide + head * size, 3 * t->wide, t->length, size, whole, t->keys);
        for (int32_t row = 0; row < t->length; row += TILE_ROWS) attend_rows(t, head, row, whole);
    }
}

void SIMD(encoder_norm)(const encoder_sum *s) {
    for (int64_t row = 0; row < s->rows; row++) {
        float *x = s->x + row * s->wide;
        const float *y = s->y ? s->y + row * s->wide : NULL;
        vec sum = spread(0), squares = spread(0);
        for (int32_t i = 0; i < s->wide; i += W) {
            vec v = load(x + i);
            if (y) v += load(y + i);
            store(x + i, v);
            sum += v;
        }
        float mean = total(sum) / (float)s->wide;
        for (int32_t i = 0; i < s->wide; i += W) {
            vec v = load(x + i) - mean;
            squares += v * v;
        }
        float scale = 1.0f / sqrtf(total(squares) / (float)s->wide + s->eps);
        for (int32_t i = 0; i < s->wide; i += W)
            store(x + i, (load(x + i) - mean) * scale * load(s->scale + i) + load(s->shift + i));
    }
}
