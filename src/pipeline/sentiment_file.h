/* sentiment_file: a sentiment model with the names of its classes, as a model file.
 *
 * Arrays (store.h, kind "sentiment"): texts `class` and `term`; df I64 [terms, 1]; weight F64
 * [features, outputs]; bias F64 [outputs, 1]; settings F64 [1, 9]: texts of the fit, min_n, max_n,
 * min_letters, min_df, max_share, sublinear, l2, threshold. */
#ifndef PIPELINE_SENTIMENT_FILE_H
#define PIPELINE_SENTIMENT_FILE_H

#include "models/language/sentiment.h"

typedef struct sentiment_file {
    sentiment_model model;
    const slice *classes; /* [model.line.classes]; with two, the second is the positive one */
} sentiment_file;

/* The file appears whole or not at all. */
bool sentiment_file_save(const sentiment_file *f, const char *path, scope *s, err *e);

/* The model points into the mapped file and lives as long as s. */
bool sentiment_file_open(sentiment_file *f, const char *path, scope *s, err *e);

#endif
