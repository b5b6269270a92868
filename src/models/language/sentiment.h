/* sentiment: the class of a text: tf-idf rows and the text's vector under a logistic regression.
 *
 *     sentiment_params p = SENTIMENT_DEFAULTS;
 *     sentiment_data d = {texts, label, n, 2, vectors, wide};     // vectors may be NULL
 *     sentiment_fit(&m, &d, p, threads, &s.keep, s.scratch, e)
 *     double *q = sentiment_score(&m, texts, vectors, n, threads, &s.keep, s.scratch);
 *     sentiment_choose(&m, q, n, predicted);
 *
 * Features of a text: its tf-idf row (length 1) beside vector_weight times its vector (length 1).
 * The model holds its vocabulary, so it reads texts it has never seen. See tfidf.h, linear.h and
 * calibrate.h for the formulas.
 *
 * Probabilities are tempered, and with two classes the answer is class 1 when P(1) > threshold: a
 * threshold of 1/2 starves the rarer class, because the penalty draws probabilities to the common
 * one. Both are learnt from answers out of fold (`folds` parts, split by the text): temperature by
 * log loss, threshold where accuracy + macro F1 is largest, and the band in which a careful reader
 * says nothing. The model is then fitted on all rows. */
#ifndef MODELS_LANGUAGE_SENTIMENT_H
#define MODELS_LANGUAGE_SENTIMENT_H

#include "models/language/calibrate.h"
#include "models/language/linear.h"
#include "models/language/tfidf.h"

typedef struct sentiment_params {
    tfidf_params words;
    linear_params line;
    int folds;      /* 2 … 10, to choose temperature, threshold and band; 1: 1, 1/2 and none */
    bool use_words; /* tf-idf rows; without them there must be vectors */
    double vector_weight; /* > 0 */
    double sure;          /* accuracy that answers outside of the band must reach, below 1 */
    int32_t most_terms;   /* keep those of largest |weight| idf sqrt(df) and fit again; 0 = all */
} sentiment_params;

#define SENTIMENT_DEFAULTS                                                                         \
    ((sentiment_params){TFIDF_DEFAULTS, {10, false, 100, 1e-4}, 3, true, 3, 0.95, 0})

typedef struct sentiment_data {
    const slice *texts;   /* [n] */
    const int32_t *label; /* [n] 0 … classes-1 */
    int64_t n;
    int classes;
    const float *vectors; /* [n, wide] of length 1, or NULL */
    int32_t wide;
} sentiment_data;

typedef struct sentiment_model {
    tfidf_model words; /* no terms when words are not used */
    linear_model line;
    bool use_words;
    double temperature;  /* 1 = as the regression says */
    double threshold;    /* two classes only */
    calibrate_band band; /* two classes only */
} sentiment_model;

/* NULL, or the reason why the parameters make no sense. */
const char *sentiment_check(sentiment_params p);

/* Bytes that fit and score may take, of keep and of scratch each. */
size_t sentiment_memory(const sentiment_data *d, sentiment_params p);

/* The model lives in keep. Refused: bad parameters; as by tfidf_fit and linear_fit. */
bool sentiment_fit(sentiment_model *m, const sentiment_data *d, sentiment_params p, pool *threads,
                   arena *keep, arena scratch, err *e);

/* Probabilities [n, classes] in keep; vectors [n, m->line.wide], or NULL for a model without. A
 * text without a known word and with a vector of zeros gets the intercept's answer. */
double *sentiment_score(const sentiment_model *m, const slice *texts, const float *vectors,
                        int64_t n, pool *threads, arena *keep, arena scratch);

/* Temperature, threshold and band from untempered scores [n, classes] of rows that the model was
 * not fitted on; with fewer than 50 rows of a class, all stay as they are. */
void sentiment_calibrate(sentiment_model *m, const double *probability, const int32_t *label,
                         int64_t n, double sure, arena scratch);

/* The answers -> predicted [n]. */
void sentiment_choose(const sentiment_model *m, const double *probability, int64_t n,
                      int32_t *predicted);

/* A number in [0, 1) that depends on the text (spaces at its ends aside) and the salt alone: splits
 * by it are stable and never part equal texts. */
double sentiment_place(slice from, uint64_t salt);

#endif
