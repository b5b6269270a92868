/* topic_study: topics of texts from end to end: units, clusters, words, quality, quotes.
 *
 * Units are what is clustered: the sentences of the texts, or the texts themselves. Words and
 * coherence are always judged on whole texts. A text speaks of every topic that one of its units
 * is in; its main topic is the one with the largest sum of similarities (ties: the smaller one).
 *
 * Of four clusterings the one with the largest coherence x diversity wins, diversity being that of
 * the words before each gets one topic alone, so that splitting one topic in two does not pay. A
 * topic's words are the ten of its twenty that go best together (coherence_choose). A number of
 * topics that is not asked for is the one, up to 20, on which halves of the units agree most
 * (topic_number.h).
 *
 *     topic_units u = topic_units_of(texts, n, true, &s->keep);
 *     … vectors of u.text …
 *     topic_study_data d = {.texts = texts, .n = n, .units = &u, .vectors = v, .wide = wide};
 *     topic_study_fit(&study, &d, p, threads, &s->keep, s->scratch, e) */
#ifndef MODELS_LANGUAGE_TOPIC_STUDY_H
#define MODELS_LANGUAGE_TOPIC_STUDY_H

#include "models/language/coherence.h"
#include "models/language/topic_words.h"
#include "models/language/topics.h"

enum { TOPIC_WORDS = 10, TOPIC_QUOTES = 3 };

typedef struct topic_units {
    int64_t n;
    slice *text;    /* [n], pointing into the texts */
    int32_t *owner; /* [n] the text that it is of, ascending */
} topic_units;

/* by_sentence: sentences.h; else each text that is not empty is one unit. At most 1,000 a text. */
topic_units topic_units_of(const slice *texts, int64_t n, bool by_sentence, arena *keep);

typedef struct topic_study_data {
    const slice *texts; /* [n]; p NULL = left out */
    int64_t n;
    const topic_units *units;
    const float *vectors; /* [units->n, wide] */
    int wide;
    const double *aside;  /* [n] of the texts; NAN unknown; or NULL */
    const float *seeds;   /* [n_seeds, wide] */
    int n_seeds;
    int min_texts;        /* topic_words.h; 0 = by n */
} topic_study_data;

typedef struct topic_study {
    topics_model model;    /* label and similarity are by unit */
    topic_counts counts;
    topic_words words;
    coherence quality;     /* of the words */
    double agreement;      /* of halves on the number of topics that was chosen; 0 = asked for */
    int32_t *main;         /* [n] main topic of each text, -1 = none */
    float *similarity;     /* [n] largest cosine of its units in that topic */
    uint8_t *outlier;      /* [n] that similarity is below the topic's edge */
    uint8_t *in;           /* [n, k] the text has a unit in the topic */
    int64_t *texts;        /* [k] texts that speak of it */
    int64_t *mains;        /* [k] texts whose main topic it is */
    int64_t *quote;        /* [k, TOPIC_QUOTES] units nearest to the centre; -1 past the last */
} topic_study;

/* Bytes of keep and of scratch (each). */
size_t topic_study_memory(const topic_study_data *d, topics_params p);

/* p.k 0 = chosen. The study lives in keep. Refused as by topics_fit and topic_counts_make. */
bool topic_study_fit(topic_study *out, const topic_study_data *d, topics_params p, pool *threads,
                     arena *keep, arena scratch, err *e);

/* Main topics of texts from the topics of their units: main [n], similarity [n]. */
void topic_mains(const topic_units *u, const int32_t *topic, const float *similarity, int k,
                 int64_t n, int32_t *main, float *best, arena scratch);

/* The best three words, by ", ". */
char *topic_label(const tfidf_model *vocabulary, const topic_words *w, int topic, arena *keep);

#endif
