/* train: fine-tuning of a BERT encoder with a linear head for classes of texts.
 *
 * With u the unit vector that encoder.h gives a text, and `reach` a constant length:
 *
 *     z = reach W u + b,   loss = mean over a batch of  -ln softmax(z)[label]
 *
 * All weights move, by AdamW on slopes whose common length is cut to `clip`:
 *
 *     g = slope min(1, clip / |slope|),  m = .9 m + .1 g,  v = .999 v + .001 g^2
 *     w = w - rate (m / (1 - .9^t) / (sqrt(v / (1 - .999^t)) + 1e-8) + decay w)
 *
 * Tables, norms and biases do not decay; of the table of words only the rows in the batch move. The
 * rate rises from 0 over the first `warm_up` of all steps and falls to 0 at the last; the head's
 * is head_rate times it. There is no dropout. Head and moments start at 0, so the seed only says
 * in which order the texts come: shuffled, sorted by length within windows of 64 batches (texts lie
 * end to end, without padding), and the batches shuffled.
 *
 *     train t;
 *     train_open(&t, &encoder, 2, longest, p, &s->keep);
 *     train_order(&texts, n, p, epoch, order, s->scratch);
 *     loss = train_step(&t, &texts, label, order + 16 * i, 16, rate, threads, s->scratch);
 *     train_score(&t, &texts, threads, probability, s->scratch);
 *
 * A batch is cut into shares of whole texts by its lengths alone, and every sum over a batch runs
 * in a fixed order: any number of threads gives the same bits.
 *
 * Source: Devlin et al., "BERT" (2019); Loshchilov and Hutter, "Decoupled weight decay" (2019). */
#ifndef MODELS_LANGUAGE_TRAIN_H
#define MODELS_LANGUAGE_TRAIN_H

#include "models/language/encoder.h"

typedef struct train_params {
    int epochs, batch; /* batch in texts */
    double rate, head_rate, decay, clip, warm_up, reach;
    uint64_t seed;
} train_params;

#define TRAIN_DEFAULTS ((train_params){2, 16, 1e-4, 10, 0.01, 1, 0.06, 10, 1})

/* Everything that changes lies in flat arrays of n floats each: table of words, tables of positions
 * and type, norms and biases, products in panels, head [classes, H], its bias [classes]. The model
 * points into weight. first and second are AdamW's moments, slope the slopes of the last batch; of
 * the table of words these are word_slope [n_words, H], of the rows word_row. */
typedef struct train {
    train_params p;
    encoder_model m;
    int classes;
    int64_t n, step;
    float *weight, *first, *second, *slope;
    float *head, *head_bias;
    int32_t n_words, *word_row;
    float *word_slope;
    double length; /* of all slopes of the last batch, before the cut */
    struct train_work *work;
} train;

/* NULL, or the reason why the parameters make no sense. */
const char *train_check(train_params p, int classes);

/* Bytes of keep that train_open takes, of scratch that each thread of the pool needs and of scratch
 * for train_step and train_slopes, for texts of at most `longest` pieces. */
typedef struct train_size {
    size_t keep, thread, scratch;
} train_size;
train_size train_memory(const encoder_model *m, int classes, int64_t longest, train_params p);

/* A copy of the encoder's weights to begin with, in keep. Asserts train_check. */
void train_open(train *t, const encoder_model *m, int classes, int64_t longest, train_params p,
                arena *keep);

/* After weights were written from outside: renews what is made from them. */
void train_renew(train *t, pool *threads);

/* The texts 0 … n-1 in the order of an epoch -> order [n]. */
void train_order(const encoder_texts *x, train_params p, int epoch, int32_t *order, arena scratch);

/* The learning rate of a step 0 … steps-1. */
double train_rate(train_params p, int64_t step, int64_t steps);

/* The mean loss of the texts batch [n], n <= p.batch, and its slopes by all weights. */
double train_slopes(train *t, const encoder_texts *x, const int32_t *label, const int32_t *batch,
                    int n, pool *threads, arena scratch);

/* train_slopes, then one step of AdamW; returns the loss before it. */
double train_step(train *t, const encoder_texts *x, const int32_t *label, const int32_t *batch,
                  int n, double rate, pool *threads, arena scratch);

/* softmax(z) of all texts -> probability [x->n, classes]; vectors [x->n, H] are written on the way.
 * Scratch as encoder_run. */
void train_score(const train *t, const encoder_texts *x, pool *threads, float *vectors,
                 double *probability, arena scratch);

/* softmax(z) of unit vectors [n, H]. */
void train_answer(const train *t, const float *vectors, int64_t n, double *probability);

#endif
