/* sentiment: the class of a text: tf-idf rows under a logistic regression.
 *
 *     sentiment_params p = SENTIMENT_DEFAULTS;
 *     sentiment_data d = {texts, label, n, 2};
 *     sentiment_fit(&m, &d, p, threads, &s.keep, s.scratch, e)
 *     double *q = sentiment_score(&m, texts, n, threads, &s.keep, s.scratch);   // [n, classes]
 *     sentiment_choose(&m, q, n, predicted);
 *
 * The model holds its vocabulary, so it reads texts it has never seen. See tfidf.h and linear.h for
 * the formulas. With two classes the answer is class 1 when P(1) > threshold. A threshold of 1/2
 * starves the rarer class, because the penalty draws probabilities to the common one; so it is
 * chosen where accuracy + macro F1 is largest on answers out of fold (`folds` parts, split by the
 * text), and the model is then fitted on all rows. */
#ifndef MODELS_LANGUAGE_SENTIMENT_H
#define MODELS_LANGUAGE_SENTIMENT_H

#include "models/language/linear.h"
#include "models/language/tfidf.h"

typedef struct sentiment_params {
    tfidf_params words;
    linear_params line;
    int folds; /* 2 … 10, to choose the threshold; 1: it is 1/2 */
} sentiment_params;

#define SENTIMENT_DEFAULTS ((sentiment_params){TFIDF_DEFAULTS, {10, false, 100, 1e-4}, 3})

typedef struct sentiment_data {
    const slice *texts;   /* [n] */
    const int32_t *label; /* [n] 0 … classes-1 */
    int64_t n;
    int classes;
} sentiment_data;

typedef struct sentiment_model {
    tfidf_model words;
    linear_model line;
    double threshold; /* two classes only */
} sentiment_model;

/* Bytes that fit and score may take, of keep and of scratch each, for n texts. */
size_t sentiment_memory(const slice *texts, int64_t n, int classes, sentiment_params p);

/* The model lives in keep. Refused as by tfidf_fit and linear_fit. */
bool sentiment_fit(sentiment_model *m, const sentiment_data *d, sentiment_params p, pool *threads,
                   arena *keep, arena scratch, err *e);

/* Probabilities [n, classes] in keep. A text without a known word gets the intercept's answer. */
double *sentiment_score(const sentiment_model *m, const slice *texts, int64_t n, pool *threads,
                        arena *keep, arena scratch);

/* The answers -> predicted [n]. */
void sentiment_choose(const sentiment_model *m, const double *probability, int64_t n,
                      int32_t *predicted);

/* A number in [0, 1) that depends on the text (spaces at its ends aside) and the salt alone: splits
 * by it are stable and never part equal texts. */
double sentiment_place(slice from, uint64_t salt);

#endif
