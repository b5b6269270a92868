/* topics_file: topics with the maker of their vectors, as a model file: new texts find their topic.
 *
 * Arrays (store.h, kind "topics"): texts `label` and `word` [k] (words by spaces); turn F32 [wide,
 * dims]; shift F32 [1, dims]; centre F32 [k, dims]; edge F64 [k, 1]; text `encoder` [2]: name as
 * given and hash of its file, both empty when the vectors are tf-idf and truncated SVD. Then also:
 * texts `term`; df I64 [terms, 1]; basis F32 [terms, wide]; settings F64 [1, 9]: 1 when units are
 * sentences, texts of the fit, min_n, max_n, min_letters, min_df, max_share, sublinear, l2. */
#ifndef PIPELINE_TOPICS_FILE_H
#define PIPELINE_TOPICS_FILE_H

#include "models/language/lsa.h"
#include "models/language/tfidf.h"
#include "models/language/topics.h"

typedef struct topics_file {
    topics_model model;         /* without what belongs to the texts of the fit */
    bool by_sentence;
    const slice *labels, *words; /* [model.k] */
    slice encoder, hash;         /* empty: the two below made the vectors */
    tfidf_model terms;
    lsa_model lsa;
} topics_file;

/* The file appears whole or not at all. */
bool topics_file_save(const topics_file *f, const char *path, scope *s, err *e);

/* The model lives as long as s. */
bool topics_file_open(topics_file *f, const char *path, scope *s, err *e);

#endif
