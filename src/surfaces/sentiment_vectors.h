/* sentiment_vectors: vectors beside the texts of the sentiment verb: which encoder, and from where.
 *
 * --encoder auto takes gte-small where its weights are and no encoder elsewhere, and says which;
 * a saved model takes the encoder that it was fitted with, or is refused. */
#ifndef SURFACES_SENTIMENT_VECTORS_H
#define SURFACES_SENTIMENT_VECTORS_H

#include "pipeline/sentiment_file.h"
#include "surfaces/sentiment_texts.h"

#define SENTIMENT_VECTOR_OPTIONS                                                                   \
    {"encoder", OPTION_TEXT, "NAME",                                                               \
     "with --fit: gte-small, minilm, a folder, or none (auto: gte-small where its weights are)",   \
     .value = "auto"},                                                                             \
    {"precision", OPTION_CHOICE, "fp32|int8|fast",                                                 \
     "with --fit: of the vectors; fast = int8 where the processor is quick at it, else fp32",      \
     .value = "fast"},                                                                             \
    {"weights", OPTION_TEXT, "DIR", "folder of the known encoders (default: as for embed)"},       \
    {"cache", OPTION_TEXT, "DIR",                                                                  \
     "where vectors are kept for the next run (default: .vectors beside --out or --model; none)"}

typedef struct sentiment_vectors {
    float *rows; /* [texts, wide], NULL = none */
    int32_t wide;
} sentiment_vectors;

/* Encodes the texts by --encoder and writes into f which encoder it was. */
bool sentiment_vectors_for_fit(const args *a, bench *b, const sentiment_texts *t,
                               sentiment_vectors *v, sentiment_file *f, scope *s, js *out, err *e);

/* Settles which texts are read and encodes them for the model f; without a model (given = false) f
 * becomes the ready head, of words alone where the weights are not there. */
bool sentiment_vectors_for_reading(const args *a, bench *b, sentiment_texts *t, bool given,
                                   sentiment_vectors *v, sentiment_file *f, scope *s, js *out,
                                   err *e);

/* Encodes the settled texts by the encoder that f names. */
bool sentiment_vectors_of_model(const args *a, bench *b, const sentiment_texts *t,
                                sentiment_vectors *v, const sentiment_file *f, scope *s, js *out,
                                err *e);

/* sentiment_texts_pick with the rows' vectors. */
sentiment_data sentiment_vectors_pick(const sentiment_vectors *v, const sentiment_texts *t,
                                      double from, double to, arena *keep);

#endif
