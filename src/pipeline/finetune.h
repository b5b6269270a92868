/* finetune: an encoder's weights moved towards labelled texts, by epochs, safe against a kill.
 *
 *     finetune_params p = FINETUNE_DEFAULTS;
 *     p.folder = "model", p.threads = pool;
 *     finetune_result r;
 *     finetune_run(&encoder, &data, &p, &r, s, e)    // writes model/encoder.atm
 *
 * A slice of the texts (by a hash of the text, so that equal texts stay together) is held out:
 * after each epoch it is scored, and the weights of the best epoch are kept: highest accuracy, then
 * smallest log loss. Two epochs in a row without a gain end the run. The result is the same on any
 * number of threads, and the same when the run was killed and taken up again: every `every` steps
 * all that it needs is written to FOLDER/finetune.part (store.h, kind "finetune"), whole or not at
 * all. The file goes when the run is done. See models/language/train.h for the formulas. */
#ifndef PIPELINE_FINETUNE_H
#define PIPELINE_FINETUNE_H

#include "models/language/train.h"
#include "pipeline/encoder_file.h"
#include "pipeline/work.h"

typedef struct finetune_params {
    train_params train;
    double held;        /* share of the texts that is held out, at most 2,000 texts; 0 = none */
    int64_t every;      /* steps between two checkpoints */
    const char *folder; /* made when it is not there */
    bool resume;        /* go on from the checkpoint, when there is one */
    pool *threads;
    progress progress;
} finetune_params;

#define FINETUNE_DEFAULTS ((finetune_params){.train = TRAIN_DEFAULTS, .held = 0.1, .every = 500})

typedef struct finetune_data {
    const slice *texts;   /* [n] */
    const int32_t *label; /* [n] 0 … classes-1 */
    int64_t n;
    int classes;
} finetune_data;

typedef struct finetune_epoch {
    double loss;                     /* mean of the batches, before their steps */
    double held_accuracy, held_loss; /* of the texts held out; 0 without */
} finetune_epoch;

/* Everything lives in s->keep. Scores of a text with unit vector u: reach u weight + bias, softmax
 * of them; with two classes one output, the second class's, and 1 / (1 + e^-z). */
typedef struct finetune_result {
    const char *path; /* the file of the encoder */
    int epochs, best; /* epochs that were run; number of the one that was kept, from 0 on */
    finetune_epoch *epoch;
    int64_t steps, pieces, cut; /* of the fit; pieces of one epoch; texts that were cut off */
    int64_t n_fit, n_held;
    int32_t *held;            /* [n_held] places in the data */
    double *held_probability; /* [n_held, classes] by the weights that were kept */
    int outputs;
    double reach, *weight, *bias; /* weight [wide, outputs], bias [outputs] */
} finetune_result;

/* Refused: parameters that make no sense; a class without a text to learn from; a checkpoint of
 * other texts, labels, encoder or parameters. */
bool finetune_run(const encoder_file *f, const finetune_data *d, const finetune_params *p,
                  finetune_result *r, scope *s, err *e);

/* The learning rate that suits an encoder: 1e-4 up to 6 layers, 5e-5 above. */
double finetune_rate(const encoder_file *f);

#endif
