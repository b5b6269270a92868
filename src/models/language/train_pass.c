/* train_pass: a share of a batch forward through the encoder and its head, and the way back. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/language/encoder_simd.h"
#include "models/language/train_work.h"

typedef struct pass {
    const train *t;
    const train_work *w;
    const train_share *share;
    int number, batch;
    float *sum;   /* [rows + slack, H] */
    float *slope; /* [rows, H] by the output of the layer at hand */
    float *inner; /* [rows, inner] */
    encoder_attention attention;
    train_attention back;
} pass;

static int64_t whole(int64_t n, int64_t of) { return (n + of - 1) / of * of; }

size_t train_pass_memory(const encoder_model *m, int64_t longest, int64_t rows) {
    int64_t keys = whole(longest, ENCODER_PANEL), size = m->wide / m->heads;
    int64_t floats = (rows + TRAIN_SLACK) * (2 * (int64_t)m->wide + m->inner) +
                     keys * (4 * size + ENCODER_ROWS) + 2 * (keys + 32) * (keys + 32) +
                     2 * (int64_t)m->wide;
    return (size_t)floats * sizeof(float) + (1 << 14);
}

/* The share's rows of a matrix of `columns` columns in a layer. */
static float *rows_of(const pass *p, float *all, int layer, int64_t columns) {
    return all + (layer * p->w->rows + p->share->first) * columns;
}

static void multiply(const pass *p, int linear, int layer, const float *a, float *c) {
    const train_linear *l = &p->w->linear[linear];
    const encoder_linear *of = train_linear_of(&p->t->m, linear);
    p->w->forward->product(&(encoder_product){
        .a = a, .lda = l->from, .rows = p->share->rows, .k = l->from, .columns = l->to, .c = c,
        .panels = of->weight + (int64_t)layer * l->from * l->to,
        .bias = of->bias + (int64_t)layer * l->to});
}

static void multiply_back(const pass *p, int linear, int layer, const float *dy, float *dx) {
    const train_linear *l = &p->w->linear[linear];
    p->w->forward->product(&(encoder_product){
        .a = dy, .lda = l->to, .rows = p->share->rows, .k = l->to, .columns = l->from, .c = dx,
        .panels = l->turned + (int64_t)layer * l->from * l->to, .bias = p->w->zeros});
}

/* ---- forward ---- */

static void norm(const pass *p, const encoder_norm *n, int layer, const float *x, const float *y,
                 float *hat, float *r, float *out) {
    int32_t wide = p->t->m.wide;
    const float *scale = n->scale + (int64_t)layer * wide;
    const float *shift = n->shift + (int64_t)layer * wide;
    p->w->fast->norm(&(train_norm){x, y, scale, shift, p->share->rows, wide, p->t->m.eps, hat, r,
                                   out});
}

static void look_up(const pass *p) {
    const encoder_model *m = &p->t->m;
    int32_t wide = m->wide;
    float *sum = p->sum;
    for (int i = 0; i < p->share->n; i++)
        for (int32_t k = 0; k < p->share->text[i].length; k++, sum += wide) {
            int32_t id = p->share->text[i].ids[k];
            assert(id >= 0 && id < m->words);
            const float *word = m->word + (int64_t)id * wide;
            const float *position = m->position + (int64_t)k * wide;
            for (int32_t j = 0; j < wide; j++) sum[j] = word[j] + m->type[j] + position[j];
        }
    memset(sum, 0, (size_t)(p->sum + p->share->rows * wide - sum) * sizeof *sum);
    norm(p, &m->first, 0, p->sum, NULL, rows_of(p, p->w->hat0, 0, wide),
         rows_of(p, p->w->r0, 0, 1), rows_of(p, p->w->x, 0, wide));
}

static void forward_layer(const pass *p, int l) {
    const train_work *w = p->w;
    const encoder_model *m = &p->t->m;
    int32_t wide = m->wide;
    float *x = rows_of(p, w->x, l, wide), *qkv = rows_of(p, w->qkv, l, 3 * wide);
    float *mixed = rows_of(p, w->mixed, l, wide), *middle = rows_of(p, w->middle, l, wide);
    float *up = rows_of(p, w->up, l, m->inner), *inner = rows_of(p, w->inner, l, m->inner);
    int64_t rows = p->share->rows, pieces = p->share->pieces;
    multiply(p, 0, l, x, qkv);
    for (int i = 0; i < p->share->n; i++) {
        encoder_attention a = p->attention;
        int64_t row = p->share->text[i].row - p->share->first;
        a.qkv = qkv + row * 3 * wide;
        a.length = p->share->text[i].length;
        a.out = mixed + row * wide;
        w->forward->attend(&a);
    }
    memset(mixed + pieces * wide, 0, (size_t)((rows - pieces) * wide) * sizeof *mixed);
    multiply(p, 1, l, mixed, p->sum);
    norm(p, &m->after_attention, l, x, p->sum, rows_of(p, w->hat1, l, wide),
         rows_of(p, w->r1, l, 1), middle);
    multiply(p, 2, l, middle, up);
    w->fast->gelu(up, rows * m->inner, inner);
    multiply(p, 3, l, inner, p->sum);
    norm(p, &m->after_inner, l, middle, p->sum, rows_of(p, w->hat2, l, wide),
         rows_of(p, w->r2, l, 1), rows_of(p, w->x, l + 1, wide));
}

/* ---- the head ---- */

/* The text's loss, and the slope of the mean loss of the batch by its vector -> du [H]. */
static void head(const pass *p, const train_text *text, const double *u, double *du) {
    const train *t = p->t;
    int32_t wide = t->m.wide;
    double *z = p->w->change + (int64_t)text->place * t->classes, most = -HUGE_VAL, sum = 0;
    for (int c = 0; c < t->classes; c++) {
        const float *weight = t->head + (int64_t)c * wide;
        double dot = 0;
        for (int32_t i = 0; i < wide; i++) dot += (double)weight[i] * u[i];
        z[c] = t->p.reach * dot + (double)t->head_bias[c];
        most = z[c] > most ? z[c] : most;
    }
    for (int c = 0; c < t->classes; c++) sum += exp(z[c] - most);
    p->w->loss[text->place] = most + log(sum) - z[text->label];
    memset(du, 0, (size_t)wide * sizeof *du);
    for (int c = 0; c < t->classes; c++) {
        const float *weight = t->head + (int64_t)c * wide;
        z[c] = (exp(z[c] - most) / sum - (c == text->label)) / p->batch;
        for (int32_t i = 0; i < wide; i++) du[i] += t->p.reach * z[c] * (double)weight[i];
    }
}

/* Mean (or first row), unit vector, head; and back to the slopes of the rows. */
static void pool_text(const pass *p, const train_text *text, arena scratch) {
    const encoder_model *m = &p->t->m;
    int32_t wide = m->wide, n = m->pooling == ENCODER_MEAN ? text->length : 1;
    const float *x = p->w->x + (m->layers * p->w->rows + text->row) * wide;
    double *u = p->w->unit + (int64_t)text->place * wide, squares = 0, along = 0;
    double *du = take_raw(&scratch, double, wide);
    memset(u, 0, (size_t)wide * sizeof *u);
    for (int32_t row = 0; row < n; row++)
        for (int32_t i = 0; i < wide; i++) u[i] += (double)x[row * wide + i];
    for (int32_t i = 0; i < wide; i++) squares += u[i] * u[i];
    double scale = squares > 0 ? 1 / sqrt(squares) : 0;
    for (int32_t i = 0; i < wide; i++) u[i] *= scale;
    head(p, text, u, du);
    for (int32_t i = 0; i < wide; i++) along += u[i] * du[i];
    float *slope = p->slope + (text->row - p->share->first) * wide;
    for (int32_t row = 0; row < n; row++, slope += wide)
        for (int32_t i = 0; i < wide; i++) slope[i] = (float)((du[i] - along * u[i]) * scale);
}

/* ---- back ---- */

/* hat becomes the slope by the sum that was normed; which of the norms: 2 l, 2 l + 1 or, of the
 * tables, 2 layers. */
static void norm_back(const pass *p, const encoder_norm *n, int layer, int which, const float *dy,
                      float *hat, const float *r) {
    int32_t wide = p->t->m.wide;
    float *sums = p->w->norms + (int64_t)(p->number * (2 * p->t->m.layers + 1) + which) * 2 * wide;
    p->w->fast->norm_back(&(train_norm_back){dy, n->scale + (int64_t)layer * wide, r,
                                             p->share->rows, wide, hat, sums, sums + wide});
}

static void add(float *x, const float *y, int64_t n) {
    for (int64_t i = 0; i < n; i++) x[i] += y[i];
}

static void back_layer(const pass *p, int l) {
    const train_work *w = p->w;
    const encoder_model *m = &p->t->m;
    int32_t wide = m->wide;
    int64_t rows = p->share->rows, pieces = p->share->pieces;
    float *qkv = rows_of(p, w->qkv, l, 3 * wide), *up = rows_of(p, w->up, l, m->inner);
    float *hat1 = rows_of(p, w->hat1, l, wide), *hat2 = rows_of(p, w->hat2, l, wide);
    norm_back(p, &m->after_inner, l, 2 * l + 1, p->slope, hat2, rows_of(p, w->r2, l, 1));
    multiply_back(p, 3, l, hat2, p->inner);
    w->fast->gelu_back(up, p->inner, rows * m->inner);
    multiply_back(p, 2, l, up, p->slope);
    add(p->slope, hat2, rows * wide);
    norm_back(p, &m->after_attention, l, 2 * l, p->slope, hat1, rows_of(p, w->r1, l, 1));
    multiply_back(p, 1, l, hat1, p->sum);
    for (int i = 0; i < p->share->n; i++) {
        train_attention a = p->back;
        int64_t row = p->share->text[i].row - p->share->first;
        a.qkv = qkv + row * 3 * wide;
        a.dout = p->sum + row * wide;
        a.length = p->share->text[i].length;
        w->fast->attend_back(&a);
    }
    memset(qkv + pieces * 3 * wide, 0, (size_t)((rows - pieces) * 3 * wide) * sizeof *qkv);
    multiply_back(p, 0, l, qkv, p->slope);
    add(p->slope, hat1, rows * wide);
}

static void back_tables(const pass *p) {
    int32_t wide = p->t->m.wide;
    float *hat = rows_of(p, p->w->hat0, 0, wide);
    norm_back(p, &p->t->m.first, 0, 2 * p->t->m.layers, p->slope, hat, rows_of(p, p->w->r0, 0, 1));
    for (int i = 0; i < p->share->n; i++) {
        const train_text *text = &p->share->text[i];
        memcpy(p->w->pieces + text->piece * wide, hat + (text->row - p->share->first) * wide,
               (size_t)text->length * (size_t)wide * sizeof *hat);
        memcpy(p->w->ids + text->piece, text->ids, (size_t)text->length * sizeof *text->ids);
    }
}

void train_pass(const train *t, const train_share *share, int number, int batch, arena scratch) {
    const encoder_model *m = &t->m;
    int64_t longest = 0, rows = share->rows, size = m->wide / m->heads;
    for (int i = 0; i < share->n; i++)
        longest = share->text[i].length > longest ? share->text[i].length : longest;
    int64_t keys = whole(longest, ENCODER_PANEL), all = (keys + 32) * (keys + 32);
    float *panels = take_raw(&scratch, float, keys * size);
    pass p = {.t = t, .w = t->work, .share = share, .number = number, .batch = batch,
              .sum = take(&scratch, float, (rows + TRAIN_SLACK) * m->wide),
              .slope = take(&scratch, float, rows * m->wide),
              .inner = take_raw(&scratch, float, rows * m->inner),
              .attention = {.wide = m->wide, .heads = m->heads, .keys = panels,
                            .prices = take_raw(&scratch, float, keys * ENCODER_ROWS)},
              .back = {.wide = m->wide, .heads = m->heads, .keys = panels,
                       .values = take_raw(&scratch, float, keys * size),
                       .price = take_raw(&scratch, float, all),
                       .change = take_raw(&scratch, float, all),
                       .query = take_raw(&scratch, float, (keys + 32) * size)}};
    look_up(&p);
    for (int l = 0; l < m->layers; l++) forward_layer(&p, l);
    for (int i = 0; i < share->n; i++) pool_text(&p, &share->text[i], scratch);
    for (int l = m->layers - 1; l >= 0; l--) back_layer(&p, l);
    back_tables(&p);
}
