/* sentiment_texts: the texts of a table with their labels, as the sentiment verbs read them.
 *
 * Columns are named by the asker (--text, --title, --label) or found by their headers. When --text
 * names the texts, nothing but what is named is read as text: a title counts only if it is named.
 * Labels: the named column; else `label`, `recommended`, `rating`, whichever comes first. A column
 * of whole numbers 1 to 5 is a rating: 4 and 5 are positive, 1 and 2 negative, and 3 is left out,
 * or is the class neutral when three classes are asked for. */
#ifndef SURFACES_SENTIMENT_TEXTS_H
#define SURFACES_SENTIMENT_TEXTS_H

#include "models/language/sentiment.h"
#include "surfaces/verbs.h"

typedef struct sentiment_asked {
    const char *in, *map;           /* map may be NULL */
    const char *text, *title, *label; /* headers, or NULL */
    const char *target;   /* auto, or the column that is meant when several are there */
    const char *classes;  /* of ratings: auto, 2, 3 or all */
    const char *positive; /* name of the positive one of two classes, or NULL = the last */
} sentiment_asked;

typedef enum sentiment_reading {
    SENTIMENT_READ,    /* has words that can be read */
    SENTIMENT_EMPTY,   /* nothing, or spaces */
    SENTIMENT_SIGNS,   /* no word: only signs or emoji */
    SENTIMENT_FOREIGN, /* not English, and the model is */
    SENTIMENT_READINGS
} sentiment_reading;
extern const char *const sentiment_readings[SENTIMENT_READINGS]; /* in words */

typedef struct sentiment_texts {
    int64_t n;
    const int64_t *line;
    slice *text;     /* [n] title, line feed, text; or the text; HTML is away */
    slice *alone;    /* [n] without the title: what splits go by */
    uint8_t *reading; /* [n] sentiment_reading */
    int64_t count[SENTIMENT_READINGS];
    int32_t *label;  /* [n] -1 = unknown */
    const slice *classes;
    int n_classes;
    const char *target; /* which column said the labels, NULL = none */
} sentiment_texts;

/* Everything in s->keep; counts of rows go to out and to stderr. Then the verb says whether its
 * model is English. */
bool sentiment_texts_read(const sentiment_asked *ask, bench *b, scope *s, sentiment_texts *t,
                          js *out, err *e);

/* True when at least half of the texts that have words are not told to be in another language. */
bool sentiment_texts_english(const sentiment_texts *t);

/* For a model that is not English no text is foreign. Counts go to out ("texts") and to stderr. */
void sentiment_texts_settle(sentiment_texts *t, bool english, js *out);

/* The readable labelled rows whose place in the split lies in [from, to); rows (may be NULL) gets
 * their numbers. */
sentiment_data sentiment_texts_pick(const sentiment_texts *t, double from, double to, arena *keep,
                                    int32_t **rows);

/* Labels of t in the numbers of other class names; a class that is not among them is unknown. Two
 * classes of which neither is known by name are taken in order: 0 is negative, 1 positive. */
void sentiment_texts_rename(sentiment_texts *t, const slice *classes, int n);

#endif
