/* topic_words: the words that set topics apart, by class-based tf-idf; every word in one topic.
 *
 * With A[t][w] the count of word w in topic t, f(w) its count in all topics and avg the mean number
 * of words a topic,
 *
 *     weight(t, w) = sqrt(A[t][w] / sum_w A[t][w])
 *                    x ln(1 + max(0, (avg - f(w) + 1/2) / (f(w) + 1/2)))
 *
 * A word is listed only in the topic where its weight is largest (ties: the smaller topic), and
 * only if it comes 3 times there in so many units as 100 texts have: rarer ones do not speak for
 * the topic. Taken are words of two letters or more that are in at least min_texts texts and are no
 * English stop word. A plural counts as its singular where both occur ("dresses" as "dress"), under
 * the more frequent form.
 *
 *     topic_counts_make(&c, texts, n, 0, &s.keep, s.scratch, e)
 *     sparse units = topic_counts_rows(&c, unit, n_units, threads, &s.keep);
 *     sparse whole = topic_counts_gather(&units, owner, n, &s.keep);     // for coherence.h
 *
 * Source: Grootendorst, "BERTopic: neural topic modeling with a class-based TF-IDF procedure"
 * (2022); the weight of BM25 in place of its idf. */
#ifndef MODELS_LANGUAGE_TOPIC_WORDS_H
#define MODELS_LANGUAGE_TOPIC_WORDS_H

#include "base/pool.h"
#include "models/language/tfidf.h"

/* The words that are counted. */
typedef struct topic_counts {
    tfidf_model model;
    uint8_t *taken;    /* [terms] may be listed */
    int32_t *form;     /* [terms] the form that the word counts as, often itself */
    double texts;      /* that are not empty, as a number */
} topic_counts;

/* English words that speak of nothing ("the", "didn't"), in lower case. */
bool topic_word_is_stop(slice word);

/* Bytes of keep and of scratch (each) that topic_counts_make may take. */
size_t topic_counts_memory(const slice *texts, int64_t n);

/* texts: what pairs of words are looked for in (whole reviews). min_texts 0 = by the number of
 * texts: n / 500, in 2 … 10. Refused: no word is left. */
bool topic_counts_make(topic_counts *c, const slice *texts, int64_t n, int min_texts, arena *keep,
                       arena scratch, err *e);

/* How often each word is in each unit, plurals folded; in keep. */
sparse topic_counts_rows(const topic_counts *c, const slice *texts, int64_t n, pool *threads,
                         arena *keep);

/* The sums of the rows of each owner 0 … n-1 (ascending): counts by text; in keep. */
sparse topic_counts_gather(const sparse *units, const int32_t *owner, int64_t n, arena *keep);

typedef struct topic_words {
    int k, m;
    int32_t *word;    /* [k, m] terms, best first; -1 past the last */
    double *weight;   /* [k, m] */
    double diversity; /* of the m best words of each topic before each word got one topic */
} topic_words;

/* units: counts by unit (of topic_counts_rows); topic[unit] 0 … k-1, or -1 = in none. */
topic_words topic_words_of(const topic_counts *c, const sparse *units, const int32_t *topic,
                           int k, int m, arena *keep, arena scratch);

#endif
