/* sentiment_file: a sentiment model with the names of its classes and the name of its encoder, as a
 * model file.
 *
 * A model is a file, or a folder with sentiment.atm in it. A model that reads vectors knows the
 * encoder they come from by name and hash, and refuses another one: vectors of different weights
 * mean different things.
 *
 *     sentiment_file f;
 *     encoder_file encoder;
 *     sentiment_file_open(&f, "model", s, e) && sentiment_file_encoder(&f, NULL, &encoder, s, e)
 *
 * Arrays (store.h, kind "sentiment"): texts `class`, `term` and `encoder` (name, hash, precision;
 * none without vectors); df I32 [terms, 1]; weight and bias F32 [features, outputs] and [outputs,
 * 1]; settings F64 [1, SENTIMENT_SETTINGS] in the order of the enum in sentiment_file.c. */
#ifndef PIPELINE_SENTIMENT_FILE_H
#define PIPELINE_SENTIMENT_FILE_H

#include "models/language/sentiment.h"
#include "pipeline/encoder_file.h"

typedef struct sentiment_file {
    sentiment_model model;
    const slice *classes; /* [model.line.classes]; with two, the second is the positive one */
    slice encoder;        /* what --encoder takes, "./…" = beside the model; empty: no vectors */
    slice encoder_hash;   /* first 16 digits of encoder_file.hash */
    slice precision;      /* of the vectors it was fitted on: fp32 or int8 */
    bool english;         /* fitted on English: texts in other languages are not for it */
    const char *folder;   /* where the file lies, for encoders beside it; NULL = in the program */
} sentiment_file;

/* Saves to path when it ends in .atm, else into the folder path (made when it is not there). The
 * file appears whole or not at all. */
bool sentiment_file_save(const sentiment_file *f, const char *path, scope *s, err *e);

/* A file or a folder. The model lives as long as s. */
bool sentiment_file_open(sentiment_file *f, const char *path, scope *s, err *e);

/* The head that the program carries, learnt from SST-2 (share/heads): with vectors of gte-small, or
 * of words alone. Classes negative and positive. */
bool sentiment_file_ready(sentiment_file *f, bool vectors, scope *s, err *e);

/* The encoder that f's vectors come from, at f's precision. Refused with a sentence when its
 * weights are not there or are others than those that f was fitted with. */
bool sentiment_file_encoder(const sentiment_file *f, const char *weights, encoder_file *encoder,
                            scope *s, err *e);

#endif
