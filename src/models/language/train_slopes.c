/* train_slopes: the slopes of a batch's loss: texts to shares, the passes, and sums in order. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/language/train_work.h"

/* What goes forward and back together. */
typedef struct part {
    train *t;
    int batch; /* texts of the whole batch */
    int n;
    train_share share[TRAIN_SHARES];
    bool more; /* not the first part of the batch */
} part;

/* Texts in the given order to the share with the fewest pieces, so that all have about as much to
 * do; longer texts come first. */
static void share_out(part *p, const train_text *text, int n, int64_t pieces, arena *keep) {
    int64_t first = 0, fit = pieces / TRAIN_SHARE;
    int *to = take(keep, int, n);
    p->n = fit < 1 ? 1 : fit > TRAIN_SHARES ? TRAIN_SHARES : (int)fit;
    if (p->n > n) p->n = n;
    memset(p->share, 0, sizeof p->share);
    for (int i = 0; i < n; i++) {
        for (int s = 1; s < p->n; s++)
            if (p->share[s].pieces < p->share[to[i]].pieces) to[i] = s;
        p->share[to[i]].n++;
        p->share[to[i]].pieces += text[i].length;
    }
    for (int s = 0; s < p->n; s++) {
        train_share *share = &p->share[s];
        train_text *mine = take(keep, train_text, share->n);
        int64_t row = first;
        int count = 0;
        for (int i = 0; i < n; i++) {
            if (to[i] != s) continue;
            mine[count] = text[i];
            mine[count++].row = row;
            row += text[i].length;
        }
        share->text = mine;
        share->first = first;
        share->rows = (share->pieces + ENCODER_ROWS - 1) / ENCODER_ROWS * ENCODER_ROWS;
        first += share->rows + TRAIN_SLACK;
    }
    assert(first <= p->t->work->rows);
}

static void run_share(void *what, int64_t chunk, arena scratch) {
    part *p = what;
    train_pass(p->t, &p->share[chunk], (int)chunk, p->batch, scratch);
}

/* ---- slopes of the products ---- */

static int64_t groups_of(const train *t, int linear) {
    int panels = t->work->linear[linear].to / ENCODER_PANEL;
    return (panels + TRAIN_PANELS - 1) / TRAIN_PANELS;
}

/* A few panels of one product of one layer, over all shares in their order. */
static void run_outer(void *what, int64_t chunk, arena scratch) {
    part *p = what;
    const train *t = p->t;
    const train_work *w = t->work;
    int kind = 0;
    for (; chunk >= groups_of(t, kind) * t->m.layers; kind++)
        chunk -= groups_of(t, kind) * t->m.layers;
    int64_t layer = chunk / groups_of(t, kind), group = chunk % groups_of(t, kind);
    const train_linear *l = &w->linear[kind];
    const float *const x[TRAIN_LINEARS] = {w->x, w->mixed, w->middle, w->inner};
    const float *const dy[TRAIN_LINEARS] = {w->qkv, w->hat1, w->up, w->hat2};
    const encoder_linear *of = train_linear_of(&t->m, kind);
    int32_t first = (int32_t)group * TRAIN_PANELS, panels = l->to / ENCODER_PANEL - first;
    int64_t column = (int64_t)first * ENCODER_PANEL;
    train_outer o = {
        .from = l->from, .to = l->to, .panels = panels < TRAIN_PANELS ? panels : TRAIN_PANELS,
        .more = p->more,
        .slope = train_slope_of(t, of->weight + layer * l->from * l->to + column * l->from),
        .bias = train_slope_of(t, of->bias + layer * l->to + column),
        .strip = take_raw(&scratch, float, TRAIN_PANELS * ENCODER_PANEL * TRAIN_BLOCK)};
    for (int s = 0; s < p->n; s++) {
        int64_t row = layer * w->rows + p->share[s].first;
        o.x = x[kind] + row * l->from;
        o.dy = dy[kind] + row * l->to + column;
        o.rows = p->share[s].pieces;
        w->fast->outer(&o);
        o.more = true;
    }
}

/* ---- the rest, in order ---- */

static void add(float *to, const float *from, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] += from[i];
}

static void add_norms(const part *p) {
    const train *t = p->t;
    const encoder_model *m = &t->m;
    int32_t wide = m->wide, all = 2 * m->layers + 1;
    for (int s = 0; s < p->n; s++)
        for (int which = 0; which < all; which++) {
            const float *from = t->work->norms + (int64_t)(s * all + which) * 2 * wide;
            const encoder_norm *n = which == all - 1 ? &m->first
                                    : which % 2      ? &m->after_inner
                                                     : &m->after_attention;
            int64_t at = which == all - 1 ? 0 : (int64_t)(which / 2) * wide;
            add(train_slope_of(t, n->scale + at), from, wide);
            add(train_slope_of(t, n->shift + at), from + wide, wide);
        }
}

/* Slopes of the tables: of the words only the rows that the batch has, in the order of their
 * numbers. */
static void add_tables(train *t, const train_text *text, int n, arena scratch) {
    const train_work *w = t->work;
    int32_t wide = t->m.wide;
    int64_t pieces = 0;
    for (int i = 0; i < n; i++)
        for (int32_t k = 0; k < text[i].length; k++) {
            const float *from = w->pieces + (text[i].piece + k) * wide;
            add(train_slope_of(t, t->m.position + (int64_t)k * wide), from, wide);
            add(train_slope_of(t, t->m.type), from, wide);
            pieces++;
        }
    int32_t *order = order_count(pieces, &scratch);
    double *id = take(&scratch, double, pieces);
    for (int64_t i = 0; i < pieces; i++) id[i] = w->ids[i];
    order_up(order, pieces, id, scratch);
    t->n_words = 0;
    for (int64_t i = 0; i < pieces; i++) {
        bool seen = i > 0 && w->ids[order[i]] == w->ids[order[i - 1]];
        if (!seen) {
            memset(t->word_slope + (int64_t)t->n_words * wide, 0, (size_t)wide * sizeof(float));
            t->word_row[t->n_words++] = w->ids[order[i]];
        }
        add(t->word_slope + (int64_t)(t->n_words - 1) * wide, w->pieces + order[i] * (int64_t)wide,
            wide);
    }
}

static void add_head(train *t, int n) {
    const train_work *w = t->work;
    int32_t wide = t->m.wide;
    for (int c = 0; c < t->classes; c++) {
        float *slope = train_slope_of(t, t->head + (int64_t)c * wide), bias = 0;
        memset(slope, 0, (size_t)wide * sizeof *slope);
        for (int i = 0; i < n; i++) {
            double by = w->change[(int64_t)i * t->classes + c];
            bias += (float)by;
            for (int32_t j = 0; j < wide; j++)
                slope[j] += (float)(t->p.reach * by * w->unit[(int64_t)i * wide + j]);
        }
        *train_slope_of(t, t->head_bias + c) = bias;
    }
}

typedef struct measuring {
    const train *t;
    double *sum; /* [work->n_steps] */
} measuring;

static void measure(void *what, int64_t chunk, arena scratch) {
    measuring *m = what;
    const train_piece *piece = &m->t->work->steps[chunk];
    (void)scratch;
    m->sum[chunk] = m->t->work->fast->squares(m->t->slope + piece->at, piece->n);
}

static double length_of(const train *t, pool *threads, arena scratch) {
    measuring m = {t, take(&scratch, double, t->work->n_steps)};
    double sum = t->work->fast->squares(t->word_slope, (int64_t)t->n_words * t->m.wide);
    pool_for(threads, t->work->n_steps, measure, &m);
    for (int64_t i = 0; i < t->work->n_steps; i++) sum += m.sum[i];
    return sqrt(sum);
}

/* ---- a batch ---- */

/* The texts of a batch, the longest first. */
static train_text *read_batch(const encoder_texts *x, const int32_t *label, const int32_t *batch,
                              int n, arena *keep, arena scratch) {
    train_text *text = take(keep, train_text, n);
    int32_t *order = order_count(n, &scratch);
    double *length = take(&scratch, double, n);
    int64_t piece = 0;
    for (int i = 0; i < n; i++) length[i] = (double)(x->at[batch[i] + 1] - x->at[batch[i]]);
    order_down(order, n, length, scratch);
    for (int i = 0; i < n; i++) {
        int64_t of = batch[order[i]];
        text[i] = (train_text){.place = i, .length = (int32_t)length[order[i]],
                               .ids = x->ids + x->at[of], .label = label[of], .piece = piece};
        piece += text[i].length;
    }
    return text;
}

static void run_part(part *p, const train_text *text, int n, int64_t pieces, pool *threads,
                     arena scratch) {
    const train *t = p->t;
    int64_t norms = TRAIN_SHARES * (2 * t->m.layers + 1) * 2 * (int64_t)t->m.wide, groups = 0;
    memset(t->work->norms, 0, (size_t)norms * sizeof(float));
    share_out(p, text, n, pieces, &scratch);
    pool_for(threads, p->n, run_share, p);
    for (int kind = 0; kind < TRAIN_LINEARS; kind++) groups += groups_of(t, kind) * t->m.layers;
    pool_for(threads, groups, run_outer, p);
    add_norms(p);
    p->more = true;
}

double train_slopes(train *t, const encoder_texts *x, const int32_t *label, const int32_t *batch,
                    int n, pool *threads, arena scratch) {
    arena own = arena_split(&scratch, (size_t)n * 4 * sizeof(train_text) + 65536);
    train_text *text = read_batch(x, label, batch, n, &own, scratch);
    part p = {.t = t, .batch = n};
    double loss = 0;
    assert(n >= 1 && n <= t->p.batch);
    float *tables = train_slope_of(t, t->m.position);
    memset(tables, 0, (size_t)(train_slope_of(t, t->m.qkv.weight) - tables) * sizeof *tables);
    for (int from = 0, to; from < n; from = to) {
        int64_t pieces = text[from].length;
        for (to = from + 1; to < n && pieces + text[to].length <= TRAIN_PART; to++)
            pieces += text[to].length;
        run_part(&p, text + from, to - from, pieces, threads, own);
    }
    add_tables(t, text, n, scratch);
    add_head(t, n);
    for (int i = 0; i < n; i++) loss += t->work->loss[i] / n;
    t->length = length_of(t, threads, scratch);
    return loss;
}
