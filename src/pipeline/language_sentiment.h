/* language_sentiment: language.json and the table review_sentiment of step 09.
 *
 * {"schema": "atelier.language/1", "reviews": n, "label": rule or why there is none,
 *  "head": "learnt from this shop's reviews" | "learnt from film reviews (SST-2)",
 *  "maker": of the vectors or null, "note": words or null,
 *  "all": {"n", "positive_share", "low", "high"},
 *  "sentiment_by_category": [{"category", "n", "positive_share", "low", "high"}],
 *  "trend": [{"month": "2020-01", "n", "positive_share", "low", "high"}],
 *  "words": {"positive": [{"word", "weight", "reviews"}], "negative": [...]},
 *  "examples": [{"category", "text", "label", "positive"}],
 *  "ladder", "chosen", "why", "thresholds": as in tune.json (language_ladder.h),
 *  "unread": {"empty", "signs", "other_language", "languages": [{"language", "reviews"}]}}
 * Shares count the reviews' own labels; reviews without one are read (language_reading.h), and
 * those that have no label and are not read count nowhere. Intervals are Wilson's, 95 %. Examples
 * are the labelled reviews that are read most surely against their label: stars and words that
 * disagree.
 *
 * review_sentiment, one row a review: review, language (NULL = cannot be told), positive (NULL
 * where not read), sentiment (negative, uncertain, positive, unread). */
#ifndef PIPELINE_LANGUAGE_SENTIMENT_H
#define PIPELINE_LANGUAGE_SENTIMENT_H

#include "pipeline/language_head.h"

/* Writes both into f, and a few numbers into the report. */
bool language_sentiment_insight(work *w, folder *f, scope *s, const language_data *d,
                                const review_vectors *v, js *report, err *e);

#endif
