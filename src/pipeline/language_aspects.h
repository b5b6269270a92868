/* language_aspects: the aspects that reviews speak of: plain English texts, mentions, tiles.
 *
 * The words are English: a text in another language has no mentions, nor has one that is empty or
 * of signs alone; they are counted. A clause that names an aspect without an opinion ("I noticed
 * the fabric") is shown to a head of sentiment, which says good or bad where it is sure enough.
 *
 * Table review_aspects (one row a mention, by review and place): review, aspect, polarity
 * (positive, neutral, negative), direction (of size: small, true, large; of length: short, long;
 * else NULL), sure (the rules decided), evidence (the clause).
 *
 * aspects.json:
 * {"schema": "atelier.aspects/1", "maker", "note", "reviews", "clauses",
 *  "aspects": [{"aspect", "title", "mentions", "reviews", "positive", "neutral", "negative",
 *               "positive_share", "low", "high",
 *               "by_category": [{"category", "mentions", "positive", "negative",
 *                                "positive_share", "low", "high"}],
 *               "by_month": [{"month", the same}],
 *               "quotes": [{"review", "polarity", "text"}]}],
 *  "size": {"small", "true", "large", "by_category": [{"category", the same}]},
 *  "length": {"short", "long", "by_category"}}
 * The share is positive mentions of positive and negative ones, its interval Wilson's. The 12
 * largest categories; three quotes of each polarity at most, of different articles. */
#ifndef PIPELINE_LANGUAGE_ASPECTS_H
#define PIPELINE_LANGUAGE_ASPECTS_H

#include "models/language/aspects.h"
#include "pipeline/language_data.h"
#include "pipeline/review_text.h"
#include "pipeline/review_vectors.h"
#include "pipeline/sentiment_file.h"

/* Which texts are read: the plain ones, p NULL where a text has no words or is not English; [n] in
 * keep. */
typedef struct aspects_texts {
    int64_t n, empty, other_language;
    slice *plain; /* [n] */
} aspects_texts;
aspects_texts language_aspects_texts(const review_text *t, arena *keep);

/* The clauses of mentions that are not sure, and the mentions' numbers. */
typedef struct aspects_open_clauses {
    int64_t n;
    slice *clause;    /* [n] */
    int64_t *mention; /* [n] */
} aspects_open_clauses;
aspects_open_clauses language_aspects_unsure(const aspects_found *found, const aspects_texts *t,
                                             arena *keep);

/* Decides them by a head of two classes; vectors of the clauses, or NULL for a head of words. */
void language_aspects_decide(aspects_found *found, const aspects_open_clauses *open,
                             const sentiment_model *head, const float *vectors, pool *threads,
                             scope *s);

/* The direction of a mention as tables have it: small, true, large; short, long; or empty. */
const char *language_aspects_way(const aspects_mention *m);

/* Writes aspects.json and the table review_aspects into f, a few numbers into the report; the
 * reviews' vectors are of no use here. */
bool language_aspects_insight(work *w, folder *f, scope *s, const language_data *d,
                              const review_vectors *v, js *report, err *e);

#endif
