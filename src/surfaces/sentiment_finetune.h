/* sentiment_finetune: --fit --fine-tune of the sentiment verb: a model with its own encoder. */
#ifndef SURFACES_SENTIMENT_FINETUNE_H
#define SURFACES_SENTIMENT_FINETUNE_H

#include "pipeline/sentiment_file.h"
#include "surfaces/sentiment_texts.h"

#define SENTIMENT_FINETUNE_OPTIONS                                                                 \
    {"fine-tune", OPTION_FLAG, NULL,                                                               \
     "with --fit: move the encoder's own weights too; much slower (docs/finetuning.md)"},          \
    {"epochs", OPTION_INT, "N", "of fine-tuning: passes over the texts", .value = "2", .low = 1,   \
     .high = 100},                                                                                 \
    {"learning-rate", OPTION_REAL, "R",                                                            \
     "of fine-tuning (default: 1e-4 for encoders of up to 6 layers, else 5e-5)", .low = 1e-8,      \
     .high = 0.1},                                                                                 \
    {"batch", OPTION_INT, "N", "of fine-tuning: texts a step", .value = "16", .low = 1,            \
     .high = 256},                                                                                 \
    {"resume", OPTION_FLAG, NULL, "go on with a fine-tuning that was killed"}

/* Learns from the readable labelled texts outside of --holdout and writes encoder.atm and
 * sentiment.atm into the folder --model; f is that model. Temperature, threshold and band come from
 * the texts that fine-tuning held out itself. */
bool sentiment_finetune(const args *a, bench *b, const sentiment_texts *t, sentiment_file *f,
                        scope *s, js *out, err *e);

#endif
