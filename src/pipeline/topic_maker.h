/* topic_maker: vectors of sentences for topics: by an encoder, or by tf-idf and truncated SVD, and
 * what a study of topics says as JSON. */
#ifndef PIPELINE_TOPIC_MAKER_H
#define PIPELINE_TOPIC_MAKER_H

#include "base/json.h"
#include "models/language/topic_study.h"
#include "pipeline/topics_file.h"

/* Fits f->terms and f->lsa on the units -> vectors [n, f->lsa.wide] in s->keep; NULL when refused.
 * One word in two units or more is a term; stop words have no weight. */
float *topic_maker_learn(topics_file *f, const topic_units *u, uint64_t seed, pool *threads,
                         scope *s, err *e);

/* Vectors of other units by the same maker. */
float *topic_maker_apply(const topics_file *f, const topic_units *u, pool *threads, scope *s);

/* Members id, label, words, reviews, share, low, high, npmi and quotes of topic t into an open
 * object. reviews counts the texts that speak of it, share is of all n texts read; quotes name
 * their text by id[text]. */
void topic_put(js *out, const topic_study *study, const topic_units *u, int t, int64_t n,
               const int64_t *id, arena scratch);

/* Labels and words of a study in their places of f. */
void topic_name(topics_file *f, const topic_study *study, arena *keep);

#endif
