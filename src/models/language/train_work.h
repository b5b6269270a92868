/* train_work: what fine-tuning keeps of a batch on the way forward; for train*.c. */
#ifndef MODELS_LANGUAGE_TRAIN_WORK_H
#define MODELS_LANGUAGE_TRAIN_WORK_H

#include "models/language/encoder_simd.h"
#include "models/language/train.h"
#include "models/language/train_simd.h"

enum {
    TRAIN_SHARES = 8,   /* of a part, at most */
    TRAIN_SHARE = 96,   /* pieces that a share has at least, but for the rest */
    TRAIN_PART = 2048,  /* pieces of a batch that go forward and back together */
    TRAIN_LINEARS = 4,  /* qkv, out, up, down */
    TRAIN_PANELS = 4,   /* panels whose slopes are one piece of work */
    TRAIN_PIECE = 1 << 15, /* numbers outside of panels that are one piece of a step */
};

/* One text of a batch. */
typedef struct train_text {
    int32_t place;  /* in the batch */
    int32_t length; /* pieces */
    const int32_t *ids;
    int32_t label;
    int64_t row;   /* its first row in the matrices of the part */
    int64_t piece; /* its first row in the slopes by pieces of the batch */
} train_text;

/* Texts that one thread takes forward and back. Rows of a part: share by share, each with
 * TRAIN_SLACK rows behind it that nobody writes. */
typedef struct train_share {
    const train_text *text;
    int n;
    int64_t first, pieces, rows; /* rows: pieces up to a multiple of 12 */
} train_share;

typedef struct train_linear { /* one kind of product */
    int32_t from, to;
    float *turned; /* [layers][from / 32][to][32] panels of W' */
} train_linear;

/* Pieces of a step of AdamW, outside of the table of words. */
typedef struct train_piece {
    int64_t at, n;
    float decay, rate; /* rate: times the step's */
    int8_t linear;     /* or -1 */
    int32_t layer, panel;
} train_piece;

/* Matrices [layers][rows, …] of a part. What a way back has used up is replaced by slopes: qkv by
 * dqkv, up by its slope, hat1 and hat2 by those of the sums that were normed. */
typedef struct train_work {
    const train_kernels *fast;
    const encoder_kernels *forward;
    int64_t rows; /* room of each matrix */
    float *x;     /* [layers + 1] inputs of layers */
    float *hat0, *qkv, *mixed, *hat1, *middle, *up, *inner, *hat2;
    float *r0, *r1, *r2;
    float *norms; /* [shares][2 layers + 1][2][H] slopes of scale and shift */
    float *pieces; /* [pieces of a batch, H] slopes by the sum of the tables' rows */
    int32_t *ids;  /* of these pieces */
    double *unit, *change, *loss; /* [batch][H], [batch][classes], [batch] */
    const float *zeros;           /* a bias for ways back */
    train_linear linear[TRAIN_LINEARS];
    int64_t n_steps;
    train_piece *steps;
} train_work;

/* The kind's weights in m. */
const encoder_linear *train_linear_of(const encoder_model *m, int linear);

/* The place of the slope that belongs to a weight. */
static inline float *train_slope_of(const train *t, const float *weight) {
    return t->slope + (weight - t->weight);
}

/* One share forward and back; share is its number. */
void train_pass(const train *t, const train_share *share, int number, int batch, arena scratch);
size_t train_pass_memory(const encoder_model *m, int64_t longest, int64_t rows);

/* One step of AdamW along the slopes. */
void train_move(train *t, double rate, pool *threads);

#endif
