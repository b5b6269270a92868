/* encoder: a BERT encoder of sentences, forward only: pieces of texts in, unit vectors out. */
#include "models/language/encoder.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/language/encoder_bytes.h"
#include "models/language/encoder_simd.h"

/* Pieces that one chunk of work takes together, unless one text alone has more: its activations
 * stay in the second-level cache while the weights stream by. */
enum { CHUNK = 360 };

/* Texts of fewer pieces are always computed in floats: they cost little, and with so few numbers to
 * a mean the rounding of bytes shows (cosine .9986 for a lone "!"). */
enum { SHORT = 8 };

const encoder_kernels encoder_kernels_of[SIMD_KINDS] = {
#ifdef __x86_64__
    {encoder_product_plain, encoder_attend_plain, encoder_norm_plain},
    {encoder_product_avx2, encoder_attend_avx2, encoder_norm_avx2},
    {encoder_product_avx512, encoder_attend_avx512, encoder_norm_avx512},
#else
    {encoder_product_plain, encoder_attend_plain, encoder_norm_plain},
#endif
};

const char *encoder_check(const encoder_model *m) {
    if (m->layers < 1 || m->layers > 64) return "needs 1 to 64 layers";
    if (m->wide < ENCODER_PANEL || m->wide > 4096 || m->wide % ENCODER_PANEL != 0)
        return "needs a width that is a multiple of 32, at most 4096";
    if (m->inner < ENCODER_PANEL || m->inner > 16384 || m->inner % ENCODER_PANEL != 0)
        return "needs an inner width that is a multiple of 32, at most 16384";
    if (m->heads < 1 || m->wide % m->heads != 0 || m->wide / m->heads % ENCODER_PANEL != 0)
        return "needs heads whose size is a multiple of 32";
    if (m->words < 1 || m->positions < 2) return "needs tables of words and positions";
    if (!(m->eps > 0 && m->eps < 1)) return "needs an epsilon between 0 and 1";
    return NULL;
}

void encoder_pack(const float *weight, int32_t from, int32_t to, bool transposed, float *panels) {
    assert(to % ENCODER_PANEL == 0);
    for (int32_t at = 0; at < to; at += ENCODER_PANEL)
        for (int32_t l = 0; l < from; l++)
            for (int32_t i = 0; i < ENCODER_PANEL; i++)
                *panels++ = transposed ? weight[(int64_t)(at + i) * from + l]
                                       : weight[(int64_t)l * to + at + i];
}

static int64_t whole(int64_t n, int64_t of) { return (n + of - 1) / of * of; }

static int64_t rows_of(int64_t pieces) { return whole(pieces, ENCODER_ROWS); }

size_t encoder_memory(const encoder_model *m, int64_t longest) {
    int64_t rows = rows_of(longest > CHUNK ? longest : CHUNK), keys = whole(longest, ENCODER_PANEL);
    int64_t floats = rows * (5 * (int64_t)m->wide + m->inner) + 3 * ENCODER_ROWS * m->wide +
                     keys * (m->wide / m->heads + ENCODER_ROWS);
    int64_t widest = m->wide > m->inner ? m->wide : m->inner;
    return (size_t)floats * sizeof(float) + encoder_codes_memory(rows, (int32_t)widest) + 8192;
}

typedef struct job {
    const encoder_model *m;
    const encoder_texts *t;
    const encoder_kernels *fast;
    float *vectors;
    const int32_t *order;  /* texts, longest first */
    const int64_t *begins; /* [chunks + 1] places in order */
} job;

/* What one chunk works in; all but keys and prices [rows, …]. */
typedef struct buffers {
    int64_t rows;
    float *x, *qkv, *mixed, *inner, *keys, *prices;
    encoder_codes codes; /* of the factor at hand */
    bool exact;          /* floats, even where the model has bytes */
} buffers;

static int32_t length_of(const job *j, int64_t place) {
    int32_t text = j->order[place];
    return (int32_t)(j->t->at[text + 1] - j->t->at[text]);
}

/* Table rows of all pieces of a chunk, summed and normed; rows past the last are 0. */
static void look_up(const job *j, int64_t from, int64_t to, buffers *b) {
    const encoder_model *m = j->m;
    int32_t wide = m->wide;
    float *x = b->x;
    for (int64_t place = from; place < to; place++) {
        const int32_t *id = j->t->ids + j->t->at[j->order[place]];
        int32_t length = length_of(j, place);
        for (int32_t p = 0; p < length; p++, x += wide) {
            assert(id[p] >= 0 && id[p] < m->words);
            const float *word = m->word + (int64_t)id[p] * wide;
            const float *position = m->position + (int64_t)p * wide;
            for (int32_t i = 0; i < wide; i++) x[i] = word[i] + m->type[i] + position[i];
        }
    }
    memset(x, 0, (size_t)(b->x + b->rows * wide - x) * sizeof *x);
    j->fast->norm(&(encoder_sum){b->x, NULL, m->first.scale, m->first.shift, b->rows, wide,
                                 m->eps});
}

static void multiply(const job *j, const encoder_linear *w, int layer, int32_t from, int32_t to,
                     const float *a, float *c, buffers *b) {
    bool gelu = w == &j->m->up;
    const float *bias = w->bias + (int64_t)layer * to;
    if (w->bytes && !b->exact) {
        encoder_bytes_product(&w->bytes[layer], a, b->rows, bias, gelu, c, &b->codes);
        return;
    }
    j->fast->product(&(encoder_product){.a = a,
                                        .lda = from,
                                        .rows = b->rows,
                                        .panels = w->weight + (int64_t)layer * from * to,
                                        .bias = bias,
                                        .k = from,
                                        .columns = to,
                                        .c = c,
                                        .gelu = gelu});
}

static void add_norm(const job *j, const encoder_norm *n, int layer, const float *y, buffers *b) {
    int64_t at = (int64_t)layer * j->m->wide;
    j->fast->norm(&(encoder_sum){b->x, y, n->scale + at, n->shift + at, b->rows, j->m->wide,
                                 j->m->eps});
}

static void run_layer(const job *j, int layer, int64_t from, int64_t to, buffers *b) {
    const encoder_model *m = j->m;
    int32_t wide = m->wide;
    multiply(j, &m->qkv, layer, wide, 3 * wide, b->x, b->qkv, b);
    int64_t row = 0;
    for (int64_t place = from; place < to; place++) {
        int32_t length = length_of(j, place);
        j->fast->attend(&(encoder_attention){b->qkv + row * 3 * wide, length, wide, m->heads,
                                             b->mixed + row * wide, b->keys, b->prices});
        row += length;
    }
    memset(b->mixed + row * wide, 0, (size_t)((b->rows - row) * wide) * sizeof(float));
    multiply(j, &m->out, layer, wide, wide, b->mixed, b->qkv, b);
    add_norm(j, &m->after_attention, layer, b->qkv, b);
    multiply(j, &m->up, layer, wide, m->inner, b->x, b->inner, b);
    multiply(j, &m->down, layer, m->inner, wide, b->inner, b->qkv, b);
    add_norm(j, &m->after_inner, layer, b->qkv, b);
}

/* The text's rows to one unit vector, in double. */
static void pool_rows(const encoder_model *m, const float *x, int32_t length, double *sum,
                      float *out) {
    double squares = 0;
    int32_t rows = m->pooling == ENCODER_MEAN ? length : 1;
    memset(sum, 0, (size_t)m->wide * sizeof *sum);
    for (int32_t row = 0; row < rows; row++, x += m->wide)
        for (int32_t i = 0; i < m->wide; i++) sum[i] += (double)x[i];
    for (int32_t i = 0; i < m->wide; i++) squares += sum[i] * sum[i];
    double scale = squares > 0 ? 1 / sqrt(squares) : 0;
    for (int32_t i = 0; i < m->wide; i++) out[i] = (float)(sum[i] * scale);
}

static void run_chunk(void *what, int64_t chunk, arena scratch) {
    const job *j = what;
    const encoder_model *m = j->m;
    int64_t from = j->begins[chunk], to = j->begins[chunk + 1], pieces = 0, row = 0;
    int32_t longest = length_of(j, from);
    for (int64_t place = from; place < to; place++) pieces += length_of(j, place);
    int64_t rows = rows_of(pieces), keys = whole(longest, ENCODER_PANEL);
    buffers b = {.rows = rows,
                 .exact = longest < SHORT,
                 .x = take_raw(&scratch, float, rows * m->wide),
                 .qkv = take_raw(&scratch, float, (rows + ENCODER_ROWS) * 3 * m->wide),
                 .mixed = take_raw(&scratch, float, rows * m->wide),
                 .inner = take_raw(&scratch, float, rows * m->inner),
                 .keys = take_raw(&scratch, float, keys * (m->wide / m->heads)),
                 .prices = take_raw(&scratch, float, keys * ENCODER_ROWS)};
    double *sum = take_raw(&scratch, double, m->wide);
    b.codes = encoder_codes_take(rows, m->wide > m->inner ? m->wide : m->inner, &scratch);
    /* attention reads up to 11 rows past the end of the last text, whose results nobody reads */
    memset(b.qkv + rows * 3 * m->wide, 0, (size_t)(ENCODER_ROWS * 3 * m->wide) * sizeof(float));
    look_up(j, from, to, &b);
    for (int layer = 0; layer < m->layers; layer++) run_layer(j, layer, from, to, &b);
    for (int64_t place = from; place < to; place++) {
        int32_t length = length_of(j, place);
        float *out = j->vectors + (int64_t)j->order[place] * m->wide;
        pool_rows(m, b.x + row * m->wide, length, sum, out);
        row += length;
    }
}

void encoder_run(const encoder_model *m, const encoder_texts *t, pool *threads, float *vectors,
                 arena scratch) {
    int32_t *order = order_count(t->n, &scratch);
    int64_t *begins = take(&scratch, int64_t, t->n + 1), chunks = 0, pieces = 0;
    double *length = take(&scratch, double, t->n);
    assert(encoder_check(m) == NULL);
    for (int64_t i = 0; i < t->n; i++) {
        length[i] = (double)(t->at[i + 1] - t->at[i]);
        assert(length[i] >= 1 && length[i] <= m->positions);
    }
    order_down(order, t->n, length, scratch);
    for (int64_t place = 0; place < t->n; place++) { /* begins[chunks]: the open one */
        int64_t more = (int64_t)length[order[place]];
        bool shorter = place > 0 && more < SHORT && length[order[place - 1]] >= SHORT;
        if (place > 0 && (shorter || pieces + more > CHUNK)) {
            begins[++chunks] = place;
            pieces = 0;
        }
        pieces += more;
    }
    if (t->n == 0) return;
    begins[++chunks] = t->n;
    job j = {m, t, &encoder_kernels_of[simd_level()], vectors, order, begins};
    pool_for(threads, chunks, run_chunk, &j);
}
