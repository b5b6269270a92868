/* models_train: fine-tuning against slopes of a plain encoder in double; planted tasks; threads. */
#include "check.h"
#include "plain_encoder.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/simd.h"
#include "models/language/train.h"
#include "models/language/train_simd.h"

typedef struct lesson {
    plain_encoder plain; /* its arrays are the trained weights, but for plain.plain */
    train t;
    encoder_texts x;
    int32_t *label, *batch;
    pool *threads;
    scope s;
} lesson;

static void lesson_open(lesson *l, uint64_t seed, int64_t n, int classes, train_params p,
                        int threads) {
    err e = {0};
    check_ok(scope_open(&l->s, 96 << 20, 32 << 20, &e), &e);
    plain_encoder_plant(&l->plain, seed, &l->s.keep);
    l->x = plain_encoder_texts(n, seed, &l->s.keep);
    train_size size = train_memory(&l->plain.m, classes, 100, p);
    check(size.keep < (size_t)64 << 20);
    l->threads = pool_open(threads, size.thread, &e);
    arena keep = arena_split(&l->s.keep, size.keep); /* so that train_memory is held to its word */
    train_open(&l->t, &l->plain.m, classes, 100, p, &keep);
    rng r = rng_open(seed, 5);
    for (int64_t i = 0; i < classes * 64; i++) l->t.head[i] = (float)(0.05 * rng_normal(&r));
    train_renew(&l->t, l->threads);
    l->label = take(&l->s.keep, int32_t, n);
    l->batch = take(&l->s.keep, int32_t, n);
    for (int64_t i = 0; i < n; i++) {
        l->label[i] = (int32_t)rng_below(&r, classes);
        l->batch[i] = (int32_t)i;
    }
}

static void lesson_close(lesson *l) {
    pool_close(l->threads);
    scope_close(&l->s);
}

/* The mean loss in double, of the weights as they stand: products are unpacked first. */
static double plain_loss(lesson *l, int n) {
    encoder_model *m = &l->t.m;
    const encoder_linear *of[4] = {&m->qkv, &m->out, &m->up, &m->down};
    const int from[4] = {64, 64, 64, 96}, to[4] = {192, 64, 96, 64};
    double loss = 0, *u = take(&l->s.keep, double, 64);
    l->plain.m = *m;
    for (int k = 0; k < 4; k++)
        for (int layer = 0; layer < m->layers; layer++)
            for (int i = 0; i < from[k]; i++)
                for (int j = 0; j < to[k]; j++) {
                    int one = layer * from[k] * to[k], panel = (j / 32 * from[k] + i) * 32;
                    l->plain.plain[k][one + i * to[k] + j] = of[k]->weight[one + panel + j % 32];
                }
    for (int i = 0; i < n; i++) {
        double z[8], sum = 0;
        plain_encoder_text(&l->plain, l->x.ids + l->x.at[i], (int)(l->x.at[i + 1] - l->x.at[i]), u,
                           l->s.scratch);
        for (int c = 0; c < l->t.classes; c++) {
            z[c] = (double)l->t.head_bias[c];
            for (int k = 0; k < 64; k++)
                z[c] += l->t.p.reach * u[k] * (double)l->t.head[c * 64 + k];
            sum += exp(z[c]);
        }
        loss += (log(sum) - z[l->label[i]]) / n;
    }
    return loss;
}

/* A central difference of the plain loss by one weight. */
static double difference(lesson *l, float *weight, int n) {
    float was = *weight, step = 1.0f / 256;
    *weight = was + step;
    double up = plain_loss(l, n), more = (double)*weight;
    *weight = was - step;
    double down = plain_loss(l, n), less = (double)*weight;
    *weight = was;
    return (up - down) / (more - less);
}

/* The tensors' first weights, in the order of the flat arrays; ends with NULL. */
static void tensors_of(const train *t, const float **at) {
    const encoder_model *m = &t->m;
    const float *const all[] = {
        m->word,       m->position,      m->type,
        m->first.scale, m->first.shift,  m->after_attention.scale,
        m->after_attention.shift, m->after_inner.scale, m->after_inner.shift,
        m->qkv.bias,   m->out.bias,      m->up.bias, m->down.bias, m->qkv.weight,
        m->out.weight, m->up.weight,     m->down.weight, t->head,  t->head_bias,
        t->weight + t->n};
    memcpy(at, all, sizeof all);
}

static void check_slopes(uint64_t seed, encoder_pooling pooling) {
    lesson l;
    train_params p = TRAIN_DEFAULTS;
    enum { N = 4, TENSORS = 19 };
    const float *at[TENSORS + 1];
    lesson_open(&l, seed, N, 3, p, 1);
    l.t.m.pooling = pooling;
    l.x.at = take_copy(&l.s.keep, int64_t, ((int64_t[]){0, 5, 6, 23, 33}), N + 1);
    double loss = train_slopes(&l.t, &l.x, l.label, l.batch, N, l.threads, l.s.scratch);
    check_near(loss, plain_loss(&l, N), 2e-6); /* floats through 3 layers */
    double squares = 0; /* of the slopes: the table of words has its own place */
    for (int64_t i = 50 * 64; i < l.t.n; i++)
        squares += (double)l.t.slope[i] * (double)l.t.slope[i];
    for (int64_t i = 0; i < l.t.n_words * 64; i++)
        squares += (double)l.t.word_slope[i] * (double)l.t.word_slope[i];
    check_near(l.t.length, sqrt(squares), 1e-12 * sqrt(squares)); /* sums in another order */
    tensors_of(&l.t, at);
    rng r = rng_open(seed, 9);
    for (int k = 0; k < TENSORS; k++)
        for (int i = 0; i < 3; i++) {
            arena keep = l.s.keep; /* plain_loss takes a little each time */
            int64_t place = at[k] - l.t.weight + rng_below(&r, at[k + 1] - at[k]);
            if (k == 1) place = at[k] - l.t.weight + rng_below(&r, 17 * 64); /* in use */
            double got = (double)l.t.slope[place];
            if (k == 0) { /* the table of words: rows of the batch, the others have none */
                int64_t row = rng_below(&r, l.t.n_words), column = rng_below(&r, 64);
                place = l.t.word_row[row] * 64 + column;
                got = (double)l.t.word_slope[row * 64 + column];
            }
            double wanted = difference(&l, l.t.weight + place, N);
            /* a step of 1/256 leaves an error of its square times the third derivative: 2e-4 of
             * the slopes seen; 1e-5 for the rounding of floats */
            check_near(got, wanted, 1e-5 + 2e-3 * fabs(wanted));
            l.s.keep = keep;
        }
    lesson_close(&l);
}

CHECK(train_slopes_are_those_of_central_differences) {
    check_slopes(1, ENCODER_MEAN);
    check_slopes(2, ENCODER_MEAN);
    check_slopes(3, ENCODER_FIRST);
}

/* The slopes of a batch that is cut into several parts and shares are the mean of those of its
 * texts alone. */
CHECK(train_slopes_of_a_batch_are_the_mean_of_its_texts) {
    lesson l;
    train_params p = TRAIN_DEFAULTS;
    enum { N = 64 };
    p.batch = N;
    lesson_open(&l, 4, N, 2, p, 2);
    check(l.x.at[N] > 2048); /* more than one part */
    double *sum = take(&l.s.keep, double, l.t.n), most = 0;
    int64_t table = 50 * 64;
    for (int i = 0; i <= N; i++) {
        int n = i < N ? 1 : N, row = 0;
        train_slopes(&l.t, &l.x, l.label, l.batch + i % N, n, l.threads, l.s.scratch);
        for (; row < l.t.n_words; row++)
            memcpy(l.t.slope + l.t.word_row[row] * 64, l.t.word_slope + row * 64, 256);
        for (int64_t k = 0; i < N && k < l.t.n; k++) sum[k] += (double)l.t.slope[k] / N;
        memset(l.t.slope, 0, (size_t)(i < N ? table : 0) * sizeof(float));
    }
    for (int64_t k = 0; k < l.t.n; k++) most = fmax(most, fabs(sum[k]));
    /* 2e-5 of the largest slope: sums of 2500 rows in floats of 24 bits */
    for (int64_t k = 0; k < l.t.n; k++) check_near((double)l.t.slope[k], sum[k], 2e-5 * most);
    lesson_close(&l);
}

CHECK(train_steps_on_any_threads_are_the_same_bytes) {
    static const int threads[] = {1, 2, 8};
    train_params p = TRAIN_DEFAULTS;
    lesson first, l;
    for (int k = 0; k < 3; k++) {
        lesson *now = k == 0 ? &first : &l;
        lesson_open(now, 5, 48, 2, p, threads[k]);
        for (int i = 0; i < 6; i++)
            train_step(&now->t, &now->x, now->label, now->batch + 16 * (i % 3), 16, 1e-3,
                       now->threads, now->s.scratch);
        check(memcmp(first.t.weight, now->t.weight, (size_t)now->t.n * sizeof(float)) == 0);
        check(memcmp(first.t.second, now->t.second, (size_t)now->t.n * sizeof(float)) == 0);
        if (k > 0) lesson_close(now);
    }
    lesson_close(&first);
}

/* The label is whether the first piece is of the upper half of the vocabulary, whose vectors have
 * something in common. */
CHECK(train_learns_a_planted_task) {
    lesson l;
    train_params p = TRAIN_DEFAULTS;
    enum { N = 192 };
    lesson_open(&l, 6, N, 2, p, 1);
    int right = 0;
    float *vectors = take(&l.s.keep, float, N * 64);
    double *probability = take(&l.s.keep, double, N * 2), last = 0;
    memset(l.t.head, 0, 2 * 64 * sizeof(float));
    l.t.m.pooling = ENCODER_FIRST;
    for (int i = 25 * 64; i < 50 * 64; i++) l.t.weight[i] += i % 2 ? 1 : -1;
    for (int i = 0; i < N; i++) l.label[i] = l.x.ids[l.x.at[i]] >= 25;
    double start = train_slopes(&l.t, &l.x, l.label, l.batch, 16, l.threads, l.s.scratch);
    check_near(start, log(2), 1e-12); /* a head of zeros knows nothing */
    for (int i = 0; i < 60; i++)
        last = train_step(&l.t, &l.x, l.label, l.batch + 16 * (i % 12), 16,
                          train_rate(p, i, 60) * 10, l.threads, l.s.scratch);
    check(last < 0.1);
    train_score(&l.t, &l.x, l.threads, vectors, probability, l.s.scratch);
    for (int i = 0; i < N; i++) right += (probability[2 * i + 1] > 0.5) == l.label[i];
    check(right >= N - 4);
    lesson_close(&l);
}

/* One step of AdamW on one number, by hand: m = .1 g, v = .001 g^2, both brought up to g and g^2,
 * so the number moves by the rate, and decays. */
CHECK(train_adam_moves_by_the_rate_at_first) {
    float w = 2, m = 0, v = 0, g = -4;
    for (int level = 0; level < SIMD_KINDS; level++) {
        if (!simd_has((simd_kind)level)) continue;
        w = 2, m = v = 0;
        train_adam a = {&g, &w, &m, &v, 1, .clip = 0.5f, .rate = 0.01f, .decay = 0.1f,
                        .up1 = 10, .up2 = 1000};
        train_kernels_of[level].adam(&a);
        check_near((double)m, -0.2, 1e-7); /* floats */
        check_near((double)v, 0.004, 1e-8);
        check_near((double)w, 2 + 0.01 - 0.01 * 0.1 * 2, 1e-6);
    }
}

CHECK(train_rate_rises_and_falls) {
    train_params p = TRAIN_DEFAULTS;
    p.rate = 1;
    p.warm_up = 0.1;
    check_near(train_rate(p, 0, 100), 0.05, 1e-12); /* the middle of the first step of ten */
    check_near(train_rate(p, 9, 100), 0.95, 1e-12);
    check_near(train_rate(p, 10, 100), 89.5 / 90, 1e-12);
    check_near(train_rate(p, 99, 100), 0.5 / 90, 1e-12);
}

CHECK(train_order_has_every_text_once_and_neighbours_alike) {
    scope s;
    err e = {0};
    train_params p = TRAIN_DEFAULTS;
    enum { N = 3003 };
    check_ok(scope_open(&s, 8 << 20, 8 << 20, &e), &e);
    encoder_texts x = plain_encoder_texts(N, 3, &s.keep);
    int32_t *order = take(&s.keep, int32_t, N), *other = take(&s.keep, int32_t, N);
    uint8_t *seen = take(&s.keep, uint8_t, N);
    double spread = 0;
    train_order(&x, p, 0, order, s.scratch);
    train_order(&x, p, 1, other, s.scratch);
    check(memcmp(order, other, sizeof *order * N) != 0);
    for (int i = 0; i < N; i++) {
        check(!seen[order[i]]);
        seen[order[i]] = 1;
    }
    for (int b = 0; b + 16 <= N; b += 16) {
        const int64_t *longest = x.at + order[b], *shortest = x.at + order[b + 15];
        spread += (double)((longest[1] - longest[0]) - (shortest[1] - shortest[0])) / (N / 16);
    }
    check(spread < 4); /* lengths are 1 to 90: at random the longest less the shortest is 80 */
    scope_close(&s);
}

/* Every kernel against the plain copy, at sizes that do not fill the last tile. */
CHECK(train_kernels_agree_on_every_instruction_set) {
    scope s;
    err e = {0};
    enum { ROWS = 37, H = 96, PLACES = (ROWS + 12) * 3 * H };
    check_ok(scope_open(&s, 8 << 20, 1 << 20, &e), &e);
    rng r = rng_open(8, 8);
    float *a = plain_floats(PLACES, 1, &r, &s.keep), *b = plain_floats(PLACES, 1, &r, &s.keep);
    float *out[2][4], *keys = take(&s.keep, float, 64 * 32 * 3);
    float *square = take(&s.keep, float, 2 * 96 * 96);
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 2; i++) out[i][k] = take(&s.keep, float, PLACES);
    for (int level = 0; level < SIMD_KINDS; level++) {
        if (!simd_has((simd_kind)level)) continue;
        const train_kernels *fast = &train_kernels_of[level];
        float **to = out[level > 0];
        memcpy(to[0], a, PLACES * sizeof(float));
        memset(to[2], 0, PLACES * sizeof(float));
        fast->attend_back(&(train_attention){to[0], b, ROWS, H, 3, keys, keys + 64 * 32, square,
                                             square + 96 * 96, keys + 2 * 64 * 32});
        memset(to[0] + ROWS * 3 * H, 0, 12 * 3 * H * sizeof(float));
        memcpy(to[1], a, PLACES * sizeof(float));
        fast->gelu_back(to[1], b, ROWS * H);
        fast->outer(&(train_outer){a, b, ROWS, H, 64, 2, false, to[2], to[2] + 64 * H, square});
        fast->outer(&(train_outer){a, b, 5, H, 64, 2, true, to[2], to[2] + 64 * H, square});
        fast->norm(&(train_norm){a, b, a, b, ROWS, H, 1e-12f, to[3], to[3] + 2 * ROWS * H,
                                 to[3] + ROWS * H});
        fast->norm_back(&(train_norm_back){b, a, to[3] + 2 * ROWS * H, ROWS, H, to[3],
                                           to[3] + PLACES - 2 * H, to[3] + PLACES - H});
        for (int k = 0; k < 4; k++)
            for (int i = 0; i < PLACES; i++) /* 2e-5: sums of 42 products of size 1 in floats */
                check_near((double)to[k][i], (double)out[0][k][i], 2e-5);
        memset(out[1][3], 0, PLACES * sizeof(float));
    }
    scope_close(&s);
}
