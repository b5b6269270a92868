/* tfidf: texts as sparse rows of weighted word n-grams.
 *
 * A word is a run of letters, digits and inner apostrophes, lower-cased (Latin, Greek, Cyrillic);
 * a gram is min_n … max_n neighbouring words joined by a space. With n texts and df(g) the number
 * of texts that hold gram g,
 *
 *     idf(g) = ln((1 + n) / (1 + df(g))) + 1,    value = tf(g) idf(g),    row / |row|_2
 *
 * where tf is the count of the gram in the text, or 1 + ln(count) when sublinear. The vocabulary is
 * kept word for word (no hashing into buckets), in the order of first appearance.
 *
 *     tfidf_params p = TFIDF_DEFAULTS;
 *     tfidf_fit(&m, texts, n, p, &s.keep, s.scratch, e)
 *     sparse x = tfidf_rows(&m, texts, n, threads, &s.keep);
 *
 * Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval" (1988);
 * smoothing as scikit-learn's TfidfVectorizer. */
#ifndef MODELS_LANGUAGE_TFIDF_H
#define MODELS_LANGUAGE_TFIDF_H

#include "base/pool.h"
#include "base/sparse.h"
#include "base/text.h"

enum { TFIDF_TEXT_LIMIT = 1 << 16 }; /* bytes of one text that are read; the rest is ignored */

typedef struct tfidf_params {
    int min_n, max_n;  /* words a gram, 1 … 5 */
    int min_letters;   /* shorter words (in characters) are passed over */
    int min_df;        /* texts that a gram must be in */
    double max_share;  /* of the texts that a gram may be in */
    bool sublinear, l2;
} tfidf_params;

#define TFIDF_DEFAULTS ((tfidf_params){1, 2, 2, 2, 1.0, true, true})

typedef struct tfidf_model {
    tfidf_params p;
    int64_t texts; /* n of the fit */
    int32_t terms;
    slice *term;  /* [terms] */
    int64_t *df;  /* [terms] */
    double *idf;  /* [terms] */
    int32_t *slot; /* [slots] open addressing: a term + 1, 0 = free */
    int64_t slots; /* a power of two */
} tfidf_model;

/* NULL, or the reason why the parameters make no sense. */
const char *tfidf_check(tfidf_params p);

/* Bytes that tfidf_fit may take of keep and of scratch, and tfidf_rows of keep, at most. */
size_t tfidf_memory(const slice *texts, int64_t n, tfidf_params p);

/* The model lives in keep. Refused: parameters that make no sense; no gram left. */
bool tfidf_fit(tfidf_model *m, const slice *texts, int64_t n, tfidf_params p, arena *keep,
               arena scratch, err *e);

/* A model from its stored parts (term, df and their count set): fills idf and the lookup. */
void tfidf_open(tfidf_model *m, arena *keep);

/* The terms t with keep[t] alone, in their order; lengths of rows are then of those alone. */
void tfidf_prune(tfidf_model *m, const uint8_t *keep, arena *to);

/* One row a text, columns = terms, in keep; a text without known grams is an empty row. */
sparse tfidf_rows(const tfidf_model *m, const slice *texts, int64_t n, pool *threads, arena *keep);

/* The number of a gram, or -1. */
int32_t tfidf_find(const tfidf_model *m, slice gram);

/* Words of a text, lower-cased and joined by single spaces, into out (from.n + 1 bytes, at most
 * TFIDF_TEXT_LIMIT + 1). Returns the bytes written. */
size_t tfidf_words(slice from, int min_letters, char *out);

#endif
