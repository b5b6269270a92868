/* language_data: the shop's reviews as texts with labels, split into train, valid and test.
 *
 * Label: the `recommended` flag where at least half of the reviews have one, else the rating
 * (4 and 5 positive, 1 and 2 negative, 3 left out). Text: title and review, without HTML. Reviews
 * that are not read (review_text.h) are in no part. Split: by the windows
 * of the run where at least nine in ten reviews have a day and every window has enough reviews of
 * both kinds; else by a hash of the text, 60 : 20 : 20, so that the split never moves. A text that
 * occurs in an earlier part is taken out of the later ones. Of more than 100,000 labelled reviews
 * in a part, so many are chosen by a hash of the text. */
#ifndef PIPELINE_LANGUAGE_DATA_H
#define PIPELINE_LANGUAGE_DATA_H

#include "models/language/sentiment.h"
#include "pipeline/review_text.h"
#include "pipeline/work.h"

typedef enum language_part {
    LANGUAGE_TRAIN,
    LANGUAGE_VALID,
    LANGUAGE_TEST,
    LANGUAGE_PARTS
} language_part;

typedef struct language_data {
    int64_t n;
    int32_t *review;  /* [n] its number */
    int32_t *article; /* [n] or -1 */
    int32_t *rating;  /* [n] or 0 */
    slice *texts;    /* [n] title, line feed, text: plain */
    slice *words;    /* [n] the text alone: plain */
    review_text read; /* of the texts: language, what is not read and why */
    slice *category; /* [n] empty when unknown */
    int32_t *label;  /* [n] 1 positive, 0 negative, -1 unknown */
    int32_t *day;    /* [n] or INT32_MIN */
    int32_t *part;   /* [n] language_part, -1 = in none */
    int64_t labelled, in_part[LANGUAGE_PARTS]; /* labelled reviews, all and by part */
    bool by_recommended, by_time;
    const char *rule, *split; /* in words, for reports */
    const char *skip;         /* NULL, or why nothing can be learnt from these reviews */
} language_data;

/* Everything in s->keep. */
bool language_data_read(const work *w, scope *s, language_data *d, err *e);

/* The labelled reviews of parts first … last, in s->keep; rows (may be NULL) gets their numbers. */
sentiment_data language_data_pick(const language_data *d, language_part first, language_part last,
                                  arena *keep, int32_t **rows);

/* The label of one review by the rule in use; -1 = none. */
int32_t language_label(bool by_recommended, int32_t rating, int32_t recommended);

#endif
