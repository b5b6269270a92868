/* language_head: what a shop's sentiment is read by: a rung, its parameters, and how it answers.
 *
 *     language_head h = language_head_tuned(w, s, LANGUAGE_RUNGS);     // as step 07 chose
 *     language_vectors_make(w, s, &d, false, &v, e)
 *     sentiment_data fit = language_vectors_pick(&d, &v, first, last, &s->keep, NULL);
 *     language_head_fit(w, &h, &fit, s, &m, e)
 *
 * Vectors count only where the encoder has read every review. Where the time budget leaves some
 * without one (review_vectors.h), or vectors could only be made of word counts, a head has words
 * alone: fitted on vectors for a share of the reviews it reads worse than words, and word counts
 * tell nothing that the words do not. */
#ifndef PIPELINE_LANGUAGE_HEAD_H
#define PIPELINE_LANGUAGE_HEAD_H

#include "models/metrics_class.h"
#include "pipeline/language_data.h"
#include "pipeline/review_vectors.h"

typedef enum language_rung {
    LANGUAGE_WORDS,
    LANGUAGE_VECTORS,
    LANGUAGE_BOTH,
    LANGUAGE_RUNGS
} language_rung;
extern const char *const language_rung_names[LANGUAGE_RUNGS]; /* "words + vectors" */

/* A head as step 07 leaves it: what it reads by and how it answers. */
typedef struct language_head {
    language_rung rung;
    sentiment_params p; /* without folds */
    double temperature, threshold;
    calibrate_band band;
} language_head;

language_head language_head_default(language_rung rung);

/* The rung's head in tune.json, LANGUAGE_RUNGS = the chosen one; its default (of words) where step
 * 07 has not run or did not try that rung. */
language_head language_head_tuned(const work *w, scope *s, language_rung rung);

/* ---- vectors ---- */

typedef struct language_vectors {
    review_vectors of; /* of d->texts; of.v NULL = nobody can read them here */
    review_plan plan;
    const char *why; /* NULL = every review that is read has one; else why the ladder has none */
} language_vectors;

/* What the vectors of the reviews would be; nothing is encoded. Reviews that are not read get no
 * vector. */
void language_vectors_plan(const work *w, scope *s, const language_data *d, language_vectors *v);

/* The same, and the vectors themselves where the ladder reads them (`why` NULL) or, with `part`,
 * also where only some reviews have one. */
bool language_vectors_make(work *w, scope *s, const language_data *d, bool part,
                           language_vectors *v, err *e);

/* language_data_pick with the rows' vectors; without vectors when v is NULL. */
sentiment_data language_vectors_pick(const language_data *d, const language_vectors *v,
                                     language_part first, language_part last, arena *keep,
                                     int32_t **rows);

/* Its name in evaluations: "tf-idf + logistic regression", "tf-idf and gte-small int8 + …". */
const char *language_head_name(const language_head *h, const language_vectors *v, arena *keep);

/* The chosen head, or that of words where its vectors are not there. */
language_head language_head_served(const work *w, scope *s, const language_vectors *v);

/* {"step": "words", "c": …} as JSON in keep. */
slice language_head_json(const language_head *h, arena *keep);

/* The members of metrics_class by their names. */
void language_put_metrics(js *report, const metrics_class *m);

/* ---- fitting ---- */

/* Fits h on the data (vectors of no concern to its rung are passed over); the model answers with
 * h's temperature, threshold and band. */
bool language_head_fit(work *w, const language_head *h, const sentiment_data *data, scope *s,
                       sentiment_model *m, err *e);

/* Probabilities [n, 2] in keep. */
double *language_head_score(work *w, const sentiment_model *m, const sentiment_data *data,
                            scope *s);

#endif
