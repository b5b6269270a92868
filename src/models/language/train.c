/* train: fine-tuning of a BERT encoder with a linear head: layout, order, steps, answers. */
#include "models/language/train.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"
#include "models/language/encoder_simd.h"
#include "models/language/train_work.h"

const train_kernels train_kernels_of[SIMD_KINDS] = {
#ifdef __x86_64__
    {train_norm_plain, train_norm_back_plain, train_gelu_plain, train_gelu_back_plain,
     train_attend_back_plain, train_outer_plain, train_adam_plain, train_squares_plain,
     train_turn_plain},
    {train_norm_avx2, train_norm_back_avx2, train_gelu_avx2, train_gelu_back_avx2,
     train_attend_back_avx2, train_outer_avx2, train_adam_avx2, train_squares_avx2,
     train_turn_avx2},
    {train_norm_avx512, train_norm_back_avx512, train_gelu_avx512, train_gelu_back_avx512,
     train_attend_back_avx512, train_outer_avx512, train_adam_avx512, train_squares_avx512,
     train_turn_avx512},
#else
    {train_norm_plain, train_norm_back_plain, train_gelu_plain, train_gelu_back_plain,
     train_attend_back_plain, train_outer_plain, train_adam_plain, train_squares_plain,
     train_turn_plain},
#endif
};

const char *train_check(train_params p, int classes) {
    if (p.epochs < 1 || p.epochs > 100) return "epochs must be 1 to 100";
    if (p.batch < 1 || p.batch > 256) return "the batch must have 1 to 256 texts";
    if (!(p.rate > 0 && p.rate <= 0.1)) return "the learning rate must be above 0, at most .1";
    if (!(p.head_rate > 0 && p.head_rate <= 1000)) return "the head's rate must be in (0, 1000]";
    if (!(p.decay >= 0 && p.decay < 1)) return "the decay must be in [0, 1)";
    if (!(p.clip > 0)) return "the longest slope must be above 0";
    if (!(p.warm_up >= 0 && p.warm_up <= 1)) return "the warm-up must be a share of the steps";
    if (!(p.reach > 0 && p.reach <= 1e4)) return "the reach must be in (0, 10000]";
    if (classes < 2 || classes > 1000) return "needs 2 to 1000 classes";
    return NULL;
}

/* ---- the flat layout ---- */

/* Where a member of encoder_model lies and how many numbers it has. The order is that of the flat
 * arrays: the table of words, what does not decay, products. */
typedef struct tensor {
    size_t member;
    int64_t n;
} tensor;

enum { TENSORS = 17, FIRST_PRODUCT = 13 };

static void tensors_of(const encoder_model *m, tensor out[TENSORS]) {
#define AT(member) offsetof(encoder_model, member)
    int64_t wide = m->wide, inner = m->inner, all = wide * m->layers;
    const tensor of[TENSORS] = {
        {AT(word), m->words * wide},
        {AT(position), m->positions * wide},
        {AT(type), wide},
        {AT(first.scale), wide},
        {AT(first.shift), wide},
        {AT(after_attention.scale), all},
        {AT(after_attention.shift), all},
        {AT(after_inner.scale), all},
        {AT(after_inner.shift), all},
        {AT(qkv.bias), 3 * all},
        {AT(out.bias), all},
        {AT(up.bias), inner * m->layers},
        {AT(down.bias), all},
        {AT(qkv.weight), 3 * all * wide},
        {AT(out.weight), all * wide},
        {AT(up.weight), all * inner},
        {AT(down.weight), all * inner},
    };
#undef AT
    memcpy(out, of, sizeof of);
}

static const float **member_of(encoder_model *m, const tensor *of) {
    return (const float **)(void *)((char *)m + of->member);
}

static int64_t numbers_of(const encoder_model *m, int classes) {
    tensor all[TENSORS];
    int64_t n = classes * ((int64_t)m->wide + 1);
    tensors_of(m, all);
    for (int i = 0; i < TENSORS; i++) n += all[i].n;
    return n;
}

const encoder_linear *train_linear_of(const encoder_model *m, int linear) {
    const encoder_linear *const all[TRAIN_LINEARS] = {&m->qkv, &m->out, &m->up, &m->down};
    return all[linear];
}

/* Rows of the matrices of a part. */
static int64_t part_rows(int64_t longest, train_params p) {
    int64_t most = longest * p.batch < TRAIN_PART ? longest * p.batch : TRAIN_PART;
    return (most > longest ? most : longest) + TRAIN_SHARES * (ENCODER_ROWS + TRAIN_SLACK);
}

/* Numbers of floats that a row of a part takes, in all layers. */
static int64_t row_floats(const encoder_model *m) {
    int64_t wide = m->wide, layer = 9 * wide + 2 * (int64_t)m->inner + 2;
    return layer * m->layers + 2 * wide + 1;
}

train_size train_memory(const encoder_model *m, int classes, int64_t longest, train_params p) {
    int64_t n = numbers_of(m, classes), rows = part_rows(longest, p), wide = m->wide;
    int64_t pieces = longest * p.batch, turned = m->layers * wide * (4 * wide + 2 * m->inner);
    int64_t widest = m->inner > 3 * wide ? m->inner : 3 * wide;
    int64_t floats = 4 * n + rows * row_floats(m) + turned + 2 * pieces * (wide + 1) + widest +
                     TRAIN_SHARES * (2 * (int64_t)m->layers + 1) * 2 * wide +
                     2 * p.batch * (wide + classes + 1);
    int64_t steps = n / TRAIN_PIECE + m->layers * (4 * wide + m->inner + wide) / 32 + 64;
    int64_t strip = TRAIN_PANELS * ENCODER_PANEL * TRAIN_BLOCK;
    size_t pass = train_pass_memory(m, longest, rows);
    return (train_size){
        .keep = (size_t)floats * sizeof(float) + (size_t)steps * sizeof(train_piece) + 65536,
        .thread = pass > (size_t)strip * 4 + 8192 ? pass : (size_t)strip * 4 + 8192,
        .scratch = (size_t)pieces * 32 + (size_t)steps * 8 + (size_t)p.batch * 512 + (1 << 18)};
}

static void take_matrices(train_work *w, const encoder_model *m, arena *keep) {
    int64_t wide = m->wide, all = w->rows * m->layers;
    w->x = take_raw(keep, float, (all + w->rows) * wide);
    w->hat0 = take_raw(keep, float, w->rows * wide);
    w->qkv = take_raw(keep, float, all * 3 * wide);
    w->mixed = take_raw(keep, float, all * wide);
    w->hat1 = take_raw(keep, float, all * wide);
    w->middle = take_raw(keep, float, all * wide);
    w->up = take_raw(keep, float, all * m->inner);
    w->inner = take_raw(keep, float, all * m->inner);
    w->hat2 = take_raw(keep, float, all * wide);
    w->r0 = take_raw(keep, float, w->rows);
    w->r1 = take_raw(keep, float, all);
    w->r2 = take_raw(keep, float, all);
}

static void add_steps(train_work *w, int64_t at, int64_t n, float decay, float rate) {
    for (int64_t done = 0; done < n; done += TRAIN_PIECE)
        w->steps[w->n_steps++] = (train_piece){
            at + done, n - done < TRAIN_PIECE ? n - done : TRAIN_PIECE, decay, rate, -1, 0, 0};
}

static void plan_steps(train *t, arena *keep) {
    train_work *w = t->work;
    const encoder_model *m = &t->m;
    float decay = (float)t->p.decay, head = (float)t->p.head_rate;
    int64_t plain = m->position - t->weight, products = m->qkv.weight - t->weight;
    int64_t most = t->n / TRAIN_PIECE + m->layers * (5 * (int64_t)m->wide + m->inner) / 32 + 64;
    w->steps = take(keep, train_piece, most);
    add_steps(w, plain, products - plain, 0, 1);
    for (int kind = 0; kind < TRAIN_LINEARS; kind++) {
        const train_linear *l = &w->linear[kind];
        int64_t at = train_linear_of(m, kind)->weight - t->weight, one = l->from * ENCODER_PANEL;
        for (int32_t layer = 0; layer < m->layers; layer++)
            for (int32_t panel = 0; panel < l->to / ENCODER_PANEL; panel++, at += one)
                w->steps[w->n_steps++] =
                    (train_piece){at, one, decay, 1, (int8_t)kind, layer, panel};
    }
    add_steps(w, t->head - t->weight, t->classes * (int64_t)m->wide, decay, head);
    add_steps(w, t->head_bias - t->weight, t->classes, 0, head);
    assert(w->n_steps <= most);
}

void train_open(train *t, const encoder_model *m, int classes, int64_t longest, train_params p,
                arena *keep) {
    tensor all[TENSORS];
    int64_t wide = m->wide, inner = m->inner, pieces = longest * p.batch;
    assert(train_check(p, classes) == NULL && encoder_check(m) == NULL);
    assert(longest >= 1 && longest <= m->positions);
    *t = (train){.p = p, .m = *m, .classes = classes, .n = numbers_of(m, classes)};
    t->weight = take_raw(keep, float, t->n);
    t->first = take(keep, float, t->n);
    t->second = take(keep, float, t->n);
    t->slope = take_raw(keep, float, t->n);
    tensors_of(m, all);
    float *to = t->weight;
    for (int i = 0; i < TENSORS; i++) {
        const float **member = member_of(&t->m, &all[i]);
        memcpy(to, *member, (size_t)all[i].n * sizeof *to);
        *member = to;
        to += all[i].n;
    }
    t->m.qkv.bytes = t->m.out.bytes = t->m.up.bytes = t->m.down.bytes = NULL;
    t->head = to;
    t->head_bias = to + classes * wide;
    memset(to, 0, (size_t)(classes * (wide + 1)) * sizeof *to);
    t->word_row = take(keep, int32_t, pieces);
    t->word_slope = take_raw(keep, float, pieces * wide);
    train_work *w = t->work = take(keep, train_work, 1);
    w->fast = &train_kernels_of[simd_level()];
    w->forward = &encoder_kernels_of[simd_level()];
    w->rows = part_rows(longest, p);
    take_matrices(w, m, keep);
    w->norms = take(keep, float, TRAIN_SHARES * (2 * m->layers + 1) * 2 * wide);
    w->pieces = take_raw(keep, float, pieces * wide);
    w->ids = take(keep, int32_t, pieces);
    w->unit = take(keep, double, p.batch * wide);
    w->change = take(keep, double, p.batch * classes);
    w->loss = take(keep, double, p.batch);
    w->zeros = take(keep, float, inner > 3 * wide ? inner : 3 * wide);
    const int64_t from[TRAIN_LINEARS] = {wide, wide, wide, inner};
    const int64_t into[TRAIN_LINEARS] = {3 * wide, wide, inner, wide};
    for (int i = 0; i < TRAIN_LINEARS; i++)
        w->linear[i] = (train_linear){(int32_t)from[i], (int32_t)into[i],
                                      take_raw(keep, float, m->layers * from[i] * into[i])};
    plan_steps(t, keep);
}

/* ---- steps ---- */

typedef struct moving {
    train *t;
    train_adam by;
    double rate;
    bool renew; /* only make W' anew */
} moving;

static void turn_panel(const train *t, const train_piece *piece) {
    const train_linear *l = &t->work->linear[piece->linear];
    int64_t one = (int64_t)l->from * l->to;
    t->work->fast->turn(t->weight + piece->at, l->from, l->to, piece->panel * ENCODER_PANEL,
                        l->turned + piece->layer * one);
}

/* The pieces of the step, then the rows of the table of words, 64 at a time. */
static void move_piece(void *what, int64_t chunk, arena scratch) {
    const moving *m = what;
    train *t = m->t;
    train_adam by = m->by;
    int32_t wide = t->m.wide;
    (void)scratch;
    if (chunk < t->work->n_steps) {
        const train_piece *piece = &t->work->steps[chunk];
        by.slope = t->slope + piece->at;
        by.w = t->weight + piece->at;
        by.m = t->first + piece->at;
        by.v = t->second + piece->at;
        by.n = piece->n;
        by.rate = (float)(m->rate * (double)piece->rate);
        by.decay = piece->decay;
        if (!m->renew) t->work->fast->adam(&by);
        if (piece->linear >= 0) turn_panel(t, piece);
        return;
    }
    int64_t row = (chunk - t->work->n_steps) * 64;
    by.n = wide;
    by.rate = (float)m->rate;
    by.decay = 0;
    for (int i = 0; i < 64 && row < t->n_words; i++, row++) {
        int64_t at = (int64_t)t->word_row[row] * wide;
        by.slope = t->word_slope + row * wide;
        by.w = t->weight + at;
        by.m = t->first + at;
        by.v = t->second + at;
        t->work->fast->adam(&by);
    }
}

void train_renew(train *t, pool *threads) {
    moving m = {.t = t, .renew = true};
    pool_for(threads, t->work->n_steps, move_piece, &m);
}

void train_move(train *t, double rate, pool *threads) {
    t->step++;
    moving m = {.t = t, .rate = rate};
    m.by.clip = t->length > t->p.clip ? (float)(t->p.clip / t->length) : 1;
    m.by.up1 = (float)(1 / (1 - pow(0.9, (double)t->step)));
    m.by.up2 = (float)(1 / (1 - pow(0.999, (double)t->step)));
    pool_for(threads, t->work->n_steps + (t->n_words + 63) / 64, move_piece, &m);
}

double train_step(train *t, const encoder_texts *x, const int32_t *label, const int32_t *batch,
                  int n, double rate, pool *threads, arena scratch) {
    double loss = train_slopes(t, x, label, batch, n, threads, scratch);
    train_move(t, rate, threads);
    return loss;
}

double train_rate(train_params p, int64_t step, int64_t steps) {
    double at = (double)step + 0.5, warm = p.warm_up * (double)steps;
    if (at < warm) return p.rate * at / warm;
    return p.rate * ((double)steps - at) / ((double)steps - warm);
}

void train_order(const encoder_texts *x, train_params p, int epoch, int32_t *order,
                 arena scratch) {
    rng r = rng_open(seed_for(p.seed, "fine-tuning"), (uint64_t)epoch);
    int64_t n = x->n, batches = n / p.batch;
    double *length = take(&scratch, double, n);
    int32_t *shuffled = order_count(n, &scratch), *batch = order_count(batches, &scratch);
    for (int64_t i = 0; i < n; i++) length[i] = (double)(x->at[i + 1] - x->at[i]);
    rng_shuffle(&r, shuffled, n);
    for (int64_t from = 0; from < n; from += 64 * (int64_t)p.batch) {
        int64_t left = n - from, window = 64 * (int64_t)p.batch;
        order_down(shuffled + from, left < window ? left : window, length, scratch);
    }
    rng_shuffle(&r, batch, batches);
    for (int64_t i = 0; i < batches; i++)
        memcpy(order + i * p.batch, shuffled + (int64_t)batch[i] * p.batch,
               (size_t)p.batch * sizeof *order);
    int64_t done = batches * p.batch; /* the rest of the last batch comes last */
    memcpy(order + done, shuffled + done, (size_t)(n - done) * sizeof *order);
}

/* ---- answers ---- */

void train_answer(const train *t, const float *vectors, int64_t n, double *probability) {
    for (int64_t i = 0; i < n; i++, probability += t->classes, vectors += t->m.wide) {
        double most = -HUGE_VAL, sum = 0;
        for (int c = 0; c < t->classes; c++) {
            const float *weight = t->head + (int64_t)c * t->m.wide;
            double dot = 0;
            for (int32_t k = 0; k < t->m.wide; k++) dot += (double)weight[k] * (double)vectors[k];
            probability[c] = t->p.reach * dot + (double)t->head_bias[c];
            most = probability[c] > most ? probability[c] : most;
        }
        for (int c = 0; c < t->classes; c++) sum += probability[c] = exp(probability[c] - most);
        for (int c = 0; c < t->classes; c++) probability[c] /= sum;
    }
}

void train_score(const train *t, const encoder_texts *x, pool *threads, float *vectors,
                 double *probability, arena scratch) {
    encoder_run(&t->m, x, threads, vectors, scratch);
    train_answer(t, vectors, x->n, probability);
}
