/* language_topics: what the shop's reviews speak of: topics.json and the table review_topics.
 *
 * Units are sentences where the time budget has room for their vectors (a quarter of it; without an
 * encoder always), else whole reviews with the vectors that are there; stars are put aside
 * (topics.h), and the number of topics is chosen (topic_study.h).
 *
 * topics.json: {"schema": "atelier.topics/1", "maker", "note", "unit": "sentence" | "review",
 *  "reviews": n read, "in_no_topic", "outliers", "k", "npmi", "diversity",
 *  "topics": [{"id", "label", "words": [{"word", "weight"}], "reviews", "share", "low", "high",
 *              "npmi", "quotes": [{"review", "text", "similarity"}],
 *              "positive_share", "positive_low", "positive_high", "rating",
 *              "categories": [{"category", "reviews", "share", "low", "high"}],
 *              "months": [{"month", "reviews", "share", "low", "high"}]}],
 *  "drift": {"window", "distance", "verdict", "rising": [id]} or null}
 * A review counts for every topic that one of its sentences is in, so shares add up to more than 1;
 * share is of the reviews read, by category of the category's, by month of the month's. Positive
 * shares are of the reviews with a label. Drift compares main topics of the last 91 days with those
 * before; rising are topics whose share grew, the 95 % interval of the difference above 0, where
 * the mix as a whole moved. Undated reviews have no months, and drift is null.
 *
 * review_topics: review, topic (main; NULL = none), label, similarity, outlier (0 or 1). */
#ifndef PIPELINE_LANGUAGE_TOPICS_H
#define PIPELINE_LANGUAGE_TOPICS_H

#include "pipeline/language_data.h"
#include "pipeline/review_vectors.h"

/* v: vectors of d->texts. */
bool language_topics_insight(work *w, folder *f, scope *s, const language_data *d,
                             const review_vectors *v, js *report, err *e);

#endif
