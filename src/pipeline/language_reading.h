/* language_reading: how every review of the shop sounds: the probability that it is positive.
 *
 * Where the reviews have labels to learn from, the head that step 07 chose reads them. A labelled
 * review is read out of fold: by a head fitted on the other four fifths (by a hash of the text,
 * equal texts together), so that no head has seen what it reads; reviews without a label are read
 * by the head of all labelled ones. Without labels the head that the program carries reads them,
 * which learnt from film reviews. Reviews that are not read (review_text.h) have NaN.
 *
 *     language_reading r;
 *     language_reading_make(w, s, &d, &r, e)
 *     if (r.skip) say(r.skip); */
#ifndef PIPELINE_LANGUAGE_READING_H
#define PIPELINE_LANGUAGE_READING_H

#include "pipeline/language_head.h"
#include "pipeline/sentiment_file.h"

typedef struct language_reading {
    const char *skip;  /* NULL, or why nobody can read these reviews */
    bool ready;        /* by the head that the program carries */
    const char *reads; /* "words", "words + vectors" */
    const char *maker; /* of the vectors, or NULL */
    const char *note;  /* in words, of the ready head; or NULL */
    sentiment_file file; /* the head of all labelled reviews, or the ready one: to be published */
    double *positive;  /* [n] */
    int64_t read, uncertain; /* reviews */
} language_reading;

/* Everything in s->keep. */
bool language_reading_make(work *w, scope *s, const language_data *d, language_reading *r, err *e);

/* The head alone, without reading: positive is NULL. */
bool language_reading_head(work *w, scope *s, const language_data *d, language_reading *r, err *e);

/* "negative", "uncertain", "positive" by the band; "unread" for NaN. */
const char *language_reading_word(const language_reading *r, double positive);

/* What a shop without labels is told. */
extern const char language_ready_note[];

#endif
